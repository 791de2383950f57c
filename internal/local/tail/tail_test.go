package tail_test

import (
	"fmt"
	"strings"
	"testing"

	"pocket-devices/internal/local/tail"
)

// However it comes, the end is kept and no more.
func TestBuffer(t *testing.T) {
	const text = "0123456789"
	for size := range 12 {
		for piece := 1; piece <= len(text); piece++ {
			b := tail.New(size)
			for round := range 3 {
				for i := 0; i < len(text); i += piece {
					fmt.Fprint(b, text[i:min(i+piece, len(text))])
				}
				all := strings.Repeat(text, round+1)
				if got, want := b.String(), all[max(0, len(all)-size):]; got != want {
					t.Fatalf("of %d bytes in pieces of %d it keeps %q, want %q", size, piece, got, want)
				}
			}
			if b.Reset(); b.String() != "" {
				t.Fatalf("after Reset it has %q", b)
			}
		}
	}
}
