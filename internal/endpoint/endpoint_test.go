package endpoint_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/cors"
	"pocket-devices/internal/endpoint"
	"pocket-devices/internal/metrics"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
	"pocket-devices/internal/problem"
)

// canary stands where a secret stands: it must not come out but in the answer to whom it belongs.
const canary = "canary-of-"

func newStore() *pockettest.Store {
	device := func(id string) pocket.Device {
		d := pockettest.Device(id)
		d.PNSHandle = pocket.NewPushHandle(canary + id)
		return d
	}
	return &pockettest.Store{Records: []pockettest.Record{
		{Associate: 117, Device: device("a")},
		{Associate: 118, Device: device("b")},
		{Associate: 118, Device: device("c")},
	}}
}

// sample returns the sample event, for a test to change.
func sample(t testing.TB) events.APIGatewayProxyRequest {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join("..", "..", "events", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e events.APIGatewayProxyRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// setHeader sets a field in both maps of an event, under no other spelling of its name.
func setHeader(e *events.APIGatewayProxyRequest, name string, values ...string) {
	for other := range e.MultiValueHeaders {
		if strings.EqualFold(other, name) {
			delete(e.Headers, other)
			delete(e.MultiValueHeaders, other)
		}
	}
	if len(values) > 0 {
		e.Headers[name] = values[len(values)-1]
		e.MultiValueHeaders[name] = values
	}
}

// invocation is what came of one event.
type invocation struct {
	status int
	header map[string]string
	body   string
	logs   string
}

func invoke(t testing.TB, store pocket.Store, payload []byte) invocation {
	t.Helper()
	return invokeWith(t, endpoint.Config{ContextIdentifier: "Cust12345"}, store, payload)
}

func invokeWith(t testing.TB, config endpoint.Config, store pocket.Store, payload []byte) invocation {
	t.Helper()
	var logs bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "lambda-request"})
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := endpoint.New(pocket.NewRegistry(store), config, log, &logs).Invoke(ctx, payload)
	if err != nil {
		t.Fatalf("Invoke returned the error %v, of which API Gateway makes a 502", err)
	}
	var r events.APIGatewayProxyResponse
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatal(err)
	}
	if line := `"msg":"metrics"`; strings.Count(logs.String(), line) != 1 || !strings.Contains(logs.String(), `"Outcome":"`+outcomeOf(r.StatusCode)+`","Requests":1,`) {
		t.Errorf("answered with %d, but the metrics in the log are %s", r.StatusCode, &logs)
	}
	return invocation{r.StatusCode, r.Headers, r.Body, logs.String()}
}

// outcomeOf returns what an answer counts as.
func outcomeOf(status int) string {
	switch {
	case status < 400:
		return metrics.Answered
	case status == 403:
		return metrics.Denied
	case status < 500:
		return metrics.Refused
	}
	return metrics.Failed
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	payload, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// Who asks for its own devices gets all of them (C-1), seven properties of each (C-9), and the header of every answer (C-14).
func TestAnswer(t *testing.T) {
	got := invoke(t, newStore(), marshal(t, sample(t)))
	want := map[string]string{
		"Content-Type":           "application/json; charset=utf-8",
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"X-Request-Id":           sample(t).RequestContext.RequestID,
	}
	if diff := cmp.Diff(want, got.header); got.status != 200 || diff != "" {
		t.Errorf("status %d, header -want +got:\n%s", got.status, diff)
	}
	const body = `[{"DeviceName":"name of a","DeviceIdentifier":"a","PocketVersion":"version of a","Language":"language of a",` +
		`"PNSHandle":"canary-of-a","Platform":"Apple","OSVersion":"system of a"}]`
	if got.body != body {
		t.Errorf("the body is %s", got.body)
	}
	if strings.Count(got.logs, "\n") != 2 || !strings.Contains(got.logs, `"outcome":"allowed"`) || !strings.Contains(got.logs, `"apiRequestId":"`+want["X-Request-Id"]) {
		t.Errorf("the log is %s", got.logs)
	}
	if strings.Contains(got.logs, canary) {
		t.Errorf("the log has a handle: %s", got.logs)
	}
}

// Every refusal, its status and code, and that the store was not asked (C-22, C-24).
func TestRefusals(t *testing.T) {
	type event = events.APIGatewayProxyRequest
	context := func(name string, value any) func(*event) {
		return func(e *event) { e.RequestContext.Authorizer[name] = value }
	}
	tests := []struct {
		name   string
		change func(*event)
		want   *problem.Problem
	}{
		{"another's devices", func(e *event) { e.Body = `{"AssociateId":118}` }, problem.Forbidden},
		{"devices of one who has none", func(e *event) { e.Body = `{"AssociateId":119}` }, problem.Forbidden},
		{"no authorizer context", func(e *event) { e.RequestContext.Authorizer = nil }, problem.Unauthorized},
		{"an empty authorizer context", func(e *event) { e.RequestContext.Authorizer = map[string]any{} }, problem.Unauthorized},
		{"a padded associate", context("associateId", "0117"), problem.Unauthorized},
		{"two spellings of a name", context("AssociateId", "118"), problem.Unauthorized},
		{"another installation", context("contextIdentifier", "Cust54321"), problem.Unauthorized},
		{"expired", context("exp", "1"), problem.Unauthorized},
		{"an identity in the request's header", func(e *event) {
			e.RequestContext.Authorizer = nil
			setHeader(e, "associateId", "117")
			setHeader(e, "X-Amzn-Authorizer-associateId", "117")
		}, problem.Unauthorized},
		{"a right in the request's header", func(e *event) { setHeader(e, "canReadAll", "true"); e.Body = `{"AssociateId":118}` }, problem.Forbidden},
		{"a right in the body", func(e *event) { e.Body = `{"AssociateId":118,"canReadAll":"true"}` }, problem.Forbidden},
		{"another route", func(e *event) { e.Resource = "/api/v1/Agents/Pocket/RegisterDevice" }, problem.NotFound},
		{"a catch-all route", func(e *event) { e.Resource = "/{proxy+}" }, problem.NotFound},
		{"another method", func(e *event) { e.HTTPMethod = "GET" }, problem.MethodNotAllowed},
		{"another method's spelling", func(e *event) { e.HTTPMethod = "post" }, problem.MethodNotAllowed},
		{"a large body", func(e *event) { e.Body = `{"AssociateId":117,"x":"` + strings.Repeat("x", 4096) + `"}` }, problem.BodyTooLarge},
		{"a body that is not base64", func(e *event) { e.IsBase64Encoded = true }, problem.InvalidBody},
		{"an empty body", func(e *event) { e.Body = "" }, problem.InvalidBody},
		{"half a body", func(e *event) { e.Body = `{"AssociateId":117` }, problem.InvalidBody},
		{"no associate", func(e *event) { e.Body = `{}` }, problem.InvalidAssociateID},
		{"nobody", func(e *event) { e.Body = `{"AssociateId":0}` }, problem.InvalidAssociateID},
		{"two associates", func(e *event) { e.Body = `{"AssociateId":117,"associateid":118}` }, problem.InvalidAssociateID},
		{"no content type", func(e *event) { setHeader(e, "Content-Type") }, problem.UnsupportedMediaType},
		{"another content type", func(e *event) { setHeader(e, "Content-Type", "text/plain") }, problem.UnsupportedMediaType},
		{"two content types", func(e *event) { setHeader(e, "Content-Type", "application/json", "text/json") }, problem.UnsupportedMediaType},
		{"two maps that disagree", func(e *event) { e.Headers["Content-Type"] = "text/json" }, problem.InvalidHeader},
		{"two selections", func(e *event) {
			e.MultiValueQueryStringParameters = map[string][]string{"$select": {"Platform", "Language"}}
		}, problem.InvalidSelect},
		{"two spellings of a selection", func(e *event) {
			e.MultiValueQueryStringParameters = map[string][]string{"$select": {"Platform"}, "%24select": {"Language"}}
		}, problem.InvalidSelect},
		{"a long selection", func(e *event) {
			e.MultiValueQueryStringParameters = map[string][]string{"$select": {strings.Repeat("x", 1025)}}
		}, problem.InvalidSelect},
		{"XML with a DOCTYPE", func(e *event) {
			setHeader(e, "Content-Type", "application/xml")
			e.Body = "<!DOCTYPE r><r><AssociateId>117</AssociateId></r>"
		}, problem.InvalidBody},
		{"a form with two associates", func(e *event) {
			setHeader(e, "Content-Type", "application/x-www-form-urlencoded")
			e.Body = "AssociateId=117&associateid=117"
		}, problem.InvalidAssociateID},
		{"a preflight that is a post", func(e *event) {
			e.RequestContext.Authorizer = nil
			setHeader(e, "Access-Control-Request-Method", "POST")
		}, problem.Unauthorized},
		{"a content encoding in one map", func(e *events.APIGatewayProxyRequest) { e.Headers["Content-Encoding"] = "gzip" }, problem.UnsupportedMediaType},
		{"a content encoding", func(e *event) { setHeader(e, "content-encoding", "gzip") }, problem.UnsupportedMediaType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sample(t)
			e.RequestContext.RequestID = "the-request"
			tt.change(&e)
			store := newStore()
			got := invoke(t, store, marshal(t, e))
			wantBody := string(marshal(t, struct {
				Error                         bool
				ErrorType, Message, RequestId string
			}{true, tt.want.Type, tt.want.Message, "the-request"}))
			if got.status != tt.want.Status || got.body != strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(wantBody) {
				t.Errorf("answered with %d %s, want %d %s", got.status, got.body, tt.want.Status, wantBody)
			}
			if len(store.Asked) > 0 {
				t.Errorf("the store was asked for %v", store.Asked)
			}
			if got.header["Cache-Control"] != "no-store" || got.header["Content-Type"] != "application/json; charset=utf-8" {
				t.Errorf("the header is %v", got.header)
			}
			if allow := got.header["Allow"]; (allow == "POST") != (got.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
			if strings.Count(got.logs, "\n") != 2 || !strings.Contains(got.logs, `"apiRequestId":"the-request"`) {
				t.Errorf("the log is %s", got.logs)
			}
			if alarmed := strings.Contains(got.logs, `"level":"ERROR","msg":"authorizer_context_invalid"`); alarmed != (tt.want == problem.Unauthorized) {
				t.Errorf("the log is %s", got.logs)
			}
			for _, secret := range []string{e.Headers["Authorization"], canary} {
				if strings.Contains(got.logs+got.body, secret) {
					t.Errorf("%q comes out in %s or %s", secret, got.body, got.logs)
				}
			}
		})
	}
}

// A request with every fault is told of them in the order of C-24, one after the other as each is mended.
func TestOrder(t *testing.T) {
	type event = events.APIGatewayProxyRequest
	e := sample(t)
	context := e.RequestContext.Authorizer
	e.RequestContext.Authorizer = nil
	e.Resource, e.HTTPMethod = "/another", "PUT"
	e.Body = strings.Repeat("x", 4097)
	e.Headers["Content-Type"] = "text/json" // and application/json in the other map
	e.MultiValueQueryStringParameters = map[string][]string{"$select": {"Platform", "Language"}}
	store := &pockettest.Store{Err: pocket.ErrUnavailable}
	for _, fault := range []struct {
		want *problem.Problem
		mend func(*event)
	}{
		{problem.Unauthorized, func(e *event) { e.RequestContext.Authorizer = context }},
		{problem.NotFound, func(e *event) { e.Resource = sample(t).Resource }},
		{problem.MethodNotAllowed, func(e *event) { e.HTTPMethod = "POST" }},
		{problem.BodyTooLarge, func(e *event) { e.Body = "x" }},
		{problem.InvalidHeader, func(e *event) { setHeader(e, "Content-Type", "text/plain") }},
		{problem.UnsupportedMediaType, func(e *event) { setHeader(e, "Content-Type", "application/json") }},
		{problem.InvalidBody, func(e *event) { e.Body = `{"AssociateId":0}` }},
		{problem.InvalidAssociateID, func(e *event) { e.Body = `{"AssociateId":118}` }},
		{problem.InvalidSelect, func(e *event) { e.MultiValueQueryStringParameters = nil }},
		{problem.Forbidden, func(e *event) { e.Body = `{"AssociateId":117}` }},
		{problem.Unavailable, func(*event) { store.Err = nil }},
	} {
		if got := invoke(t, store, marshal(t, e)); got.status != fault.want.Status || !strings.Contains(got.body, `"`+fault.want.Type+`"`) {
			t.Errorf("answered with %d %s, want %v", got.status, got.body, fault.want)
		}
		fault.mend(&e)
	}
	if got := invoke(t, store, marshal(t, e)); got.status != 200 {
		t.Errorf("mended, answered with %d %s", got.status, got.body)
	}
}

// Bodies that are not what they claim to be, as bytes: each has its status, and none reaches the store (C-4 to C-6).
func TestBadInput(t *testing.T) {
	const (
		isJSON = "application/json"
		isXML  = "application/xml"
		isForm = "application/x-www-form-urlencoded"
		nilNS  = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	)
	tests := []struct {
		name, contentType, body string
		status                  int
	}{
		{"XML with a DOCTYPE", isXML, `<!DOCTYPE r><r><AssociateId>117</AssociateId></r>`, 400},
		{"XML with an external entity", isXML, `<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r><AssociateId>&e;</AssociateId></r>`, 400},
		{"XML with entities in entities", isXML, `<!DOCTYPE r [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><r><AssociateId>&b;</AssociateId></r>`, 400},
		{"XML with an unknown entity", isXML, `<r><AssociateId>&one;17</AssociateId></r>`, 400},
		{"XML that is deep", isXML, strings.Repeat("<r>", 9) + strings.Repeat("</r>", 9), 400},
		{"XML with text before it", isXML, `x<r><AssociateId>117</AssociateId></r>`, 400},
		{"XML with text after it", isXML, `<r><AssociateId>117</AssociateId></r>x`, 400},
		{"XML with two associates", isXML, `<r><AssociateId>117</AssociateId><associateid>117</associateid></r>`, 400},
		{"XML with an associate that is nil", isXML, `<r ` + nilNS + `><AssociateId xsi:nil="true">117</AssociateId></r>`, 400},
		{"XML with elements in the associate", isXML, `<r><AssociateId><a>117</a></AssociateId></r>`, 400},
		{"XML in UTF-16", isXML, "\xff\xfe<\x00r\x00/\x00>\x00", 400},
		{"XML that says it is Latin-1", isXML, `<?xml version="1.0" encoding="iso-8859-1"?><r><AssociateId>117</AssociateId></r>`, 400},
		{"a form with two associates", isForm, `AssociateId=117&associateId=117`, 400},
		{"a form with a broken percent sign", isForm, `AssociateId=117&x=%zz`, 400},
		{"a form with half a percent sign", isForm, `AssociateId=117%`, 400},
		{"a form with a sign that is a space", isForm, `AssociateId=+117`, 400},
		{"a form that is not UTF-8", isForm, `AssociateId=117&x=%ff`, 400},
		{"JSON in UTF-16", isJSON, "\xfe\xff\x00{\x00}", 400},
		{"JSON in Latin-1", isJSON, "{\"AssociateId\":117,\"x\":\"\xe5\"}", 400},
		{"JSON with a NUL", isJSON, "{\"AssociateId\":117\x00}", 400},
		{"JSON with a byte order mark inside", isJSON, "{\ufeff\"AssociateId\":117}", 400},
		{"JSON that is deep", isJSON, strings.Repeat(`{"AssociateId":`, 33) + "117" + strings.Repeat("}", 33), 400},
		{"JSON as XML", isXML, `{"AssociateId":117}`, 400},
		{"XML as JSON", isJSON, `<r><AssociateId>117</AssociateId></r>`, 400},
		{"a charset that is not UTF-8", "application/xml; charset=iso-8859-1", `<r><AssociateId>117</AssociateId></r>`, 415},
		{"a type that is not read", "multipart/form-data; boundary=x", "--x--", 415},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sample(t)
			setHeader(&e, "Content-Type", tt.contentType)
			e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(tt.body)), true
			store := newStore()
			if got := invoke(t, store, marshal(t, e)); got.status != tt.status || len(store.Asked) > 0 {
				t.Errorf("answered with %d %s, and the store was asked for %v", got.status, got.body, store.Asked)
			}
		})
	}
}

// Ten thousand ranges are read like one.
func TestManyRanges(t *testing.T) {
	e := sample(t)
	setHeader(&e, "Accept", strings.Repeat("text/plain;q=0.5, ", 10_000)+"application/xml;q=0.1")
	setHeader(&e, "Accept-Language", strings.Repeat("tlh;q=0.5, ", 10_000)+"nb;q=0.1")
	store := newStore()
	store.Records[0].Device.DeviceName = new(`NO:"Min";US:"Mine"`)
	if got := invoke(t, store, marshal(t, e)); got.status != 200 || !strings.Contains(got.body, "<DeviceName>Min</DeviceName>") {
		t.Errorf("answered with %d %s", got.status, got.body)
	}
}

// What has the same meaning has the same answer.
func TestVariants(t *testing.T) {
	type event = events.APIGatewayProxyRequest
	tests := map[string]func(*event){
		"a string":                  func(e *event) { e.Body = `{"AssociateId":"117"}` },
		"the client's spelling":     func(e *event) { e.Body = `{"associateId":117}` },
		"base64":                    func(e *event) { e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(e.Body)), true },
		"a byte order mark":         func(e *event) { e.Body = "\ufeff" + e.Body },
		"a name before the route":   func(e *event) { e.Resource = "/Cust12345" + e.Resource },
		"a base path in the path":   func(e *event) { e.Path = "/Cust12345" + e.Path },
		"lower case header names":   func(e *event) { setHeader(e, "content-type", "APPLICATION/JSON; Charset=\"UTF-8\"") },
		"a content type twice":      func(e *event) { setHeader(e, "Content-Type", "text/json", "text/json") },
		"only the one header map":   func(e *event) { e.MultiValueHeaders = nil },
		"only the other header map": func(e *event) { e.Headers = nil },
		"a patch":                   func(e *event) { setHeader(e, "Content-Type", "application/merge-patch+json") },
		"an administrator": func(e *event) {
			e.RequestContext.Authorizer["associateId"] = "200"
			e.RequestContext.Authorizer["canReadAll"] = "true"
		},
		"a number in the context":   func(e *event) { e.RequestContext.Authorizer["associateId"] = 117 },
		"members that nobody knows": func(e *event) { e.Body = `{"x":[{"AssociateId":118}],"AssociateId":117,"Associate":118}` },
	}
	want := invoke(t, newStore(), marshal(t, sample(t))).body
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			e := sample(t)
			change(&e)
			if got := invoke(t, newStore(), marshal(t, e)); got.status != 200 || got.body != want {
				t.Errorf("answered with %d %s, log %s", got.status, got.body, got.logs)
			}
		})
	}
}

// How the caller would like its answer: the format, the properties, the language (C-7, C-11, C-13).
func TestPreferences(t *testing.T) {
	type event = events.APIGatewayProxyRequest
	query := func(name string, values ...string) func(*event) {
		return func(e *event) {
			e.QueryStringParameters = map[string]string{name: values[len(values)-1]}
			e.MultiValueQueryStringParameters = map[string][]string{name: values}
		}
	}
	header := func(pairs ...string) func(*event) {
		return func(e *event) {
			for i := 0; i < len(pairs); i += 2 {
				setHeader(e, pairs[i], strings.Split(pairs[i+1], "|")...)
			}
		}
	}
	const (
		isJSON = "application/json; charset=utf-8"
		isXML  = "application/xml; charset=utf-8"
		null   = `[{"DeviceName":null,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":null,"OSVersion":null}]`
		xml    = "<ArrayOfPocketDeviceInfo><PocketDeviceInfo><DeviceName>"
	)
	tests := []struct {
		name        string
		change      func(*event)
		contentType string
		want        string // in the body
	}{
		{"XML", header("Accept", "application/xml"), isXML, xml},
		{"XML for XML", func(e *event) {
			setHeader(e, "Accept")
			setHeader(e, "Content-Type", "text/xml")
			e.Body = "<request><AssociateId>117</AssociateId></request>"
		}, "text/xml; charset=utf-8", xml},
		{"JSON for a form", func(e *event) {
			setHeader(e, "Accept")
			setHeader(e, "Content-Type", "application/x-www-form-urlencoded")
			e.Body = "associateid=117"
		}, isJSON, `[{"DeviceName":`},
		{"nothing that is offered", header("Accept", "image/png"), isJSON, `[{"DeviceName":`},
		{"an Accept that the maps disagree on", func(e *event) { e.Headers["Accept"] = "application/xml" }, isJSON, `[{"DeviceName":`},
		{
			"two properties", query("$select", "devicename, Platform/x"), isJSON,
			`[{"DeviceName":"NO:\"Min\";US:\"Mine\"","DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":"Apple","OSVersion":null}]`,
		},
		{"two properties, otherwise spelled", query("%24select", "Platform"), isJSON, `"PNSHandle":null,"Platform":"Apple"`},
		{"the page's properties", query("$select", "name,department,category/id"), isJSON, null},
		{
			"no property in XML", func(e *event) { query("$select", "x")(e); header("Accept", "text/xml")(e) }, "text/xml; charset=utf-8",
			"<ArrayOfPocketDeviceInfo><PocketDeviceInfo></PocketDeviceInfo></ArrayOfPocketDeviceInfo>",
		},
		{"no language", header(), isJSON, `"DeviceName":"NO:\"Min\";US:\"Mine\""`},
		{"a language", header("Accept-Language", "nb-NO,en;q=0.5"), isJSON, `"DeviceName":"Min"`},
		{"SuperOffice's language before it", header("Accept-Language", "nb", "SO-Language", "en"), isJSON, `"DeviceName":"Mine"`},
		{"a language in XML", header("Accept-Language", "nb", "Accept", "application/xml"), isXML, "<DeviceName>Min</DeviceName>"},
		{"a culture and a time zone", header("SO-Culture", "nb-NO", "SO-TimeZone", "nowhere", "SO-Browser-TZ-Offset", "x"), isJSON, `"DeviceName":"NO:`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sample(t)
			setHeader(&e, "Accept-Language")
			tt.change(&e)
			store := newStore()
			store.Records[0].Device.DeviceName = new(`NO:"Min";US:"Mine"`)
			got := invoke(t, store, marshal(t, e))
			if got.status != 200 || got.header["Content-Type"] != tt.contentType || !strings.Contains(got.body, tt.want) {
				t.Errorf("answered with %d %s %s, log %s", got.status, got.header["Content-Type"], got.body, got.logs)
			}
		})
	}
}

// An HTTP API's event, payload format 2.0, is answered as a REST API's is (C-23).
func TestHTTPAPI(t *testing.T) {
	event := func(authorizer string) []byte {
		return []byte(`{"version":"2.0","routeKey":"POST /api/v1/Agents/Pocket/GetRegisteredDevices","rawQueryString":"%24select=Platform",` +
			`"headers":{"content-type":"application/json","accept":"application/json"},"requestContext":{"requestId":"the-request",` +
			`"http":{"method":"POST"},"authorizer":` + authorizer + `},"body":"eyJBc3NvY2lhdGVJZCI6MTE3fQ==","isBase64Encoded":true}`)
	}
	got := invoke(t, newStore(), event(`{"lambda":{"associateId":"117","contextIdentifier":"Cust12345"}}`))
	if got.status != 200 || !strings.Contains(got.body, `"PNSHandle":null,"Platform":"Apple"`) || got.header["X-Request-Id"] != "the-request" {
		t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
	}
	for _, authorizer := range []string{`null`, `{"jwt":{"claims":{"associateId":"117"}}}`, `{"iam":{"userId":"117"}}`, `{"associateId":"117","contextIdentifier":"Cust12345"}`} {
		store := newStore()
		if got := invoke(t, store, event(authorizer)); got.status != 401 || len(store.Asked) > 0 {
			t.Errorf("with the authorizer %s, answered with %d %s", authorizer, got.status, got.body)
		}
	}
}

// A page of a listed origin may call and read errors too; nobody's page may otherwise.
func TestCORS(t *testing.T) {
	const app = "https://app.example"
	origins, err := cors.Parse(app)
	if err != nil {
		t.Fatal(err)
	}
	on := endpoint.Config{ContextIdentifier: "Cust12345", Origins: origins}
	tests := []struct {
		name           string
		config         endpoint.Config
		method, origin string
		body           string
		status         int
		allowed, vary  string
	}{
		{"a page that may", on, "POST", app, `{"AssociateId":117}`, 200, app, "Origin"},
		{"an error", on, "POST", app, `{"AssociateId":118}`, 403, app, "Origin"},
		{"another page", on, "POST", "https://evil.example", `{"AssociateId":117}`, 200, "", "Origin"},
		{"no page", on, "POST", "", `{"AssociateId":117}`, 200, "", "Origin"},
		{"off", endpoint.Config{ContextIdentifier: "Cust12345"}, "POST", app, `{"AssociateId":117}`, 200, "", ""},
		{"a preflight", on, "OPTIONS", app, "", 204, app, "Origin"},
		{"a preflight of another page", on, "OPTIONS", "https://evil.example", "", 204, "", "Origin"},
		{"a preflight, off", endpoint.Config{}, "OPTIONS", app, "", 405, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sample(t)
			e.HTTPMethod, e.Body = tt.method, tt.body
			if tt.method == "OPTIONS" {
				e.RequestContext.Authorizer = nil
			}
			if tt.origin != "" {
				setHeader(&e, "Origin", tt.origin)
			}
			store := newStore()
			got := invokeWith(t, tt.config, store, marshal(t, e))
			if got.status != tt.status || got.header["Access-Control-Allow-Origin"] != tt.allowed || got.header["Vary"] != tt.vary {
				t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
			}
			credentials, methods := "", ""
			if tt.allowed != "" {
				credentials = "true"
				if tt.method == "OPTIONS" {
					methods = "POST"
				}
			}
			if got.header["Access-Control-Allow-Credentials"] != credentials || got.header["Access-Control-Allow-Methods"] != methods {
				t.Errorf("the header is %v", got.header)
			}
			if tt.method == "OPTIONS" && (len(store.Asked) > 0 || strings.Contains(got.logs, "authorizer_context_invalid")) {
				t.Errorf("a preflight asked for %v and logged %s", store.Asked, got.logs)
			}
		})
	}
}

func TestNoDevices(t *testing.T) {
	if got := invoke(t, &pockettest.Store{}, marshal(t, sample(t))); got.status != 200 || got.body != "[]" {
		t.Errorf("answered with %d %s, want 200 []", got.status, got.body)
	}
}

// Something that is no event of an API gets an answer all the same, whatever else reaches Lambda functions (C-45).
func TestNoEvent(t *testing.T) {
	tests := map[string]string{
		"nothing":       "",
		"null":          "null",
		"an object":     "{}",
		"an array":      "[]",
		"a number":      "1",
		"a text":        `"x"`,
		"half an event": "{",
		"two events":    "{}{}",
		"not UTF-8":     "{\"resource\":\"\xff\"}",
		"a warm-up":     `{"source":"serverless-plugin-warmup"}`,
		"a ping":        `{"ping":true}`,
		"a test event":  `{"key1":"value1","key2":"value2","key3":"value3"}`,
		"SQS": `{"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a","body":"{\"AssociateId\":118}",
			"attributes":{"ApproximateReceiveCount":"1"},"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q","awsRegion":"eu-west-1"}]}`,
		"SNS": `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:eu-west-1:123456789012:t:1","Sns":{"Type":"Notification","Message":"{\"AssociateId\":118}"}}]}`,
		"S3":  `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k","size":1}}}]}`,
		"EventBridge": `{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012",
			"time":"2026-11-23T10:15:29Z","region":"eu-west-1","resources":["arn:aws:events:eu-west-1:123456789012:rule/r"],"detail":{}}`,
		"a stream of DynamoDB's": `{"Records":[{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"AssociateId":{"N":"118"}},"NewImage":{"PNSHandle":{"S":"x"}}}}]}`,
		"Kinesis":                `{"Records":[{"kinesis":{"partitionKey":"k","data":"e30="},"eventSource":"aws:kinesis"}]}`,
		"CloudWatch Logs":        `{"awslogs":{"data":"H4sIAAAAAAAA"}}`,
		"a load balancer": `{"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1"}},"httpMethod":"POST",
			"path":"/api/v1/Agents/Pocket/GetRegisteredDevices","queryStringParameters":{},"headers":{"content-type":"application/json"},"body":"{\"AssociateId\":118}","isBase64Encoded":false}`,
		"a WebSocket":      `{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":"c","authorizer":{"associateId":"118"},"requestId":"r"},"body":"{\"AssociateId\":118}","isBase64Encoded":false}`,
		"the authorizer's": `{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/x","headers":{},"requestContext":{"requestId":"r"}}`,
		"6 MB":             `{"Records":["` + strings.Repeat("x", 6<<20) + `"]}`,
		"a million levels": strings.Repeat("[", 1_000_000),
	}
	for name, payload := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			got := invoke(t, store, []byte(payload))
			if got.status != 400 || !strings.Contains(got.body, `"ErrorType":"InvalidEvent"`) || got.header["X-Request-Id"] != "lambda-request" {
				t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
			}
			if len(store.Asked) > 0 {
				t.Error("it reached the store")
			}
		})
	}
}

// An event that is almost the sample, or of an API without an authorizer, lets nobody in: not by another case of a name, nor by a name that
// is there twice, nor by what stands beside it (C-21, C-23).
func TestAmbiguousEvents(t *testing.T) {
	const path = "/api/v1/Agents/Pocket/GetRegisteredDevices"
	event := string(marshal(t, sample(t)))
	replace := func(old, new string) string {
		changed := strings.Replace(event, old, new, 1)
		if changed == event {
			t.Fatalf("%s is not in the event", old)
		}
		return changed
	}
	const another = `{"associateId":"118","contextIdentifier":"Cust12345"}`
	tests := map[string]struct {
		payload string
		status  int
	}{
		"two authorizers":                  {replace(`"authorizer":{`, `"authorizer":`+another+`,"authorizer":{`), 400},
		"two authorizers, the second null": {replace(`"requestContext":{`, `"requestContext":{"authorizer":null,`), 400},
		"two contexts":                     {replace(`"requestContext":{`, `"requestContext":{},"requestContext":{`), 400},
		"two bodies":                       {replace(`"body":`, `"body":"{\"AssociateId\":118}","body":`), 400},
		"two routes":                       {replace(`"resource":`, `"resource":"/x","resource":`), 400},
		"two associates":                   {replace(`"associateId":"117"`, `"associateId":"117","associateId":"118"`), 401},
		"two cases of the associate":       {replace(`"associateId":"117"`, `"associateId":"117","AssociateID":"118"`), 401},
		"an associate in another case":     {replace(`"associateId":`, `"AssociateId":`), 401},
		"an authorizer in another case":    {replace(`"authorizer":{`, `"Authorizer":{`), 401},
		"a context in another case":        {replace(`"requestContext":{`, `"RequestContext":{`), 400},
		"an authorizer outside":            {replace(`"requestContext":{`, `"authorizer":`+another+`,"requestContext":{`), 200},
		"an authorizer of null":            {replace(`"authorizer":{`, `"authorizer":null,"x":{`), 401},
		"an authorizer in an array":        {replace(`"authorizer":{`, `"authorizer":[`+another+`],"x":{`), 401},
		"a context of null":                {`{"resource":"` + path + `","httpMethod":"POST","requestContext":null}`, 400},
		"a function URL": {`{"version":"2.0","routeKey":"$default","rawPath":"` + path + `","rawQueryString":"","headers":{"content-type":"application/json"},
			"requestContext":{"accountId":"anonymous","apiId":"u","http":{"method":"POST","path":"` + path + `"},"requestId":"r","routeKey":"$default","stage":"$default"},
			"body":"{\"AssociateId\":117}","isBase64Encoded":false}`, 401},
		"a function URL with an IAM identity": {`{"version":"2.0","routeKey":"$default","rawPath":"` + path + `","rawQueryString":"","headers":{"content-type":"application/json"},
			"requestContext":{"authorizer":{"iam":{"userArn":"arn:aws:iam::123456789012:user/x"}},"http":{"method":"POST","path":"` + path + `"},"requestId":"r"},
			"body":"{\"AssociateId\":117}"}`, 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			got := invoke(t, store, []byte(tt.payload))
			if got.status != tt.status || strings.Contains(got.body, canary+"b") {
				t.Errorf("answered with %d %s", got.status, got.body)
			}
			if asked := len(store.Asked) > 0; asked != (tt.status == 200) {
				t.Errorf("the store was asked for %v", store.Asked)
			}
		})
	}
}

// How the store fails, and what the caller is told (C-41).
func TestStoreFailures(t *testing.T) {
	tests := []struct {
		err        error
		want       *problem.Problem
		retryAfter string
	}{
		{pocket.ErrUnavailable, problem.Unavailable, "1"},
		{pocket.ErrDeadline, problem.Timeout, ""},
		{pocket.ErrStore, problem.Internal, ""},
		{pocket.ErrTooLarge, problem.AnswerTooLarge, ""},
		{errors.New("arn:aws:dynamodb:eu-west-1:123456789012:table/x is secret"), problem.Internal, ""},
	}
	for _, tt := range tests {
		t.Run(tt.want.Type, func(t *testing.T) {
			got := invoke(t, &pockettest.Store{Err: tt.err}, marshal(t, sample(t)))
			if got.status != tt.want.Status || !strings.Contains(got.body, `"ErrorType":"`+tt.want.Type+`"`) || got.header["Retry-After"] != tt.retryAfter {
				t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
			}
			if strings.Contains(got.body, "arn:") {
				t.Errorf("the cause reaches the caller: %s", got.body)
			}
			if !strings.Contains(got.logs, `"level":"ERROR","msg":"failed"`) || !strings.Contains(got.logs, `"outcome":"failed"`) {
				t.Errorf("the log is %s", got.logs)
			}
		})
	}
}

type storeFunc func(context.Context, pocket.AssociateID) ([]pocket.Device, error)

func (f storeFunc) Devices(ctx context.Context, id pocket.AssociateID) ([]pocket.Device, error) {
	return f(ctx, id)
}

// A panic is a 500, and what it holds stays inside (C-43).
func TestPanic(t *testing.T) {
	store := storeFunc(func(context.Context, pocket.AssociateID) ([]pocket.Device, error) { panic(canary) })
	got := invoke(t, store, marshal(t, sample(t)))
	if got.status != 500 || !strings.Contains(got.body, "InternalError") {
		t.Errorf("answered with %d %s", got.status, got.body)
	}
	if strings.Contains(got.body+got.logs, canary) || !strings.Contains(got.logs, "panic of type string") {
		t.Errorf("the log is %s", got.logs)
	}
}

// The store must be done 250 ms before the invocation's end (C-43).
func TestDeadline(t *testing.T) {
	var left time.Duration
	store := storeFunc(func(ctx context.Context, _ pocket.AssociateID) ([]pocket.Device, error) {
		deadline, ok := ctx.Deadline()
		if !ok {
			t.Error("there is no deadline")
		}
		left = time.Until(deadline)
		return nil, nil
	})
	invoke(t, store, marshal(t, sample(t))) // which has 10 s
	if left <= 0 || left > 9750*time.Millisecond {
		t.Errorf("the store has %v", left)
	}
}

// An answer that Lambda would not pass on is an error of ours: by its size, and by its size once it is escaped (C-43).
func TestLargeAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		name   string
		status int
	}{
		"fits":                {strings.Repeat("x", 4<<20), 200},
		"is too large":        {strings.Repeat("x", 5<<20), 500},
		"is escaped too much": {strings.Repeat("\n", 2<<20), 500}, // \n in the body, \\n in the event
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			store.Records[0].Device.DeviceName = &tt.name
			got := invoke(t, timed{store}, marshal(t, sample(t)))
			if got.status != tt.status || tt.status == 500 && !strings.Contains(got.body, "AnswerTooLarge") {
				t.Errorf("answered with %d %.100s", got.status, got.body)
			}
			returned := map[int]string{200: `"DevicesReturned":1,`, 500: `"DevicesReturned":0,`}[tt.status] // as those who get an error get no device
			if !strings.Contains(got.logs, returned) {
				t.Errorf("the log of a %d lacks %s", tt.status, returned)
			}
		})
	}
}

// timed is a store that counts, as one before DynamoDB does, how long it was asked.
type timed struct{ pocket.Store }

func (t timed) Devices(ctx context.Context, id pocket.AssociateID) ([]pocket.Device, error) {
	metrics.Of(ctx).StoreLatency = time.Millisecond
	return t.Store.Devices(ctx, id)
}

// Whatever comes in, what goes out is one of the documented answers and nobody's device but the caller's.
func FuzzInvoke(f *testing.F) {
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
	statuses := map[int]bool{200: true}
	for _, p := range problem.All() {
		statuses[p.Status] = true
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		store := newStore()
		got := invoke(t, store, payload)
		if !statuses[got.status] || got.status >= 500 {
			t.Errorf("answered with %d", got.status)
		}
		if got.status != 200 && (len(store.Asked) > 0 || strings.Contains(got.body, canary)) {
			t.Errorf("%d, but the store was asked for %v", got.status, store.Asked)
		}
		if strings.Contains(got.logs, canary) {
			t.Errorf("the log has a handle: %s", got.logs)
		}
		if strings.Contains(got.body, canary+"b") && !bytes.Contains(bytes.ToLower(payload), []byte("true")) && !bytes.Contains(payload, []byte("118")) && !bytes.Contains(payload, []byte(`\u`)) {
			t.Errorf("associate 118's devices came out for %s", payload)
		}
	})
}
