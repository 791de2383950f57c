// Package section writes what a run has found into a page of docs/, between the two marks of its section, so that the page says what was
// measured and the text around it stays.
//
// Begin with [Write].
package section

import (
	"fmt"
	"os"
	"strings"
)

// Write puts text, which ends with a line break, between the marks <!-- name --> and <!-- end of name --> of the page, a file. It is an
// error where the page does not have both.
func Write(page, name, text string) error {
	data, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		return fmt.Errorf("%s has no section between the marks %s and %s", page, strings.TrimSpace(begin), end)
	}
	return os.WriteFile(page, []byte(before+begin+text+end+after), 0o644)
}
