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
	single, multi := values(h.single, name), values(h.multi, name)
	switch {
	case h.multi == nil:
		return single, nil
	case h.single == nil:
		return multi, nil
	case (single == nil) != (multi == nil):
		return nil, ErrHeader
	}
	for _, v := range single {
		if !slices.Contains(multi, v) {
			return nil, ErrHeader
		}
	}
	return multi, nil
}

func values(fields []field, name string) (found []string) {
	for _, f := range fields {
		if ascii.EqualFold(f.name, name) {
			found = append(found, f.value)
		}
	}
	return found
}
