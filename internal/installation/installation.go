// Package installation asks a SuperOffice installation who a caller is. It verifies no password, ticket or token itself: it passes
// on what the caller showed and believes the installation (C-30).
//
// Begin with [Installation.Principal].
package installation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	timeout      = 2 * time.Second // for the whole of one question (C-33)
	maxPrincipal = 64 << 10        // bytes of an answer that are read (C-33)
	path         = "/api/v1/User/currentPrincipal"
)

// ErrUnauthorized says that the installation does not know the caller: its answer was 401, or a user that is nobody (C-31, C-33).
// Every other error of [Installation.Principal] says that it could not be asked.
var ErrUnauthorized = errors.New("the installation does not know the caller")

// Credentials are what the caller showed, in the words in which it was sent. Either Authorization is set, or Cookie and XSRFToken
// are (C-30). They are secrets and must not be logged.
type Credentials struct {
	Authorization string // Authorization, whole: scheme and credential
	Cookie        string // Cookie
	XSRFToken     string // X-XSRF-TOKEN
	AppToken      string // SO-AppToken; empty where there is none
}

// Installation is one SuperOffice installation, seen over HTTP. It is safe for concurrent use.
type Installation struct {
	url    string
	client *http.Client
}

// New returns the installation at address, such as https://host/SuperOffice or https://sod.superoffice.com/Cust12345. The address must be
// https; plain http is taken only for the developer's own machine (C-33).
func New(address string) (*Installation, error) {
	if err := checkAddress(address); err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: timeout}
	return &Installation{
		url: strings.TrimRight(address, "/") + path,
		client: &http.Client{
			Timeout: timeout,
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment, // that is none, unless HTTPS_PROXY is set
				DialContext:            dialer.DialContext,
				TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
				ForceAttemptHTTP2:      true,
				MaxIdleConnsPerHost:    1, // a Lambda function asks one question at a time
				MaxResponseHeaderBytes: maxPrincipal,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Hostname() == "", u.User != nil, u.RawQuery != "", u.Fragment != "", u.Opaque != "":
		return errors.New("it must be an address such as https://sod.superoffice.com/Cust12345, without user, query or fragment")
	case u.Scheme == "https", u.Scheme == "http" && isThisMachine(u.Hostname()):
		return nil
	}
	return errors.New("it must begin with https://; http:// is taken for localhost and host.docker.internal only")
}

// isThisMachine reports whether host is the machine of a developer, as it sees itself or as a container on it does (C-33).
func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || host == "host.docker.internal" || ip != nil && ip.IsLoopback()
}

// Principal asks who showed the credentials. The error is [ErrUnauthorized] where the installation knows nobody by them; any other
// is a failure to find out, and must never let anybody in (C-33). No error holds a credential, or what was answered.
func (i *Installation) Principal(ctx context.Context, c Credentials) (Principal, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.url, nil)
	if err != nil {
		return Principal{}, errors.New("the request to the installation cannot be formed")
	}
	req.Header = c.header()
	resp, err := i.client.Do(req)
	if err != nil {
		return Principal{}, fmt.Errorf("the installation did not answer: %w", withoutURL(err))
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxPrincipal)) // so that the connection can be used again
		return Principal{}, ErrUnauthorized
	default:
		return Principal{}, fmt.Errorf("the installation answered with status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPrincipal+1))
	switch {
	case err != nil:
		return Principal{}, fmt.Errorf("the installation's answer broke off: %w", withoutURL(err))
	case len(body) > maxPrincipal:
		return Principal{}, fmt.Errorf("the installation's answer is longer than %d bytes", maxPrincipal)
	}
	return parsePrincipal(body)
}

// header returns everything that the installation is told (C-30), under the names that SuperOffice writes.
func (c Credentials) header() http.Header {
	h := http.Header{"Accept": {"application/json"}, "User-Agent": {"pocket-devices"}}
	if c.Authorization != "" {
		h["Authorization"] = []string{c.Authorization}
	} else {
		h["Cookie"] = []string{c.Cookie}
		h["X-XSRF-TOKEN"] = []string{c.XSRFToken}
	}
	if c.AppToken != "" {
		h["SO-AppToken"] = []string{c.AppToken}
	}
	return h
}

// withoutURL takes the address out of an error of the HTTP client; the configuration has it.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
