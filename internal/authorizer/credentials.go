package authorizer

import (
	"errors"
	"strings"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/ascii"
	"pocket-devices/internal/installation"
)

// maxCredential is the largest credential that is passed on, in bytes of one header field (C-32).
const maxCredential = 8 << 10

// The names of the schemes, as they stand in the authorizer context (C-36).
const (
	schemeBasic    = "basic"
	schemeSoTicket = "soticket"
	schemeBearer   = "bearer"
	schemeXSRF     = "xsrf"
)

// credentials takes out of a request's header what shows who the caller is, and names the scheme (C-32). An error says that
// there is nothing to ask the installation about: it would be a guess which of two things the caller meant. It holds no part of
// what was sent.
func credentials(header apigateway.Header) (c installation.Credentials, scheme string, err error) {
	authorization, authorizationErr := header.Values("Authorization")
	appToken, appTokenErr := header.Values("SO-AppToken")
	switch {
	case authorizationErr != nil || appTokenErr != nil:
		return c, "", apigateway.ErrHeader
	case len(authorization) > 1:
		return c, "", errors.New("more than one Authorization header")
	case len(appToken) > 1 || len(appToken) == 1 && !fits(appToken[0]):
		return c, "", errors.New("a malformed SO-AppToken header")
	}
	if len(appToken) == 1 {
		c.AppToken = appToken[0]
	}
	if len(authorization) == 1 {
		c.Authorization = authorization[0]
		scheme, err = parseAuthorization(c.Authorization)
		return c, scheme, err
	}

	cookies, cookieErr := header.Values("Cookie")
	token, tokenErr := header.Values("X-XSRF-TOKEN")
	switch {
	case cookieErr != nil || tokenErr != nil:
		return c, "", apigateway.ErrHeader
	case len(cookies) == 0 || len(token) == 0:
		return c, "", errors.New("no credential")
	case len(token) > 1 || token[0] == "" || !fits(token[0]):
		return c, "", errors.New("a malformed X-XSRF-TOKEN header")
	}
	c.XSRFToken = token[0]
	c.Cookie = strings.Join(cookies, "; ") // HTTP/2 lets a client send its cookies in several fields (RFC 9113, 8.2.3)
	if c.Cookie == "" || !fits(strings.ReplaceAll(c.Cookie, " ", "")) || len(c.Cookie) > maxCredential {
		return c, "", errors.New("a malformed Cookie header")
	}
	return c, schemeXSRF, nil
}

// parseAuthorization checks an Authorization header, one scheme and one credential, and returns the scheme's name.
func parseAuthorization(value string) (scheme string, err error) {
	name, credential, _ := strings.Cut(value, " ")
	credential = strings.TrimLeft(credential, " ") // RFC 9110, 11.4: one space or more
	if credential == "" || len(value) > maxCredential || !fits(credential) || strings.Contains(credential, ",") {
		return "", errors.New("a malformed Authorization header")
	}
	for _, scheme := range []string{schemeBasic, schemeSoTicket, schemeBearer} {
		if ascii.EqualFold(name, scheme) {
			return scheme, nil
		}
	}
	return "", errors.New("an unknown scheme of authorization")
}

// fits reports whether s may be passed on as a header's value.
func fits(s string) bool { return len(s) <= maxCredential && ascii.Visible(s) }
