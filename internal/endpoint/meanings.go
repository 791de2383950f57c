package endpoint

import (
	"errors"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/identity"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

// meanings is what the errors of packages that return no problems of their own mean to a caller (C-41). They are listed as a request
// meets them.
var meanings = []struct {
	err     error
	problem *problem.Problem
}{
	{apigateway.ErrEvent, problem.InvalidEvent},
	{identity.ErrContext, problem.Unauthorized},
	{apigateway.ErrTooLarge, problem.BodyTooLarge},
	{apigateway.ErrBase64, problem.InvalidBody},
	{apigateway.ErrHeader, problem.InvalidHeader},
	{pocket.ErrForbidden, problem.Forbidden},
	{pocket.ErrUnavailable, problem.Unavailable},
	{pocket.ErrDeadline, problem.Timeout},
	{pocket.ErrStore, problem.Internal},
	{pocket.ErrTooLarge, problem.AnswerTooLarge},
}

// meaning returns the problem that err is or means: [problem.Internal] where it means none that is known, such as a panic.
func meaning(err error) *problem.Problem {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	for _, m := range meanings {
		if errors.Is(err, m.err) {
			return m.problem
		}
	}
	return problem.Internal
}
