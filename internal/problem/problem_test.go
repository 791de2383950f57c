package problem_test

import (
	"regexp"
	"slices"
	"testing"

	"pocket-devices/internal/problem"
)

// The statuses are those of C-41, and the list is in their order without a code twice.
func TestAll(t *testing.T) {
	all := problem.All()
	if !slices.IsSortedFunc(all, func(a, b *problem.Problem) int { return a.Status - b.Status }) {
		t.Error("the problems are not in the order of their status")
	}
	seen := map[string]bool{}
	for _, p := range all {
		if !slices.Contains([]int{400, 401, 403, 404, 405, 413, 415, 500, 503, 504}, p.Status) {
			t.Errorf("%v has status %d", p, p.Status)
		}
		if seen[p.Type] || !regexp.MustCompile(`^[A-Z][A-Za-z]+$`).MatchString(p.Type) {
			t.Errorf("%v is there twice, or is no code", p)
		}
		seen[p.Type] = true
		if !regexp.MustCompile(`^[A-Z$].*\.$`).MatchString(p.Message) {
			t.Errorf("the message of %v is no sentence: %s", p, p.Message)
		}
	}
}
