package endpoint_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"pocket-devices/internal/pocket/pockettest"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/request"
)

// The tests here hold docs/openapi.yaml and the code against each other, both ways: what the code does the document has, and what the
// document has the code does.

var documentFile = filepath.Join("..", "..", "docs", "openapi.yaml")

// document is docs/openapi.yaml, valid, with its one operation.
type document struct {
	*openapi3.T
	operation *openapi3.Operation
	order     func(schema string) []string // the names of the schema's properties, as the document orders them
}

func readDocument(t *testing.T) document {
	t.Helper()
	openapi3filter.RegisterBodyDecoder("text/json", openapi3filter.JSONBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/xml", decodeXML)
	openapi3filter.RegisterBodyDecoder("text/xml", decodeXML)
	doc, err := openapi3.NewLoader().LoadFromFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	path := doc.Paths.Value(request.Path)
	if path == nil || path.GetOperation(request.Method) == nil {
		t.Fatalf("the document has no %s %s", request.Method, request.Path)
	}
	return document{doc, path.GetOperation(request.Method), propertyOrder(t)}
}

// propertyOrder reads the document once more, as the maps of kin-openapi have no order.
func propertyOrder(t *testing.T) func(schema string) []string {
	data, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties yaml.Node `yaml:"properties"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Load(data, &doc); err != nil {
		t.Fatal(err)
	}
	return func(schema string) (names []string) {
		properties := doc.Components.Schemas[schema].Properties
		for pair := range slices.Chunk(properties.Content, 2) {
			names = append(names, pair[0].Value)
		}
		return names
	}
}

// The document is a valid OpenAPI 3.1, its examples included, and has just the one operation.
func TestDocument(t *testing.T) {
	doc := readDocument(t)
	// kin-openapi holds every example to its schema. One in XML is the body itself, a text, so it is read first, as a body is.
	contents := []openapi3.Content{doc.operation.RequestBody.Value.Content}
	for _, response := range doc.operation.Responses.Map() {
		contents = append(contents, response.Value.Content)
	}
	for _, content := range contents {
		for mediaType, c := range content {
			if len(c.Examples) == 0 {
				t.Errorf("%s has no example", mediaType)
			}
			for name, example := range c.Examples {
				text, ok := example.Value.Value.(string)
				if !ok {
					continue
				}
				value, err := decodeXML(strings.NewReader(text), nil, c.Schema, nil)
				if err != nil {
					t.Errorf("the example %s of %s: %v", name, mediaType, err)
				}
				c.Examples[name] = &openapi3.ExampleRef{Value: &openapi3.Example{Value: value}}
			}
		}
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if doc.OpenAPI[:4] != "3.1." || doc.Paths.Len() != 1 || len(doc.Paths.Value(request.Path).Operations()) != 1 {
		t.Errorf("OpenAPI %s with the paths %v", doc.OpenAPI, doc.Paths.Keys())
	}
}

// Each answer that there is an event for, and each problem, is one that the document has: status, header, type, form, and the order of
// properties.
func TestDocumentHasAnswers(t *testing.T) {
	doc := readDocument(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no events", err)
	}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(payload, []byte(`"methodArn"`)) { // which is the authorizer's
			t.Run(filepath.Base(file), func(t *testing.T) { doc.check(t, invoke(t, newStore(), payload)) })
		}
	}
	for _, p := range problem.All() {
		t.Run(p.Type, func(t *testing.T) {
			got := invoke(t, &pockettest.Store{Err: p}, marshal(t, sample(t)))
			if got.status != p.Status {
				t.Errorf("answered with %d", got.status)
			}
			doc.check(t, got)
		})
	}
}

// check holds an answer to what the document says of its status and type.
func (doc document) check(t *testing.T, got invocation) {
	t.Helper()
	header := http.Header{}
	response := doc.operation.Responses.Status(got.status)
	for name, value := range got.header {
		header.Set(name, value)
		if response != nil && name != "Content-Type" && response.Value.Headers[name] == nil {
			t.Errorf("the document has no header %s for status %d", name, got.status)
		}
	}
	err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: &http.Request{Method: request.Method},
			Route:   &routers.Route{Spec: doc.T, Operation: doc.operation},
		},
		Status:  got.status,
		Header:  header,
		Body:    io.NopCloser(strings.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%d %s: %v", got.status, got.body, err)
	}
	schema := "Error"
	if got.status == 200 {
		schema = "PocketDeviceInfo"
	}
	isXML := strings.Contains(got.header["Content-Type"], "/xml")
	for _, names := range propertyNames(t, got.body, isXML) {
		want := doc.order(schema)
		if isXML { // where what is null is left out
			want = slices.DeleteFunc(want, func(name string) bool { return !slices.Contains(names, name) })
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("the order of %s, -document +answer:\n%s", schema, diff)
		}
	}
}

// propertyNames returns the names of the properties of each object of an answer, in order.
func propertyNames(t *testing.T, body string, isXML bool) (objects [][]string) {
	t.Helper()
	if isXML {
		return xmlPropertyNames(t, body)
	}
	for d := json.NewDecoder(strings.NewReader(body)); ; {
		token, err := d.Token()
		switch {
		case err == io.EOF:
			return objects
		case err != nil:
			t.Fatal(err)
		case token != json.Delim('{'):
			continue
		}
		var names []string
		for d.More() {
			name, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name.(string))
			if _, err := d.Token(); err != nil {
				t.Fatal(err)
			}
		}
		objects = append(objects, names)
	}
}

// Each example of a request is answered as it says, in each type of answer that the document has.
func TestDocumentedTypes(t *testing.T) {
	doc := readDocument(t)
	for mediaType, content := range doc.operation.RequestBody.Value.Content {
		for name, example := range content.Examples {
			t.Run(mediaType+" "+name, func(t *testing.T) {
				e := sample(t)
				setHeader(&e, "Content-Type", mediaType)
				e.Body = encodeExample(t, mediaType, example.Value.Value)
				got := invoke(t, newStore(), marshal(t, e))
				if got.status != 200 {
					t.Errorf("answered with %d %s", got.status, got.body)
				}
				doc.check(t, got)
			})
		}
	}
	for mediaType := range doc.operation.Responses.Status(200).Value.Content {
		t.Run("Accept "+mediaType, func(t *testing.T) {
			e := sample(t)
			setHeader(&e, "Accept", mediaType)
			got := invoke(t, newStore(), marshal(t, e))
			if contentType := got.header["Content-Type"]; contentType != mediaType+"; charset=utf-8" {
				t.Errorf("answered with %s", contentType)
			}
			doc.check(t, got)
		})
	}
}

// encodeExample returns an example as it is sent.
func encodeExample(t *testing.T, mediaType string, example any) string {
	if text, ok := example.(string); ok {
		return text
	}
	if mediaType == "application/x-www-form-urlencoded" {
		form := url.Values{}
		for name, value := range example.(map[string]any) {
			form.Set(name, fmt.Sprint(value))
		}
		return form.Encode()
	}
	return string(marshal(t, example))
}

// outcome is an error as a caller sees it.
type outcome struct {
	status             int
	errorType, message string
}

func parseError(t *testing.T, answer invocation) outcome {
	t.Helper()
	var e struct{ ErrorType, Message string }
	if err := json.Unmarshal([]byte(answer.body), &e); err != nil {
		t.Error(err)
	}
	return outcome{answer.status, e.ErrorType, e.Message}
}

// The errors of the document are those of the function and of API Gateway, each under its status and with its sentence, and no others.
func TestDocumentHasErrors(t *testing.T) {
	doc := readDocument(t)
	given := map[outcome]bool{}
	for _, p := range problem.All() {
		given[outcome{p.Status, p.Type, p.Message}] = true
	}
	for _, answer := range gatewayAnswers(t) {
		doc.check(t, answer)
		given[parseError(t, answer)] = true
	}

	documented := map[outcome]bool{}
	var types []string
	for status, response := range doc.operation.Responses.Map() {
		if status == "200" {
			continue
		}
		code, err := strconv.Atoi(status)
		if err != nil || len(response.Value.Content) != 1 {
			t.Errorf("%s is no status, or has other types than application/json", status)
		}
		for _, example := range response.Value.Content["application/json"].Examples {
			e := example.Value.Value.(map[string]any)
			o := outcome{code, e["ErrorType"].(string), e["Message"].(string)}
			types = append(types, o.errorType)
			documented[o] = true
		}
	}
	if diff := cmp.Diff(given, documented, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("-code +document:\n%s", diff)
	}

	var enum []string
	for _, name := range doc.Components.Schemas["ErrorType"].Value.Enum {
		enum = append(enum, name.(string))
	}
	slices.Sort(types)
	slices.Sort(enum)
	if diff := cmp.Diff(slices.Compact(types), enum); diff != "" {
		t.Errorf("the schema ErrorType, -examples +enum:\n%s", diff)
	}
}
