package main

import (
	"os"
	"strings"
	"testing"
)

// While the bench stays, it may use the first of its processors alone, and afterwards all that it might before. Where that cannot be had, it is
// noted and nothing has changed.
func TestStay(t *testing.T) {
	var b bench
	before := processors()
	release := b.stay()
	during, notes := processors(), b.notes
	release()
	want := before
	if len(notes) == 0 {
		want = before[:strings.IndexAny(before+",", "-,")]
	}
	if during != want || processors() != before {
		t.Errorf("the processors were %q, then %q, then %q; noted was %q", before, during, processors(), notes)
	}
}

// processors returns which ones this process may use, as Linux lists them; nothing elsewhere.
func processors() string {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "Cpus_allowed_list:\t")
	list, _, _ := strings.Cut(rest, "\n")
	return list
}
