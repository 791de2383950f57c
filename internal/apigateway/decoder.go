package apigateway

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/strictjson"
)

var (
	errSyntax = errors.New("not JSON")
	errType   = errors.New("a value of the wrong type")
)

// decoder reads the few shapes that events are made of. Its errors never hold what it read.
type decoder struct {
	*jsontext.Decoder
	input string // all that it reads
}

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
	value, err := d.ReadValue()
	if err != nil {
		return "", errSyntax
	}
	text, ok := strictjson.TextAt(d.input, d.InputOffset(), value)
	if !ok {
		return "", errType
	}
	return text, nil
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

// fields reads a map of header fields or query parameters: each name has a text, or an array of texts.
func (d decoder) fields() ([]field, error) {
	if d.PeekKind() == 'n' {
		_, err := d.token()
		return nil, err
	}
	fields := make([]field, 0, 16) // not nil: the map is there
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
