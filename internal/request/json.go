package request

import (
	"fmt"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/strictjson"
)

// maxJSONDepth is how deep a JSON body may nest, the object itself counted (C-6).
const maxJSONDepth = 32

// readJSON reads an object with the property as a number or a string (C-2, C-3).
func readJSON(body []byte) (values []string, err error) {
	err = strictjson.Object(body, maxJSONDepth, func(name string, value strictjson.Value) error {
		if !ascii.EqualFold(name, property) {
			return nil
		}
		digits, ok := strictjson.TextOrNumber(value)
		if !ok {
			return fmt.Errorf("%s is neither a number nor a string: %w", property, problem.InvalidAssociateID)
		}
		values = append(values, digits)
		return nil
	})
	if err == strictjson.ErrSyntax || err == strictjson.ErrDepth {
		return nil, fmt.Errorf("the body is %w: %w", err, problem.InvalidBody)
	}
	return values, err
}
