package section_test

import (
	"os"
	"path/filepath"
	"testing"

	"pocket-devices/internal/section"
)

// Write changes what stands between the marks of its section, and nothing else.
func TestWrite(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	const text = "before\n<!-- a -->\nold\n<!-- end of a -->\nbetween\n<!-- b -->\n<!-- end of b -->\nafter\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, fails := range map[string]bool{"a": false, "b": false, "c": true} {
		if err := section.Write(page, name, "new "+name+"\n"); (err != nil) != fails {
			t.Errorf("Write of section %s: %v", name, err)
		}
	}
	const want = "before\n<!-- a -->\nnew a\n<!-- end of a -->\nbetween\n<!-- b -->\nnew b\n<!-- end of b -->\nafter\n"
	if got, err := os.ReadFile(page); err != nil || string(got) != want {
		t.Errorf("the page is %q, %v", got, err)
	}
}
