// Package gateway serves a template's REST API on this machine as API Gateway does: it matches the route, keeps the limit of requests,
// asks the authorizer, passes the request on as a proxy event, waits for neither without end, and answers refusals with the template's
// gateway responses. It does what this template uses of API Gateway, and no more.
//
// Begin with [Gateway.ServeHTTP].
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/template"
)

// Invoker runs a function, named by its logical name. Its error is a [*lambda.Error] where the function returned one.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) ([]byte, error)
}

// What API Gateway says of an API that only runs here.
const (
	apiID   = "local"
	account = "123456789012"
	arn     = "arn:aws:execute-api:eu-west-1:" + account + ":" + apiID
)

// timeLimit is how long API Gateway waits for a function, unless an account has been given more. No function of the template has as much
// time for itself, but its event may have to wait for others.
const timeLimit = 29 * time.Second

// maxBody is the largest request, in bytes, that API Gateway takes.
const maxBody = 10 << 20

// Gateway is an http.Handler that serves the API.
type Gateway struct {
	template  *template.Template
	functions Invoker
	log       io.Writer
	limits    map[template.Route]*bucket // none where the template sets no limit
}

// New returns a gateway of the template's API. Why it answers with a status of 500 or above, it tells in a line to log. A gateway response
// that holds more than it can fill in is an error, and so is a route that asks no authorizer, but for a browser's preflight.
func New(t *template.Template, functions Invoker, log io.Writer) (*Gateway, error) {
	if t.Authorizer == "" {
		return nil, errors.New("the API has no default authorizer")
	}
	for _, route := range t.Routes {
		if route.Public && route.Method != http.MethodOptions {
			return nil, fmt.Errorf("the route %s %s asks no authorizer", route.Method, route.Path)
		}
	}
	for kind, r := range t.Responses {
		if strings.Contains(strings.ReplaceAll(r.Body, requestIDVariable, ""), "$") {
			return nil, fmt.Errorf("the gateway response %s uses a variable other than %s", kind, requestIDVariable)
		}
		for name, value := range r.Header {
			if value != requestIDMapping && !isLiteral(value) {
				return nil, fmt.Errorf("the gateway response %s maps %s from something other than a text or %s", kind, name, requestIDMapping)
			}
		}
	}
	g := &Gateway{t, functions, log, map[template.Route]*bucket{}}
	if t.Rate > 0 {
		for _, route := range t.Routes { // as the template's limit is that of each method of a path
			g.limits[route] = newBucket(t.Rate, t.Burst)
		}
	}
	return g, nil
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchange{gateway: g, w: w, r: r, id: rand.Text(), received: time.Now()}
	route, ok := g.route(r)
	if !ok {
		x.refuse("MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden, nil)
		return
	}
	if limit, ok := g.limits[route]; ok && !limit.take() {
		x.refuse("THROTTLED", http.StatusTooManyRequests, nil)
		return
	}
	x.route = route
	x.header, x.multiHeader = fields(r)
	x.query, x.multiQuery = collapse(r.URL.Query())
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		x.refuse("REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge, err)
		return
	}
	var caller map[string]any
	if !route.Public {
		if caller, ok = x.authorize(); !ok {
			return
		}
	}
	x.integrate(body, caller)
}

func (g *Gateway) route(r *http.Request) (template.Route, bool) {
	for _, route := range g.template.Routes {
		if route.Path == r.URL.Path && route.Method == r.Method {
			return route, true
		}
	}
	return template.Route{}, false
}

// exchange is one request and what is known of it.
type exchange struct {
	gateway  *Gateway
	w        http.ResponseWriter
	r        *http.Request
	route    template.Route
	id       string
	received time.Time

	// The header and the query in the two forms of an event: the last value of each name, and all of them.
	header, query           map[string]string
	multiHeader, multiQuery map[string][]string
}

// authorize asks the authorizer and returns its context of the caller. Where it does not allow the request, the request is answered.
func (x *exchange) authorize() (caller map[string]any, ok bool) {
	payload, err := json.Marshal(events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type:                            "REQUEST",
		MethodArn:                       x.methodARN(),
		Resource:                        x.route.Path,
		Path:                            x.r.URL.Path,
		HTTPMethod:                      x.r.Method,
		Headers:                         x.header,
		MultiValueHeaders:               x.multiHeader,
		QueryStringParameters:           x.query,
		MultiValueQueryStringParameters: x.multiQuery,
		RequestContext: events.APIGatewayCustomAuthorizerRequestTypeRequestContext{
			Path: x.stagePath(), AccountID: account, Stage: x.gateway.template.Stage, RequestID: x.id,
			Identity:     events.APIGatewayCustomAuthorizerRequestTypeRequestIdentity{SourceIP: "127.0.0.1"},
			ResourcePath: x.route.Path, HTTPMethod: x.r.Method, APIID: apiID,
		},
	})
	if err != nil {
		x.refuse("AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError, err)
		return nil, false
	}
	start := time.Now()
	answer, err := x.invoke(x.gateway.template.Authorizer, payload)
	var returned *lambda.Error
	if errors.As(err, &returned) && returned.Message == "Unauthorized" {
		x.refuse("UNAUTHORIZED", http.StatusUnauthorized, err)
		return nil, false
	}
	var policy events.APIGatewayCustomAuthorizerResponse
	if err != nil { // the authorizer's own, as well as Lambda's refusal to run it and the end of the time
		x.refuse("AUTHORIZER_FAILURE", http.StatusInternalServerError, err)
		return nil, false
	}
	err = json.Unmarshal(answer, &policy)
	if err == nil && policy.PrincipalID == "" {
		err = errors.New("it has no principalId")
	}
	if err != nil {
		x.refuse("AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError, fmt.Errorf("the authorizer's answer is no policy: %w", err))
		return nil, false
	}
	if !x.isAllowedBy(policy) {
		x.refuse("ACCESS_DENIED", http.StatusForbidden, nil)
		return nil, false
	}
	caller = map[string]any{}
	for name, value := range policy.Context {
		caller[name] = fmt.Sprint(value) // a REST API passes every value on as a text
	}
	caller["principalId"] = policy.PrincipalID
	caller["integrationLatency"] = time.Since(start).Milliseconds()
	return caller, true
}

// isAllowedBy reports whether a statement allows just this request. Policies with wildcards are none that this template uses.
func (x *exchange) isAllowedBy(policy events.APIGatewayCustomAuthorizerResponse) bool {
	for _, s := range policy.PolicyDocument.Statement {
		if s.Effect == "Allow" && len(s.Action) == 1 && s.Action[0] == "execute-api:Invoke" && len(s.Resource) == 1 && s.Resource[0] == x.methodARN() {
			return true
		}
	}
	return false
}

// integrate passes the request on to the function and its answer back.
func (x *exchange) integrate(body []byte, caller map[string]any) {
	payload, err := json.Marshal(events.APIGatewayProxyRequest{
		Resource:                        x.route.Path,
		Path:                            x.r.URL.Path,
		HTTPMethod:                      x.r.Method,
		Headers:                         x.header,
		MultiValueHeaders:               x.multiHeader,
		QueryStringParameters:           x.query,
		MultiValueQueryStringParameters: x.multiQuery,
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID: account, ResourceID: "local", Stage: x.gateway.template.Stage, DomainName: x.r.Host, DomainPrefix: apiID,
			RequestID: x.id, ExtendedRequestID: x.id, Protocol: x.r.Proto, ResourcePath: x.route.Path, Path: x.stagePath(), Authorizer: caller,
			Identity:   events.APIGatewayRequestIdentity{SourceIP: "127.0.0.1", UserAgent: x.r.UserAgent()},
			HTTPMethod: x.r.Method, RequestTime: x.received.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			RequestTimeEpoch: x.received.UnixMilli(), APIID: apiID,
		},
		Body: strings.ToValidUTF8(string(body), "\ufffd"), // an API without binary media types takes every body for text
	})
	if err != nil {
		x.refuse("DEFAULT_5XX", http.StatusBadGateway, err)
		return
	}
	answer, err := x.invoke(x.route.Function, payload)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		x.refuse("INTEGRATION_TIMEOUT", http.StatusGatewayTimeout, err)
		return
	case errors.Is(err, lambda.ErrThrottled): // a 500 and no 429, says Lambda's guide, as for all that Lambda refuses; what a function does wrong is a 502
		x.refuse("DEFAULT_5XX", http.StatusInternalServerError, err)
		return
	}
	var response events.APIGatewayProxyResponse
	if err == nil {
		err = json.Unmarshal(answer, &response)
	}
	if err == nil && (response.StatusCode < 200 || response.IsBase64Encoded) {
		err = errors.New("the function's answer has no status, or is base64")
	}
	if err != nil {
		x.refuse("DEFAULT_5XX", http.StatusBadGateway, err) // as API Gateway answers for a function that failed
		return
	}
	for name, value := range response.Headers {
		x.w.Header().Set(name, value)
	}
	for name, values := range response.MultiValueHeaders {
		x.w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	x.w.WriteHeader(response.StatusCode)
	_, _ = io.WriteString(x.w, response.Body)
}

// invoke runs a function, and waits for it as long as API Gateway does.
func (x *exchange) invoke(function string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(x.r.Context(), timeLimit)
	defer cancel()
	return x.gateway.functions.Invoke(ctx, function, payload)
}

func (x *exchange) methodARN() string {
	return arn + "/" + x.gateway.template.Stage + "/" + x.r.Method + x.r.URL.Path
}

func (x *exchange) stagePath() string { return "/" + x.gateway.template.Stage + x.r.URL.Path }

// fields returns the request's header as an event has it, with what API Gateway adds.
func fields(r *http.Request) (map[string]string, map[string][]string) {
	header := r.Header.Clone()
	header.Set("Host", r.Host)
	header.Set("X-Forwarded-For", "127.0.0.1")
	header.Set("X-Forwarded-Proto", "https")
	return collapse(url.Values(header))
}

// collapse returns values in the two forms of an event, null both where there are none.
func collapse(values url.Values) (map[string]string, map[string][]string) {
	if len(values) == 0 {
		return nil, nil
	}
	single := map[string]string{}
	for name, all := range values {
		single[name] = all[len(all)-1]
	}
	return single, values
}
