// Package apigateway reads the events that API Gateway sends to Lambda functions and writes what it expects back: the proxy event of
// REST and of HTTP APIs and its answer, the REQUEST authorizer event of REST APIs and its policy.
//
// Begin with [DecodeRequest] and [DecodeAuthorizerRequest]. Both read only the members that this project uses, by their exact
// names, and refuse what is not such an event (C-45). Neither knows what is asked for, nor who may ask.
package apigateway

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/strictjson"
)

// Request is a proxy event: one HTTP request, as far as API Gateway passes it on.
type Request struct {
	ID       string  // API Gateway's request id; empty where the event has none that is fit to be sent back
	Resource string  // the route that matched, such as /api/v1/Agents/Pocket/GetRegisteredDevices
	Method   string  // such as POST
	Header   Header  // the client's
	Context  []byte  // what a Lambda authorizer said of the caller, a JSON value; nil where there is none (C-20)
	query    []field // decoded, in the order of the event
	body     string  // as the event has it
	base64   bool    // whether body is base64
}

// AuthorizerRequest is the event of a REQUEST authorizer.
type AuthorizerRequest struct {
	ID        string // API Gateway's request id; empty where the event has none
	MethodARN string // what is asked for: see [ParseMethodARN]
	Header    Header // the client's
}

// ErrEvent is wrapped by the errors of [DecodeRequest] and [DecodeAuthorizerRequest].
var ErrEvent = errors.New("not an API Gateway event")

// ErrTooLarge and ErrBase64 are the errors of [Request.Body].
var (
	ErrTooLarge = errors.New("the body is too large")
	ErrBase64   = errors.New("the body is not base64")
)

// DecodeRequest reads a proxy event: of a REST API, which is payload format 1.0, or of an HTTP API with payload format 2.0 (C-23).
// The errors wrap [ErrEvent].
func DecodeRequest(payload []byte) (Request, error) {
	e, err := decode(payload)
	if err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrEvent, err)
	}
	r := Request{ID: e.id, Header: e.header, body: e.body, base64: e.base64}
	switch {
	case e.has("resource") && e.has("httpMethod") && e.has("requestContext"):
		r.Resource, r.Method, r.Context = e.resource, e.method, e.authorizer
		if r.query = e.multiQuery; r.query == nil {
			r.query = e.query
		}
	case e.version == "2.0" && e.has("routeKey") && e.has("http.method"):
		_, r.Resource, _ = strings.Cut(e.routeKey, " ") // POST /api/v1/…, or $default, which is no route of ours
		r.Method, r.Context = e.httpMethod, e.lambdaAuthorizer()
		r.query = parseQuery(e.rawQuery)
	default:
		return Request{}, fmt.Errorf("%w: it has neither the members of a REST API's nor those of an HTTP API's", ErrEvent)
	}
	return r, nil
}

// DecodeAuthorizerRequest reads the event of a REQUEST authorizer. The errors wrap [ErrEvent].
func DecodeAuthorizerRequest(payload []byte) (AuthorizerRequest, error) {
	e, err := decode(payload)
	switch {
	case err != nil:
		return AuthorizerRequest{}, fmt.Errorf("%w: %w", ErrEvent, err)
	case e.kind != "REQUEST", !e.has("methodArn"):
		return AuthorizerRequest{}, fmt.Errorf("%w: it has no type REQUEST or no methodArn", ErrEvent)
	}
	return AuthorizerRequest{ID: e.id, MethodARN: e.methodARN, Header: e.header}, nil
}

// Body returns the body's bytes, decoded where the event carries base64, if there are at most limit of them (C-6).
// Errors are [ErrTooLarge] and [ErrBase64].
func (r Request) Body(limit int) ([]byte, error) {
	if !r.base64 {
		if len(r.body) > limit {
			return nil, ErrTooLarge
		}
		return []byte(r.body), nil
	}
	if len(r.body) > base64.StdEncoding.EncodedLen(limit) {
		return nil, ErrTooLarge
	}
	body, err := base64.StdEncoding.Strict().DecodeString(r.body)
	switch {
	case err != nil:
		return nil, ErrBase64
	case len(body) > limit:
		return nil, ErrTooLarge
	}
	return body, nil
}

// Query returns the decoded values of a query parameter in the order of the event, nil where there is none. Several names are spellings of
// one parameter; they match exactly.
func (r Request) Query(names ...string) (found []string) {
	for _, f := range r.query {
		if slices.Contains(names, f.name) {
			found = append(found, f.value)
		}
	}
	return found
}

// parseQuery reads a query string as it was sent. What an HTTP API decodes of it joins the values of one name with commas, where a comma
// of a value is no longer told from theirs. What is not well-formed stays as it is.
func parseQuery(raw string) (query []field) {
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		query = append(query, field{unescape(name), unescape(value)})
	}
	return query
}

func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}

// event is the members of all kinds of event that this project reads.
type event struct {
	seen                   []string // the names of the members below that the event has
	kind, methodARN        string
	resource, method, body string
	version, routeKey      string // of an HTTP API, as the next
	rawQuery, httpMethod   string
	query, multiQuery      []field
	base64                 bool
	header                 Header
	id                     string
	authorizer             []byte
}

func (e *event) has(name string) bool {
	return slices.Contains(e.seen, name)
}

// once notes that the event has the member, and refuses it the second time: which of the two holds would be a guess.
func (e *event) once(name string) error {
	if e.has(name) {
		return fmt.Errorf("%s is given twice", name)
	}
	e.seen = append(e.seen, name)
	return nil
}

func decode(payload []byte) (*event, error) {
	d := decoder{jsontext.NewDecoder(bytes.NewBuffer(payload), jsontext.AllowDuplicateNames(true)), string(payload)}
	e := &event{seen: make([]string, 0, 12)}
	err := d.object(func(name string) (err error) {
		switch name {
		case "type":
			e.kind, err = d.text()
		case "methodArn":
			e.methodARN, err = d.text()
		case "resource":
			e.resource, err = d.text()
		case "httpMethod":
			e.method, err = d.text()
		case "version":
			e.version, err = d.text()
		case "routeKey":
			e.routeKey, err = d.text()
		case "queryStringParameters":
			e.query, err = d.fields()
		case "multiValueQueryStringParameters":
			e.multiQuery, err = d.fields()
		case "rawQueryString":
			e.rawQuery, err = d.text()
		case "headers":
			e.header.single, err = d.fields()
		case "multiValueHeaders":
			e.header.multi, err = d.fields()
		case "body":
			e.body, err = d.textOrNull()
		case "isBase64Encoded":
			e.base64, err = d.bool()
		case "requestContext":
			err = d.object(e.contextMember(d))
		default:
			return d.skip()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return e.once(name)
	})
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("data after the event")
	}
	if len(e.id) > 128 || !ascii.Visible(e.id) { // it goes into a header, and into the log
		e.id = ""
	}
	return e, nil
}

// contextMember reads the members of requestContext.
func (e *event) contextMember(d decoder) func(name string) error {
	return func(name string) (err error) {
		switch name {
		case "requestId":
			if err = e.once(name); err == nil {
				e.id, err = d.text()
			}
		case "authorizer":
			if err = e.once(name); err == nil {
				e.authorizer, err = d.value()
			}
		case "http": // of an HTTP API
			err = d.object(func(name string) (err error) {
				if name != "method" {
					return d.skip()
				}
				if err = e.once("http.method"); err == nil {
					e.httpMethod, err = d.text()
				}
				return err
			})
		default:
			err = d.skip()
		}
		return err
	}
}

// maxDepth is how deep the authorizer context of an HTTP API may nest.
const maxDepth = 8

// lambdaAuthorizer returns what stands under lambda, alone, in the authorizer context of an HTTP API; nil where it is a JWT's or an IAM
// identity's.
func (e *event) lambdaAuthorizer() []byte {
	var lambda []byte
	err := strictjson.Object(e.authorizer, maxDepth, func(name string, value strictjson.Value) error {
		if lambda != nil || name != "lambda" {
			return errType
		}
		lambda = value.Clone()
		return nil
	})
	if err != nil {
		return nil
	}
	return lambda
}
