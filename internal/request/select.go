package request

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

// Selection says which properties an answer keeps (C-7). The zero Selection keeps all.
type Selection struct{ others []pocket.Property } // those that it does not keep

// ParseSelection reads the values of the query parameter $select, nil where it was not sent. A list in which there is no
// name, such as "" or ",", keeps all. The error wraps [problem.InvalidSelect].
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
	return Selection{slices.DeleteFunc(pocket.Properties(), func(p pocket.Property) bool {
		return slices.ContainsFunc(names, func(name string) bool { return ascii.EqualFold(name, p.Name) })
	})}, nil
}

// Apply makes the properties that are not kept nil in devices.
func (s Selection) Apply(devices []pocket.Device) {
	for i := range devices {
		for _, p := range s.others {
			p.Clear(&devices[i])
		}
	}
}
