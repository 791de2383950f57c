package pocket

import "errors"

// The ways in which reading devices fails, by what they mean for the caller. They are wrapped with what was being done; what is
// wrapped around them is for the log alone.
var (
	// ErrForbidden: the caller may not read this associate's devices (C-22). Whether there are any was not looked up.
	ErrForbidden = errors.New("the caller may not read these devices")
	// ErrUnavailable: the store could not be read whole just now; the same request may succeed later (C-41, C-42).
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrDeadline: the time that the request has ran out (C-43).
	ErrDeadline = errors.New("the time ran out")
	// ErrStore: the store is not as this program needs it, or holds what it must not; trying again does not help (C-41).
	ErrStore = errors.New("the store is not usable")
	// ErrTooLarge: there are more devices than one answer can carry (C-43).
	ErrTooLarge = errors.New("too many devices for one answer")
)
