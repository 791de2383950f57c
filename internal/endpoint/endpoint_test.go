package endpoint_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
	"pocket-devices/internal/problem"
)

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

// Who has no devices gets an empty array, and no error (C-9).
func TestNoDevices(t *testing.T) {
	if got := invoke(t, &pockettest.Store{}, marshal(t, sample(t))); got.status != 200 || got.body != "[]" {
		t.Errorf("answered with %d %s, want 200 []", got.status, got.body)
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
