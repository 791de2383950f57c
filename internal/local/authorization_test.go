package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/request"
)

// caller is one of the stand-in's people, and what is true of it.
type caller struct {
	name, password                                  string
	associate                                       int
	administrator, systemUser                       bool
	anonymous, expired, ofAnotherInstallation, none bool
}

var callers = []caller{
	{name: "tje0", password: "Tje0", associate: 117},
	{name: "adm0", password: "Adm0", associate: 200, administrator: true},
	{name: "sys0", password: "Sys0", associate: 300, systemUser: true},
	{name: "ano0", password: "Ano0", associate: 117, anonymous: true},
	{name: "oth0", password: "Oth0", associate: 117, administrator: true, ofAnotherInstallation: true},
	{name: "exp0", password: "Exp0", associate: 117, administrator: true, expired: true},
	{name: "nobody", password: "nothing", associate: 117, none: true},
}

// expected says who gets what (C-22, C-31), and whether DynamoDB is asked for it.
func expected(c caller, scheme string, target int, administrators, systemUsers bool) (status int, asked bool) {
	switch {
	case c.anonymous, c.expired, c.ofAnotherInstallation, c.none:
		return 401, false
	case target == c.associate, c.administrator && administrators, c.systemUser && systemUsers && scheme != "oidc": // no claim tells a system user
		return 200, true
	}
	return 403, false
}

const (
	canaryApplication = "canary-application-6f1d"
	canaryCookie      = "canary-cookie-93b7"
	canaryHeader      = "canary-header-c04e"
	canaryBody        = "canary-body-58aa"
)

// show returns the header fields by which c shows who it is, and what of them must never be written anywhere.
func (c caller) show(scheme, token string) (fields map[string]string, secrets []string) {
	switch scheme {
	case "basic":
		encoded := base64.StdEncoding.EncodeToString([]byte(c.name + ":" + c.password))
		return map[string]string{"Authorization": "Basic " + encoded}, []string{encoded, c.password}
	case "soticket":
		return map[string]string{"Authorization": "SoTicket 7T:" + c.name, "SO-AppToken": canaryApplication}, []string{"7T:" + c.name}
	case "bearer":
		return map[string]string{"Authorization": "Bearer 8A:" + standin.ContextIdentifier + "." + c.name, "SO-AppToken": canaryApplication}, []string{"8A:" + standin.ContextIdentifier}
	case "xsrf":
		cookie := "ASP.NET_SessionId=" + c.name + "; XSRF-TOKEN=local; other=" + canaryCookie
		return map[string]string{"Cookie": cookie, "X-XSRF-TOKEN": "local"}, []string{"SessionId=" + c.name, "XSRF-TOKEN=local"}
	}
	return map[string]string{"Authorization": "Bearer " + token}, strings.Split(token, ".")
}

// formats are the content types that are read (C-4), each with a body that asks for an associate and holds a secret beside.
var formats = map[string]string{
	"application/json":                  `{"AssociateId":%d,"Secret":"` + canaryBody + `"}`,
	"text/json":                         `{"associateId":"%d","Secret":"` + canaryBody + `"}`,
	"application/json-patch+json":       `{"AssociateId":%d,"Secret":"` + canaryBody + `"}`,
	"application/merge-patch+json":      `{"AssociateId":%d,"Secret":"` + canaryBody + `"}`,
	"application/xml":                   `<r><AssociateId>%d</AssociateId><Secret>` + canaryBody + `</Secret></r>`,
	"text/xml":                          `<r xmlns="urn:x"><AssociateId>%d</AssociateId><Secret>` + canaryBody + `</Secret></r>`,
	"application/x-www-form-urlencoded": `AssociateId=%d&Secret=` + canaryBody,
}

// tokenFor returns the token that the stand-in's issuer gives to c; nobody has one that nobody signed.
func tokenFor(t *testing.T, address string, c caller) string {
	t.Helper()
	if c.none {
		return "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.bm90LXNpZ25lZA"
	}
	token, err := standin.Token(address, c.name, c.password)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Everybody, in every way to show it, asking for its own devices and for another's, in every format, under every setting of who may read
// all: through gateway, authorizer and function as they are deployed. Nobody gets what is not for it, and DynamoDB is asked for
// nothing that is refused. What is secret is written nowhere: neither whole, nor a part, nor a hash.
func TestAuthorizationMatrix(t *testing.T) {
	proxy := newEngineProxy(t)
	rows := 0
	for _, setting := range []struct {
		administrators, systemUsers bool
		cacheSeconds                int
	}{{false, false, 0}, {true, false, 60}, {false, true, 60}, {true, true, 0}} {
		t.Run(fmt.Sprintf("%+v", setting), func(t *testing.T) {
			st, api, logs := openStack(t, proxy.url, map[string]string{
				"ReadAllAdministrators": fmt.Sprint(setting.administrators),
				"ReadAllSystemUsers":    fmt.Sprint(setting.systemUsers),
				"PrincipalCacheSeconds": fmt.Sprint(setting.cacheSeconds),
			})

			secrets := []string{canaryApplication, canaryCookie, canaryHeader, canaryBody, "local-handle"}
			decisions, readings := 0, 0
			for _, c := range callers {
				token := tokenFor(t, st.standin, c)
				for _, scheme := range []string{"basic", "soticket", "bearer", "xsrf", "oidc"} {
					fields, shown := c.show(scheme, token)
					for _, secret := range append(shown, fields["Authorization"], fields["Cookie"]) {
						if secret != "" {
							sum := sha256.Sum256([]byte(secret))
							secrets = append(secrets, secret, hex.EncodeToString(sum[:8]), base64.StdEncoding.EncodeToString(sum[:9]), base64.RawURLEncoding.EncodeToString(sum[:9]))
						}
					}
					for _, target := range []int{c.associate, 118} {
						for contentType, body := range formats {
							r := httptest.NewRequest(request.Method, request.Path, strings.NewReader(fmt.Sprintf(body, target)))
							r.Header.Set("Content-Type", contentType)
							r.Header.Set("Accept", "application/json")
							r.Header.Set("X-Canary", canaryHeader)
							for name, value := range fields {
								r.Header.Set(name, value)
							}
							before := proxy.asked()
							w := httptest.NewRecorder()
							api.ServeHTTP(w, r)

							rows++
							decisions++
							status, asked := expected(c, scheme, target, setting.administrators, setting.systemUsers)
							if status != 401 {
								readings++
							}
							row := fmt.Sprintf("%s by %s for %d as %s", c.name, scheme, target, contentType)
							if queries := proxy.asked() - before; w.Code != status || (queries > 0) != asked {
								t.Errorf("%s: answered with %d %s after %d queries, want %d", row, w.Code, w.Body, queries, status)
							}
							if status == 200 {
								checkOwner(t, row, w.Body.Bytes(), target)
							} else if other := append(secrets, "DeviceIdentifier"); containsAny(w.Body.String(), other) != "" {
								t.Errorf("%s: the refusal has %q: %s", row, containsAny(w.Body.String(), other), w.Body)
							}
						}
					}
				}
			}
			st.close()
			text := logs.String()
			if found := containsAny(text, secrets); found != "" {
				t.Errorf("%q is written", found)
			}
			if n := strings.Count(text, `"source":`); n != decisions {
				t.Errorf("%d audit lines for %d decisions of the authorizer", n, decisions)
			}
			if n := strings.Count(text, `"scope":`); n != readings {
				t.Errorf("%d audit lines for %d decisions of the function", n, readings)
			}
			if strings.Contains(text, "authorizer_context_invalid") {
				t.Error("the authorizer let somebody through whom the function does not take")
			}
			if cached := strings.Contains(text, `"cached":true`); cached != (setting.cacheSeconds > 0) {
				t.Errorf("answers out of the cache: %v", cached)
			}
		})
	}
	t.Logf("%d rows", rows)
}

// checkOwner checks that the devices are those of the associate, as events/devices/sample.json has them.
func checkOwner(t *testing.T, row string, body []byte, associate int) {
	t.Helper()
	var devices []struct{ DeviceIdentifier string }
	if err := json.Unmarshal(body, &devices); err != nil {
		t.Fatal(err)
	}
	owners := map[string]int{"ullam": 117, "5f0c3f0e-ipad": 118, "9d1b77a2-phone": 118}
	count := map[int]int{117: 1, 118: 2}[associate]
	for _, d := range devices {
		if owners[d.DeviceIdentifier] != associate {
			t.Errorf("%s: got the device %q", row, d.DeviceIdentifier)
		}
	}
	if len(devices) != count {
		t.Errorf("%s: got %d devices, want %d", row, len(devices), count)
	}
}

// containsAny returns the first of parts that is in text, empty where none is.
func containsAny(text string, parts []string) string {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return part
		}
	}
	return ""
}
