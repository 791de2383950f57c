package authorizer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/authorizer"
	"pocket-devices/internal/principal"
)

// source is a [authorizer.Source] that knows one principal, whatever the credential.
type source struct {
	principal principal.Principal
	err       error
	asked     []principal.Credential
}

func (s *source) WarmUp(context.Context) error { return s.err }

func (s *source) Principal(_ context.Context, c principal.Credential) (principal.Principal, error) {
	s.asked = append(s.asked, c)
	return s.principal, s.err
}

var tje = principal.Principal{Associate: 117, Name: "tje0", ContextIdentifier: "Cust12345"}

const arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/api/v1/Agents/Pocket/GetRegisteredDevices"

// event returns an authorizer event whose header has the fields, given as name, value, name, value.
func event(t testing.TB, methodARN string, fields ...string) []byte {
	t.Helper()
	e := events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type: "REQUEST", MethodArn: methodARN, Headers: map[string]string{}, MultiValueHeaders: map[string][]string{},
	}
	e.RequestContext.RequestID = "the-request"
	for pair := range slices.Chunk(fields, 2) {
		e.Headers[pair[0]] = pair[1]
		e.MultiValueHeaders[pair[0]] = append(e.MultiValueHeaders[pair[0]], pair[1])
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// invoke returns the answer of an authorizer whose installation is s, what it logged, and its error.
func invoke(t testing.TB, s authorizer.Source, c authorizer.Config, payload []byte) (answer events.APIGatewayCustomAuthorizerResponse, logged string, err error) {
	t.Helper()
	c.Installation = s
	var logs bytes.Buffer
	encoded, err := authorizer.New(c, slog.New(slog.NewJSONHandler(&logs, nil))).Invoke(t.Context(), payload)
	if err == nil {
		if err := json.Unmarshal(encoded, &answer); err != nil {
			t.Fatal(err)
		}
	} else if encoded != nil {
		t.Errorf("beside the error %v there is the answer %s", err, encoded)
	}
	return answer, logs.String(), err
}

// The source is asked about the credential as it came, and nobody is where there is none (C-30, C-32).
func TestCredential(t *testing.T) {
	for name, tt := range map[string]struct {
		fields []string
		want   []principal.Credential
	}{
		"a ticket": {
			[]string{"authorization", "SOTicket 7T:x", "so-apptoken", "app"},
			[]principal.Credential{{Scheme: "soticket", Authorization: "SOTicket 7T:x", AppToken: "app"}},
		},
		"a session": {[]string{"Cookie", "a=b; c=d", "X-XSRF-TOKEN", "x"}, []principal.Credential{{Scheme: "xsrf", Cookie: "a=b; c=d", XSRFToken: "x"}}},
		"nothing":   {nil, nil},
		"a list":    {[]string{"Authorization", "Basic abc,Basic def"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := &source{principal: tje}
			got, logs, err := invoke(t, s, authorizer.Config{}, event(t, arn, tt.fields...))
			if diff := cmp.Diff(tt.want, s.asked); diff != "" {
				t.Errorf("asked about, -want +got:\n%s", diff)
			}
			if tt.want == nil {
				if err == nil || err.Error() != "Unauthorized" || strings.Count(logs, "\n") != 1 || !strings.Contains(logs, `"outcome":"unauthorized"`) || !strings.Contains(logs, `"apiRequestId":"the-request"`) {
					t.Errorf("the error is %v, the log %s", err, logs)
				}
			} else if err != nil || got.Context["authScheme"] != tt.want[0].Scheme {
				t.Errorf("the scheme is %v, %v", got.Context["authScheme"], err)
			}
		})
	}
}

// Who may read everybody's devices (C-31).
func TestCanReadAll(t *testing.T) {
	user, admin, system := tje, tje, tje
	admin.Administrator = true
	system.SystemUser = true
	for _, tt := range []struct {
		name      string
		principal principal.Principal
		none      bool // neither is configured
		admins    bool // administrators are
		systems   bool // system users are
	}{
		{"a user", user, false, false, false},
		{"an administrator", admin, false, true, false},
		{"a system user", system, false, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for config, want := range map[authorizer.Config]bool{
				{}:                            tt.none,
				{ReadAllAdministrators: true}: tt.admins,
				{ReadAllSystemUsers: true}:    tt.systems,
				{ReadAllAdministrators: true, ReadAllSystemUsers: true}: tt.admins || tt.systems,
			} {
				got, _, err := invoke(t, &source{principal: tt.principal}, config, event(t, arn, "Authorization", "Basic abc"))
				if text := map[bool]string{true: "true", false: "false"}[want]; err != nil || got.Context["canReadAll"] != text {
					t.Errorf("with %+v canReadAll is %v, %v, want %s", config, got.Context["canReadAll"], err, text)
				}
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	got, logs, err := invoke(t, &source{principal: tje}, authorizer.Config{ContextIdentifier: "Cust12345"}, event(t, arn, "Authorization", "Basic canary"))
	if err != nil {
		t.Fatal(err)
	}
	want := events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: "tje0",
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{arn}},
		}},
		Context: map[string]any{"associateId": "117", "contextIdentifier": "Cust12345", "canReadAll": "false", "authScheme": "basic"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, part := range []string{`"outcome":"authorized"`, `"principal":"tje0"`, `"actor":117`, `"authScheme":"basic"`, `"contextIdentifier":"Cust12345"`} {
		if !strings.Contains(logs, part) {
			t.Errorf("the log %s lacks %s", logs, part)
		}
	}
	if strings.Contains(logs, "canary") {
		t.Errorf("the log has the credential: %s", logs)
	}
}

// A path that was sent with a slash behind it is allowed as it was sent, and nothing beside it is (C-36).
func TestPolicyOfASlash(t *testing.T) {
	got, _, err := invoke(t, &source{principal: tje}, authorizer.Config{}, event(t, arn+"/", "Authorization", "Basic canary"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{arn + "/"}, got.PolicyDocument.Statement[0].Resource); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Who is refused with 401, and what is a failure, which is neither a 401 nor an allow (C-33, C-36).
func TestRefusalsAndFailures(t *testing.T) {
	elsewhere := tje
	elsewhere.ContextIdentifier = "Cust54321"
	nowhere := tje
	nowhere.ContextIdentifier = ""
	good := event(t, arn, "Authorization", "Basic canary")
	tests := []struct {
		name         string
		source       *source
		payload      []byte
		unauthorized bool
	}{
		{"nobody that is known", &source{err: principal.ErrUnknown}, good, true},
		{"a principal of another installation", &source{principal: elsewhere}, good, true},
		{"a principal without a context identifier", &source{principal: nowhere}, good, true},
		{"an installation that fails", &source{principal: tje, err: errors.New("canary")}, good, false},
		{"no event", &source{principal: tje}, []byte("null"), false},
		{"the function's event", &source{principal: tje}, []byte(`{"resource":"/r","httpMethod":"POST","requestContext":{}}`), false},
		{"a TOKEN authorizer's event", &source{principal: tje}, []byte(`{"type":"TOKEN","methodArn":"` + arn + `","authorizationToken":"Basic abc"}`), false},
		{"another route", &source{principal: tje}, event(t, arn+"2", "Authorization", "Basic canary"), false},
		{"a route below", &source{principal: tje}, event(t, arn+"/x", "Authorization", "Basic canary"), false},
		{"two slashes", &source{principal: tje}, event(t, arn+"//", "Authorization", "Basic canary"), false},
		{"another method", &source{principal: tje}, event(t, strings.Replace(arn, "POST", "GET", 1), "Authorization", "Basic canary"), false},
		{"every route", &source{principal: tje}, event(t, strings.Replace(arn, "POST", "*", 1), "Authorization", "Basic canary"), false},
		{"no methodArn", &source{principal: tje}, event(t, "", "Authorization", "Basic canary"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, logs, err := invoke(t, tt.source, authorizer.Config{ContextIdentifier: "Cust12345"}, tt.payload)
			if err == nil || (err.Error() == "Unauthorized") != tt.unauthorized {
				t.Errorf("the error is %v", err)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error tells the cause: %v", err)
			}
			line := `"level":"ERROR","msg":"audit","outcome":"failed"`
			if tt.unauthorized {
				line = `"level":"INFO","msg":"audit","outcome":"unauthorized"`
			}
			if !strings.Contains(logs, line) || strings.Contains(logs, "Basic") || strings.Count(logs, "\n") != 1 {
				t.Errorf("the log is %s", logs)
			}
			if (tt.payload == nil || !tt.unauthorized && tt.source.err == nil) && len(tt.source.asked) > 0 {
				t.Error("the installation was asked")
			}
		})
	}
}

type sourceFunc func() (principal.Principal, error)

func (sourceFunc) WarmUp(context.Context) error { return nil }

func (f sourceFunc) Principal(context.Context, principal.Credential) (principal.Principal, error) {
	return f()
}

// A panic lets nobody in, and tells nothing of what it holds.
func TestPanic(t *testing.T) {
	s := sourceFunc(func() (principal.Principal, error) { panic("canary") })
	_, logs, err := invoke(t, s, authorizer.Config{}, event(t, arn, "Authorization", "Basic canary"))
	if err == nil || err.Error() == "Unauthorized" || strings.Contains(err.Error()+logs, "canary") || !strings.Contains(logs, "panic of type string") {
		t.Errorf("the error is %v, the log %s", err, logs)
	}
}

// Which source is asked about which credential (C-35): a bearer token of the form of the issuer's own, where there is one; and never both.
func TestSources(t *testing.T) {
	const token = "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
	tests := []struct {
		name                 string
		fields               []string
		both, one, installed string // who is asked with both sources, the issuer alone, the installation alone; empty for a 401
	}{
		{"a token", []string{"Authorization", token}, "issuer", "issuer", "installation"},
		{"SuperOffice's token", []string{"Authorization", "Bearer 8A:Cust12345.abc.def"}, "installation", "", "installation"},
		{"a token as a ticket", []string{"Authorization", strings.Replace(token, "Bearer", "SoTicket", 1)}, "installation", "", "installation"},
		{"a token in a cookie", []string{"Cookie", token, "X-XSRF-TOKEN", "x"}, "installation", "", "installation"},
		{"a password", []string{"Authorization", "Basic dGplMDpUamUw"}, "installation", "", "installation"},
		{"dots", []string{"Authorization", "Bearer " + strings.Repeat(".", 8000)}, "installation", "", "installation"},
		{"nothing", nil, "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for want, c := range map[*string][2]bool{&tt.both: {true, true}, &tt.one: {false, true}, &tt.installed: {true, false}} {
				in, is := &source{principal: tje}, &source{err: principal.ErrUnknown} // whom the issuer refuses, the installation is not asked about
				var config authorizer.Config
				if c[0] {
					config.Installation = in
				}
				if c[1] {
					config.Issuer = is
				}
				var logs bytes.Buffer
				_, err := authorizer.New(config, slog.New(slog.NewJSONHandler(&logs, nil))).Invoke(t.Context(), event(t, arn, tt.fields...))
				if (len(in.asked) == 1) != (*want == "installation") || (len(is.asked) == 1) != (*want == "issuer") || len(in.asked)+len(is.asked) > 1 {
					t.Errorf("%v: asked %d and %d times, want %q", c, len(in.asked), len(is.asked), *want)
				}
				if (err == nil) != (*want == "installation") || err != nil && err.Error() != "Unauthorized" {
					t.Errorf("%v: %v", c, err)
				}
				if source := map[string]string{"issuer": `"source":"oidc","authScheme":"oidc"`, "installation": `"source":"installation"`, "": `"source":""`}[*want]; !strings.Contains(logs.String(), source) {
					t.Errorf("%v: the log is %s", c, &logs)
				}
			}
		})
	}
}

// A principal that is known until a time is let in until shortly before it, and the function is told (C-20); also where it is kept.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expires := time.Now().Add(20 * time.Second)
		p := tje
		p.Expires = expires
		a := authorizer.New(authorizer.Config{Issuer: &source{principal: p}, CacheSpan: time.Minute}, slog.New(slog.DiscardHandler))
		for _, tt := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {15*time.Second - 1, true}, {1, false}, {4 * time.Second, false}, {time.Minute, false}} {
			time.Sleep(tt.after)
			answer, err := a.Invoke(t.Context(), event(t, arn, "Authorization", "Bearer e30.e30.e30"))
			if (err == nil) != tt.want || err == nil && !strings.Contains(string(answer), `"exp":"`+strconv.FormatInt(expires.Unix(), 10)+`"`) {
				t.Errorf("%v before it expires: %s, %v", time.Until(expires), answer, err)
			}
		}
	})
}

// A principal that is kept is not asked about again, and every check is made all the same.
func TestCache(t *testing.T) {
	s := &source{principal: tje}
	var logs bytes.Buffer
	a := authorizer.New(authorizer.Config{Installation: s, ContextIdentifier: "Cust12345", CacheSpan: time.Minute}, slog.New(slog.NewJSONHandler(&logs, nil)))
	for _, tt := range []struct {
		methodARN, authorization string
		want                     string // in the log
		asked                    int
	}{
		{arn, "Basic abc", `"outcome":"authorized","source":"installation","authScheme":"basic","principal":"tje0","actor":117,"contextIdentifier":"Cust12345","canReadAll":false,"cached":false`, 1},
		{arn, "Basic abc", `"outcome":"authorized","source":"installation","authScheme":"basic","principal":"tje0","actor":117,"contextIdentifier":"Cust12345","canReadAll":false,"cached":true`, 1},
		{arn + "2", "Basic abc", `"outcome":"failed"`, 1},
		{arn, "Basic abd", `"cached":false`, 2},
		{arn, "Basic abc,", `"outcome":"unauthorized"`, 2},
	} {
		logs.Reset()
		_, _ = a.Invoke(t.Context(), event(t, tt.methodARN, "Authorization", tt.authorization))
		if !strings.Contains(logs.String(), tt.want) || len(s.asked) != tt.asked || strings.Count(logs.String(), "\n") != 1 {
			t.Errorf("%s: asked %d times; the log is %s", tt.authorization, len(s.asked), &logs)
		}
	}
}

// Both sources are warmed up within a second, also where the first of them hangs; a failure is a warning each, and nothing else.
func TestWarmUp(t *testing.T) {
	for name, tt := range map[string]struct {
		installation, issuer authorizer.Source
		warnings             int
	}{
		"both answer":  {&source{}, &source{}, 0},
		"one alone":    {&source{}, nil, 0},
		"both fail":    {&source{err: errors.New("down")}, &source{err: errors.New("down")}, 2},
		"neither ends": {hangs{}, hangs{}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logs bytes.Buffer
				a := authorizer.New(authorizer.Config{Installation: tt.installation, Issuer: tt.issuer}, slog.New(slog.NewTextHandler(&logs, nil)))
				start := time.Now()
				a.WarmUp(t.Context())
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %v", took)
				}
				if n := strings.Count(logs.String(), "level=WARN msg=warm-up cause="); n != tt.warnings || strings.Count(logs.String(), "\n") != n {
					t.Errorf("%d warnings in %s", n, &logs)
				}
			})
		})
	}
}

// hangs is a source that answers when nobody waits any more.
type hangs struct{ *source }

func (hangs) WarmUp(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
