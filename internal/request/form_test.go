package request_test

import (
	"net/url"
	"strings"
	"testing"
)

// A form has the property exactly once (C-5).
func TestForm(t *testing.T) {
	testBodies(t, formType, []row{
		{"alone", `AssociateId=117`, 117, nil},
		{"any case", `aSSOCIATEiD=117`, 117, nil},
		{"unknown fields", `a=1&AssociateId=117&b&a=2&=`, 117, nil},
		{"empty fields", `&AssociateId=117&&`, 117, nil},
		{"escaped", `%41ssociateId=%31%317`, 117, nil},
		{"separators escaped", `a=%26AssociateId%3D5%3B&AssociateId=117`, 117, nil},
		{"more than 100 fields", strings.Repeat("a=1&", 1000) + `AssociateId=117`, 117, nil},
		{"not ASCII, escaped or not", "a=\u00e5%C3%A5&AssociateId=117", 117, nil},

		{"missing", `a=117`, 0, badID},
		{"twice", `AssociateId=117&AssociateId=117`, 0, badID},
		{"twice in another case", `AssociateId=117&associateid=117`, 0, badID},
		{"twice, one escaped", `AssociateId=117&%41ssociateId=117`, 0, badID},
		{"twice, one empty", `AssociateId=117&AssociateId`, 0, badID},
		{"no value", `AssociateId`, 0, badID},
		{"a plus is a space", `AssociateId=+117`, 0, badID},
		{"a plus in the name", `AssociateId+=117`, 0, badID},
		{"two equals signs", `AssociateId==117`, 0, badID},
		{"an array", `AssociateId[]=117`, 0, badID},
		{"NUL", `AssociateId=117%00`, 0, badID},
		{"long s is not s", "A\u017f\u017fociateId=117", 0, badID},
		{"long s escaped", `A%C5%BF%C5%BFociateId=117`, 0, badID},
		{"UTF-16", "A\x00s\x00", 0, badID},

		{"a broken percent sign", `a=%zz&AssociateId=117`, 0, badBody},
		{"a broken percent sign in a name", `%=&AssociateId=117`, 0, badBody},
		{"a percent sign cut short", `AssociateId=117%3`, 0, badBody},
		{"joined by semicolons", `a=1;AssociateId=117`, 0, badBody},
		{"a semicolon", `AssociateId=117&a;b=1`, 0, badBody},
		{"not UTF-8", "a=\xe5&AssociateId=117", 0, badBody},
		{"not UTF-8, escaped", `a=%E5&AssociateId=117`, 0, badBody},
		{"not UTF-8 in a name", `%E5=1&AssociateId=117`, 0, badBody},
		{"UTF-8 torn in two", `%C3=%A5&AssociateId=117`, 0, badBody},
	})
}

func FuzzForm(f *testing.F) {
	fuzz(f, formType, func(t *testing.T, body []byte) (values []string) {
		values = []string{}
		fields, err := url.ParseQuery(string(body))
		if err != nil {
			t.Fatalf("net/url refuses: %v", err)
		}
		for name, v := range fields {
			if isProperty(name) {
				values = append(values, v...)
			}
		}
		return values
	}, `AssociateId=117`, `a=1&%41ssociateid=%31&b`, `AssociateId=1&associateid=1`, `a=%zz;AssociateId=1`)
}
