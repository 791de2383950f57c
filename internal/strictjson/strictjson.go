// Package strictjson reads JSON objects where a guess would be dangerous: who somebody is, and whose devices are asked for.
//
// The standard decoder matches names without case, lets the last duplicate win, takes null for zero and ignores what follows. Here
// names come as they are written and as often as they are written, values keep their own text, and the input is one
// object and nothing else. Errors never hold what was read.
//
// Begin with [Object]. [AppendQuote] is the other direction.
package strictjson

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// The errors of [Object].
var (
	ErrSyntax = errors.New("not one JSON object in UTF-8")
	ErrDepth  = errors.New("nested too deeply")
)

// Value is one JSON value: a literal, number, string, array or object in its own text.
type Value = jsontext.Value

// Object reads data as one JSON object (RFC 8259) whose values nest at most depth deep, the object itself counted, and calls
// member for each member in order. The value is valid during that call. The first error of member ends the reading and is
// returned as it is; others are [ErrSyntax] and [ErrDepth].
func Object(data []byte, depth int, member func(name string, value Value) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	if tok, err := d.ReadToken(); err != nil || tok.Kind() != '{' {
		return ErrSyntax
	}
	input := string(data)
	for d.PeekKind() != '}' {
		quoted, err := d.ReadValue()
		if err != nil {
			return ErrSyntax
		}
		name, ok := TextAt(input, d.InputOffset(), quoted) // before the next read, which makes quoted invalid
		if !ok {
			return ErrSyntax
		}
		value, err := d.ReadValue()
		if err != nil {
			return ErrSyntax
		}
		if tooDeep(value, depth-1) {
			return ErrDepth
		}
		if err := member(name, value); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return ErrSyntax
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return ErrSyntax
	}
	return nil
}

// tooDeep reports whether the valid value opens more than depth brackets inside each other.
func tooDeep(value Value, depth int) bool {
	open, quoted, escaped := 0, false, false
	for _, c := range value {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = c == '\\'
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if open++; open > depth {
				return true
			}
		case c == '}' || c == ']':
			open--
		}
	}
	return false
}

// Text returns the text of a JSON string; ok is false for every other kind of value.
func Text(value Value) (text string, ok bool) {
	if value.Kind() != '"' {
		return "", false
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), true
	}
	b, err := jsontext.AppendUnquote(nil, value)
	return string(b), err == nil
}

// TextAt is [Text] of a value that ends at the offset end of input. A text in which nothing is escaped, as most are, is a part of input;
// nothing is allocated for it. (Of an event's hundred texts that spares sixty allocations.)
func TextAt(input string, end int64, value Value) (text string, ok bool) {
	if value.Kind() != '"' || bytes.IndexByte(value, '\\') >= 0 {
		return Text(value)
	}
	return input[int(end)-len(value)+1 : end-1], true
}

// PlainText returns the text of a JSON string that is fit for a log line and a header: ok is false also where it has control
// characters.
func PlainText(value Value) (text string, ok bool) {
	text, ok = Text(value)
	return text, ok && !strings.ContainsFunc(text, unicode.IsControl)
}

// TextOrNumber returns the text of a JSON string, or a JSON number as it is written; ok is false for every other kind.
func TextOrNumber(value Value) (text string, ok bool) {
	if value.Kind() == '0' {
		return string(value), true
	}
	return Text(value)
}

// Array returns the values of a JSON array; ok is false for every other kind of value.
func Array(value Value) (values []Value, ok bool) {
	d := jsontext.NewDecoder(bytes.NewBuffer(value), jsontext.AllowDuplicateNames(true))
	if tok, err := d.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, false
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		values = append(values, v.Clone())
	}
	_, err := d.ReadToken()
	return values, err == nil
}

// Texts returns the texts of a JSON array of strings; ok is false for every other kind of value.
func Texts(value Value) (texts []string, ok bool) {
	values, ok := Array(value)
	for _, v := range values {
		text, isText := Text(v)
		if !isText {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, ok
}
