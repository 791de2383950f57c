// Package stricthttp asks the servers that say who somebody is: the installation, and the issuer of tokens. They are believed, so what
// is asked is bounded in everything: https alone, TLS 1.2 at least, the address from the configuration and no other, an answer that is whole
// and not long, and little time.
//
// Begin with [Client.Get].
package stricthttp

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

	"pocket-devices/internal/guard"
)

const (
	maxBody      = 64 << 10         // bytes of an answer, and of its header (C-33)
	connectTime  = time.Second      // for a connection, and again for its TLS handshake
	idleLifetime = 50 * time.Second // less than the 60 s after which load balancers drop a connection without a word
)

// Client keeps one connection to a server, also while the Lambda function is frozen between two requests. It is safe for concurrent use.
type Client struct{ client *http.Client }

// New returns a client whose every question takes timeout at the most, from the look-up of the name to the last byte of the body.
//
// It speaks HTTP/1.1. Over HTTP/2 the header of a request stays in the connection's compression table, and with it the credential, for
// as long as the connection lives (C-34); and one question at a time is all that a Lambda function asks.
func New(timeout time.Duration) *Client {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &Client{&http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment, // that is none, unless HTTPS_PROXY is set
			DialContext:            (&net.Dialer{Timeout: connectTime}).DialContext,
			TLSHandshakeTimeout:    connectTime,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: maxBody,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        idleLifetime,
			Protocols:              &protocols,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// CheckAddress refuses what may not be asked: an address must be https, have a host, and hold no user and no fragment. Plain http is taken for
// the developer's own machine alone (C-33).
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Hostname() == "", u.User != nil, u.Fragment != "", u.Opaque != "":
		return errors.New("it must be an address such as https://example.com/path, without user or fragment")
	case u.Scheme == "https", u.Scheme == "http" && IsThisMachine(u.Hostname()):
		return nil
	}
	return errors.New("it must begin with https://; http:// is taken for localhost and host.docker.internal only")
}

// CheckBase is [CheckAddress] for an address that a path is put behind, which may have no query.
func CheckBase(address string) error {
	if strings.Contains(address, "?") {
		return errors.New("it must be an address such as https://example.com/path, without a query")
	}
	return CheckAddress(address)
}

// IsThisMachine reports whether host is the machine of a developer, as it sees itself or as a container on it does (C-33).
func IsThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || host == "host.docker.internal" || ip != nil && ip.IsLoopback()
}

// Get asks for address, which [CheckAddress] has passed, with the header given and what HTTP itself needs, and returns the status and the
// whole body. A redirect is an answer like any other. The status is there as soon as it is known, also beside an error. Errors hold no
// more of the address than host and port, and nothing that was sent or answered.
func (c *Client) Get(ctx context.Context, address string, header http.Header) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, errors.New("the request cannot be formed")
	}
	req.Header = header
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("no answer: %s", cause(err))
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return resp.StatusCode, nil, fmt.Errorf("the answer broke off: %s", cause(err))
	case len(body) > maxBody:
		return resp.StatusCode, nil, fmt.Errorf("the answer is longer than %d bytes", maxBody)
	}
	return resp.StatusCode, body, nil
}

// cause returns what an error of the HTTP client says, but for the address, which may name an installation, and what was answered.
func cause(err error) string {
	var e *url.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	return guard.Unquoted(err.Error())
}
