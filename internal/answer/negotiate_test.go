package answer_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pocket-devices/internal/answer"
)

func TestNegotiate(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		name    string
		accept  []string
		request string // the media type of the request's body; application/json where empty
		want    string // without the charset
	}{
		// Nothing that helps: the request decides, and there is no 406.
		{"absent", nil, "", "application/json"},
		{"absent, form request", nil, form, "application/json"},
		{"absent, JSON of another type", nil, "text/json", "application/json"},
		{"absent, patch request", nil, "application/merge-patch+json", "application/json"},
		{"absent, XML request", nil, "application/xml", "application/xml"},
		{"absent, XML request of the text type", nil, "text/xml", "text/xml"},
		{"empty", []string{""}, "text/xml", "text/xml"},
		{"only white space and commas", []string{" ,\t, ", ","}, "text/xml", "text/xml"},
		{"nothing offered is named", []string{"text/html, image/*"}, "", "application/json"},
		{"nothing offered is named, XML request", []string{"text/html, image/*"}, "application/xml", "application/xml"},
		{"everything is refused", []string{"*/*;q=0"}, "", "application/json"},
		{"everything is refused, XML request", []string{"*/*;q=0"}, "text/xml", "text/xml"},
		{"the only type named is refused", []string{"application/json;q=0"}, "", "application/json"},

		// Each type offered can be had, and what it is written as does not matter.
		{"application/json", []string{"application/json"}, "text/xml", "application/json"},
		{"text/json", []string{"text/json"}, "", "text/json"},
		{"application/xml", []string{"application/xml"}, "", "application/xml"},
		{"text/xml", []string{"text/xml"}, "", "text/xml"},
		{"application/json-patch+json", []string{"application/json-patch+json"}, "", "application/json-patch+json"},
		{"application/merge-patch+json", []string{"application/merge-patch+json"}, "", "application/merge-patch+json"},
		{"any case", []string{"Application/XML"}, "", "application/xml"},
		{"any case of a range", []string{"TEXT/*"}, "", "text/json"},
		{"the page's sample", []string{"application/json; charset=utf-8"}, "text/xml", "application/json"},
		{"the official client's", []string{"application/json, text/plain, */*"}, "text/xml", "application/json"},
		{"a browser's", []string{"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"}, "", "application/xml"},

		// Ranges.
		{"anything", []string{"*/*"}, "text/xml", "application/json"},
		{"any text", []string{"text/*"}, "text/xml", "text/json"},
		{"any application", []string{"application/*"}, "text/xml", "application/json"},
		{"any subtype of no type is no range", []string{"*/json, text/xml"}, "", "text/xml"},
		{"a star within a name is no range", []string{"application/js*, text/x*, */**"}, "text/xml", "text/xml"},
		{"a longer name is another name", []string{"application/jsonx, application/xm, applications/*"}, "text/xml", "text/xml"},
		{"a range beside its type", []string{"application/xml, */*"}, "", "application/json"},
		{"a range that is liked less", []string{"application/xml, */*;q=0.9"}, "", "application/xml"},

		// Weights.
		{"the order offered breaks ties", []string{"text/xml, application/xml, text/json"}, "", "text/json"},
		{"the highest q wins", []string{"application/json;q=0.8, text/json;q=0.9, text/xml;q=0.901"}, "", "text/xml"},
		{"one thousandth counts", []string{"application/json;q=0.998, application/xml;q=0.999"}, "", "application/xml"},
		{"an absent q is one", []string{"application/json;q=0.999, text/xml"}, "", "text/xml"},
		{
			"zeros and a bare point",
			[]string{"application/json;q=0.000, text/json;q=0., application/xml;q=1., text/xml;q=1.000"},
			"",
			"application/xml",
		},
		{"q in upper case", []string{"application/json;Q=0.1, text/xml;Q=0.2"}, "", "text/xml"},
		{"q before another parameter", []string{"application/json;q=0.1;charset=utf-8, text/xml;q=0.2"}, "", "text/xml"},
		{"several fields are one list", []string{"application/json;q=0.1", "text/xml;q=0.2, text/json;q=0.1"}, "", "text/xml"},
		{"a type named twice has the higher q", []string{"text/xml;level=1;q=0.9, application/xml;q=0.5, text/xml;q=0"}, "", "text/xml"},

		// The most specific range speaks for a type, wherever it stands.
		{"a type is excluded from anything", []string{"application/json;q=0, */*"}, "text/xml", "text/json"},
		{"both are excluded from anything", []string{"*/*, text/json;q=0, application/json;q=0"}, "", "application/xml"},
		{"every application is excluded from anything", []string{"*/*;q=0.1, application/*;q=0"}, "", "text/json"},
		{"a type is excluded from its range", []string{"text/*, text/json;q=0"}, "", "text/xml"},
		{"a type is allowed among none", []string{"*/*;q=0, text/xml;q=0.1"}, "", "text/xml"},
		{"a type that is liked less than the rest", []string{"application/json;q=0.5, */*"}, "", "text/json"},

		// White space, empty elements and other parameters.
		{"white space", []string{"\t text/html \t,\ttext/xml\t ; q=0.5 ;\tcharset=utf-8 "}, "", "text/xml"},
		{"empty elements and parameters", []string{", ,text/html,,text/xml;;q=1; ;,"}, "", "text/xml"},
		{
			"a quoted string hides what looks like a list",
			[]string{`text/xml;a="\", application/json;q=1;\\";q=0.5, text/json;q=0.1`},
			"",
			"text/xml",
		},
		{"an empty quoted string", []string{`text/xml;a=""`}, "", "text/xml"},
		{"bytes beyond ASCII in a quoted string", []string{"text/xml;a=\"\xe5\tå\""}, "", "text/xml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.request == "" {
				tt.request = "application/json"
			}
			if got, want := answer.Negotiate(tt.accept, tt.request).ContentType(), tt.want+"; charset=utf-8"; got != want {
				t.Errorf("Negotiate(%q, %q) = %q, want %q", tt.accept, tt.request, got, want)
			}
		})
	}
}

// What is malformed is as if nothing had been sent, even beside what is well formed.
func TestNegotiateMalformed(t *testing.T) {
	for _, malformed := range []string{
		// ranges
		"*", "json", "application/", "/json", "application /json", "application/ json", "application/json xml", "a/b/c",
		"application/json:", "(comment) application/json", "applicat\u0131on/json", "application/j\u017fon",
		"application/json\r\n", "application/json\x00", "application/json\x7f",
		// parameters
		"application/json;charset", "application/json;charset=", "application/json; charset = utf-8", "application/json;=utf-8",
		"application/json;a=ø", `application/json;"a"=b`, `application/json;a="`, `application/json;a="b\`, `application/json;a="b\"`,
		`application/json;a="b"c`, "application/json;a=\"\n\"", "application/json;a=\"\\\x00\"", "application/json;a=\"\x7f\"",
		// weights
		"application/json;q", "application/json;q=", `application/json;q="1"`, "application/json;q=0.5;q=0.5", "application/json;q=1;Q=1",
		"application/json;q=.5", "application/json;q=0.1234", "application/json;q=1.001", "application/json;q=1.1",
		"application/json;q=2", "application/json;q=-0", "application/json;q=+1", "application/json;q=00.5", "application/json;q=0.+1",
		"application/json;q=0.1e1", "application/json;q=0,5", "application/json;q=0.5.", "application/json;q=1 0",
	} {
		for _, accept := range [][]string{
			{malformed}, {malformed + ", application/json"}, {"application/json, " + malformed}, {"application/json", malformed},
		} {
			if got, want := answer.Negotiate(accept, "text/xml").ContentType(), "text/xml; charset=utf-8"; got != want {
				t.Errorf("Negotiate(%q, text/xml) = %q, want %q", accept, got, want)
			}
		}
	}
}

func TestNegotiateManyRanges(t *testing.T) {
	accept := manyRanges()
	if got, want := answer.Negotiate(accept, "application/json").ContentType(), "text/xml; charset=utf-8"; got != want {
		t.Errorf("after 10 000 ranges, Negotiate = %q, want %q", got, want)
	}
}

// manyRanges returns more ranges than any gateway lets through: 100 KB of which the last counts.
func manyRanges() []string { return []string{strings.Repeat("a/b;q=0.5,", 10_000) + "text/xml"} }

func TestNegotiateDoesNotAllocate(t *testing.T) {
	for _, accept := range commonAccept {
		if got := testing.AllocsPerRun(100, func() { answer.Negotiate(accept, "application/json") }); got != 0 {
			t.Errorf("Negotiate(%q) allocates %v times, want 0", accept, got)
		}
	}
}

var commonAccept = [][]string{
	nil,
	{"application/json"},
	{"application/json; charset=utf-8"},
	{"application/json, text/plain, */*"},
	{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
}

func TestNegotiateAgreesWithRFC(t *testing.T) {
	requestTypes := rapid.SampledFrom([]string{
		"application/json", "text/json", "application/xml", "text/xml", "application/json-patch+json", "application/x-www-form-urlencoded", "",
	})
	rapid.Check(t, func(t *rapid.T) {
		accept := rapid.SliceOfN(fields(), 0, 3).Draw(t, "accept")
		requestType := requestTypes.Draw(t, "requestType")
		if got, want := answer.Negotiate(accept, requestType).ContentType(), oracle(accept, requestType); got != want {
			t.Fatalf("Negotiate(%q, %q) = %q, want %q", accept, requestType, got, want)
		}
	})
}

func FuzzNegotiate(f *testing.F) {
	for _, accept := range commonAccept {
		f.Add(strings.Join(accept, ","), "application/json")
	}
	f.Add(`text/xml;a="\", */*;q=1";Q=0.5 , ,application/*;;q=0.`, "text/xml")
	f.Fuzz(func(t *testing.T, value, requestType string) {
		accept := []string{value}
		if got, want := answer.Negotiate(accept, requestType).ContentType(), oracle(accept, requestType); got != want {
			t.Errorf("Negotiate(%q, %q) = %q, want %q", accept, requestType, got, want)
		}
	})
}

// fields generates values of the Accept field, most of them well formed.
func fields() *rapid.Generator[string] {
	space := rapid.SampledFrom([]string{"", "", "", " ", "\t "})
	mediaRange := rapid.SampledFrom([]string{
		"application/json", "text/json", "application/xml", "text/xml", "application/json-patch+json", "application/merge-patch+json",
		"*/*", "text/*", "application/*", "Application/JSON", "TEXT/*", "text/html", "image/*", "*/xml", "text/x*", "*", "text/",
	})
	parameter := rapid.SampledFrom([]string{
		"q=0", "q=0.1", "q=0.5", "q=0.999", "q=1", "q=1.000", "Q=0.25", "q=0.", "q=1.001", "q=0.1234", "", "charset=utf-8", `a=""`,
		`a="\", */*;q=1;\\"`, "a=\"\xff\"", "a", `q="1"`,
	})
	element := rapid.Custom(func(t *rapid.T) string {
		s := mediaRange.Draw(t, "range")
		for _, p := range rapid.SliceOfN(parameter, 0, 2).Draw(t, "parameters") {
			s += space.Draw(t, "space") + ";" + space.Draw(t, "space") + p
		}
		return space.Draw(t, "space") + s + space.Draw(t, "space")
	})
	wellFormed := rapid.Map(rapid.SliceOfN(element, 0, 6), func(elements []string) string { return strings.Join(elements, ",") })
	noise := rapid.StringOfN(rapid.RuneFrom([]rune("*/,;=q01. \t\"\\aX\x00\u00e5")), 0, 12, -1)
	return rapid.OneOf(wellFormed, wellFormed, wellFormed, noise)
}

// The grammar of RFC 9110 as regular expressions: sections 5.6.2, 5.6.4, 5.6.6, 5.6.1.2, 12.4.2 and 12.5.1.
const (
	tokenRE     = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
	quotedRE    = `"(?:[\t \x21\x23-\x5B\x5D-\x7E]|[^\x00-\x7F]|\\[\t\x20-\x7E]|\\[^\x00-\x7F])*"`
	parameterRE = "(" + tokenRE + ")=(" + tokenRE + "|" + quotedRE + ")"
	elementRE   = "(" + tokenRE + ")/(" + tokenRE + ")((?:[ \t]*;[ \t]*(?:" + parameterRE + ")?)*)"
)

var (
	oracleList      = regexp.MustCompile(`^(?:[ \t]*(?:` + elementRE + `)?[ \t]*(?:,|$))*$`)
	oracleElement   = regexp.MustCompile(elementRE)
	oracleParameter = regexp.MustCompile(parameterRE)
	oracleWeight    = regexp.MustCompile(`^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$`)
)

// oracle is Negotiate once more, in the words of C-11 and RFC 9110, 12.5.1: for each type offered it looks up the range that is the
// most specific.
func oracle(accept []string, requestType string) string {
	const charset = "; charset=utf-8"
	fallback := "application/json" + charset
	if requestType == "application/xml" || requestType == "text/xml" {
		fallback = requestType + charset
	}

	weights := map[string]float64{} // by range in lower case
	for _, value := range accept {
		if !oracleList.MatchString(value) {
			return fallback
		}
		for _, element := range oracleElement.FindAllStringSubmatch(value, -1) {
			weight, given := 1.0, false
			for _, parameter := range oracleParameter.FindAllStringSubmatch(element[3], -1) {
				if !strings.EqualFold(parameter[1], "q") {
					continue
				}
				if given || !oracleWeight.MatchString(parameter[2]) {
					return fallback
				}
				weight, _ = strconv.ParseFloat(parameter[2], 64)
				given = true
			}
			mediaRange := strings.ToLower(element[1] + "/" + element[2])
			weights[mediaRange] = max(weights[mediaRange], weight)
		}
	}

	best, highest := fallback, 0.0
	for _, mediaType := range []string{
		"application/json", "text/json", "application/xml", "text/xml", "application/json-patch+json", "application/merge-patch+json",
	} {
		major, _, _ := strings.Cut(mediaType, "/")
		for _, mediaRange := range []string{mediaType, major + "/*", "*/*"} {
			if weight, ok := weights[mediaRange]; ok {
				if weight > highest {
					best, highest = mediaType+charset, weight
				}
				break
			}
		}
	}
	return best
}
