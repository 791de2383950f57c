package principal

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
)

// maxField is the longest header field that is taken for part of a credential, in bytes (C-32).
const maxField = 8 << 10

// The schemes by which a caller shows who it is (C-36).
const (
	basic    = "basic"
	soTicket = "soticket"
	bearer   = "bearer"
	xsrf     = "xsrf" // the cookies of a session, with its X-XSRF-TOKEN
)

// Credential is what a caller showed, in the words in which it was sent. Either Authorization is set, or Cookie and XSRFToken
// are (C-30). Printed, logged or marshalled it reads [pocket.Redacted].
type Credential struct {
	Scheme        string // basic, soticket, bearer or xsrf
	Authorization string // Authorization, whole: scheme and credential
	Cookie        string // Cookie
	XSRFToken     string // X-XSRF-TOKEN
	AppToken      string // SO-AppToken; empty where there is none
}

var (
	_ fmt.Formatter          = Credential{}
	_ slog.LogValuer         = Credential{}
	_ encoding.TextMarshaler = Credential{}
)

// Format writes [pocket.Redacted] for every verb.
func (Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, pocket.Redacted) }

// LogValue returns [pocket.Redacted].
func (Credential) LogValue() slog.Value { return slog.StringValue(pocket.Redacted) }

// MarshalText returns [pocket.Redacted], for JSON and every other encoding that asks for text.
func (Credential) MarshalText() ([]byte, error) { return []byte(pocket.Redacted), nil }

// ParseCredential takes out of a request's header what shows who the caller is (C-32). An error says that there is nothing to ask a
// source about: it would be a guess which of two things the caller meant. It holds no part of what was sent.
func ParseCredential(header apigateway.Header) (Credential, error) {
	var c Credential
	authorization, authorizationErr := header.Values("Authorization")
	appToken, appTokenErr := header.Values("SO-AppToken")
	switch {
	case authorizationErr != nil || appTokenErr != nil:
		return c, apigateway.ErrHeader
	case len(authorization) > 1:
		return c, errors.New("more than one Authorization header")
	case len(appToken) > 1 || len(appToken) == 1 && !fits(appToken[0]):
		return c, errors.New("a malformed SO-AppToken header")
	}
	if len(appToken) == 1 {
		c.AppToken = appToken[0]
	}
	if len(authorization) == 1 {
		c.Authorization = authorization[0]
		var err error
		c.Scheme, err = parseAuthorization(c.Authorization)
		return c, err
	}

	cookies, cookieErr := header.Values("Cookie")
	token, tokenErr := header.Values("X-XSRF-TOKEN")
	switch {
	case cookieErr != nil || tokenErr != nil:
		return c, apigateway.ErrHeader
	case len(cookies) == 0 || len(token) == 0:
		return c, errors.New("no credential")
	case len(token) > 1 || token[0] == "" || !fits(token[0]):
		return c, errors.New("a malformed X-XSRF-TOKEN header")
	}
	c.Scheme = xsrf
	c.XSRFToken = token[0]
	c.Cookie = strings.Join(cookies, "; ") // HTTP/2 lets a client send its cookies in several fields (RFC 9113, 8.2.3)
	if strings.Trim(c.Cookie, "; ") == "" || len(c.Cookie) > maxField || !ascii.Visible(strings.ReplaceAll(c.Cookie, " ", "")) {
		return c, errors.New("a malformed Cookie header")
	}
	return c, nil
}

// parseAuthorization checks an Authorization header, one scheme and one credential, and returns the scheme.
func parseAuthorization(value string) (scheme string, err error) {
	name, credential := cut(value)
	if credential == "" || len(value) > maxField || !ascii.Visible(credential) || strings.Contains(credential, ",") {
		return "", errors.New("a malformed Authorization header")
	}
	for _, scheme := range []string{basic, soTicket, bearer} {
		if ascii.EqualFold(name, scheme) {
			return scheme, nil
		}
	}
	return "", errors.New("an unknown scheme of authorization")
}

// cut divides an Authorization header at the spaces, of which there may be more than one (RFC 9110, 11.4).
func cut(authorization string) (scheme, credential string) {
	scheme, credential, _ = strings.Cut(authorization, " ")
	return scheme, strings.TrimLeft(credential, " ")
}

// fits reports whether s may be passed on as a header's value.
func fits(s string) bool { return len(s) <= maxField && ascii.Visible(s) }

// JWT returns the bearer token of the credential if it has the form of a JSON Web Token: three parts of base64url characters, of which
// the last may be empty (RFC 7515, 7.1). SuperOffice's own bearer tokens, 8A:Cust12345.…, never have it, as they hold a colon.
func (c Credential) JWT() (token string, ok bool) {
	if c.Scheme != bearer {
		return "", false
	}
	_, token = cut(c.Authorization)
	header, rest, _ := strings.Cut(token, ".")
	claims, signature, ok := strings.Cut(rest, ".")
	ok = ok && header != "" && claims != "" && isBase64URL(header) && isBase64URL(claims) && isBase64URL(signature)
	return token, ok
}

func isBase64URL(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
