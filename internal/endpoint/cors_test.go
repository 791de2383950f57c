package endpoint_test

import (
	"strings"
	"testing"

	"pocket-devices/internal/cors"
	"pocket-devices/internal/endpoint"
)

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
