package strictxml_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pocket-devices/internal/strictxml"
)

const (
	depth       = 4
	syntaxError = "not one XML document in UTF-8 without a DOCTYPE and processing instructions"
)

func TestParse(t *testing.T) {
	const document = "\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- - -->\r\n" +
		`<r xmlns="u" xmlns:p='v' a = "&lt;&#x31;'" p:a="" xml:lang="en"><p:b>1<!-- 2 --><![CDATA[<&3]]>&amp;&#52;</p:b ><c xmlns=""/>t</r>` +
		"<!----> \t"
	got, err := strictxml.Parse([]byte(document[1:]), depth)
	type name = strictxml.Name
	want := strictxml.Element{
		Name: name{"u", "r"},
		Attributes: map[name]string{
			{"", "xmlns"}: "u", {"http://www.w3.org/2000/xmlns/", "p"}: "v",
			{"", "a"}: "<1'", {"v", "a"}: "", {"http://www.w3.org/XML/1998/namespace", "lang"}: "en",
		},
		Children: []strictxml.Element{
			{Name: name{"v", "b"}, Attributes: map[name]string{}, Text: "1<&3&4"},
			{Name: name{"", "c"}, Attributes: map[name]string{{"", "xmlns"}: ""}},
		},
		Text: "t",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Parse = %+v, %v, want %+v", got, err, want)
	}
	if _, err := strictxml.Parse([]byte(document), depth); err == nil || err.Error() != syntaxError {
		t.Errorf("with an XML declaration that is not first, Parse = %v, want %s", err, syntaxError)
	}
}

func TestWellFormed(t *testing.T) {
	for name, document := range map[string]string{
		"declaration in single quotes":     `<?xml version='1.0' encoding='Utf-8' standalone='no' ?><a/>`,
		"declaration without encoding":     `<?xml version = "1.0" standalone="yes"?><a/>`,
		"names beyond ASCII":               `<größe é="1" a.b-c_1·=""/>`,
		"an attribute in two namespaces":   `<a b="1" p:b="2" xmlns:p="u"/>`,
		"a prefix declared after its use":  `<p:a xmlns:p="u"/>`,
		"a prefix declared anew":           `<p:a xmlns:p="u"><p:a xmlns:p="v"/></p:a>`,
		"xml declared as what it is":       `<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`,
		"a prefix that begins with xmlns":  `<xmlns1:a xmlns:xmlns1="u" xmlnsb="v"/>`,
		"greater-than in a value":          `<a b=">" c='"' d="'"/>`,
		"brackets in text":                 `<a>]] > ]]&gt; ></a>`,
		"brackets in CDATA":                `<a><![CDATA[]]]]><![CDATA[>]]></a>`,
		"a byte order mark in text":        "<a>\ufeff</a>",
		"a reference with leading zeros":   `<a>&#0000000000000000000049;&#x10FFFF;</a>`,
		"as deep as allowed":               `<a><b><c><d/></c></b><b/></a>`,
		"markup in a comment":              `<a><!-- <b> & <!DOCTYPE --></a>`,
		"a comment that begins oddly":      `<a><!--->--><!-- -x --></a>`,
		"white space at the ends of a tag": "<a\n>\n</a\t>",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := strictxml.Parse([]byte(document), depth); err != nil {
				t.Errorf("Parse = %v", err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for name, document := range map[string]string{
		"nothing":                                  ``,
		"no root":                                  `<!-- a -->`,
		"two roots":                                `<a/><b/>`,
		"text before the root":                     `x<a/>`,
		"text after the root":                      `<a/>x`,
		"CDATA after the root":                     `<a/><![CDATA[]]>`,
		"a reference after the root":               `<a/>&#32;`,
		"two byte order marks":                     "\ufeff<a/>",
		"a DOCTYPE":                                `<!DOCTYPE a><a/>`,
		"a DOCTYPE with entities":                  `<!DOCTYPE a [<!ENTITY b "1">]><a>&b;</a>`,
		"a directive in an element":                `<a><!ELEMENT a ANY></a>`,
		"a processing instruction":                 `<?a b?><a/>`,
		"a processing instruction in an element":   `<a><?b c?></a>`,
		"a processing instruction at the end":      `<a/><?b c?>`,
		"a declaration in an element":              `<a><?xml version="1.0"?></a>`,
		"two declarations":                         `<?xml version="1.0"?><?xml version="1.0"?><a/>`,
		"a declaration in capitals":                `<?XML version="1.0"?><a/>`,
		"version 1.1":                              `<?xml version="1.1"?><a/>`,
		"no version":                               `<?xml encoding="utf-8"?><a/>`,
		"version last":                             `<?xml encoding="utf-8" version="1.0"?><a/>`,
		"version twice":                            `<?xml version="1.0" version="1.0"?><a/>`,
		"another encoding":                         `<?xml version="1.0" encoding="iso-8859-1"?><a/>`,
		"encoding UTF-16":                          `<?xml version="1.0" encoding="utf-16"?><a/>`,
		"two encodings":                            `<?xml version="1.0" encoding="utf-8" encoding="utf-8"?><a/>`,
		"standalone perhaps":                       `<?xml version="1.0" standalone="perhaps"?><a/>`,
		"something else in the declaration":        `<?xml version="1.0" a="b"?><a/>`,
		"mixed quotes":                             `<?xml version="1.0'?><a/>`,
		"no space in the declaration":              `<?xml version="1.0"encoding="utf-8"?><a/>`,
		"an entity that XML lacks":                 `<a>&nbsp;</a>`,
		"an entity in an attribute":                `<a b="&c;"/>`,
		"an entity in capitals":                    `<a>&LT;</a>`,
		"a bare ampersand":                         `<a>& </a>`,
		"a reference without semicolon":            `<a>&#49</a>`,
		"a reference without digits":               `<a>&#;</a>`,
		"a hexadecimal reference without digits":   `<a>&#x;</a>`,
		"a reference with X":                       `<a>&#X31;</a>`,
		"a reference with a sign":                  `<a>&#+49;</a>`,
		"a reference to NUL":                       `<a>&#0;</a>`,
		"a reference to a control character":       `<a>&#x1F;</a>`,
		"a reference to a surrogate":               `<a>&#xD800;</a>`,
		"a reference to the last surrogate":        `<a>&#xDFFF;</a>`,
		"a reference to no character":              `<a>&#xFFFE;</a>`,
		"a reference beyond Unicode":               `<a>&#x110000;</a>`,
		"a reference beyond every integer":         `<a>&#99999999999999999999;</a>`,
		"a reference to a control in an attribute": `<a b="&#1;"/>`,
		"NUL":                                       "<a>\x00</a>",
		"a control character in a comment":          "<a><!-- \x01 --></a>",
		"no character":                              "<a>\uffff</a>",
		"not UTF-8":                                 "<a>\xe5</a>",
		"not UTF-8 in a comment":                    "<a/><!--\xe5-->",
		"a surrogate in UTF-8":                      "<a>\xed\xa0\x80</a>",
		"UTF-16":                                    "\xff\xfe<\x00a\x00/\x00>\x00",
		"an attribute twice":                        `<a b="1" b="1"/>`,
		"an attribute twice in one namespace":       `<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>`,
		"a namespace twice":                         `<a xmlns="u" xmlns="u"/>`,
		"a prefix declared twice":                   `<a xmlns:p="u" xmlns:p="v"/>`,
		"attributes without space":                  `<a b="1"c="2"/>`,
		"an attribute without value":                `<a b/>`,
		"an attribute without quotes":               `<a b=1/>`,
		"less-than in an attribute":                 `<a b="<"/>`,
		"an attribute in an end tag":                `<a></a b="1">`,
		"a prefix that is not declared":             `<p:a/>`,
		"a prefix of an attribute likewise":         `<a p:b=""/>`,
		"a prefix out of its scope":                 `<a><b xmlns:p="u"/><p:b/></a>`,
		"a prefix declared as nothing":              `<a xmlns:p=""/>`,
		"the prefix xmlns on an element":            `<xmlns:a/>`,
		"the prefix xmlns declared":                 `<a xmlns:xmlns="u"/>`,
		"the namespace of xmlns":                    `<a xmlns="http://www.w3.org/2000/xmlns/"/>`,
		"the prefix xml declared as something else": `<a xmlns:xml="u"/>`,
		"the namespace of xml for another prefix":   `<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>`,
		"a colon before a name":                     `<:a/>`,
		"a colon after a name":                      `<a:/>`,
		"two colons":                                `<a xmlns:b="u" xmlns:c="u"><b:c:d/></a>`,
		"a colon before an attribute":               `<a :b=""/>`,
		"a digit after a prefix":                    `<p:1 xmlns:p="u"/>`,
		"a digit first":                             `<1/>`,
		"a combining character first":               "<\u0301a/>",
		"a multiplication sign in a name":           `<a×/>`,
		"no name":                                   `< a/>`,
		"a tag that does not end":                   `<a`,
		"an element that does not end":              `<a>`,
		"a child that does not end":                 `<a><b></a>`,
		"an end without a beginning":                `</a>`,
		"an end in another case":                    `<a></A>`,
		"an end with another prefix":                `<p:a xmlns:p="u" xmlns:q="u"></q:a>`,
		"an end tag too many":                       `<a/></a>`,
		"a comment with two hyphens":                `<a><!-- -- --></a>`,
		"a comment with three hyphens":              `<a><!-- ---></a>`,
		"a comment that does not end":               `<a/><!-- `,
		"CDATA that does not end":                   `<a><![CDATA[</a>`,
		"CDATA in small letters":                    `<a><![cdata[]]></a>`,
		"the end of CDATA in text":                  `<a>]]></a>`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := strictxml.Parse([]byte(document), depth); err == nil || err.Error() != syntaxError {
				t.Errorf("Parse = %v, want %s", err, syntaxError)
			}
		})
	}
	if _, err := strictxml.Parse([]byte(`<a><b><c><d><e/></d></c></b></a>`), depth); err == nil || err.Error() != "nested too deeply" {
		t.Errorf("deeper than allowed, Parse = %v", err)
	}
}

// What is accepted here means the same to encoding/xml, which accepts more.
func FuzzParse(f *testing.F) {
	for _, document := range []string{
		`<?xml version="1.0"?><a xmlns="u" xmlns:p="v"><p:b c="&#x31;"><!-- d --><![CDATA[e]]>f</p:b></a>`,
		`<a>&lt;&#49;]]&gt;<b xmlns:p='u' p:q="r"/></a>`, "<a b='\r\n'>\r</a >", `<!DOCTYPE a><a/>`, `<:a/>`, `<a b="1"c="2"/>`,
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := strictxml.Parse(data, 100)
		if err != nil {
			return
		}
		d := xml.NewDecoder(bytes.NewReader(data))
		want, err := element(d)
		var syntax *xml.SyntaxError
		switch {
		case errors.As(err, &syntax) && strings.HasPrefix(syntax.Msg, "invalid XML name"):
			return // encoding/xml knows the names of the fourth edition only
		case err != nil:
			t.Fatalf("encoding/xml refuses: %v", err)
		}
		if got := reread(got); !reflect.DeepEqual(got, want) {
			t.Fatalf("Parse = %+v, encoding/xml has %+v", got, want)
		}
	})
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n") // which encoding/xml makes alike

// element reads the next element with the standard decoder, without namespace declarations.
func element(d *xml.Decoder) (strictxml.Element, error) {
	for {
		token, err := d.Token()
		if err != nil {
			return strictxml.Element{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return rest(d, start)
		}
	}
}

func rest(d *xml.Decoder, start xml.StartElement) (strictxml.Element, error) {
	e := strictxml.Element{Name: strictxml.Name(start.Name), Attributes: map[strictxml.Name]string{}}
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
			e.Attributes[strictxml.Name(a.Name)] = lineEnds.Replace(a.Value)
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return e, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			child, err := rest(d, token)
			if err != nil {
				return e, err
			}
			e.Children = append(e.Children, child)
		case xml.CharData:
			e.Text += string(token)
		case xml.EndElement:
			e.Text = lineEnds.Replace(e.Text)
			return e, nil
		}
	}
}

// reread returns e as element would have read it.
func reread(e strictxml.Element) strictxml.Element {
	attributes := map[strictxml.Name]string{}
	for name, value := range e.Attributes {
		if name.Space != "http://www.w3.org/2000/xmlns/" && name != (strictxml.Name{Local: "xmlns"}) {
			attributes[name] = lineEnds.Replace(value)
		}
	}
	e.Attributes, e.Text = attributes, lineEnds.Replace(e.Text)
	for i, child := range e.Children {
		e.Children[i] = reread(child)
	}
	return e
}
