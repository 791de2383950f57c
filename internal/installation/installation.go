// Package installation asks a SuperOffice installation who a caller is. It verifies no password, ticket or token itself: it passes
// on what the caller showed and believes the installation (C-30).
//
// Begin with [Installation.Principal].
package installation

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"pocket-devices/internal/principal"
	"pocket-devices/internal/stricthttp"
)

const (
	timeout = 2 * time.Second // for the whole of one question (C-33)
	path    = "/api/v1/User/currentPrincipal"
)

// Installation is one SuperOffice installation, seen over HTTP. It is safe for concurrent use.
type Installation struct {
	url    string
	client *stricthttp.Client
}

// New returns the installation at address, such as https://host/SuperOffice or https://sod.superoffice.com/Cust12345. The error is that of
// [stricthttp.CheckBase].
func New(address string) (*Installation, error) {
	if err := stricthttp.CheckBase(address); err != nil {
		return nil, err
	}
	return &Installation{strings.TrimRight(address, "/") + path, stricthttp.New(timeout)}, nil
}

// Principal asks who showed the credential. The error is [principal.ErrUnknown] where the installation knows nobody by it; any other
// is a failure to find out, and must never let anybody in. It takes 2 s at the most and reads 64 KiB (C-33). No error holds a part of the
// credential, or of what was answered.
func (i *Installation) Principal(ctx context.Context, c principal.Credential) (principal.Principal, error) {
	status, body, err := i.client.Get(ctx, i.url, header(c))
	switch {
	case status == http.StatusUnauthorized: // whatever becomes of its body
		return principal.Principal{}, fmt.Errorf("%w: the installation answered with status 401", principal.ErrUnknown)
	case err != nil:
		return principal.Principal{}, fmt.Errorf("the installation: %w", err)
	case status != http.StatusOK:
		return principal.Principal{}, fmt.Errorf("the installation answered with status %d", status)
	}
	return parse(body)
}

// WarmUp asks who shows no credential, which is nobody: whatever is answered, the connection then stands.
func (i *Installation) WarmUp(ctx context.Context) error {
	if _, _, err := i.client.Get(ctx, i.url, header(principal.Credential{})); err != nil {
		return fmt.Errorf("the installation: %w", err)
	}
	return nil
}

// header returns everything that the installation is told (C-30), under the names that SuperOffice writes.
func header(c principal.Credential) http.Header {
	h := http.Header{"Accept": {"application/json"}, "User-Agent": {"pocket-devices"}}
	if c.Authorization != "" {
		h["Authorization"] = []string{c.Authorization}
	} else if c.Cookie != "" {
		h["Cookie"] = []string{c.Cookie}
		h["X-XSRF-TOKEN"] = []string{c.XSRFToken}
	}
	if c.AppToken != "" {
		h["SO-AppToken"] = []string{c.AppToken}
	}
	return h
}
