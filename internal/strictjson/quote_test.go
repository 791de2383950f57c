package strictjson_test

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/strictjson"
)

// AppendQuote writes what jsontext writes, byte for byte.
func FuzzAppendQuote(f *testing.F) {
	for _, s := range []string{
		"", "plain", `"`, `\`, `a"b\c`, `""\\`, "tab\tline\n", "\x00", "\x7f", "æøå", "\u2028<&>", "a\xffb", `{"a":"b"}`, "😀\"", "\"😀",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, _ := jsontext.AppendQuote([]byte("before"), s)
		if got := strictjson.AppendQuote([]byte("before"), s); string(got) != string(want) {
			t.Errorf("AppendQuote(%q) = %s, want %s", s, got, want)
		}
		if got := strictjson.AppendQuote([]byte("before"), []byte(s)); string(got) != string(want) {
			t.Errorf("AppendQuote of the bytes of %q = %s, want %s", s, got, want)
		}
	})
}
