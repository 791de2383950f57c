package reference_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pocket-devices/internal/local/reference"
)

// Just these files are served, of these types, and every other request is the API's.
func TestHandler(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"openapi.yaml", "package.json", "swagger-ui.css", "swagger-ui-bundle.js"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("this is "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const api = "the API's"
	tests := []struct {
		method, path      string
		swaggerUI         string
		want, contentType string // what the answer begins with, and its type
	}{
		{"GET", "/", dir, "<!doctype html>", "text/html; charset=utf-8"},
		{"HEAD", "/", dir, "", "text/html; charset=utf-8"},
		{"GET", "/openapi.yaml", dir, "this is openapi.yaml", "application/yaml"},
		{"GET", "/page.js", dir, "// Shows", "text/javascript; charset=utf-8"},
		{"GET", "/swagger-ui.css", dir, "this is swagger-ui.css", "text/css; charset=utf-8"},
		{"GET", "/swagger-ui-bundle.js", dir, "this is swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
		{"POST", "/", dir, api, ""},
		{"GET", "/index.html", dir, api, ""},
		{"GET", "/package.json", dir, api, ""},
		{"GET", "/swagger-ui.css/", dir, api, ""},
		{"GET", "//openapi.yaml", dir, api, ""},
		{"GET", "/x/../openapi.yaml", dir, api, ""},
		{"GET", "/openapi.yaml", "", "this is openapi.yaml", "application/yaml"},
		{"GET", "/", "", api, ""},
		{"GET", "/page.js", "", api, ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			h := reference.Handler(filepath.Join(dir, "openapi.yaml"), tt.swaggerUI, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "")
				_, _ = w.Write([]byte(api))
			}))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
			if got := w.Body.String(); w.Code != 200 || !strings.HasPrefix(got, tt.want) || w.Header().Get("Content-Type") != tt.contentType {
				t.Errorf("answered with %d %q %s, want %s", w.Code, w.Header().Get("Content-Type"), got, tt.want)
			}
			if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "default-src 'none'") != (tt.contentType != "") {
				t.Errorf("the policy is %q", policy)
			}
		})
	}
}

// Where npm cannot fetch the page, one sentence says so.
func TestFetchFails(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := reference.Fetch(t.Context(), t.TempDir()); err == nil || err.Error() != "there is no Node: install Node 20 or newer" {
		t.Errorf("Fetch: %v", err)
	}
}
