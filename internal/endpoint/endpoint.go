// Package endpoint is POST /api/v1/Agents/Pocket/GetRegisteredDevices: the handler of the function get-registered-devices.
//
// Begin with [Endpoint.Invoke]. It turns an event into an answer in one pass: event, caller, route, question, decision, devices, answer
// (C-24), and leaves each of these to the package that is named for it.
package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"pocket-devices/internal/answer"
	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/cors"
	"pocket-devices/internal/guard"
	"pocket-devices/internal/identity"
	"pocket-devices/internal/language"
	"pocket-devices/internal/metrics"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/request"
)

const (
	reserve   = 250 * time.Millisecond // what stays of the invocation's time when the answer is written (C-43)
	maxAnswer = 5 << 20                // the largest body of an answer, in bytes (C-43)
)

// Endpoint answers proxy events. It never returns an error to the Lambda runtime: API Gateway would make a 502 of it (C-43). It is safe for
// concurrent use where its registry is.
type Endpoint struct {
	registry *pocket.Registry
	config   Config
	log      *slog.Logger
	metrics  io.Writer
	warm     atomic.Bool // since the first event
}

// Config is what an operator decides.
type Config struct {
	ContextIdentifier string       // of the one installation whose callers are answered, such as Cust12345; empty is any (CONTEXT_IDENTIFIER, C-21)
	Origins           cors.Origins // whose pages may call from a browser (ALLOWED_ORIGINS)
}

var _ lambda.Handler = (*Endpoint)(nil)

// New returns the endpoint over the devices of registry. It writes a line of metrics for each request to metrics, in one call of Write;
// CloudWatch must get it as it is.
func New(registry *pocket.Registry, config Config, log *slog.Logger, metrics io.Writer) *Endpoint {
	return &Endpoint{registry: registry, config: config, log: log, metrics: metrics}
}

// Invoke answers one event, whatever it is, 250 ms before the deadline of ctx at the latest, and writes one line of metrics (C-43, C-45). The
// error is always nil.
func (e *Endpoint) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, counted := metrics.With(ctx)
	counted.ColdStart = !e.warm.Swap(true)
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	x := exchange{endpoint: e, log: e.log, counted: counted}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		x.id = lc.AwsRequestID
	}
	counted.Outcome = metrics.Answered
	response, err := x.answer(ctx, payload)
	if err != nil {
		p := meaning(err)
		counted.Outcome = outcome(p)
		report(ctx, x.log, p, err)
		response = x.respond(p.Status, answer.Format{}, answer.Problem(p, x.id))
	}
	counted.Write(e.metrics, lambdacontext.FunctionName)
	return response, nil
}

// outcome returns what kind of failure a problem is, for the metrics.
func outcome(p *problem.Problem) string {
	switch {
	case p == problem.Forbidden:
		return metrics.Denied
	case p.Status < 500:
		return metrics.Refused
	}
	return metrics.Failed
}

// exchange is one request on its way to an answer.
type exchange struct {
	endpoint *Endpoint
	log      *slog.Logger       // of the endpoint, with the request's id
	counted  *metrics.Request   // what an operator watches of it
	id       string             // of the request, for the caller and the log
	req      apigateway.Request // the zero Request until the event is known to be one
}

// answer returns the encoded answer to an event, in the order of C-24.
func (x *exchange) answer(ctx context.Context, payload []byte) (response []byte, err error) {
	defer guard.Panic(&err)
	if x.req, err = apigateway.DecodeRequest(payload); err != nil {
		return nil, err
	}
	if x.req.ID != "" {
		x.id = x.req.ID
		x.log = slog.New(x.log.Handler().WithAttrs([]slog.Attr{slog.String("apiRequestId", x.id)}))
	}
	here := strings.HasSuffix(x.req.Resource, request.Path) // whatever a base path mapping puts before it (C-24)
	if here && x.req.Method == "OPTIONS" {
		return x.preflight()
	}
	caller, err := identity.Parse(x.req.Context, x.endpoint.config.ContextIdentifier, time.Now())
	switch {
	case err != nil:
		return nil, err
	case !here:
		return nil, problem.NotFound
	case x.req.Method != request.Method:
		return nil, problem.MethodNotAllowed
	}
	asked, err := x.asked()
	if err != nil {
		return nil, err
	}
	preferences, err := x.preferences(asked.MediaType)
	if err != nil {
		return nil, err
	}
	devices, err := x.endpoint.registry.Devices(ctx, x.log, caller, asked.Associate)
	if err != nil {
		return nil, err
	}
	body := answer.Devices(devices, preferences)
	response = x.respond(200, preferences.Format, body)
	if len(body) > maxAnswer || len(response) > apigateway.MaxResponse {
		return nil, fmt.Errorf("%d devices in %d bytes: %w", len(devices), len(response), problem.AnswerTooLarge)
	}
	x.counted.Devices = len(devices)
	return response, nil
}

// preflight tells a browser which pages may call. It asks without a credential, so the route of its method has no authorizer, and what
// it is told says nothing of anybody.
func (x *exchange) preflight() ([]byte, error) {
	if !x.endpoint.config.Origins.On() {
		return nil, problem.MethodNotAllowed
	}
	return x.encode(204, x.endpoint.config.Origins.Preflight(x.values("Origin"), request.Method), nil), nil
}

// asked reads whose devices are asked for.
func (x *exchange) asked() (request.Asked, error) {
	body, err := x.req.Body(request.MaxBody)
	if err != nil {
		return request.Asked{}, err
	}
	contentType, err := x.req.Header.Values("Content-Type")
	if err != nil {
		return request.Asked{}, fmt.Errorf("Content-Type: %w", err)
	}
	contentEncoding, err := x.req.Header.Values("Content-Encoding")
	if err != nil { // then one map at least has it, and none may
		return request.Asked{}, fmt.Errorf("Content-Encoding: %w: %w", err, problem.UnsupportedMediaType)
	}
	return request.Read(contentType, contentEncoding, body)
}

// preferences reads how the caller would like its answer (C-7, C-11, C-13).
func (x *exchange) preferences(bodyType string) (answer.Preferences, error) {
	selection, err := answer.ParseSelection(x.req.Query("$select", "%24select"))
	if err != nil {
		return answer.Preferences{}, err
	}
	return answer.Preferences{
		Format:    answer.Negotiate(x.values("Accept"), bodyType),
		Selection: selection,
		Language:  language.Preferred(x.values("SO-Language"), x.values("Accept-Language")),
	}, nil
}

// values returns the values of a field that never causes an error (C-11, C-13): where the event's two maps disagree on it, it has none.
func (x *exchange) values(name string) []string {
	values, _ := x.req.Header.Values(name)
	return values
}

// respond puts the headers of C-14 and C-41, and those for a browser, around a body.
func (x *exchange) respond(status int, format answer.Format, body []byte) []byte {
	header := append(make([]apigateway.Field, 0, 8), apigateway.Field{Name: "Content-Type", Value: format.ContentType()})
	header = append(header, x.endpoint.config.Origins.Answer(x.values("Origin"))...)
	switch status {
	case 405:
		header = append(header, apigateway.Field{Name: "Allow", Value: request.Method})
	case 503:
		header = append(header, apigateway.Field{Name: "Retry-After", Value: "1"}) // seconds
	}
	return x.encode(status, header, body)
}

// encode returns an answer with the headers that every one has (C-14).
func (x *exchange) encode(status int, header []apigateway.Field, body []byte) []byte {
	header = append(header,
		apigateway.Field{Name: "Cache-Control", Value: "no-store"},
		apigateway.Field{Name: "X-Content-Type-Options", Value: "nosniff"},
		apigateway.Field{Name: "X-Request-Id", Value: x.id})
	return apigateway.Response{Status: status, Header: header, Body: body}.Encode()
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
