package endpoint_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Children []element `xml:",any"`
	Text     string    `xml:",chardata"`
}

// xmlPropertyNames returns the names of the elements of each item of an answer, in order.
func xmlPropertyNames(t *testing.T, body string) (objects [][]string) {
	t.Helper()
	var root element
	if err := xml.Unmarshal([]byte(body), &root); err != nil {
		t.Fatal(err)
	}
	for _, item := range root.Children {
		var names []string
		for _, child := range item.Children {
			names = append(names, child.XMLName.Local)
		}
		objects = append(objects, names)
	}
	return objects
}

var _ openapi3filter.BodyDecoder = decodeXML

// decodeXML reads a body in XML as its schema has it. Kin-openapi has no decoder for XML.
func decodeXML(body io.Reader, _ http.Header, schema *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	var root element
	if err := xml.NewDecoder(body).Decode(&root); err != nil {
		return nil, err
	}
	if want := schema.Value.XML.Name; root.XMLName.Local != want || root.XMLName.Space != "" {
		return nil, fmt.Errorf("the root is %v, want %s", root.XMLName, want)
	}
	return root.value(schema.Value)
}

// value returns what e means by schema: an array of its children, an object of them where one that is left out is null, or its text.
func (e element) value(schema *openapi3.Schema) (any, error) {
	switch {
	case schema.Type.Is("array"):
		values := []any{}
		for _, child := range e.Children {
			if want := schema.Items.Value.XML.Name; child.XMLName.Local != want {
				return nil, fmt.Errorf("an item is %v, want %s", child.XMLName, want)
			}
			value, err := child.value(schema.Items.Value)
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		return values, nil
	case schema.Type.Is("object"):
		object := map[string]any{}
		for name := range schema.Properties {
			object[name] = nil
		}
		for _, child := range e.Children {
			if object[child.XMLName.Local] != nil {
				return nil, fmt.Errorf("%v is there twice", child.XMLName)
			}
			object[child.XMLName.Local] = child.Text
		}
		return object, nil
	}
	return nil, fmt.Errorf("the schema of %v is neither array nor object", e.XMLName)
}
