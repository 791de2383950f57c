package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/local/gateway"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/template"
)

var api = template.Template{
	Authorizer: "Authorizer",
	Stage:      "prod",
	Routes: []template.Route{
		{Method: "POST", Path: "/a/b", Function: "Function"},
		{Method: "OPTIONS", Path: "/a/b", Function: "Function", Public: true},
	},
	Responses: map[string]template.Response{
		"UNAUTHORIZED":                 {Header: map[string]string{"X-Request-Id": "context.requestId", "A": "'b'"}, Body: `{"id":"$context.requestId"}`},
		"MISSING_AUTHENTICATION_TOKEN": {Status: 404, Body: "none"},
		"DEFAULT_5XX":                  {Body: "ours"},
	},
}

// functions stand for the two, and keep what they are passed.
type functions struct {
	authorize, answer           func(payload []byte) ([]byte, error)
	authorizerEvent, proxyEvent []byte
}

func (f *functions) Invoke(_ context.Context, name string, payload []byte) ([]byte, error) {
	if name == "Authorizer" {
		f.authorizerEvent = payload
		return f.authorize(payload)
	}
	f.proxyEvent = payload
	return f.answer(payload)
}

func allow(payload []byte) ([]byte, error) {
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	return []byte(`{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":["` + e.MethodArn + `"]}]},"context":{"a":1,"b":true}}`), nil
}

func text(s string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(s), nil }
}

func fail(message string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return nil, &lambda.Error{Message: message} }
}

func refuse([]byte) ([]byte, error) { return nil, lambda.ErrThrottled }

func TestServe(t *testing.T) {
	const good = `{"statusCode":201,"headers":{"X-A":"1"},"multiValueHeaders":{"x-b":["2","3"]},"body":"answer"}`
	tests := []struct {
		name                 string
		method, path         string
		authorize, integrate func([]byte) ([]byte, error)
		status               int
		body                 string
	}{
		{"allowed", "POST", "/a/b?x=1", allow, text(good), 201, "answer"},
		{"a route without authorizer", "OPTIONS", "/a/b", fail("Unauthorized"), text(good), 201, "answer"},
		{"another path", "POST", "/a/b/c", allow, text(good), 404, "none"},
		{"another method", "GET", "/a/b", allow, text(good), 404, "none"},
		{"an authorizer that knows nobody", "POST", "/a/b", fail("Unauthorized"), text(good), 401, `{"id":"`},
		{"an authorizer that almost says so", "POST", "/a/b", fail("unauthorized"), text(good), 500, "ours"},
		{"an authorizer that breaks", "POST", "/a/b", func([]byte) ([]byte, error) { return nil, errors.New("x") }, text(good), 500, "ours"},
		{"an authorizer that answers nonsense", "POST", "/a/b", text("x"), text(good), 500, "ours"},
		{"an authorizer that names nobody", "POST", "/a/b", text("{}"), text(good), 500, "ours"},
		{"an authorizer that denies", "POST", "/a/b", text(`{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Deny","Action":["execute-api:Invoke"],"Resource":["*"]}]}}`), text(good), 403, `{"message":"Forbidden"}`},
		{"an authorizer that allows something else", "POST", "/a/b", text(`{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":["arn:aws:execute-api:eu-west-1:123456789012:local/prod/POST/a"]}]}}`), text(good), 403, `{"message":"Forbidden"}`},
		{"an authorizer that Lambda does not run", "POST", "/a/b", refuse, text(good), 500, "ours"},
		{"a function that Lambda does not run", "POST", "/a/b", allow, refuse, 500, "ours"},
		{"a function that fails", "POST", "/a/b", allow, fail("x"), 502, "ours"},
		{"a function that answers nonsense", "POST", "/a/b", allow, text("x"), 502, "ours"},
		{"a function that answers without status", "POST", "/a/b", allow, text("{}"), 502, "ours"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &functions{authorize: tt.authorize, answer: tt.integrate}
			var log strings.Builder
			g, err := gateway.New(&api, f, &log)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader("body")))
			if w.Code != tt.status || !strings.HasPrefix(w.Body.String(), tt.body) {
				t.Errorf("answered with %d %s, want %d %s", w.Code, w.Body, tt.status, tt.body)
			}
			if told := log.Len() > 0; told != (tt.status >= 500) {
				t.Errorf("the log is %q", log.String())
			}
			if tt.status == 401 && (w.Header().Get("A") != "b" || w.Header().Get("X-Request-Id") == "" || !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id"))) {
				t.Errorf("the header is %v", w.Header())
			}
		})
	}
}

// The events are those of API Gateway: both header maps, the query decoded, the authorizer's context as texts.
func TestEvents(t *testing.T) {
	f := &functions{authorize: allow, answer: text(`{"statusCode":200}`)}
	g, err := gateway.New(&api, f, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/a/b?%24select=a%2Cb&x=1&x=2", strings.NewReader("b\xffdy"))
	r.Header["X-A"] = []string{"1", "2"}
	g.ServeHTTP(httptest.NewRecorder(), r)

	var authorizer events.APIGatewayCustomAuthorizerRequestTypeRequest
	var proxy events.APIGatewayProxyRequest
	if err := errors.Join(json.Unmarshal(f.authorizerEvent, &authorizer), json.Unmarshal(f.proxyEvent, &proxy)); err != nil {
		t.Fatal(err)
	}
	if authorizer.MethodArn != "arn:aws:execute-api:eu-west-1:123456789012:local/prod/POST/a/b" || authorizer.Type != "REQUEST" || authorizer.RequestContext.RequestID != proxy.RequestContext.RequestID {
		t.Errorf("the authorizer's event is %+v", authorizer)
	}
	if proxy.Headers["X-A"] != "2" || !cmp.Equal(proxy.MultiValueHeaders["X-A"], []string{"1", "2"}) || proxy.Headers["Host"] != "example.com" {
		t.Errorf("the headers are %v, %v", proxy.Headers, proxy.MultiValueHeaders)
	}
	if proxy.QueryStringParameters["$select"] != "a,b" || !cmp.Equal(proxy.MultiValueQueryStringParameters["x"], []string{"1", "2"}) {
		t.Errorf("the query is %v", proxy.MultiValueQueryStringParameters)
	}
	context := proxy.RequestContext.Authorizer
	if context["a"] != "1" || context["b"] != "true" || context["principalId"] != "p" {
		t.Errorf("the context is %v", context)
	}
	if proxy.Body != "b\ufffddy" || proxy.Resource != "/a/b" || proxy.RequestContext.Path != "/prod/a/b" {
		t.Errorf("the event is %+v", proxy)
	}
}

func TestLargeRequest(t *testing.T) {
	g, err := gateway.New(&api, &functions{authorize: allow, answer: text("")}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("POST", "/a/b", strings.NewReader(strings.Repeat("x", 10<<20+1))))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered with %d", w.Code)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, tt := range map[string]template.Template{
		"an API without authorizer":   {},
		"a route that asks nobody":    {Authorizer: "a", Routes: []template.Route{{Method: "POST", Path: "/x", Public: true}}},
		"a variable in a body":        {Authorizer: "a", Responses: map[string]template.Response{"X": {Body: "$context.error.messageString"}}},
		"a mapping of something else": {Authorizer: "a", Responses: map[string]template.Response{"X": {Header: map[string]string{"A": "method.request.header.B"}}}},
	} {
		if _, err := gateway.New(&tt, &functions{}, io.Discard); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
