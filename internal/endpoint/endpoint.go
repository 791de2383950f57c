// Package endpoint is POST /api/v1/Agents/Pocket/GetRegisteredDevices: the handler of the function get-registered-devices.
//
// Begin with [Endpoint.Invoke]. It turns an event into an answer in one pass: event, caller, route, body, decision, devices, answer
// (C-24), and leaves each of these to the package that is named for it.
package endpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"pocket-devices/internal/answer"
	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/identity"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/request"
)

const (
	reserve   = 250 * time.Millisecond // what stays of the invocation's time when the answer is written (C-43)
	maxAnswer = 5 << 20                // the largest body of an answer, in bytes (C-43)
)

// Endpoint answers proxy events. It never returns an error to the Lambda runtime: API Gateway would make a 502 of it (C-43).
type Endpoint struct {
	registry     *pocket.Registry
	installation string
	log          *slog.Logger
}

var _ lambda.Handler = (*Endpoint)(nil)

// New returns the endpoint over the devices of registry. Where installation is not empty, only callers of that installation are
// answered (CONTEXT_IDENTIFIER, C-21).
func New(registry *pocket.Registry, installation string, log *slog.Logger) *Endpoint {
	return &Endpoint{registry, installation, log}
}

// Invoke answers one event. The error is always nil.
func (e *Endpoint) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	var requestID string
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		requestID = lc.AwsRequestID
	}
	log := e.log
	response, err := guard(func() ([]byte, error) {
		req, err := apigateway.DecodeRequest(payload)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, problem.InvalidEvent)
		}
		if req.ID != "" {
			requestID = req.ID
			log = log.With("apiRequestId", req.ID)
		}
		devices, err := e.devices(ctx, log, req)
		if err != nil {
			return nil, err
		}
		body := answer.Devices(devices)
		response := respond(200, requestID, body).Encode()
		if len(body) > maxAnswer || len(response) > apigateway.MaxResponse {
			return nil, fmt.Errorf("%d devices in %d bytes: %w", len(devices), len(response), problem.AnswerTooLarge)
		}
		return response, nil
	})
	if err != nil {
		p := problem.Of(err)
		report(ctx, log, p, err)
		response = respond(p.Status, requestID, answer.Problem(p, requestID)).Encode()
	}
	return response, nil
}

// guard makes an error of a panic (C-43). What panicked may hold anything, a handle too, so only its type and place are told.
func guard(f func() ([]byte, error)) (response []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			stack := debug.Stack()
			err = fmt.Errorf("panic of type %T at %s", v, stack[:min(len(stack), 2048)])
		}
	}()
	return f()
}

// devices reads what the request asks for, in the order of C-24.
func (e *Endpoint) devices(ctx context.Context, log *slog.Logger, req apigateway.Request) ([]pocket.Device, error) {
	caller, err := identity.Parse(req.Context, e.installation, time.Now())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, problem.Unauthorized)
	}
	if err := checkRoute(req); err != nil {
		return nil, err
	}
	target, err := associateID(req)
	if err != nil {
		return nil, err
	}
	return e.registry.Devices(ctx, log, caller, target)
}

// checkRoute compares the route that API Gateway matched; what a base path mapping or a tenant puts before it does not matter (C-24).
func checkRoute(req apigateway.Request) error {
	switch {
	case !strings.HasSuffix(req.Resource, request.Path):
		return problem.NotFound
	case req.Method != request.Method:
		return problem.MethodNotAllowed
	}
	return nil
}

// associateID reads whose devices are asked for.
func associateID(req apigateway.Request) (pocket.AssociateID, error) {
	body, err := req.Body(request.MaxBody)
	switch {
	case errors.Is(err, apigateway.ErrTooLarge):
		return 0, problem.BodyTooLarge
	case err != nil:
		return 0, fmt.Errorf("%w: %w", err, problem.InvalidBody)
	}
	contentType, err := req.Header.Values("Content-Type")
	if err != nil {
		return 0, fmt.Errorf("Content-Type: %w: %w", err, problem.InvalidHeader)
	}
	contentEncoding, err := req.Header.Values("Content-Encoding")
	if err != nil {
		return 0, fmt.Errorf("Content-Encoding: %w: %w", err, problem.InvalidHeader)
	}
	return request.AssociateID(contentType, contentEncoding, body)
}

// respond puts the headers of C-14 and C-41 around a body.
func respond(status int, requestID string, body []byte) apigateway.Response {
	header := []apigateway.Field{
		{Name: "Content-Type", Value: answer.ContentType},
		{Name: "Cache-Control", Value: "no-store"},
		{Name: "X-Content-Type-Options", Value: "nosniff"},
		{Name: "X-Request-Id", Value: requestID},
	}
	switch status {
	case 405:
		header = append(header, apigateway.Field{Name: "Allow", Value: request.Method})
	case 503:
		header = append(header, apigateway.Field{Name: "Retry-After", Value: "1"}) // seconds
	}
	return apigateway.Response{Status: status, Header: header, Body: body}
}

// report writes the line of a request that failed: a refusal is the caller's doing, an error is ours to mend. A forbidden
// request has its audit line already.
func report(ctx context.Context, log *slog.Logger, p *problem.Problem, err error) {
	line, level := "refused", slog.LevelInfo
	switch {
	case p == problem.Forbidden:
		return
	case errors.Is(err, identity.ErrContext):
		line, level = "authorizer_context_invalid", slog.LevelError // alarmed on: the authorizer and the function disagree (C-21)
	case p.Status >= 500:
		line, level = "failed", slog.LevelError
	}
	log.LogAttrs(ctx, level, line, slog.Int("status", p.Status), slog.String("errorType", p.Type), slog.String("cause", err.Error()))
}
