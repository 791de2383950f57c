package apigateway_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pocket-devices/internal/apigateway"
)

// The sample event, and the least that is one.
const minimal = `{"resource":"/r","httpMethod":"POST","requestContext":{}}`

func TestDecodeRequest(t *testing.T) {
	payload, err := os.ReadFile(filepath.Join("..", "..", "events", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := apigateway.DecodeRequest(payload)
	if err != nil {
		t.Fatal(err)
	}
	var want events.APIGatewayProxyRequest
	if err := json.Unmarshal(payload, &want); err != nil {
		t.Fatal(err)
	}
	if req.ID != want.RequestContext.RequestID || req.Resource != want.Resource || req.Method != want.HTTPMethod {
		t.Errorf("DecodeRequest = %q %q %q", req.ID, req.Resource, req.Method)
	}
	var context map[string]any
	if err := json.Unmarshal(req.Context, &context); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.RequestContext.Authorizer, context); diff != "" {
		t.Errorf("the context, -want +got:\n%s", diff)
	}
	for name, values := range want.MultiValueHeaders {
		got, err := req.Header.Values(strings.ToUpper(name))
		if err != nil || !cmp.Equal(got, values) {
			t.Errorf("Values(%q) = %q, %v, want %q", name, got, err, values)
		}
	}
	if body, err := req.Body(100); err != nil || string(body) != want.Body {
		t.Errorf("Body = %q, %v, want %q", body, err, want.Body)
	}
}

// What is not an event of a REST API is refused, and not taken for an empty one (C-45).
func TestDecodeRefuses(t *testing.T) {
	tests := map[string]string{
		"nothing":                       "",
		"null":                          "null",
		"an empty object":               "{}",
		"an array":                      "[]",
		"a number":                      "1",
		"half an event":                 minimal[:30],
		"an event and more":             minimal + "{}",
		"a queue's":                     `{"Records":[{"messageId":"1","eventSource":"aws:sqs","body":"{}"}]}`,
		"a schedule's":                  `{"version":"0","source":"aws.events","detail":{}}`,
		"a load balancer's":             `{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"POST","path":"/","headers":{},"body":"","isBase64Encoded":false}`,
		"a web socket's":                `{"requestContext":{"routeKey":"$default","connectionId":"c"},"body":"{}","isBase64Encoded":false}`,
		"names in another case":         `{"Resource":"/r","HttpMethod":"POST","RequestContext":{}}`,
		"a context that is no object":   `{"resource":"/r","httpMethod":"POST","requestContext":null}`,
		"a resource that is no text":    `{"resource":null,"httpMethod":"POST","requestContext":{}}`,
		"a method that is no text":      `{"resource":"/r","httpMethod":1,"requestContext":{}}`,
		"headers that are no map":       `{"resource":"/r","httpMethod":"POST","requestContext":{},"headers":[]}`,
		"a header that is no text":      `{"resource":"/r","httpMethod":"POST","requestContext":{},"headers":{"a":1}}`,
		"header values that are none":   `{"resource":"/r","httpMethod":"POST","requestContext":{},"multiValueHeaders":{"a":[null]}}`,
		"a body that is no text":        `{"resource":"/r","httpMethod":"POST","requestContext":{},"body":{}}`,
		"base64 that is neither":        `{"resource":"/r","httpMethod":"POST","requestContext":{},"isBase64Encoded":"true"}`,
		"two resources":                 `{"resource":"/r","httpMethod":"POST","requestContext":{},"resource":"/s"}`,
		"two contexts":                  `{"resource":"/r","httpMethod":"POST","requestContext":{},"requestContext":{}}`,
		"two authorizers":               `{"resource":"/r","httpMethod":"POST","requestContext":{"authorizer":{},"authorizer":{}}}`,
		"two bodies":                    `{"resource":"/r","httpMethod":"POST","requestContext":{},"body":"a","body":"b"}`,
		"a request id that is no text":  `{"resource":"/r","httpMethod":"POST","requestContext":{"requestId":1}}`,
		"an HTTP API's without method":  `{"version":"2.0","routeKey":"POST /r","requestContext":{"http":{}}}`,
		"an HTTP API's without route":   `{"version":"2.0","requestContext":{"http":{"method":"POST"}}}`,
		"a version that is not known":   `{"version":"3.0","routeKey":"POST /r","requestContext":{"http":{"method":"POST"}}}`,
		"two methods of an HTTP API":    `{"version":"2.0","routeKey":"POST /r","requestContext":{"http":{"method":"POST","method":"GET"}}}`,
		"a query that is no map":        `{"resource":"/r","httpMethod":"POST","requestContext":{},"queryStringParameters":"a=b"}`,
		"something else that is broken": `{"resource":"/r","httpMethod":"POST","requestContext":{},"path":tru}`,
	}
	for name, payload := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := apigateway.DecodeRequest([]byte(payload)); !errors.Is(err, apigateway.ErrEvent) {
				t.Errorf("DecodeRequest: %v", err)
			}
			if _, err := apigateway.DecodeAuthorizerRequest([]byte(payload)); !errors.Is(err, apigateway.ErrEvent) {
				t.Errorf("DecodeAuthorizerRequest: %v", err)
			}
		})
	}
}

func TestDecodeTakesWhatMayBeMissing(t *testing.T) {
	for _, payload := range []string{
		minimal,
		`{"resource":"/r","httpMethod":"POST","requestContext":{"authorizer":null},"headers":null,"multiValueHeaders":null,"body":null,"isBase64Encoded":false}`,
	} {
		req, err := apigateway.DecodeRequest([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := req.Body(10); err != nil || len(body) != 0 {
			t.Errorf("Body = %q, %v", body, err)
		}
		if values, err := req.Header.Values("Accept"); values != nil || err != nil {
			t.Errorf("Values = %q, %v", values, err)
		}
	}
}

// HTTP APIs send another event, and their authorizer's context one level deeper (C-23).
func TestDecodeHTTPAPI(t *testing.T) {
	event := func(authorizer string) []byte {
		return []byte(`{"version":"2.0","routeKey":"POST /api/x","rawPath":"/prod/api/x","rawQueryString":"%24select=a%2Cb&x=1&x=2&%ZZ=%ZZ","cookies":["a=b"],` +
			`"headers":{"content-type":"application/json"},"queryStringParameters":{"$select":"a,b","x":"1,2"},` +
			`"requestContext":{"requestId":"id","http":{"method":"POST","path":"/prod/api/x"},"authorizer":` + authorizer + `},"body":"{}","isBase64Encoded":false}`)
	}
	req, err := apigateway.DecodeRequest(event(`{"lambda":{"associateId":"117"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if req.Method != "POST" || req.Resource != "/api/x" || req.ID != "id" || string(req.Context) != `{"associateId":"117"}` {
		t.Errorf("the request is %+v with the context %s", req, req.Context)
	}
	if values, err := req.Header.Values("Content-Type"); err != nil || !cmp.Equal(values, []string{"application/json"}) {
		t.Errorf("Values = %q, %v", values, err)
	}
	for name, want := range map[string][]string{"$select": {"a,b"}, "x": {"1", "2"}, "%ZZ": {"%ZZ"}, "y": nil} {
		if got := req.Query(name); !cmp.Equal(got, want) {
			t.Errorf("Query(%q) = %q, want %q", name, got, want)
		}
	}
	for _, authorizer := range []string{
		`null`, `{}`, `[]`, `{"jwt":{"claims":{"associateId":"117"}}}`, `{"iam":{"associateId":"117"}}`, `{"Lambda":{"associateId":"117"}}`,
		`{"associateId":"117"}`, `{"lambda":{"associateId":"117"},"lambda":{"associateId":"118"}}`, `{"lambda":{"associateId":"117"},"jwt":{}}`,
	} {
		if req, err := apigateway.DecodeRequest(event(authorizer)); err != nil || req.Context != nil {
			t.Errorf("the authorizer %s gives the context %s, %v", authorizer, req.Context, err)
		}
	}
}

func TestQuery(t *testing.T) {
	for maps, want := range map[string][]string{
		`"multiValueQueryStringParameters":{"$select":["a","b"]},"queryStringParameters":{"$select":"b"}`: {"a", "b"},
		`"multiValueQueryStringParameters":null,"queryStringParameters":{"$select":"b"}`:                  {"b"},
		`"multiValueQueryStringParameters":{"$select":["a"],"%24select":["b"]}`:                           {"a", "b"},
		`"multiValueQueryStringParameters":{"$Select":["a"],"select":["b"]}`:                              nil,
		`"multiValueQueryStringParameters":null,"queryStringParameters":null`:                             nil,
	} {
		req, err := apigateway.DecodeRequest([]byte(`{"resource":"/r","httpMethod":"POST","requestContext":{},` + maps + `}`))
		if got := req.Query("$select", "%24select"); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: Query = %q, %v, want %q", maps, got, err, want)
		}
	}
}

// A request id goes into a header and the log, so it must be fit for both.
func TestRequestID(t *testing.T) {
	for id, want := range map[string]string{
		"c6af9ac6-7b61-11e6-9a41-93e8deadbeef": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
		`a\r\nSet-Cookie: b`:                   "",
		`a b`:                                  "",
		`\u00e5`:                               "",
		strings.Repeat("x", 128):               strings.Repeat("x", 128),
		strings.Repeat("x", 129):               "",
	} {
		req, err := apigateway.DecodeRequest([]byte(`{"resource":"/r","httpMethod":"POST","requestContext":{"requestId":"` + id + `"}}`))
		if err != nil || req.ID != want {
			t.Errorf("the id %q became %q, %v", id, req.ID, err)
		}
	}
}

// The two maps of an event agree, or the field is not believed (C-8).
func TestHeaderValues(t *testing.T) {
	tests := []struct {
		name, headers, multi string
		want                 []string
		err                  error
	}{
		{"both", `{"Accept":"b"}`, `{"Accept":["a","b"]}`, []string{"a", "b"}, nil},
		{"any case", `{"aCCEPT":"a"}`, `{"ACCEPT":["a"]}`, []string{"a"}, nil},
		{"only the one map", `{"Accept":"a"}`, `null`, []string{"a"}, nil},
		{"only the other map", `null`, `{"Accept":["a","b"]}`, []string{"a", "b"}, nil},
		{"in neither", `{}`, `{}`, nil, nil},
		{"two cases of one name", `{"Accept":"a","accept":"b"}`, `{"Accept":["a"],"accept":["b"]}`, []string{"a", "b"}, nil},
		{"the maps disagree", `{"Accept":"c"}`, `{"Accept":["a","b"]}`, nil, apigateway.ErrHeader},
		{"the one lacks it", `{}`, `{"Accept":["a"]}`, nil, apigateway.ErrHeader},
		{"the other lacks it", `{"Accept":"a"}`, `{}`, nil, apigateway.ErrHeader},
		{"not by another name", `{"Accept-Language":"a"}`, `null`, nil, nil},
		{"not by a letter that folds", `{"a\u212acept":"a"}`, `null`, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := apigateway.DecodeRequest([]byte(`{"resource":"/r","httpMethod":"POST","requestContext":{},"headers":` + tt.headers + `,"multiValueHeaders":` + tt.multi + `}`))
			if err != nil {
				t.Fatal(err)
			}
			got, err := req.Header.Values("Accept")
			if !errors.Is(err, tt.err) || !cmp.Equal(got, tt.want) {
				t.Errorf("Values = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestBody(t *testing.T) {
	encode := base64.StdEncoding.EncodeToString
	tests := []struct {
		name, body string
		base64     bool
		want       string
		err        error
	}{
		{"text", "1234", false, "1234", nil},
		{"text over the limit", "12345", false, "", apigateway.ErrTooLarge},
		{"base64", encode([]byte("1234")), true, "1234", nil},
		{"base64 over the limit", encode([]byte("12345")), true, "", apigateway.ErrTooLarge},
		{"base64 far over the limit", encode(make([]byte, 100)), true, "", apigateway.ErrTooLarge},
		{"no base64", "!!!!", true, "", apigateway.ErrBase64},
		{"base64 cut short", "MTI", true, "", apigateway.ErrBase64},
		{"base64 with bits left over", "MTI5", true, "129", nil},
		{"base64 with stray bits", "MTJ=", true, "", apigateway.ErrBase64},
		{"bytes that are not text", encode([]byte{0xff, 0}), true, "\xff\x00", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			payload, err := json.Marshal(map[string]any{"resource": "/r", "httpMethod": "POST", "requestContext": map[string]any{}, "body": tt.body, "isBase64Encoded": tt.base64})
			if err != nil {
				t.Fatal(err)
			}
			req, err := apigateway.DecodeRequest(payload)
			if err != nil {
				t.Fatal(err)
			}
			got, err := req.Body(4)
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Body = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// Whatever a response holds, API Gateway's own types read it back.
func TestResponseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~]*`).Draw(t, "value")
		body := rapid.String().Draw(t, "body")
		encoded := apigateway.Response{Status: 200, Header: []apigateway.Field{{Name: "A", Value: value}, {Name: "B", Value: "b"}}, Body: []byte(body)}.Encode()
		var got events.APIGatewayProxyResponse
		if err := json.Unmarshal(encoded, &got); err != nil {
			t.Fatal(err)
		}
		want := events.APIGatewayProxyResponse{StatusCode: 200, Headers: map[string]string{"A": value, "B": "b"}, Body: strings.ToValidUTF8(body, "\ufffd")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

const arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/api/v1/x"

func TestParseMethodARN(t *testing.T) {
	for _, s := range []string{arn, "arn:aws-cn:execute-api:cn-north-1:123456789012:a1/v1/GET/x"} {
		if got, err := apigateway.ParseMethodARN(s); err != nil || got.String() != s {
			t.Errorf("ParseMethodARN(%q) = %q, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "*", "arn", "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5", arn[:len(arn)-9], "x" + arn,
		strings.Replace(arn, "execute-api", "lambda", 1),
		strings.Replace(arn, "prod", "*", 1),
		strings.Replace(arn, "prod", "", 1),
		strings.Replace(arn, "POST", "P?ST", 1),
		strings.Replace(arn, "a1b2c3d4e5", "", 1),
		strings.Replace(arn, "a1b2c3d4e5", "${aws:username}", 1),
		strings.Replace(arn, "eu-west-1:", "", 1),
		arn + "*", arn + " x", arn + "\n", arn + "å",
	} {
		if got, err := apigateway.ParseMethodARN(s); err == nil {
			t.Errorf("ParseMethodARN(%q) = %q, want an error", s, got)
		}
	}
}

func TestEncodeAllow(t *testing.T) {
	method, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		t.Fatal(err)
	}
	var got events.APIGatewayCustomAuthorizerResponse
	if err := json.Unmarshal(apigateway.EncodeAllow(`t"je`, method, []apigateway.Member{{Name: "a", Value: "1"}, {Name: "b", Value: `"`}}), &got); err != nil {
		t.Fatal(err)
	}
	want := events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: `t"je`,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{arn}},
		}},
		Context: map[string]any{"a": "1", "b": `"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A payload is refused, or it is one that API Gateway's own types read in the same way.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal("no events", err)
	}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Add([]byte(minimal))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = apigateway.DecodeAuthorizerRequest(payload)
		req, err := apigateway.DecodeRequest(payload)
		if err != nil {
			if !errors.Is(err, apigateway.ErrEvent) {
				t.Errorf("an error of its own: %v", err)
			}
			return
		}
		var want map[string]json.RawMessage // v1 decodes a map's names exactly
		if err := json.Unmarshal(payload, &want); err != nil {
			t.Fatalf("the standard decoder refuses it: %v", err)
		}
		var resource, routeKey string
		if err := json.Unmarshal(want["resource"], &resource); err != nil {
			if err := json.Unmarshal(want["routeKey"], &routeKey); err != nil {
				t.Fatal(err)
			}
			_, resource, _ = strings.Cut(routeKey, " ")
		}
		if resource != req.Resource {
			t.Errorf("the resource is %q, not %q", resource, req.Resource)
		}
		if body, err := req.Body(4096); err == nil && len(body) > 4096 {
			t.Errorf("a body of %d bytes", len(body))
		}
		_, _ = req.Header.Values("Content-Type")
	})
}
