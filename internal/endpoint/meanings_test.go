package endpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

func TestMeaning(t *testing.T) {
	for _, m := range meanings {
		if got := meaning(fmt.Errorf("reading: %w: %w", m.err, errors.New("cause"))); got != m.problem {
			t.Errorf("%v means %v, want %v", m.err, got, m.problem)
		}
	}
	tests := []struct {
		name string
		err  error
		want *problem.Problem
	}{
		{"a problem", problem.BodyTooLarge, problem.BodyTooLarge},
		{"a problem with its cause", fmt.Errorf("no digits: %w", problem.InvalidAssociateID), problem.InvalidAssociateID},
		{"a problem says more than a meaning", fmt.Errorf("%w: %w", pocket.ErrUnavailable, problem.InvalidBody), problem.InvalidBody},
		{"what nobody thought of", errors.New("x"), problem.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := meaning(tt.err); got != tt.want {
				t.Errorf("%v means %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}

// Every error that the packages export has a meaning here: one that was forgotten would be a 500.
func TestMeaningsAreWhole(t *testing.T) {
	var want []string
	for _, pkg := range []string{"apigateway", "identity", "pocket"} {
		files, err := filepath.Glob(filepath.Join("..", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, name := range find(t, file, `(?m)^(?:var|\t)\s*(Err\w+)\s*= errors\.New`) {
				want = append(want, pkg+"."+name)
			}
		}
	}
	got := find(t, "meanings.go", `\{(\w+\.Err\w+), problem\.`)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(got) != len(meanings) {
		t.Errorf("-packages +meanings:\n%s", diff)
	}
}

// find returns what the group of the expression matches in a file.
func find(t *testing.T, file, expression string) (found []string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(expression).FindAllSubmatch(source, -1) {
		found = append(found, string(match[1]))
	}
	return found
}
