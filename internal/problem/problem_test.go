package problem_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

func TestOf(t *testing.T) {
	tests := []struct {
		err  error
		want *problem.Problem
	}{
		{problem.BodyTooLarge, problem.BodyTooLarge},
		{fmt.Errorf("reading: %w", problem.NotFound), problem.NotFound},
		{fmt.Errorf("%w: %w", errors.New("cause"), problem.InvalidBody), problem.InvalidBody},
		{pocket.ErrForbidden, problem.Forbidden},
		{fmt.Errorf("reading: %w", pocket.ErrUnavailable), problem.Unavailable},
		{pocket.ErrDeadline, problem.Timeout},
		{pocket.ErrTooLarge, problem.AnswerTooLarge},
		{pocket.ErrStore, problem.Internal},
		{errors.New("what nobody thought of"), problem.Internal},
	}
	for _, tt := range tests {
		if got := problem.Of(tt.err); got != tt.want {
			t.Errorf("Of(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

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
