package ascii_test

import (
	"testing"

	"pgregory.net/rapid"

	"pocket-devices/internal/ascii"
)

func TestEqualFold(t *testing.T) {
	tests := []struct {
		s, name string
		want    bool
	}{
		{"AssociateId", "associateid", true},
		{"", "", true},
		{"associateid ", "associateid", false},
		{"A\u017f\u017fociateId", "associateid", false}, // long s folds to s in Unicode
		{"\u212aey", "key", false},                      // the Kelvin sign folds to k
		{"k\u017f", "kss", false},                       // as many bytes, not as many letters
	}
	for _, tt := range tests {
		if got := ascii.EqualFold(tt.s, tt.name); got != tt.want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", tt.s, tt.name, got, tt.want)
		}
	}
}

// The oracle lowers bytes one at a time, which is what the words "ASCII case" mean.
func TestEqualFoldAgreesWithBytes(t *testing.T) {
	lower := func(s string) string {
		b := []byte(s)
		for i, c := range b {
			if 'A' <= c && c <= 'Z' {
				b[i] = c + 'a' - 'A'
			}
		}
		return string(b)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z-]{0,8}`).Draw(t, "name")
		s := rapid.OneOf(rapid.StringMatching(`[A-Za-z-]{0,8}`), rapid.String(), rapid.Just(name)).Draw(t, "s")
		if got, want := ascii.EqualFold(s, name), lower(s) == lower(name); got != want {
			t.Fatalf("EqualFold(%q, %q) = %v, want %v", s, name, got, want)
		}
	})
}

func TestVisible(t *testing.T) {
	for s, want := range map[string]bool{"": true, "8A:Cust12345.x~": true, "a b": false, "a\tb": false, "a\x7f": false, "å": false, "\x00": false} {
		if got := ascii.Visible(s); got != want {
			t.Errorf("Visible(%q) = %v, want %v", s, got, want)
		}
	}
}
