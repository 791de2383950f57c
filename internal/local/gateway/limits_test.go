package gateway_test

import (
	"context"
	"io"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"pocket-devices/internal/local/gateway"
	"pocket-devices/internal/local/template"
)

// slow stands for functions of which one does not answer.
type slow struct {
	functions
	name string
}

func (s *slow) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	if name == s.name {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.functions.Invoke(ctx, name, payload)
}

// Nobody waits for a function without end: API Gateway gives up after 29 s.
func TestTimeLimit(t *testing.T) {
	limited := api
	limited.Responses = map[string]template.Response{
		"AUTHORIZER_FAILURE":  {Status: 500, Body: "authorizer"},
		"INTEGRATION_TIMEOUT": {Status: 504, Body: "timeout"},
	}
	for _, tt := range []struct {
		name, function string
		status         int
		body           string
	}{
		{"an authorizer that does not answer", "Authorizer", 500, "authorizer"},
		{"a function that does not answer", "Function", 504, "timeout"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, err := gateway.New(&limited, &slow{functions{authorize: allow}, tt.function}, io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				w := httptest.NewRecorder()
				g.ServeHTTP(w, httptest.NewRequest("POST", "/a/b", nil))
				if w.Code != tt.status || w.Body.String() != tt.body {
					t.Errorf("answered with %d %s, want %d %s", w.Code, w.Body, tt.status, tt.body)
				}
				if took := time.Since(start); took != 29*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// The template's limit of requests: so many at once, so many a second after that, for each method on its own, and for nothing that is no route.
func TestThrottling(t *testing.T) {
	limited := api
	limited.Rate, limited.Burst = 2, 3
	limited.Responses = map[string]template.Response{"THROTTLED": {Status: 429, Body: "throttled"}}
	synctest.Test(t, func(t *testing.T) {
		g, err := gateway.New(&limited, &functions{authorize: allow, answer: text(`{"statusCode":200}`)}, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			name         string
			after        time.Duration
			method, path string
			requests     int
			status       int
		}{
			{"as many at once as the burst", 0, "POST", "/a/b", 3, 200},
			{"one more", 0, "POST", "/a/b", 1, 429},
			{"another method", 0, "OPTIONS", "/a/b", 3, 200},
			{"what is no route", 0, "POST", "/a", 9, 403},
			{"too early", 499 * time.Millisecond, "POST", "/a/b", 1, 429},
			{"after half a second", time.Millisecond, "POST", "/a/b", 1, 200},
			{"one more after that", 0, "POST", "/a/b", 1, 429},
			{"as many as the burst after a long time", time.Hour, "POST", "/a/b", 3, 200},
			{"and not more", 0, "POST", "/a/b", 1, 429},
		} {
			time.Sleep(step.after)
			for range step.requests {
				w := httptest.NewRecorder()
				g.ServeHTTP(w, httptest.NewRequest(step.method, step.path, nil))
				if w.Code != step.status || step.status == 429 && w.Body.String() != "throttled" {
					t.Errorf("%s: answered with %d %s, want %d", step.name, w.Code, w.Body, step.status)
				}
			}
		}
	})
}
