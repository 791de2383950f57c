package answer

import (
	"fmt"
	"slices"
	"strings"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

// maxSelect is the longest $select that is read, in bytes (C-7).
const maxSelect = 1024

// Selection says which properties are selected; the others are null in the answer (C-7). The zero Selection selects all.
type Selection struct {
	properties []pocket.Property // all of them; those that are not selected reveal nothing
}

// ParseSelection reads the values of the query parameter $select, nil where it was not sent. A list in which there is no
// name, such as "" or ",", selects all. The error wraps [problem.InvalidSelect].
func ParseSelection(values []string) (Selection, error) {
	switch {
	case len(values) == 0:
		return Selection{}, nil
	case len(values) > 1:
		return Selection{}, fmt.Errorf("$select is given twice: %w", problem.InvalidSelect)
	case len(values[0]) > maxSelect:
		return Selection{}, fmt.Errorf("$select is too long: %w", problem.InvalidSelect)
	}
	var names []string
	for path := range strings.SplitSeq(values[0], ",") {
		first, _, _ := strings.Cut(path, "/")
		if name := strings.TrimSpace(first); name != "" {
			names = append(names, name)
		}
	}
	if names == nil {
		return Selection{}, nil
	}
	selected := pocket.Properties()
	for i, p := range selected {
		if !slices.ContainsFunc(names, func(name string) bool { return ascii.EqualFold(name, p.Name) }) {
			selected[i].Reveal = func(*pocket.Device) *string { return nil }
		}
	}
	return Selection{selected}, nil
}
