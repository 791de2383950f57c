package main

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// Only a test that fails kills a mutation.
func TestVerdict(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, tt := range []struct {
		name, output string
		err          error
		want, errors string // the killer, or the beginning of the error
	}{
		{"a test that fails", "--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\nFAIL\tpocket-devices/internal/a\t0.01s\nFAIL\n", failed, "a.TestA", ""},
		{"the second package's", "ok  \tx/internal/a\t0.1s\n--- FAIL: TestB (0.00s)\npanic: x\nFAIL\tx/internal/b\t0.1s\nFAIL\n", failed, "b.TestB", ""},
		{"a function's", "--- FAIL: TestC (0.00s)\nFAIL\nFAIL\tpocket-devices/functions/c-d\t0.01s\nFAIL\n", failed, "c-d.TestC", ""},
		{"no test that fails", "ok  \tx/internal/a\t0.1s\n", nil, "", "SURVIVES"},
		{"what does not compile", "FAIL\tx/internal/a [build failed]\nFAIL\n", failed, "", "DOES NOT COMPILE"},
		{"a test without end", "panic: test timed out after 1m0s\n\trunning tests:\n\t\tTestA (1m0s)\nFAIL\tx/internal/a\t60s\n", failed, "", "ENDS WITHOUT"},
		{"go that cannot be run", "", failed, "", "ENDS WITHOUT"},
	} {
		killer, err := verdict(tt.output, tt.err)
		if killer != tt.want || (err == nil) != (tt.errors == "") || err != nil && !strings.HasPrefix(err.Error(), tt.errors) {
			t.Errorf("%s: verdict = %q, %v", tt.name, killer, err)
		}
	}
}

// A patch that is not what it should be is told apart from one that tests nothing.
func TestParse(t *testing.T) {
	const diff = "--- a/x/y.go\n+++ b/x/y.go\n@@ -1 +1 @@\n-a\n+b\n"
	m := mutation{}
	if err := m.parse("It is\nbroken.\nTests: ./a ./b\n\n" + diff); err != nil || m.broken != "It is broken." || len(m.packages) != 2 {
		t.Errorf("parse: %+v, %v", m, err)
	}
	for _, text := range []string{"", diff, "It is broken.\n\n" + diff, "It is broken.\nTests: ./a\n", "Tests: ./a\n\n" + diff} {
		if err := new(mutation).parse(text); err == nil {
			t.Errorf("parse takes %q", text)
		}
	}
}

// The page lists every patch, also before somebody has run them.
func TestTable(t *testing.T) {
	t.Chdir("../..")
	mutations, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(text), "-->\n"+table(mutations)+"<!--") {
		t.Errorf("%s does not list the patches of %s as they are: make mutations writes it (%v)", page, folder, err)
	}
}
