package principal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/principal"
)

// header returns the header of an authorizer's event that has the fields, given as name, value, name, value.
func header(t testing.TB, fields ...string) apigateway.Header {
	t.Helper()
	single, multi := map[string]string{}, map[string][]string{}
	for pair := range slices.Chunk(fields, 2) {
		single[pair[0]] = pair[1]
		multi[pair[0]] = append(multi[pair[0]], pair[1])
	}
	return decode(t, single, multi)
}

// decode returns the header of an event with those two maps.
func decode(t testing.TB, single map[string]string, multi map[string][]string) apigateway.Header {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"type": "REQUEST", "methodArn": "arn", "headers": single, "multiValueHeaders": multi, "requestContext": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	event, err := apigateway.DecodeAuthorizerRequest(payload)
	if err != nil {
		t.Fatal(err)
	}
	return event.Header
}

// What is taken out of a header, and by which scheme (C-30, C-32).
func TestParseCredential(t *testing.T) {
	long := strings.Repeat("x", 8<<10-len("Bearer "))
	tests := []struct {
		name   string
		fields []string
		want   principal.Credential
	}{
		{"basic", []string{"Authorization", "Basic dGplMDpUamUw"}, principal.Credential{Scheme: "basic", Authorization: "Basic dGplMDpUamUw"}},
		{"ticket", []string{"Authorization", "SoTicket 7T:x"}, principal.Credential{Scheme: "soticket", Authorization: "SoTicket 7T:x"}},
		{
			"ticket, otherwise spelled",
			[]string{"authorization", "SOTicket 7T:x", "so-apptoken", "app"},
			principal.Credential{Scheme: "soticket", Authorization: "SOTicket 7T:x", AppToken: "app"},
		},
		{
			"bearer",
			[]string{"AUTHORIZATION", "bearer 8A:Cust12345.x", "SO-AppToken", "app"},
			principal.Credential{Scheme: "bearer", Authorization: "bearer 8A:Cust12345.x", AppToken: "app"},
		},
		{"a web token", []string{"Authorization", "Bearer e30.e30.e30"}, principal.Credential{Scheme: "bearer", Authorization: "Bearer e30.e30.e30"}},
		{"two spaces", []string{"Authorization", "Basic  eA=="}, principal.Credential{Scheme: "basic", Authorization: "Basic  eA=="}},
		{"the longest", []string{"Authorization", "Bearer " + long}, principal.Credential{Scheme: "bearer", Authorization: "Bearer " + long}},
		{
			"authorization before cookies",
			[]string{"Authorization", "Basic eA==", "Cookie", "a=b", "X-XSRF-TOKEN", "x"},
			principal.Credential{Scheme: "basic", Authorization: "Basic eA=="},
		},
		{"cookies", []string{"Cookie", "a=b; c=d", "X-XSRF-TOKEN", "x"}, principal.Credential{Scheme: "xsrf", Cookie: "a=b; c=d", XSRFToken: "x"}},
		{
			"cookies in several fields",
			[]string{"Cookie", "a=b", "Cookie", "c=d", "x-xsrf-token", "x", "SO-AppToken", "app"},
			principal.Credential{Scheme: "xsrf", Cookie: "a=b; c=d", XSRFToken: "x", AppToken: "app"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := principal.ParseCredential(header(t, tt.fields...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What is not clearly a credential is none, and the error tells nothing of it (C-32).
func TestNoCredential(t *testing.T) {
	tests := map[string][]string{
		"nothing":                         {},
		"an empty authorization":          {"Authorization", ""},
		"an empty one, with cookies":      {"Authorization", "", "Cookie", "a=b", "X-XSRF-TOKEN", "x"},
		"a scheme alone":                  {"Authorization", "Basic"},
		"a scheme and a space":            {"Authorization", "Basic "},
		"a credential alone":              {"Authorization", "dGplMDpUamUw"},
		"an unknown scheme":               {"Authorization", "Negotiate abc"},
		"a scheme that folds":             {"Authorization", "Ba\u017fic abc"},
		"a space before":                  {"Authorization", " Basic abc"},
		"a space after":                   {"Authorization", "Basic abc "},
		"a tab":                           {"Authorization", "Basic\tabc"},
		"two credentials":                 {"Authorization", "Basic abc def"},
		"a list":                          {"Authorization", "Basic abc,Bearer def"},
		"a list with a space":             {"Authorization", "Basic abc, Bearer def"},
		"a list of credentials alone":     {"Authorization", "Basic abc,def"},
		"parameters":                      {"Authorization", `Bearer realm="a", b="c"`},
		"a control character":             {"Authorization", "Basic a\x01b"},
		"a line break":                    {"Authorization", "Basic a\r\nX: y"},
		"a letter beyond ASCII":           {"Authorization", "Basic å"},
		"too long":                        {"Authorization", "Bearer " + strings.Repeat("x", 8<<10-6)},
		"two authorizations":              {"Authorization", "Basic abc", "Authorization", "Basic def"},
		"two, with cookies":               {"Authorization", "Basic abc", "Authorization", "Basic def", "Cookie", "a=b", "X-XSRF-TOKEN", "x"},
		"two equal ones":                  {"Authorization", "Basic abc", "Authorization", "Basic abc"},
		"two cases of the name":           {"Authorization", "Basic abc", "authorization", "Basic def"},
		"two application tokens":          {"Authorization", "Basic abc", "SO-AppToken", "a", "SO-AppToken", "b"},
		"a space in the application":      {"Authorization", "Basic abc", "SO-AppToken", "a b"},
		"an application token alone":      {"SO-AppToken", "a"},
		"cookies without token":           {"Cookie", "ASP.NET_SessionId=tje0; XSRF-TOKEN=local"},
		"a token without cookies":         {"X-XSRF-TOKEN", "local"},
		"an empty token":                  {"Cookie", "a=b", "X-XSRF-TOKEN", ""},
		"empty cookies":                   {"Cookie", "", "X-XSRF-TOKEN", "x"},
		"two tokens":                      {"Cookie", "a=b", "X-XSRF-TOKEN", "x", "X-XSRF-TOKEN", "y"},
		"a control character in a cookie": {"Cookie", "a=\x01", "X-XSRF-TOKEN", "x"},
		"long cookies":                    {"Cookie", strings.Repeat("a=b; ", 2000), "X-XSRF-TOKEN", "x"},
	}
	for name, fields := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := principal.ParseCredential(header(t, fields...))
			if err == nil {
				t.Fatal("it is taken")
			}
			for pair := range slices.Chunk(fields, 2) {
				if len(pair[1]) > 3 && strings.Contains(err.Error(), pair[1]) {
					t.Errorf("the error tells too much: %v", err)
				}
			}
		})
	}
	t.Run("two maps that disagree", func(t *testing.T) {
		for _, fields := range []map[string]string{{"Authorization": "Basic abc", "SO-AppToken": "abc"}, {"Cookie": "abc", "X-XSRF-TOKEN": "abc"}} {
			for name := range fields {
				single, multi := maps.Clone(fields), map[string][]string{}
				for n, value := range fields {
					multi[n] = []string{value}
				}
				single[name] += "x"
				if _, err := principal.ParseCredential(decode(t, single, multi)); err != apigateway.ErrHeader {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}

// Whatever is in an Authorization header, it is passed on whole and unchanged, or not at all.
func FuzzAuthorization(f *testing.F) {
	for _, seed := range []string{"Basic dGplMDpUamUw", "SOTicket 7T:x", "Bearer 8A:Cust12345.x", "Basic a,b", "", "Basic  x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		value = strings.ToValidUTF8(value, "\ufffd") // an event is JSON
		c, err := principal.ParseCredential(header(t, "Authorization", value))
		if err != nil {
			return
		}
		if c != (principal.Credential{Scheme: c.Scheme, Authorization: value}) || c.Scheme == "" || strings.ContainsAny(value, ",\r\n\x00") || len(value) > 8<<10 {
			t.Errorf("%q: the credential is %s, %q", value, c.Scheme, c.Authorization)
		}
	})
}

// Whatever cookies come, they are passed on as they were, or not at all.
func FuzzCookie(f *testing.F) {
	f.Add("ASP.NET_SessionId=tje0; XSRF-TOKEN=local", "local")
	f.Add("a=b", "")
	f.Fuzz(func(t *testing.T, cookie, token string) {
		cookie, token = strings.ToValidUTF8(cookie, "\ufffd"), strings.ToValidUTF8(token, "\ufffd")
		c, err := principal.ParseCredential(header(t, "Cookie", cookie, "X-XSRF-TOKEN", token))
		if err == nil && (c != (principal.Credential{Scheme: "xsrf", Cookie: cookie, XSRFToken: token}) || cookie == "" || token == "") {
			t.Errorf("%q, %q: the credential is %q, %q", cookie, token, c.Cookie, c.XSRFToken)
		}
	})
}

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

// However it is printed or logged, alone or inside something else, a credential tells nothing (C-44).
func TestRedacted(t *testing.T) {
	c := principal.Credential{Scheme: "basic", Authorization: "canary", Cookie: "canary", XSRFToken: "canary", AppToken: "canary"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, &c); text != "[redacted][redacted]" {
			t.Errorf("%s writes %s", verb, text)
		}
	}
	var logs bytes.Buffer
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("x", "credential", c, "pointer", &c, "error", fmt.Errorf("about %v", c), "inside", struct{ C principal.Credential }{c})
	slog.New(slog.NewTextHandler(&logs, nil)).Info("x", "credential", c)
	if strings.Contains(logs.String(), "canary") {
		t.Errorf("the log is %s", &logs)
	}
}
