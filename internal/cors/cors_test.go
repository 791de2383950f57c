package cors_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/cors"
)

func TestParse(t *testing.T) {
	for s, on := range map[string]bool{
		"": false, " ": false, "https://a.example": true, "https://a.example, http://localhost:3000": true, "https://a.example:8443": true, "http://[::1]:80": true,
	} {
		if o, err := cors.Parse(s); err != nil || o.On() != on {
			t.Errorf("Parse(%q) = %v, %v", s, o, err)
		}
	}
	for _, s := range []string{
		"*", "null", "https://*.example", "a.example", "https://a.example/", "https://a.example/x", "https://a.example?x", "https://A.example", "HTTPS://a.example",
		"ftp://a.example", "https://", "https://u@a.example", "https://a.example,", ",", "https://a.example https://b.example", "https://a'b.example", "file:///x",
	} {
		if o, err := cors.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, o)
		}
	}
}

func TestAnswer(t *testing.T) {
	const a, b = "https://a.example", "https://b.example"
	vary := apigateway.Field{Name: "Vary", Value: "Origin"}
	allow := func(origin string) []apigateway.Field {
		return []apigateway.Field{
			vary,
			{Name: "Access-Control-Allow-Origin", Value: origin},
			{Name: "Access-Control-Allow-Credentials", Value: "true"},
			{Name: "Access-Control-Expose-Headers", Value: "X-Request-Id, Retry-After"},
		}
	}
	tests := []struct {
		name, list string
		origin     []string
		want       []apigateway.Field
	}{
		{"off", "", []string{a}, nil},
		{"the first", a + "," + b, []string{a}, allow(a)},
		{"the second", a + "," + b, []string{b}, allow(b)},
		{"no origin", a, nil, []apigateway.Field{vary}},
		{"another", a, []string{b}, []apigateway.Field{vary}},
		{"null", a, []string{"null"}, []apigateway.Field{vary}},
		{"another scheme", a, []string{"http://a.example"}, []apigateway.Field{vary}},
		{"another port", a, []string{a + ":8443"}, []apigateway.Field{vary}},
		{"another case", a, []string{"https://A.example"}, []apigateway.Field{vary}},
		{"one that begins so", a, []string{a + ".evil.example"}, []apigateway.Field{vary}},
		{"one that ends so", a, []string{"https://evil-a.example"}, []apigateway.Field{vary}},
		{"two", a + "," + b, []string{a, b}, []apigateway.Field{vary}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := cors.Parse(tt.list)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, o.Answer(tt.origin)); diff != "" {
				t.Errorf("Answer, -want +got:\n%s", diff)
			}
			want := tt.want
			if len(want) > 1 {
				want = append(want, apigateway.Field{Name: "Access-Control-Allow-Methods", Value: "POST"},
					apigateway.Field{
						Name:  "Access-Control-Allow-Headers",
						Value: "authorization, content-type, accept, accept-language, so-language, so-culture, so-timezone, so-browser-tz-offset, so-apptoken, x-xsrf-token",
					},
					apigateway.Field{Name: "Access-Control-Max-Age", Value: "600"})
			}
			if diff := cmp.Diff(want, o.Preflight(tt.origin, "POST")); diff != "" {
				t.Errorf("Preflight, -want +got:\n%s", diff)
			}
		})
	}
}
