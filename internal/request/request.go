// Package request is what a caller asks for: the route and the body of POST GetRegisteredDevices (C-1 to C-6).
//
// Begin with [AssociateID]. It knows nothing of API Gateway; it is given header fields and bytes.
package request

import (
	"bytes"
	"fmt"
	"mime"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/strictjson"
)

// Method and Path are the route (C-1).
const (
	Method = "POST"
	Path   = "/api/v1/Agents/Pocket/GetRegisteredDevices"
)

// MaxBody is the largest body that is read, in bytes after base64 (C-6).
const MaxBody = 4096

// maxDepth is how deep a JSON body may nest, the object itself counted (C-6).
const maxDepth = 32

// property is the one that the body must have (C-2).
const property = "AssociateId"

// AssociateID reads whose devices are asked for from a body and the values of the two header fields that describe it, each nil
// where it was not sent. The errors wrap [problem.UnsupportedMediaType], [problem.InvalidBody] or
// [problem.InvalidAssociateID].
func AssociateID(contentType, contentEncoding []string, body []byte) (pocket.AssociateID, error) {
	if contentEncoding != nil {
		return 0, fmt.Errorf("a content encoding: %w", problem.UnsupportedMediaType)
	}
	if err := checkType(contentType); err != nil {
		return 0, err
	}
	return fromJSON(bytes.TrimPrefix(body, []byte("\ufeff"))) // C-6
}

// checkType checks the values of the Content-Type field: exactly one that is read here (C-4). A field that is sent
// twice with the same value is one.
func checkType(contentType []string) error {
	for _, v := range contentType {
		if v != contentType[0] {
			return fmt.Errorf("two different content types: %w", problem.UnsupportedMediaType)
		}
	}
	if len(contentType) == 0 {
		return fmt.Errorf("no content type: %w", problem.UnsupportedMediaType)
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType[0])
	if err != nil {
		return fmt.Errorf("a malformed content type: %w", problem.UnsupportedMediaType)
	}
	if charset, ok := parameters["charset"]; ok && !ascii.EqualFold(charset, "utf-8") {
		return fmt.Errorf("a charset other than utf-8: %w", problem.UnsupportedMediaType)
	}
	switch mediaType { // which ParseMediaType has folded to lower case
	case "application/json", "text/json", "application/json-patch+json", "application/merge-patch+json":
		return nil
	}
	return fmt.Errorf("a content type that is not read here: %w", problem.UnsupportedMediaType)
}

func fromJSON(body []byte) (pocket.AssociateID, error) {
	var id pocket.AssociateID
	err := strictjson.Object(body, maxDepth, func(name string, value strictjson.Value) error {
		if !ascii.EqualFold(name, property) {
			return nil
		}
		if id != 0 {
			return fmt.Errorf("%s is given twice: %w", property, problem.InvalidAssociateID)
		}
		digits, ok := strictjson.TextOrNumber(value)
		if !ok {
			return fmt.Errorf("%s is neither a number nor a string: %w", property, problem.InvalidAssociateID)
		}
		var err error
		if id, err = pocket.ParseAssociateID(digits); err != nil {
			return fmt.Errorf("%s is %w: %w", property, err, problem.InvalidAssociateID)
		}
		return nil
	})
	switch {
	case err == strictjson.ErrSyntax || err == strictjson.ErrDepth:
		return 0, fmt.Errorf("the body is %w: %w", err, problem.InvalidBody)
	case err != nil:
		return 0, err
	case id == 0:
		return 0, fmt.Errorf("%s is missing: %w", property, problem.InvalidAssociateID)
	}
	return id, nil
}
