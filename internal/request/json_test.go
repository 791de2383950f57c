package request_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	nested := func(depth int) string { // the object itself counted
		return `{"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `,"AssociateId":117}`
	}
	testBodies(t, jsonType, []row{
		{"as the page shows it", `{"AssociateId":117}`, 117, nil},
		{"as the official client sends it", `{"associateId":117}`, 117, nil},
		{"all capitals", `{"ASSOCIATEID":117}`, 117, nil},
		{"as a string", `{"AssociateId":"117"}`, 117, nil},
		{"digits escaped", `{"AssociateId":"\u0031\u00317"}`, 117, nil},
		{"name escaped", `{"\u0041ssociateId":117}`, 117, nil},
		{"white space", " \r\n\t{ \"AssociateId\" : 117 } ", 117, nil},
		{"unknown members", `{"a":null,"AssociateId":117,"b":[{"AssociateId":5}],"":1.5e9}`, 117, nil},
		{"unknown members twice", `{"a":1,"a":2,"AssociateId":117}`, 117, nil},
		{"a mark in the middle of an unknown member", "{\"a\":\"\ufeff\",\"AssociateId\":117}", 117, nil},
		{"nested 32 deep", nested(32), 117, nil},
		{"brackets in a string are not nesting", `{"x":"` + strings.Repeat("[", 99) + `","AssociateId":117}`, 117, nil},

		{"the smallest number", `{"AssociateId":1}`, 1, nil},
		{"the largest number", `{"AssociateId":2147483647}`, 2147483647, nil},
		{"a number too large", `{"AssociateId":2147483648}`, 0, badID},
		{"a number that wraps", `{"AssociateId":4294967413}`, 0, badID},
		{"a fraction", `{"AssociateId":117.0}`, 0, badID},
		{"an exponent", `{"AssociateId":1.17e2}`, 0, badID},
		{"zero", `{"AssociateId":0}`, 0, badID},
		{"minus zero", `{"AssociateId":-0}`, 0, badID},
		{"negative", `{"AssociateId":-1}`, 0, badID},
		{"null", `{"AssociateId":null}`, 0, badID},
		{"true", `{"AssociateId":true}`, 0, badID},
		{"array", `{"AssociateId":[117]}`, 0, badID},
		{"empty array", `{"AssociateId":[]}`, 0, badID},
		{"object", `{"AssociateId":{}}`, 0, badID},
		{"missing", `{}`, 0, badID},
		{"missing among others", `{"Associate":117,"AssociateId ":117,"Id":117}`, 0, badID},
		{"deeper down only", `{"a":{"AssociateId":117}}`, 0, badID},
		{"twice", `{"AssociateId":117,"AssociateId":117}`, 0, badID},
		{"twice in another case", `{"AssociateId":117,"associateid":117}`, 0, badID},
		{"twice with an escape", `{"AssociateId":117,"\u0061ssociateId":118}`, 0, badID},
		{"twice, first null", `{"AssociateId":null,"AssociateId":117}`, 0, badID},
		{"twice, then null", `{"AssociateId":117,"ASSOCIATEID":null}`, 0, badID},
		{"long s is not s", "{\"A\u017f\u017fociateId\":117}", 0, badID},
		{"long s escaped", `{"A\u017f\u017fociateId":117}`, 0, badID},
		{"long s beside the property", `{"A\u017f\u017fociateId":118,"AssociateId":117}`, 117, nil},

		{"a leading zero", `{"AssociateId":0117}`, 0, badBody},
		{"a plus", `{"AssociateId":+117}`, 0, badBody},
		{"hexadecimal", `{"AssociateId":0x75}`, 0, badBody},
		{"white space only", " \n", 0, badBody},
		{"null for the object", `null`, 0, badBody},
		{"a number for the object", `117`, 0, badBody},
		{"an array for the object", `[{"AssociateId":117}]`, 0, badBody},
		{"trailing data", `{"AssociateId":117}x`, 0, badBody},
		{"two objects", `{"AssociateId":117}{"AssociateId":117}`, 0, badBody},
		{"trailing NUL", "{\"AssociateId\":117}\x00", 0, badBody},
		{"trailing comma", `{"AssociateId":117,}`, 0, badBody},
		{"cut short", `{"AssociateId":117`, 0, badBody},
		{"a comment", `{"AssociateId":117/**/}`, 0, badBody},
		{"single quotes", `{'AssociateId':117}`, 0, badBody},
		{"no quotes", `{AssociateId:117}`, 0, badBody},
		{"NaN", `{"AssociateId":NaN}`, 0, badBody},
		{"nested 33 deep", nested(33), 0, badBody},
		{"a mark in the middle", "{\ufeff\"AssociateId\":117}", 0, badBody},
		{"UTF-16", "{\x00\"\x00A\x00s\x00", 0, badBody},
		{"Latin-1", "{\"a\":\"\xe5\",\"AssociateId\":117}", 0, badBody},
		{"Latin-1 in a name", "{\"\xe5\":1,\"AssociateId\":117}", 0, badBody},
		{"an overlong form", "{\"a\":\"\xc0\xaf\",\"AssociateId\":117}", 0, badBody},
		{"half a surrogate pair", `{"a":"\ud800","AssociateId":117}`, 0, badBody},
		{"NUL in a string", "{\"a\":\"\x00\",\"AssociateId\":117}", 0, badBody},
		{"a form", `AssociateId=117`, 0, badBody},
		{"XML", `<a><AssociateId>117</AssociateId></a>`, 0, badBody},
	})
}

func FuzzJSON(f *testing.F) {
	fuzz(f, jsonType, func(t *testing.T, body []byte) (values []string) {
		values = []string{}
		if !json.Valid(body) {
			t.Fatal("encoding/json refuses")
		}
		d := json.NewDecoder(bytes.NewReader(body))
		if _, err := d.Token(); err != nil { // the brace
			t.Fatal(err)
		}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			var value json.RawMessage
			if err := d.Decode(&value); err != nil {
				t.Fatal(err)
			}
			if !isProperty(name.(string)) {
				continue
			}
			digits := string(value)
			if value[0] == '"' {
				if err := json.Unmarshal(value, &digits); err != nil {
					t.Fatal(err)
				}
			}
			values = append(values, digits)
		}
		return values
	}, `{"AssociateId":117}`, `{"associateId":"117","x":[{"a":"}"}]}`,
		"\ufeff{\"\\u0041ssociateId\":1}", `{"AssociateId":1,"associateid":1}`, `{"A\u017f\u017fociateId":117}`)
}
