package language_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pocket-devices/internal/language"
)

func ExamplePreferred() {
	browser := []string{"en-GB, en;q=0.9, nb;q=0.8"}
	fmt.Println(language.Preferred(nil, browser))
	fmt.Println(language.Preferred([]string{"nb-no"}, browser))
	fmt.Printf("%q\n", language.Preferred([]string{"x"}, browser))
	// Output:
	// US
	// NO
	// ""
}

func ExampleLanguage_Text() {
	fmt.Println(language.Language("NO").Text(`NO:"Leverandør";US:"Supplier"`))
	fmt.Println(language.Language("GE").Text(`NO:"Leverandør";US:"Supplier"`))
	fmt.Println(language.Language("GE").Text(`Bobbys iPhone 5S`))
	// Output:
	// Leverandør
	// Supplier
	// Bobbys iPhone 5S
}

// Both fields are read alike, so each of these is tried as the one and as the other.
func TestPreferredReads(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   language.Language
	}{
		{"no field", nil, ""},
		{"a field without values", []string{}, ""},
		{"English", []string{"en"}, "US"},
		{"Bokmål", []string{"nb"}, "NO"},
		{"Nynorsk", []string{"nn"}, "NO"},
		{"Norwegian", []string{"no"}, "NO"},
		{"Swedish", []string{"sv"}, "SW"},
		{"German", []string{"de"}, "GE"},
		{"Danish", []string{"da"}, "DA"},
		{"another language by its own letters", []string{"fr"}, "FR"},
		{"any case", []string{"nB"}, "NO"},

		{"the store's code for English", []string{"US"}, "US"},
		{"the store's code for German", []string{"GE"}, "GE"},
		{"the store's code for Swedish, which is ISO's for Swahili", []string{"SW"}, "SW"},
		{"the store's code for Norwegian", []string{"NO"}, "NO"},
		{"the store's code for Danish", []string{"DA"}, "DA"},
		{"the store's codes in lower case", []string{"ge"}, "GE"},
		{"ISO's code in upper case", []string{"DE"}, "GE"},
		{"a language that has a country's letters elsewhere", []string{"se"}, "SE"}, // Northern Sami, not Swedish

		{"a region", []string{"en-GB"}, "US"},
		{"a region in lower case, as the original's page has it", []string{"nb-no"}, "NO"},
		{"a region that is a code of the store", []string{"fr-US"}, "FR"},
		{"script and region", []string{"zh-Hant-TW"}, "ZH"},
		{"a region in digits", []string{"es-419"}, "ES"},
		{"an extension", []string{"de-DE-u-co-phonebk"}, "GE"},
		{"junk where the region stands", []string{"en-"}, "US"},

		{"a star", []string{"*"}, ""},
		{"an x", []string{"x"}, ""},
		{"an X", []string{"X"}, ""},
		{"a hyphen", []string{"-"}, ""},
		{"empty", []string{""}, ""},
		{"white space", []string{" \t "}, ""},
		{"a star before a language", []string{"*, en"}, ""},
		{"an X before a language", []string{"X, en"}, ""},
		{"a hyphen alone before a language", []string{"-, en"}, ""},
		{"an x heavier than a language", []string{"en;q=0.5, x"}, ""},
		{"a star after a language", []string{"en, *"}, "US"},
		{"a star lighter than a language", []string{"*;q=0.1, en;q=0.2"}, "US"},
		{"a star that is not wanted", []string{"*;q=0, en;q=0.2"}, "US"},

		{"three letters", []string{"fil"}, ""},
		{"one letter", []string{"e"}, ""},
		{"a private tag", []string{"x-klingon"}, ""},
		{"a hyphen at a language", []string{"-en"}, ""},
		{"digits", []string{"e1"}, ""},
		{"an underscore", []string{"en_US"}, ""},
		{"a name", []string{"English"}, ""},
		{"two bytes that are one letter", []string{"å"}, ""},
		{"what Unicode alone folds to a letter", []string{"\u212ao"}, ""},
		{"bytes next to the letters", []string{"@["}, ""},
		{"bytes next to the letters, lower", []string{"`{"}, ""},
		{"not UTF-8", []string{"\xff\xfe"}, ""},
		{"a range that selects nothing is passed over", []string{"fil, en;q=0.8"}, "US"},

		{"the heaviest", []string{"en;q=0.5, sv;q=0.9, de;q=0.7"}, "SW"},
		{"the first on a tie", []string{"da;q=0.7, de;q=0.7"}, "DA"},
		{"the first on a tie of unlike spelling", []string{"da;q=0.7, de;q=0.700"}, "DA"},
		{"1 where no weight stands", []string{"da;q=0.999, de"}, "GE"},
		{"weight 1 spelt out", []string{"da;q=1.000, de"}, "DA"},
		{"weight 0 is not wanted", []string{"en;q=0"}, ""},
		{"weight 0.000 is not wanted", []string{"en;q=0.000, nb;q=0.001"}, "NO"},
		{"a weight without decimals behind the point", []string{"en;q=0., nb;q=1."}, "NO"},
		{"white space around the parts", []string{"\ten ; q=0.3 ,\t nb\t;\tq=0.4 "}, "NO"},
		{"q in upper case", []string{"en;Q=0.3, nb;Q=0.4"}, "NO"},
		{"empty elements", []string{", ,en;q=0.3,,nb,"}, "NO"},
		{"more decimals than three", []string{"en;q=0.33333, nb;q=0.33334"}, "NO"},
		{"a weight above 1 is none", []string{"en;q=1.001, nb;q=0.1"}, "NO"},
		{"a weight below 0 is none", []string{"en;q=-1, nb;q=0.1"}, "NO"},
		{"an infinite weight is none", []string{"en;q=inf, nb;q=0.1"}, "NO"},
		{"an overflowing weight is none", []string{"en;q=1e999, nb;q=0.1"}, "NO"},
		{"NaN is no weight", []string{"en;q=nan, nb;q=0.1"}, "NO"},
		{"an empty weight is none", []string{"en;q=, nb;q=0.1"}, "NO"},
		{"a weight with junk is none", []string{"en;q=0.5x, nb;q=0.1"}, "NO"},
		{"a weight without a range", []string{";q=1, nb;q=0.1"}, "NO"},

		{"the original's own form", []string{"en-us; en-gb"}, "US"},
		{"of which the first counts", []string{"nb-no; en-gb"}, "NO"},
		{"and nothing after it", []string{"nb-no; en-gb;q=0, en"}, "NO"},
		{"also by its weight", []string{"nb-no;q=0.4; en-gb;q=0.9, sv;q=0.3"}, "NO"},
		{"one that selects nothing has no second", []string{"fil; en"}, ""},
		{"a trailing semicolon", []string{"nb;"}, "NO"},
		{"another parameter", []string{"nb;level=1, en"}, "NO"},

		{"several values are one list", []string{"en;q=0.5", "fil, nb;q=0.6", ""}, "NO"},
		{"several values tie in order", []string{"da", "de"}, "DA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := language.Preferred(nil, tt.values); got != tt.want {
				t.Errorf("Preferred(nil, %q) = %q, want %q", tt.values, got, tt.want)
			}
			if got := language.Preferred(tt.values, nil); got != tt.want {
				t.Errorf("Preferred(%q, nil) = %q, want %q", tt.values, got, tt.want)
			}
		})
	}
}

func TestPreferredLetsSOLanguageOverride(t *testing.T) {
	accept := []string{"en-us; en-gb"}
	tests := []struct {
		name       string
		soLanguage []string
		want       language.Language
	}{
		{"not sent", nil, "US"},
		{"another language", []string{"nb-no"}, "NO"},
		{"a lighter language", []string{"nb;q=0.1"}, "NO"},
		{"a star", []string{"*"}, ""},
		{"an x", []string{"x"}, ""},
		{"a hyphen", []string{"-"}, ""},
		{"empty", []string{""}, ""},
		{"three letters", []string{"fil"}, ""},
		{"junk", []string{"\x00;;=,,"}, ""},
		{"not wanted", []string{"nb;q=0"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := language.Preferred(tt.soLanguage, accept); got != tt.want {
				t.Errorf("Preferred(%q, %q) = %q, want %q", tt.soLanguage, accept, got, tt.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	const stored = `NO:"Leverandør";US:"Supplier";GE:"Lieferant"`
	tests := []struct {
		name     string
		language language.Language
		value    string
		want     string
	}{
		{"the language asked for", "NO", stored, "Leverandør"},
		{"the language asked for, behind US", "GE", stored, "Lieferant"},
		{"US", "US", stored, "Supplier"},
		{"US where the language is missing", "FR", stored, "Supplier"},
		{"the first where US is missing too", "FR", `NO:"Leverandør";GE:"Lieferant"`, "Leverandør"},
		{"no translation asked for", "", stored, stored},
		{"one entry", "US", `NO:"Leverandør"`, "Leverandør"},
		{"a trailing semicolon", "US", `US:"Legal";NO:"Lovlig";`, "Legal"},
		{"one entry and a trailing semicolon", "US", `NO:"Lovlig";`, "Lovlig"},
		{"an empty text", "NO", `NO:"";US:"Supplier"`, ""},
		{"an empty text for US", "FR", `NO:"Leverandør";US:""`, ""},
		{"an empty text that comes first", "FR", `NO:"";GE:"Lieferant"`, ""},
		{"a language twice", "NO", `NO:"a";NO:"b"`, "a"},
		{"US twice", "FR", `NO:"a";US:"b";US:"c"`, "b"},
		{"what looks like an end inside a text", "NO", `US:"a;NO:b";NO:"c:;"`, "c:;"},
		{"a line break inside a text", "NO", "NO:\"a\nb\"", "a\nb"},
		{"not UTF-8 inside a text", "NO", "NO:\"\xff\"", "\xff"},
		{"a language that no store has", "Norwegian", stored, "Supplier"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.language.Text(tt.value); got != tt.want {
				t.Errorf("Language(%q).Text(%q) = %q, want %q", tt.language, tt.value, got, tt.want)
			}
		})
	}
}

func TestTextPassesUnchanged(t *testing.T) {
	for name, value := range map[string]string{
		"empty":                              ``,
		"plain":                              `Bobbys iPhone 5S`,
		"two letters":                        `US`,
		"a colon":                            `US:`,
		"an open quote":                      `US:"`,
		"a text without an end":              `US:"Supplier`,
		"a string reference":                 `[SR_MANDATORY_FIELD_1281]`,
		"a string reference behind an entry": `US:"Supplier";[SR_MANDATORY_FIELD_1281]`,
		"lower case":                         `us:"Supplier"`,
		"mixed case":                         `Us:"Supplier"`,
		"three letters":                      `USA:"Supplier"`,
		"a letter and a digit":               `U1:"Supplier"`,
		"letters beyond ASCII":               `Å:"Supplier"`,
		"single quotes":                      `US:'Supplier'`,
		"no quotes":                          `US:Supplier;NO:Leverandør`,
		"no colon":                           `US"Supplier"`,
		"space before":                       ` US:"Supplier"`,
		"space after":                        `US:"Supplier" `,
		"space behind the colon":             `US: "Supplier"`,
		"space before the semicolon":         `US:"Supplier" ;NO:"Leverandør"`,
		"space behind the semicolon":         `US:"Supplier"; NO:"Leverandør"`,
		"space behind a trailing semicolon":  `US:"Supplier"; `,
		"a comma between":                    `US:"Supplier",NO:"Leverandør"`,
		"nothing between":                    `US:"Supplier"NO:"Leverandør"`,
		"two semicolons between":             `US:"Supplier";;NO:"Leverandør"`,
		"two trailing semicolons":            `US:"Supplier";;`,
		"a semicolon first":                  `;US:"Supplier"`,
		"a semicolon alone":                  `;`,
		"a doubled quote inside a text":      `US:"the ""best"" supplier"`,
		"a doubled quote at a text's end":    `US:"the ""best"""`,
		"an escaped quote inside a text":     `US:"the \"best\" supplier"`,
		"text behind an entry":               `US:"Supplier" of the year`,
		"text before an entry":               `Supplier US:"Supplier"`,
		"a good entry before a bad one":      `NO:"Leverandør";US:Supplier`,
		"JSON":                               `{"US":"Supplier"}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, l := range []language.Language{"", "US", "NO", "FR"} {
				if got := l.Text(value); got != value {
					t.Errorf("Language(%q).Text(%q) = %q, want it unchanged", l, value, got)
				}
			}
		})
	}
}

// A header and a stored value are as long as their senders like; neither may cost more than its length.
func TestLongInput(t *testing.T) {
	const n = 10_000
	headers := []struct {
		name   string
		values []string
		want   language.Language
	}{
		{"ranges that ever outweigh the last", []string{strings.Repeat("fr;q=0.1,", n) + "nb;q=0.2"}, "NO"},
		{"ranges that select nothing", []string{strings.Repeat("fil;q=0.9,", n) + "nb;q=0.2"}, "NO"},
		{"values", append(slices.Repeat([]string{"x;q=0.1"}, n), "nb;q=0.2"), "NO"},
		{"commas", []string{strings.Repeat(",", 100*n) + "nb"}, "NO"},
		{"semicolons", []string{strings.Repeat(";", 100*n) + ",nb"}, "NO"},
		{"hyphens", []string{strings.Repeat("-", 100*n) + ",nb"}, "NO"},
		{"white space", []string{strings.Repeat(" \t", 50*n) + "nb"}, "NO"},
		{"digits of a weight", []string{"en;q=0." + strings.Repeat("4", 100*n) + ", nb;q=0.5"}, "NO"},
		{"letters", []string{strings.Repeat("en", 50*n)}, ""},
	}
	for _, tt := range headers {
		t.Run(tt.name, func(t *testing.T) {
			if got := language.Preferred(nil, tt.values); got != tt.want {
				t.Errorf("Preferred = %q, want %q", got, tt.want)
			}
		})
	}
	entries := strings.Repeat(`FR:"x";`, n)
	if got := language.Language("NO").Text(entries + `NO:"y"`); got != "y" {
		t.Errorf("Text of many entries = %q, want %q", got, "y")
	}
	if got := language.Language("NO").Text(entries + `NO:"y`); got != entries+`NO:"y` {
		t.Error("Text of many entries and an open one is changed")
	}
}

func TestAllocatesNothing(t *testing.T) {
	simple, browser := []string{"en"}, []string{"en-US, en;q=0.9, nb;q=0.8, *;q=0.1"}
	for name, f := range map[string]func(){
		"no header":             func() { language.Preferred(nil, nil) },
		"one language":          func() { language.Preferred(nil, simple) },
		"a browser's header":    func() { language.Preferred(simple, browser) },
		"a plain value":         func() { language.Language("NO").Text("Bobbys iPhone 5S") },
		"a multi-language form": func() { language.Language("NO").Text(`NO:"Leverandør";US:"Supplier"`) },
	} {
		if got := testing.AllocsPerRun(100, f); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}

// The oracle is RFC 9110's grammar as a regular expression, weights as whole thousandths, and a stable sort.
var rfcRange = regexp.MustCompile(`^[ \t]*(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)` +
	`(?:[ \t]*;[ \t]*[Qq]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?[ \t]*$`)

func preferredOracle(values []string) language.Language {
	names := map[string]language.Language{"en": "US", "nb": "NO", "nn": "NO", "no": "NO", "sv": "SW", "de": "GE", "*": "", "x": ""}
	type choice struct {
		language    language.Language
		thousandths int
	}
	var choices []choice
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		m := rfcRange.FindStringSubmatch(element)
		if m == nil {
			continue
		}
		tag, c := strings.ToLower(m[1]), choice{thousandths: 1000}
		if digits := strings.ReplaceAll(m[2], ".", ""); digits != "" {
			c.thousandths, _ = strconv.Atoi((digits + "000")[:4])
		}
		primary := strings.Split(tag, "-")[0]
		name, known := names[primary]
		switch {
		case c.thousandths == 0, primary == "x" && tag != "x":
			continue
		case known:
			c.language = name
		case len(primary) == 2:
			c.language = language.Language(strings.ToUpper(primary))
		default:
			continue
		}
		choices = append(choices, c)
	}
	slices.SortStableFunc(choices, func(a, b choice) int { return b.thousandths - a.thousandths })
	if len(choices) == 0 {
		return ""
	}
	return choices[0].language
}

// listOf draws the values of a field: lists of ranges with weights as RFC 9110 has them, and now and then a weight that is none.
func listOf(t *rapid.T, label string) []string {
	space := rapid.SampledFrom([]string{"", "", " ", "\t", " \t "})
	tag := rapid.OneOf(
		rapid.SampledFrom(strings.Fields("en nb nn no sv de da ge us sw GE fr * x fil i-klingon x-en")),
		rapid.StringMatching(`[A-Za-z]{1,3}(-[A-Za-z0-9]{1,8}){0,2}`),
	)
	q := rapid.OneOf(
		rapid.StringMatching(`0(\.[0-9]{0,3})?|1(\.0{0,3})?`),
		rapid.SampledFrom([]string{"0", "0.5", "0.50", "0.500", "1", "1.0", "", "2", "-1", "x", "1.001"}),
	)
	element := rapid.Custom(func(t *rapid.T) string {
		s := space.Draw(t, "before")
		if rapid.IntRange(0, 9).Draw(t, "empty") > 0 {
			s += tag.Draw(t, "tag") + space.Draw(t, "behind")
			if rapid.Bool().Draw(t, "weighted") {
				s += ";" + space.Draw(t, "inside") + rapid.SampledFrom([]string{"q", "Q"}).Draw(t, "q") + "=" + q.Draw(t, "weight")
			}
		}
		return s + space.Draw(t, "after")
	})
	value := rapid.Map(rapid.SliceOfN(element, 0, 8), func(elements []string) string { return strings.Join(elements, ",") })
	return rapid.SliceOfN(value, 0, 3).Draw(t, label)
}

func TestPreferredAgreesWithRFC9110(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		soLanguage, acceptLanguage := listOf(t, "SO-Language"), listOf(t, "Accept-Language")
		want := preferredOracle(acceptLanguage)
		if len(soLanguage) > 0 {
			want = preferredOracle(soLanguage)
		}
		if got := language.Preferred(soLanguage, acceptLanguage); got != want {
			t.Fatalf("Preferred(%q, %q) = %q, want %q", soLanguage, acceptLanguage, got, want)
		}
	})
}

// The oracle is the form as one regular expression, and its entries as another.
var (
	form  = regexp.MustCompile(`^[A-Z]{2}:"[^"]*"(;[A-Z]{2}:"[^"]*")*;?$`)
	entry = regexp.MustCompile(`([A-Z]{2}):"([^"]*)"`)
)

func textOracle(l language.Language, value string) string {
	if l == "" || !form.MatchString(value) {
		return value
	}
	entries := entry.FindAllStringSubmatch(value, -1)
	for _, wanted := range []string{string(l), "US"} {
		for _, e := range entries {
			if e[1] == wanted {
				return e[2]
			}
		}
	}
	return entries[0][2]
}

func TestTextAgreesWithExpressions(t *testing.T) {
	code := rapid.SampledFrom([]string{"US", "NO", "SW", "GE", "FR"})
	text := rapid.OneOf(rapid.StringMatching(`[^"]{0,4}`), rapid.SampledFrom([]string{"", ";", `NO:`, ";US:", "\xff"}))
	inForm := rapid.Custom(func(t *rapid.T) string {
		entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return code.Draw(t, "code") + `:"` + text.Draw(t, "text") + `"`
		}), 1, 4).Draw(t, "entries")
		return strings.Join(entries, ";") + rapid.SampledFrom([]string{"", ";"}).Draw(t, "trailing")
	})
	bent := rapid.Custom(func(t *rapid.T) string { // of the form but for one byte cut out, or a few put in
		s := inForm.Draw(t, "straight")
		i := rapid.IntRange(0, len(s)-1).Draw(t, "at")
		insert := rapid.SampledFrom([]string{"", `"`, `""`, ";", " ", ":", "US", "u", "\n"}).Draw(t, "insert")
		if insert == "" {
			return s[:i] + s[i+1:]
		}
		return s[:i] + insert + s[i:]
	})
	value := rapid.OneOf(inForm, bent, rapid.String())
	asked := rapid.SampledFrom([]language.Language{"", "US", "NO", "SW", "DA"})
	rapid.Check(t, func(t *rapid.T) {
		l, v := asked.Draw(t, "language"), value.Draw(t, "value")
		if got, want := l.Text(v), textOracle(l, v); got != want {
			t.Fatalf("Language(%q).Text(%q) = %q, want %q", l, v, got, want)
		}
	})
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func FuzzPreferred(f *testing.F) {
	for _, accept := range []string{
		"", "en", "en-GB, en;q=0.9, nb;q=0.8", "en-us; en-gb", "*", "zh-Hant-TW;q=0.1", "fil, de;Q=1.000", "-,x;q=0",
	} {
		f.Add(false, "", accept)
		f.Add(true, accept, "sv")
	}
	f.Fuzz(func(t *testing.T, sent bool, so, accept string) {
		var soLanguage []string
		if sent {
			soLanguage = []string{so}
		}
		got := language.Preferred(soLanguage, []string{accept})
		if got != "" && !twoLetters.MatchString(string(got)) {
			t.Errorf("Preferred(%q, %q) = %q, want two upper case letters", soLanguage, accept, got)
		}
		if sent && got != language.Preferred(nil, soLanguage) {
			t.Errorf("Preferred(%q, %q) = %q, which is not what SO-Language says", soLanguage, accept, got)
		}
		if split := language.Preferred(soLanguage, strings.Split(accept, ",")); split != got {
			t.Errorf("Preferred(%q, %q) = %q, but %q with a value for each range", soLanguage, accept, got, split)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, value := range []string{
		``, `Bobbys iPhone 5S`, `[SR_OK]`, `NO:"Leverandør";US:"Supplier"`, `US:"a";NO:"b";`, `US:""`, `US:"""";`, `NO:"a"; US:"b"`,
	} {
		f.Add("NO", value)
		f.Add("", value)
	}
	f.Fuzz(func(t *testing.T, asked, value string) {
		l := language.Language(asked)
		got := l.Text(value)
		if !strings.Contains(value, got) {
			t.Errorf("Language(%q).Text(%q) = %q, which is not in the value", l, value, got)
		}
		if want := textOracle(l, value); got != want {
			t.Errorf("Language(%q).Text(%q) = %q, want %q", l, value, got, want)
		}
	})
}
