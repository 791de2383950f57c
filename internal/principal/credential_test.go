package principal_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pocket-devices/internal/principal"
)

// What the header of a request must be to hold a credential, the tests of the authorizer show, through its events.

func TestJWT(t *testing.T) {
	for authorization, want := range map[string]string{
		"Bearer a.b.c":                     "a.b.c",
		"bearer   a.b.c":                   "a.b.c",
		"Bearer a.b.":                      "a.b.", // not signed, for the issuer to refuse
		"Bearer eyJh-_09.eyJz.c2ln":        "eyJh-_09.eyJz.c2ln",
		"Bearer a.b":                       "",
		"Bearer a.b.c.d":                   "",
		"Bearer .b.c":                      "",
		"Bearer a..c":                      "",
		"Bearer ..":                        "",
		"Bearer a.b.c=":                    "",
		"Bearer a.b+.c":                    "",
		"Bearer a.b/.c":                    "",
		"Bearer 8A:Cust12345.abc.def":      "",
		"Bearer " + strings.Repeat(".", 9): "",
		"Bearer":                           "",
	} {
		token, ok := principal.Credential{Scheme: "bearer", Authorization: authorization}.JWT()
		if ok != (want != "") || ok && token != want {
			t.Errorf("%q: JWT = %q, %v, want %q", authorization, token, ok, want)
		}
	}
	for _, scheme := range []string{"basic", "soticket", "xsrf", ""} {
		if token, ok := (principal.Credential{Scheme: scheme, Authorization: "Bearer a.b.c", Cookie: "a.b.c"}).JWT(); ok {
			t.Errorf("%s: JWT = %q", scheme, token)
		}
	}
}

// However it is printed or logged, a credential tells nothing.
func TestRedacted(t *testing.T) {
	c := principal.Credential{Scheme: "basic", Authorization: "canary", Cookie: "canary", XSRFToken: "canary", AppToken: "canary"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, &c); text != "[redacted][redacted]" {
			t.Errorf("%s writes %s", verb, text)
		}
	}
	var logs bytes.Buffer
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("x", "credential", c, "pointer", &c, "error", fmt.Errorf("about %v", c))
	slog.New(slog.NewTextHandler(&logs, nil)).Info("x", "credential", c)
	if strings.Contains(logs.String(), "canary") {
		t.Errorf("the log is %s", &logs)
	}
}
