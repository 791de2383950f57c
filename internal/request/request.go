// Package request is what a caller asks for: the route and the body of POST GetRegisteredDevices (C-1 to C-6).
//
// Begin with [Read]. It knows nothing of API Gateway; it is given values of header fields, and bytes.
package request

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"strings"
	"unicode"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

// Method and Path are the route (C-1).
const (
	Method = "POST"
	Path   = "/api/v1/Agents/Pocket/GetRegisteredDevices"
)

// MaxBody is the largest body that is read, in bytes after base64 (C-6).
const MaxBody = 4096

// property is the one that the body must have (C-2).
const property = "AssociateId"

// reader returns every value that a body gives [property], as text. Its errors wrap [problem.InvalidBody] or
// [problem.InvalidAssociateID].
type reader func(body []byte) (values []string, err error)

// readerOf returns the reader of a media type, nil for one that is not read (C-4).
func readerOf(mediaType string) reader {
	switch mediaType {
	case "application/json", "text/json", "application/json-patch+json", "application/merge-patch+json":
		return readJSON
	case "application/xml", "text/xml":
		return readXML
	case "application/x-www-form-urlencoded":
		return readForm
	}
	return nil
}

// Asked is what a body says.
type Asked struct {
	Associate pocket.AssociateID // whose devices are asked for
	MediaType string             // the body's own, one of C-4, in lower case and without parameters
}

// Read reads a body and the values of the two header fields that describe it, each nil where it was not sent. The errors wrap
// [problem.UnsupportedMediaType], [problem.InvalidBody] or [problem.InvalidAssociateID], and hold nothing of what was read.
func Read(contentType, contentEncoding []string, body []byte) (Asked, error) {
	mediaType, err := mediaType(contentType)
	read := readerOf(mediaType)
	switch {
	case err != nil:
		return Asked{}, fmt.Errorf("%w: %w", err, problem.UnsupportedMediaType)
	case read == nil:
		return Asked{}, fmt.Errorf("a content type that is not read here: %w", problem.UnsupportedMediaType)
	case contentEncoding != nil:
		return Asked{}, fmt.Errorf("a content encoding: %w", problem.UnsupportedMediaType)
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // C-6
	if len(body) == 0 {
		return Asked{}, fmt.Errorf("the body is empty: %w", problem.InvalidBody)
	}
	values, err := read(body)
	switch {
	case err != nil:
		return Asked{}, err
	case len(values) == 0:
		return Asked{}, fmt.Errorf("%s is missing: %w", property, problem.InvalidAssociateID)
	case len(values) > 1:
		return Asked{}, fmt.Errorf("%s is given twice: %w", property, problem.InvalidAssociateID)
	}
	id, err := pocket.ParseAssociateID(values[0])
	if err != nil {
		return Asked{}, fmt.Errorf("%s is %w: %w", property, err, problem.InvalidAssociateID)
	}
	return Asked{id, mediaType}, nil
}

// mediaType returns the one media type that the values of the Content-Type field name, in lower case (C-4). A field that is sent
// twice with the same value is one.
func mediaType(contentType []string) (string, error) {
	if len(contentType) == 0 {
		return "", errors.New("no content type")
	}
	field := contentType[0]
	for _, v := range contentType {
		if v != field {
			return "", errors.New("two different content types")
		}
	}
	mediaType, parameters, err := mime.ParseMediaType(field)
	// ParseMediaType would fold letters beyond ASCII, and overlook a charset in the form of RFC 2231, such as charset*=latin1''x.
	if err != nil || strings.ContainsFunc(field, func(r rune) bool { return r > unicode.MaxASCII || r == '*' }) {
		return "", errors.New("a malformed content type")
	}
	if charset, ok := parameters["charset"]; ok && !ascii.EqualFold(charset, "utf-8") {
		return "", errors.New("a charset other than utf-8")
	}
	return mediaType, nil
}
