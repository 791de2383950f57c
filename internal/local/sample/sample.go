// Package sample is the sample request of SuperOffice's own page (C-15), for what makes it of a local stack: the welcome of make run, the
// tests and the benchmarks.
//
// Begin with [Ask].
package sample

import (
	"context"
	"io"
	"net/http"
	"strings"

	"pocket-devices/internal/request"
)

// Header is the request's header, each field as name and value, in the order of the page.
var Header = [][2]string{
	{"Authorization", "Basic dGplMDpUamUw"},
	{"Accept", "application/json; charset=utf-8"},
	{"Accept-Language", "en"},
	{"Content-Type", "application/json; charset=utf-8"},
}

// Body is the request's body.
const Body = "{\n  \"AssociateId\": 117\n}"

// Request returns the request to the API at base, such as http://127.0.0.1:3000. It is an error where base is no address.
func Request(ctx context.Context, base string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, request.Method, base+request.Path, strings.NewReader(Body))
	if err != nil {
		return nil, err
	}
	for _, h := range Header {
		req.Header.Set(h[0], h[1])
	}
	return req, nil
}

// Ask makes the request of the API at base, and returns the answer, whatever its status is. It is an error where there is no answer.
func Ask(ctx context.Context, base string) (status int, answer string, err error) {
	req, err := Request(ctx, base)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}
