package request

import (
	"fmt"
	"strings"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/strictxml"
)

// maxXMLDepth is how deep an XML body may nest, the root counted (C-5).
const maxXMLDepth = 8

// readXML reads a document whose root, of any name, has the property as a child element of nothing but text (C-5).
func readXML(body []byte) (values []string, err error) {
	root, err := strictxml.Parse(body, maxXMLDepth)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body is %w: %w", err, problem.InvalidBody)
	case isNil(root) || strings.TrimSpace(root.Text) != "":
		return nil, fmt.Errorf("the root element is nil or has text: %w", problem.InvalidBody)
	}
	for _, e := range root.Children {
		if !ascii.EqualFold(e.Name.Local, property) {
			continue
		}
		if isNil(e) || len(e.Children) > 0 {
			return nil, fmt.Errorf("%s is nil or has elements: %w", property, problem.InvalidAssociateID)
		}
		values = append(values, e.Text)
	}
	return values, nil
}

// isNil reports whether the element has an xsi:nil that says anything but no.
func isNil(e strictxml.Element) bool {
	value, ok := e.Attributes[strictxml.Name{Space: "http://www.w3.org/2001/XMLSchema-instance", Local: "nil"}]
	return ok && value != "false" && value != "0"
}
