package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/strictjson"
)

type member struct{ Name, Value string }

func read(data string, depth int) ([]member, error) {
	var members []member
	err := strictjson.Object([]byte(data), depth, func(name string, value strictjson.Value) error {
		members = append(members, member{name, string(value)})
		return nil
	})
	return members, err
}

func TestObject(t *testing.T) {
	tests := []struct {
		name, data string
		want       []member
	}{
		{"empty", `{}`, nil},
		{"white space around it", " {} \n", nil},
		{
			"values keep their text", `{"a": 1.50, "b":"\u0031", "c":[ 1 ], "d":{"e":null}}`,
			[]member{{"a", "1.50"}, {"b", `"\u0031"`}, {"c", "[ 1 ]"}, {"d", `{"e":null}`}},
		},
		{"names are decoded and not folded", `{"\u0061":1,"A":2,"a\u017f":3}`, []member{{"a", "1"}, {"A", "2"}, {"a\u017f", "3"}}},
		{"duplicates come twice", `{"a":1,"a":2}`, []member{{"a", "1"}, {"a", "2"}}},
		{"brackets in strings do not nest", `{"a":["[[[[\"{{{{"]}`, []member{{"a", `["[[[[\"{{{{"]`}}},
		{"as deep as it may be", `{"a":[[1],[1]]}`, []member{{"a", `[[1],[1]]`}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(tt.data, 3)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestObjectRefuses(t *testing.T) {
	tests := map[string]struct {
		data string
		want error
	}{
		"nothing":                               {"", strictjson.ErrSyntax},
		"null":                                  {"null", strictjson.ErrSyntax},
		"an array":                              {"[]", strictjson.ErrSyntax},
		"a string":                              {`"{}"`, strictjson.ErrSyntax},
		"half an object":                        {`{"a":1`, strictjson.ErrSyntax},
		"a member without name":                 {`{1:1}`, strictjson.ErrSyntax},
		"a comma at the end":                    {`{"a":1,}`, strictjson.ErrSyntax},
		"a comment":                             {`{/**/}`, strictjson.ErrSyntax},
		"single quotes":                         {`{'a':1}`, strictjson.ErrSyntax},
		"what follows":                          {`{} {}`, strictjson.ErrSyntax},
		"garbage that follows":                  {`{}x`, strictjson.ErrSyntax},
		"not UTF-8":                             {"{\"a\":\"\xff\"}", strictjson.ErrSyntax},
		"a lone surrogate":                      {`{"a":"\ud800"}`, strictjson.ErrSyntax},
		"a control character":                   {"{\"a\":\"\x01\"}", strictjson.ErrSyntax},
		"NUL at the end":                        {"{}\x00", strictjson.ErrSyntax},
		"too deep":                              {`{"a":[[[1]]]}`, strictjson.ErrDepth},
		"too deep in brackets that never close": {`{"a":` + strings.Repeat("[", 20000), strictjson.ErrSyntax},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := read(tt.data, 3); !errors.Is(err, tt.want) {
				t.Errorf("Object(%.40q) = %v, want %v", tt.data, err, tt.want)
			}
		})
	}
}

func TestObjectReturnsTheMembersError(t *testing.T) {
	want := errors.New("enough")
	calls := 0
	err := strictjson.Object([]byte(`{"a":1,"b":2} trailing`), 2, func(string, strictjson.Value) error { calls++; return want })
	if err != want || calls != 1 {
		t.Errorf("Object = %v after %d calls, want %v after 1", err, calls, want)
	}
}

func TestTexts(t *testing.T) {
	tests := []struct {
		value        string
		text         string
		isText       bool
		isPlain      bool
		textOrNumber string
		isEither     bool
		texts        []string
		areTexts     bool
	}{
		{value: `"a\u00e5"`, text: "aå", isText: true, isPlain: true, textOrNumber: "aå", isEither: true},
		{value: `""`, isText: true, isPlain: true, isEither: true},
		{value: `"a\n"`, text: "a\n", isText: true, textOrNumber: "a\n", isEither: true},
		{value: `"\u0085"`, text: "\u0085", isText: true, textOrNumber: "\u0085", isEither: true},
		{value: `1.0`, textOrNumber: "1.0", isEither: true},
		{value: `-0`, textOrNumber: "-0", isEither: true},
		{value: `true`},
		{value: `null`},
		{value: `{}`},
		{value: `[]`, areTexts: true},
		{value: `["a","b"]`, texts: []string{"a", "b"}, areTexts: true},
		{value: `["a",1]`},
		{value: `["a",null]`},
		{value: `[["a"]]`},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			v := strictjson.Value(tt.value)
			if got, ok := strictjson.Text(v); ok != tt.isText || ok && got != tt.text {
				t.Errorf("Text = %q, %v", got, ok)
			}
			if got, ok := strictjson.PlainText(v); ok != tt.isPlain || ok && got != tt.text {
				t.Errorf("PlainText = %q, %v", got, ok)
			}
			if got, ok := strictjson.TextOrNumber(v); ok != tt.isEither || ok && got != tt.textOrNumber {
				t.Errorf("TextOrNumber = %q, %v", got, ok)
			}
			if got, ok := strictjson.Texts(v); ok != tt.areTexts || ok && !cmp.Equal(got, tt.texts) {
				t.Errorf("Texts = %q, %v", got, ok)
			}
		})
	}
}

// What is read as an object, the standard decoder takes for one too, and finds the same last value of each name.
func FuzzObject(f *testing.F) {
	f.Add(`{"AssociateId":117}`)
	f.Add(`{"a":{"b":[1,"\"]"]},"a":null}`)
	f.Fuzz(func(t *testing.T, data string) {
		members, err := read(data, 32)
		if err != nil {
			if err != strictjson.ErrSyntax && err != strictjson.ErrDepth {
				t.Errorf("an error of its own: %v", err)
			}
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(data), &want); err != nil {
			t.Fatalf("the standard decoder refuses it: %v", err)
		}
		last := map[string]json.RawMessage{}
		for _, m := range members {
			last[m.Name] = json.RawMessage(m.Value)
		}
		if diff := cmp.Diff(want, last); diff != "" && len(want)+len(last) > 0 {
			t.Errorf("-standard +ours:\n%s", diff)
		}
	})
}
