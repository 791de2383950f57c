// Package apigateway reads the events that API Gateway's REST APIs send to Lambda functions and writes what they expect back:
// the proxy event and its answer, the REQUEST authorizer event and its policy.
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

	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/ascii"
)

// Request is a proxy event: one HTTP request, as far as API Gateway passes it on.
type Request struct {
	ID       string // API Gateway's request id; empty where the event has none that is fit to be sent back
	Resource string // the route that matched, such as /api/v1/Agents/Pocket/GetRegisteredDevices
	Method   string // such as POST
	Header   Header // the client's
	Context  []byte // what the authorizer said of the caller, a JSON value; nil where there is none (C-20)
	body     string // as the event has it
	base64   bool   // whether body is base64
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

// DecodeRequest reads a proxy event, payload format 1.0. The errors wrap [ErrEvent].
func DecodeRequest(payload []byte) (Request, error) {
	e, err := decode(payload)
	switch {
	case err != nil:
		return Request{}, fmt.Errorf("%w: %w", ErrEvent, err)
	case !e.has("resource"), !e.has("httpMethod"), !e.has("requestContext"):
		return Request{}, fmt.Errorf("%w: resource, httpMethod or requestContext is missing", ErrEvent)
	}
	return Request{ID: e.id, Resource: e.resource, Method: e.method, Header: e.header, Context: e.authorizer, body: e.body, base64: e.base64}, nil
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

// event is the members of both kinds of event that this project reads.
type event struct {
	seen                   []string // the names of the members below that the event has
	kind, methodARN        string
	resource, method, body string
	base64                 bool
	header                 Header
	id                     string
	authorizer             []byte
}

func (e *event) has(name string) bool {
	for _, seen := range e.seen {
		if seen == name {
			return true
		}
	}
	return false
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
	d := decoder{jsontext.NewDecoder(bytes.NewBuffer(payload), jsontext.AllowDuplicateNames(true))}
	e := &event{seen: make([]string, 0, 12)}
	err := d.object(func(name string) (err error) {
		switch name {
		case "type", "methodArn", "resource", "httpMethod", "headers", "multiValueHeaders", "body", "isBase64Encoded", "requestContext":
			if err := e.once(name); err != nil {
				return err
			}
		default:
			return d.skip()
		}
		switch name {
		case "type":
			e.kind, err = d.text()
		case "methodArn":
			e.methodARN, err = d.text()
		case "resource":
			e.resource, err = d.text()
		case "httpMethod":
			e.method, err = d.text()
		case "headers":
			e.header.single, err = d.fields()
		case "multiValueHeaders":
			e.header.multi, err = d.fields()
		case "body":
			e.body, err = d.textOrNull()
		case "isBase64Encoded":
			e.base64, err = d.bool()
		case "requestContext":
			err = d.object(func(name string) (err error) {
				switch name {
				case "requestId":
					if err = e.once(name); err == nil {
						e.id, err = d.text()
					}
				case "authorizer":
					if err = e.once(name); err == nil {
						e.authorizer, err = d.value()
					}
				default:
					err = d.skip()
				}
				return err
			})
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
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

var errType = errors.New("a value of the wrong type")

// decoder reads the few shapes that events are made of. Its errors never hold what it read.
type decoder struct{ *jsontext.Decoder }

// object reads an object; member is called after each name and must read its value.
func (d decoder) object(member func(name string) error) error {
	if err := d.begin('{'); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.text()
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

func (d decoder) begin(kind jsontext.Kind) error {
	if tok, err := d.token(); err != nil {
		return err
	} else if tok.Kind() != kind {
		return errType
	}
	return nil
}

var errSyntax = errors.New("not JSON")

func (d decoder) token() (jsontext.Token, error) {
	tok, err := d.ReadToken()
	if err != nil {
		return tok, errSyntax
	}
	return tok, nil
}

func (d decoder) skip() error {
	if err := d.SkipValue(); err != nil {
		return errSyntax
	}
	return nil
}

func (d decoder) text() (string, error) {
	tok, err := d.token()
	if err != nil {
		return "", err
	}
	if tok.Kind() != '"' {
		return "", errType
	}
	return tok.String(), nil
}

func (d decoder) textOrNull() (string, error) {
	if d.PeekKind() == 'n' {
		_, err := d.token()
		return "", err
	}
	return d.text()
}

func (d decoder) bool() (bool, error) {
	tok, err := d.token()
	if err != nil {
		return false, err
	}
	if kind := tok.Kind(); kind != 't' && kind != 'f' {
		return false, errType
	}
	return tok.Bool(), nil
}

func (d decoder) value() ([]byte, error) {
	v, err := d.ReadValue()
	if err != nil {
		return nil, errSyntax
	}
	return v.Clone(), nil
}

// fields reads one of the two header maps: each name has a text, or an array of texts.
func (d decoder) fields() ([]field, error) {
	if d.PeekKind() == 'n' {
		_, err := d.token()
		return nil, err
	}
	fields := []field{} // not nil: the map is there
	err := d.object(func(name string) error {
		if d.PeekKind() != '[' {
			value, err := d.text()
			fields = append(fields, field{name, value})
			return err
		}
		if err := d.begin('['); err != nil {
			return err
		}
		for d.PeekKind() != ']' {
			value, err := d.text()
			if err != nil {
				return err
			}
			fields = append(fields, field{name, value})
		}
		_, err := d.token()
		return err
	})
	return fields, err
}
