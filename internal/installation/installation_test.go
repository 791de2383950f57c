package installation_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/installation"
	"pocket-devices/internal/principal"
)

const carrier = `{"UserType":"InternalAssociate","Associate":"tje0","AssociateId":117,"IsPerson":true,"Licenses":[{"FieldProperties":{"x":{"FieldRight":null}}}],` +
	`"FunctionRights":["admin-all","pocket"],"DatabaseContextIdentifier":"Cust12345","UserName":"tje0"}`

var basic = principal.Credential{Authorization: "Basic canary"}

// serve returns an installation whose every answer is h's.
func serve(t *testing.T, h http.HandlerFunc) *installation.Installation {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	i, err := installation.New(server.URL + "/Cust12345/")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestPrincipal(t *testing.T) {
	got, err := serve(t, body(carrier)).Principal(t.Context(), basic)
	if err != nil {
		t.Fatal(err)
	}
	want := principal.Principal{Associate: 117, Name: "tje0", ContextIdentifier: "Cust12345", Administrator: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The installation gets what the caller showed, unchanged, and nothing else of the caller's (C-30).
func TestWhatIsAsked(t *testing.T) {
	own := map[string]string{"Accept": "application/json", "User-Agent": "pocket-devices", "Accept-Encoding": "gzip"}
	tests := []struct {
		name string
		c    principal.Credential
		want map[string]string
	}{
		{"authorization", principal.Credential{Authorization: "SOTicket  7T:x"}, map[string]string{"Authorization": "SOTicket  7T:x"}},
		{
			"authorization and application",
			principal.Credential{Authorization: "Bearer 8A:x", AppToken: "app"},
			map[string]string{"Authorization": "Bearer 8A:x", "So-Apptoken": "app"},
		},
		{"cookies", principal.Credential{Cookie: "a=b; c=d", XSRFToken: "x"}, map[string]string{"Cookie": "a=b; c=d", "X-Xsrf-Token": "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got *http.Request
			i := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r; body(carrier)(w, r) })
			if _, err := i.Principal(t.Context(), tt.c); err != nil {
				t.Fatal(err)
			}
			if got.Method != "GET" || got.RequestURI != "/Cust12345/api/v1/User/currentPrincipal" {
				t.Errorf("asked %s %s", got.Method, got.RequestURI)
			}
			want := maps.Clone(own)
			maps.Copy(want, tt.want)
			header := map[string]string{}
			for name, values := range got.Header {
				header[name] = strings.Join(values, "|")
			}
			if diff := cmp.Diff(want, header); diff != "" {
				t.Errorf("the header, -want +got:\n%s", diff)
			}
		})
	}
}

func TestUnauthorized(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"401": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"401 with half a body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(401)
		},
		"401 with a body":                 func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401); body(carrier)(w, r) },
		"an anonymous user":               body(strings.NewReplacer("InternalAssociate", "AnonymousAssociate", "117", "0").Replace(carrier)),
		"an anonymous user with a number": body(strings.NewReplacer("InternalAssociate", "anonymousassociate").Replace(carrier)),
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := serve(t, h).Principal(t.Context(), basic); !errors.Is(err, principal.ErrUnknown) {
				t.Errorf("Principal = %+v, %v", p, err)
			}
		})
	}
}

// An installation that fails is never an allow and never a 401: the caller's credential may be good (C-33).
func TestFailures(t *testing.T) {
	replace := func(old, new string) http.HandlerFunc { return body(strings.Replace(carrier, old, new, 1)) }
	tests := map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/elsewhere") {
				t.Error("the redirect was followed")
			}
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		},
		"a slow answer": func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a slow body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, carrier[:10])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"half a body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, carrier)
		},
		"no answer":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a large answer": body(carrier + strings.Repeat(" ", 64<<10)),
		"nothing":        body(""),
		"HTML":           body("<html></html>"),
		"null":           body("null"),
		"an array":       body("[" + carrier + "]"),
		"two principals": body(carrier + carrier),

		"no associate":                   replace(`"AssociateId":117,`, ``),
		"associate zero":                 replace(`117`, `0`),
		"a negative associate":           replace(`117`, `-117`),
		"an associate as text":           replace(`117`, `"117"`),
		"an associate with a fraction":   replace(`117`, `117.0`),
		"an associate that is too large": replace(`117`, `2147483648`),
		"an associate that is null":      replace(`117`, `null`),
		"two associates":                 replace(`"AssociateId":117`, `"AssociateId":118,"AssociateId":117`),
		"two spellings of the associate": replace(`"AssociateId":117`, `"associateId":118,"AssociateId":117`),
		"another spelling":               replace(`"AssociateId":117`, `"associateId":117`),
		"no name":                        replace(`"Associate":"tje0",`, ``),
		"an empty name":                  replace(`"tje0"`, `""`),
		"a name that is no text":         replace(`"tje0"`, `117`),
		"a line break in the name":       replace(`tje0`, `tje0\n`),
		"no type":                        replace(`"UserType":"InternalAssociate",`, ``),
		"a type that is no text":         replace(`"InternalAssociate"`, `1`),
		"two types":                      replace(`{`, `{"UserType":"SystemUser",`),
		"rights that are no list":        replace(`["admin-all","pocket"]`, `"admin-all"`),
		"a right that is no text":        replace(`"pocket"]`, `1]`),
		"a context that is no text":      replace(`"Cust12345"`, `12345`),
	}
	for _, code := range []int{204, 301, 400, 403, 404, 406, 429, 500, 502, 503} {
		tests[fmt.Sprint("status ", code)] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := serve(t, tests[name]).Principal(t.Context(), basic)
			if err == nil || errors.Is(err, principal.ErrUnknown) {
				t.Fatalf("Principal = %+v, %v, want a failure", p, err)
			}
			if p != (principal.Principal{}) {
				t.Errorf("beside the error there is %+v", p)
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "tje0") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestMayBeMissing(t *testing.T) {
	for _, text := range []string{
		`{"UserType":"SystemUser","Associate":"SYSTEM","AssociateId":1}`,
		`{"UserType":"SystemUser","Associate":"SYSTEM","AssociateId":1,"FunctionRights":null,"DatabaseContextIdentifier":null}`,
		`{"UserType":"SystemUser","Associate":"SYSTEM","AssociateId":1,"FunctionRights":[],"DatabaseContextIdentifier":""}`,
	} {
		p, err := serve(t, body(text)).Principal(t.Context(), basic)
		if err != nil || p.Administrator || !p.SystemUser || p.ContextIdentifier != "" {
			t.Errorf("Principal of %s = %+v, %v", text, p, err)
		}
	}
}

// An address is refused before anybody is asked; which ones are is stricthttp's to say.
func TestNew(t *testing.T) {
	for address, want := range map[string]bool{
		"https://sod.superoffice.com/Cust12345": true, "https://host/SuperOffice/": true,
		"": false, "http://sod.superoffice.com/Cust12345": false, "https://host?x=y": false,
	} {
		if _, err := installation.New(address); (err == nil) != want {
			t.Errorf("New(%q): %v", address, err)
		}
	}
}

// Warming up tells nothing of anybody, is content with any answer, and leaves the connection for the first question.
func TestWarmUp(t *testing.T) {
	var connections atomic.Int32
	var header http.Header
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header == nil {
			header = r.Header
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body(carrier)(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	i, err := installation.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.WarmUp(t.Context()); err != nil {
		t.Errorf("WarmUp: %v", err)
	}
	if names := slices.Sorted(maps.Keys(header)); !slices.Equal(names, []string{"Accept", "Accept-Encoding", "User-Agent"}) {
		t.Errorf("it sends %v", names)
	}
	if _, err := i.Principal(t.Context(), basic); err != nil || connections.Load() != 1 {
		t.Errorf("Principal after that: %v, over %d connections", err, connections.Load())
	}
	server.Close()
	if err := i.WarmUp(t.Context()); err == nil {
		t.Error("WarmUp of an installation that is gone is no error")
	}
}
