package request_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
)

// What is not well-formed is package strictxml's to refuse; here are one or two of each kind (C-5).
func TestXML(t *testing.T) {
	const xsi = ` xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
	nested := func(depth int) string { // the root counted
		return "<a>" + strings.Repeat("<b>", depth-1) + strings.Repeat("</b>", depth-1) + "<AssociateId>117</AssociateId></a>"
	}
	testBodies(t, xmlType, []row{
		{"plain", `<PocketGetRegisteredDevicesRequest><AssociateId>117</AssociateId></PocketGetRegisteredDevicesRequest>`, 117, nil},
		{"any root", `<x><AssociateId>117</AssociateId></x>`, 117, nil},
		{"a root of the property's name", `<AssociateId><AssociateId>117</AssociateId></AssociateId>`, 117, nil},
		{"any case", `<x><associateID>117</associateID></x>`, 117, nil},
		{"a namespace", `<x xmlns="http://schemas.datacontract.org/2004/07/a"><AssociateId>117</AssociateId></x>`, 117, nil},
		{"prefixes", `<p:x xmlns:p="u" xmlns:q="v"><q:AssociateId>117</q:AssociateId></p:x>`, 117, nil},
		{"declaration", `<?xml version="1.0" encoding="UTF-8"?>` + "\n<x>\n\t<AssociateId>117</AssociateId>\n</x>\n", 117, nil},
		{"comments", `<!-- a --><x><!-- b --><AssociateId>117</AssociateId></x><!-- c -->`, 117, nil},
		{"a comment between digits is not there", `<x><AssociateId>1<!-- 9 -->17</AssociateId></x>`, 117, nil},
		{"CDATA", `<x><AssociateId><![CDATA[117]]></AssociateId></x>`, 117, nil},
		{"CDATA and text", `<x><AssociateId>1<![CDATA[1]]>7</AssociateId></x>`, 117, nil},
		{"character references", `<x><AssociateId>&#49;&#x31;7</AssociateId></x>`, 117, nil},
		{"attributes", `<x a="1"><AssociateId b="2"` + xsi + ` i:type="int">117</AssociateId></x>`, 117, nil},
		{"unknown elements", `<x><a>&lt;</a><b><AssociateId>5</AssociateId></b><AssociateId>117</AssociateId><c/></x>`, 117, nil},
		{"an unknown element that is nil", `<x` + xsi + `><a i:nil="true"/><AssociateId>117</AssociateId></x>`, 117, nil},
		{"not nil", `<x` + xsi + ` i:nil="0"><AssociateId i:nil="false">117</AssociateId></x>`, 117, nil},
		{"nil of another namespace", `<x xmlns:i="u"><AssociateId nil="true" i:nil="true">117</AssociateId></x>`, 117, nil},
		{"nested 8 deep", nested(8), 117, nil},

		{"nil", `<x` + xsi + `><AssociateId i:nil="true"/></x>`, 0, badID},
		{"nil with digits", `<x` + xsi + `><AssociateId i:nil="true">117</AssociateId></x>`, 0, badID},
		{"nil by number", `<x` + xsi + `><AssociateId i:nil="1">117</AssociateId></x>`, 0, badID},
		{"perhaps nil", `<x` + xsi + `><AssociateId i:nil="">117</AssociateId></x>`, 0, badID},
		{"nil with another prefix", `<x><AssociateId p:nil="true" xmlns:p="http://www.w3.org/2001/XMLSchema-instance">117</AssociateId></x>`, 0, badID},
		{"an element inside", `<x><AssociateId>117<a/></AssociateId></x>`, 0, badID},
		{"the digits in an element inside", `<x><AssociateId><int>117</int></AssociateId></x>`, 0, badID},
		{"twice", `<x><AssociateId>117</AssociateId><AssociateId>117</AssociateId></x>`, 0, badID},
		{"twice in another case", `<x><AssociateId>117</AssociateId><associateid>117</associateid></x>`, 0, badID},
		{"twice in another namespace", `<x xmlns:p="u"><AssociateId>117</AssociateId><p:AssociateId>117</p:AssociateId></x>`, 0, badID},
		{"twice, one empty", `<x><AssociateId/><AssociateId>117</AssociateId></x>`, 0, badID},
		{"empty", `<x><AssociateId></AssociateId></x>`, 0, badID},
		{"empty tag", `<x><AssociateId/></x>`, 0, badID},
		{"missing", `<x/>`, 0, badID},
		{"deeper down only", `<x><y><AssociateId>117</AssociateId></y></x>`, 0, badID},
		{"an attribute only", `<x AssociateId="117"/>`, 0, badID},
		{"long s is not s", "<x><A\u017f\u017fociateId>117</A\u017f\u017fociateId></x>", 0, badID},
		{"a space as a reference", `<x><AssociateId>&#32;117</AssociateId></x>`, 0, badID},

		{"the root is the property", `<AssociateId>117</AssociateId>`, 0, badBody},
		{"text beside the property", `<x>5<AssociateId>117</AssociateId></x>`, 0, badBody},
		{"the root is nil", `<x` + xsi + ` i:nil="true"><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"text before the root", `5<x><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"text after the root", `<x><AssociateId>117</AssociateId></x>5`, 0, badBody},
		{"two roots", `<x><AssociateId>117</AssociateId></x><x/>`, 0, badBody},
		{"no root", `<!-- a -->`, 0, badBody},
		{"white space only", " \n", 0, badBody},
		{"a DOCTYPE", `<!DOCTYPE x><x><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"an entity of its own", `<!DOCTYPE x [<!ENTITY a "117">]><x><AssociateId>&a;</AssociateId></x>`, 0, badBody},
		{"an entity that is not declared", `<x><a>&nbsp;</a><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"a processing instruction", `<x><?a b?><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"a declaration of Latin-1", `<?xml version="1.0" encoding="iso-8859-1"?><x><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"version 1.1", `<?xml version="1.1"?><x><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"an attribute twice", `<x a="1" a="1"><AssociateId>117</AssociateId></x>`, 0, badBody},
		{"a prefix that is not declared", `<x><p:AssociateId>117</p:AssociateId></x>`, 0, badBody},
		{"a colon before the name", `<x><:AssociateId>117</:AssociateId></x>`, 0, badBody},
		{"nested 9 deep", nested(9), 0, badBody},
		{"cut short", `<x><AssociateId>117</AssociateId>`, 0, badBody},
		{"crossed", `<x><AssociateId>117</x></AssociateId>`, 0, badBody},
		{"Latin-1", "<x><a>\xe5</a><AssociateId>117</AssociateId></x>", 0, badBody},
		{"NUL", "<x><AssociateId>117\x00</AssociateId></x>", 0, badBody},
		{"UTF-16", "<\x00x\x00>\x00", 0, badBody},
		{"JSON", `{"AssociateId":117}`, 0, badBody},
	})
}

func FuzzXML(f *testing.F) {
	fuzz(f, xmlType, func(t *testing.T, body []byte) (values []string) {
		values = []string{}
		var root struct {
			Elements []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		}
		if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&root); err != nil {
			if strings.Contains(err.Error(), "invalid XML name") {
				return nil // it knows the names of the fourth edition only
			}
			t.Fatalf("encoding/xml refuses: %v", err)
		}
		for _, e := range root.Elements {
			if isProperty(e.XMLName.Local) {
				values = append(values, e.Text)
			}
		}
		return values
	}, `<x><AssociateId>117</AssociateId></x>`,
		`<?xml version="1.0"?><p:x xmlns:p="u"><p:associateid a="&lt;">1<![CDATA[1]]>&#55;</p:associateid><y><AssociateId/></y></p:x><!-- -->`,
		`<!DOCTYPE x><x><AssociateId>117</AssociateId></x>`, `<x><:AssociateId>117</:AssociateId></x>`)
}
