package apigateway

import (
	"errors"
	"slices"

	"pocket-devices/internal/ascii"
)

// Header is the header fields of a request. An event carries them twice: headers has the last value of each name,
// multiValueHeaders has all of them. Names keep the client's case there and match without it here (C-8).
type Header struct{ single, multi []field }

type field struct{ name, value string }

// ErrHeader is the error of [Header.Values].
var ErrHeader = errors.New("headers and multiValueHeaders disagree")

// Values returns the field's values in the order in which they were sent, nil where there is none. The name is ASCII in any
// case. [ErrHeader] says that the event's two maps contradict each other, so that no answer can be trusted; where
// the event has only one of the maps, that one holds.
func (h Header) Values(name string) ([]string, error) {
	if h.multi == nil {
		return values(h.single, name), nil
	}
	all, found := values(h.multi, name), h.single == nil
	for _, f := range h.single {
		if ascii.EqualFold(f.name, name) {
			if !slices.Contains(all, f.value) {
				return nil, ErrHeader
			}
			found = true
		}
	}
	if !found && all != nil {
		return nil, ErrHeader
	}
	return all, nil
}

func values(fields []field, name string) (found []string) {
	for _, f := range fields {
		if ascii.EqualFold(f.name, name) {
			found = append(found, f.value)
		}
	}
	return found
}
