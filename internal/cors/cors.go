// Package cors lets pages of listed origins call the API from a browser (the Fetch standard, HTTP-network-or-cache fetch and CORS).
// It says who may, and in which words.
//
// Begin with [Parse] and [Origins.Answer].
package cors

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"pocket-devices/internal/apigateway"
)

// Origins are the origins whose pages may call. None is the zero value, and means that CORS is off. They never change.
type Origins struct{ list []string }

// Parse reads origins separated by commas, such as "https://app.example.com,https://test.example.com:8443". Each is exact: a scheme,
// a host in lower case and perhaps a port, as a browser sends it. An asterisk, null or a path is an error; an empty list is none.
func Parse(s string) (Origins, error) {
	var o Origins
	if strings.TrimSpace(s) == "" {
		return o, nil
	}
	for origin := range strings.SplitSeq(s, ",") {
		origin = strings.TrimSpace(origin)
		if !isOrigin(origin) {
			return Origins{}, errors.New("it must be exact origins separated by commas, such as https://app.example.com, without a path")
		}
		o.list = append(o.list, origin)
	}
	return o, nil
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && s == u.Scheme+"://"+u.Host &&
		s == strings.ToLower(s) && !strings.ContainsAny(s, "*'\"\\ ")
}

// On reports whether there is any origin that may call.
func (o Origins) On() bool { return len(o.list) > 0 }

// Answer returns the fields that an answer carries, an error too, to a request whose Origin field has these values: which origin may read
// it, where that is one of the list, and never another (C-14 keeps it out of every cache).
func (o Origins) Answer(origin []string) []apigateway.Field {
	switch {
	case !o.On():
		return nil
	case len(origin) != 1 || !slices.Contains(o.list, origin[0]):
		return []apigateway.Field{{Name: "Vary", Value: "Origin"}}
	}
	return []apigateway.Field{
		{Name: "Vary", Value: "Origin"},
		{Name: "Access-Control-Allow-Origin", Value: origin[0]},
		{Name: "Access-Control-Allow-Credentials", Value: "true"}, // a session's cookies (C-30); never for an origin that is not listed
		{Name: "Access-Control-Expose-Headers", Value: "X-Request-Id, Retry-After"},
	}
}

// allowedHeaders are the fields that SuperOffice's own client sends and a browser asks about.
const allowedHeaders = "authorization, content-type, accept, accept-language, so-language, so-culture, so-timezone, " +
	"so-browser-tz-offset, so-apptoken, x-xsrf-token"

// Preflight returns the fields of the answer to a preflight request, for one method.
func (o Origins) Preflight(origin []string, method string) []apigateway.Field {
	fields := o.Answer(origin)
	if len(fields) > 1 {
		fields = append(fields,
			apigateway.Field{Name: "Access-Control-Allow-Methods", Value: method},
			apigateway.Field{Name: "Access-Control-Allow-Headers", Value: allowedHeaders},
			apigateway.Field{Name: "Access-Control-Max-Age", Value: "600"}) // seconds
	}
	return fields
}
