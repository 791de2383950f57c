package request_test

import (
	"bytes"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/request"
)

const (
	jsonType = "application/json"
	xmlType  = "application/xml"
	formType = "application/x-www-form-urlencoded"
)

// Short names for the tables.
var (
	badBody = problem.InvalidBody
	badID   = problem.InvalidAssociateID
)

// row is a body and what is read from it: an AssociateId, or the problem.
type row struct {
	name, body string
	want       pocket.AssociateID
	problem    *problem.Problem
}

func testBodies(t *testing.T, contentType string, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			asked, err := request.Read([]string{contentType}, nil, []byte(r.body))
			if asked.Associate != r.want {
				t.Errorf("Read = %d, want %d", asked.Associate, r.want)
			}
			checkProblem(t, err, r.problem)
		})
	}
}

// checkProblem checks that err is the problem, or nil where want is, and that nothing of the input is in it.
func checkProblem(t *testing.T, err error, want *problem.Problem) {
	t.Helper()
	var got *problem.Problem
	errors.As(err, &got)
	if got != want {
		t.Errorf("error %v is the problem %v, want %v", err, got, want)
	}
	if err != nil {
		checkText(t, err)
	}
}

func checkText(t *testing.T, err error) {
	t.Helper()
	if !slices.Contains(texts, err.Error()) {
		t.Errorf("error text %q is not one of the list", err)
	}
}

// texts are all that an error of this package can say.
var texts = []string{
	"no content type: UnsupportedMediaType",
	"two different content types: UnsupportedMediaType",
	"a malformed content type: UnsupportedMediaType",
	"a charset other than utf-8: UnsupportedMediaType",
	"a content type that is not read here: UnsupportedMediaType",
	"a content encoding: UnsupportedMediaType",
	"the body is empty: InvalidBody",
	"the body is not one JSON object in UTF-8: InvalidBody",
	"the body is not one XML document in UTF-8 without a DOCTYPE and processing instructions: InvalidBody",
	"the body is nested too deeply: InvalidBody",
	"the body is not a form in UTF-8: InvalidBody",
	"the root element is nil or has text: InvalidBody",
	"AssociateId is neither a number nor a string: InvalidAssociateId",
	"AssociateId is nil or has elements: InvalidAssociateId",
	"AssociateId is missing: InvalidAssociateId",
	"AssociateId is given twice: InvalidAssociateId",
	"AssociateId is not an integer from 1 to 2147483647 in canonical decimal digits: InvalidAssociateId",
}

func TestContentType(t *testing.T) {
	const json, xml, form = `{"AssociateId":117}`, `<a><AssociateId>117</AssociateId></a>`, `AssociateId=117`
	tests := []struct {
		name, body  string
		contentType []string
		want        string // the media type; empty for a problem
	}{
		{"JSON", json, []string{"application/json"}, "application/json"},
		{"text/json", json, []string{"text/json"}, "text/json"},
		{"a patch is the object itself", json, []string{"application/json-patch+json"}, "application/json-patch+json"},
		{"a merge patch too", json, []string{"application/merge-patch+json"}, "application/merge-patch+json"},
		{"XML", xml, []string{"application/xml"}, "application/xml"},
		{"text/xml", xml, []string{"text/xml"}, "text/xml"},
		{"form", form, []string{"application/x-www-form-urlencoded"}, "application/x-www-form-urlencoded"},
		{"any case", xml, []string{`TEXT/Xml; CharSet="UTF-8"`}, "text/xml"},
		{"charset in any case", form, []string{"application/x-www-form-urlencoded;charset=Utf-8"}, "application/x-www-form-urlencoded"},
		{"another parameter", json, []string{"application/json; odata=verbose"}, "application/json"},
		{"space around", json, []string{" application/json ; "}, "application/json"},
		{"twice the same", json, []string{"application/json", "application/json"}, "application/json"},
		{"none", json, nil, ""},
		{"empty", json, []string{""}, ""},
		{"two different", json, []string{"application/json", "text/json"}, ""},
		{"two that differ in a parameter", json, []string{"application/json", "application/json; charset=utf-8"}, ""},
		{"a list", json, []string{"application/json, application/json"}, ""},
		{"another", json, []string{"text/plain"}, ""},
		{"another kind of JSON", json, []string{"application/problem+json"}, ""},
		{"a range", json, []string{"*/*"}, ""},
		{"multipart", form, []string{"multipart/form-data; boundary=x"}, ""},
		{"Latin-1", json, []string{"application/json; charset=iso-8859-1"}, ""},
		{"UTF-16", xml, []string{"text/xml; charset=utf-16"}, ""},
		{"utf8", json, []string{"application/json; charset=utf8"}, ""},
		{"an empty charset", json, []string{`application/json; charset=""`}, ""},
		{"two charsets", json, []string{"application/json; charset=utf-8; CHARSET=latin1"}, ""},
		{"a charset of RFC 2231", json, []string{"application/json; charset*=iso-8859-1''latin1"}, ""},
		{"a dotted capital I", json, []string{"appl\u0130cation/json"}, ""},
		{"malformed", json, []string{"application/json; charset"}, ""},
		{"no subtype", json, []string{"application"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, unsupported := request.Asked{Associate: 117, MediaType: tt.want}, (*problem.Problem)(nil)
			if tt.want == "" {
				want, unsupported = request.Asked{}, problem.UnsupportedMediaType
			}
			got, err := request.Read(tt.contentType, nil, []byte(tt.body))
			if got != want {
				t.Errorf("Read = %+v, want %+v", got, want)
			}
			checkProblem(t, err, unsupported)
		})
	}
}

func TestContentEncoding(t *testing.T) {
	for _, encoding := range []string{"gzip", "identity", ""} {
		_, err := request.Read([]string{jsonType}, []string{encoding}, []byte(`{"AssociateId":117}`))
		checkProblem(t, err, problem.UnsupportedMediaType)
	}
}

// What an AssociateId may look like is the same in every form (C-3).
func TestAssociateID(t *testing.T) {
	tests := []struct {
		name, digits string
		want         pocket.AssociateID // 0 for a problem
	}{
		{"the page's", "117", 117},
		{"the smallest", "1", 1},
		{"the largest", "2147483647", 2147483647},
		{"more than the largest", "2147483648", 0},
		{"2 to the 32nd more", "4294967413", 0},
		{"zero", "0", 0},
		{"negative", "-1", 0},
		{"a fraction", "117.0", 0},
		{"an exponent", "1.17e2", 0},
		{"leading zero", "0117", 0},
		{"leading space", " 117", 0},
		{"trailing space", "117 ", 0},
		{"line ends", "\n117\n", 0},
		{"plus", "+117", 0},
		{"hexadecimal", "0x75", 0},
		{"underscore", "1_17", 0},
		{"other digits", "\u0661\u0661\u0667", 0},
		{"empty", "", 0},
		{"a word", "null", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := badID
			if tt.want != 0 {
				want = nil
			}
			testBodies(t, jsonType, []row{{"JSON", `{"AssociateId":"` + strings.ReplaceAll(tt.digits, "\n", `\n`) + `"}`, tt.want, want}})
			testBodies(t, xmlType, []row{{"XML", `<a><AssociateId>` + tt.digits + `</AssociateId></a>`, tt.want, want}})
			testBodies(t, formType, []row{{"form", `AssociateId=` + url.QueryEscape(tt.digits), tt.want, want}})
		})
	}
}

// A byte order mark is skipped once in every form, and nothing is left for an empty body to be (C-6).
func TestByteOrderMark(t *testing.T) {
	for contentType, body := range map[string]string{
		jsonType: `{"AssociateId":117}`,
		xmlType:  `<?xml version="1.0"?><a><AssociateId>117</AssociateId></a>`,
		formType: `AssociateId=117`,
	} {
		twice := badBody
		if contentType == formType {
			twice = badID // the name of a field that is not known
		}
		testBodies(t, contentType, []row{
			{"once", "\ufeff" + body, 117, nil},
			{"twice", "\ufeff\ufeff" + body, 0, twice},
			{"alone", "\ufeff", 0, badBody},
			{"empty", "", 0, badBody},
			{"of UTF-16", "\xff\xfe" + body, 0, badBody},
		})
	}
}

// Every spelling of a request means the same (C-2).
func TestSpellings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := pocket.AssociateID(rapid.Int32Min(1).Draw(t, "id"))
		name := anyCase(t, "AssociateId")
		space := rapid.StringMatching(`[ \t\r\n]{0,3}`).Draw(t, "space")
		s := rapid.SampledFrom([]struct{ contentType, body string }{
			{jsonType, `S{S"NAME"S:SID}S`},
			{jsonType, `{"x":["NAME"],S"NAME":"ID"}`},
			{xmlType, `<r>S<NAME>ID</NAME ></r>S`},
			{xmlType, `S<p:r xmlns:p="u"S><p:NAME>ID</p:NAME><x/></p:r>`},
			{formType, `NAME=ID`},
			{formType, `x=1&&NAME=ID&y`},
		}).Draw(t, "spelling")
		body := strings.NewReplacer("NAME", name, "ID", id.String(), "S", space).Replace(s.body)
		got, err := request.Read([]string{s.contentType}, nil, []byte(body))
		if want := (request.Asked{Associate: id, MediaType: s.contentType}); got != want || err != nil {
			t.Fatalf("Read(%q) = %+v, %v, want %+v", body, got, err, want)
		}
	})
}

func anyCase(t *rapid.T, name string) string {
	b := []byte(name)
	for i, c := range b {
		if 'a' <= c|0x20 && c|0x20 <= 'z' && rapid.Bool().Draw(t, "other case") {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

// fuzz checks that a body which Read accepts holds the same for a second reader, which returns every value that the
// property has; nil where it cannot tell.
func fuzz(f *testing.F, contentType string, second func(t *testing.T, body []byte) []string, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		asked, err := request.Read([]string{contentType}, nil, body)
		if err != nil {
			checkText(t, err)
			return
		}
		got := second(t, bytes.TrimPrefix(body, []byte("\ufeff")))
		if want := []string{asked.Associate.String()}; got != nil && !slices.Equal(got, want) {
			t.Fatalf("Read has %q, the second reader %q", want, got)
		}
	})
}

// isProperty compares byte by byte, which is what the words "ASCII case" mean.
func isProperty(name string) bool {
	lower := []byte(name)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	return string(lower) == "associateid"
}
