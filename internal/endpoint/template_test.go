package endpoint_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/local/template"
	"pocket-devices/internal/problem"
)

// The tests here hold template.yaml, as far as API Gateway answers by it, against the code and the document.

// gatewayStatuses is what API Gateway answers by itself, where the template does not set another status. Left out is what only keys,
// usage plans or a firewall can cause, which this API does not have.
var gatewayStatuses = map[string]int{
	"ACCESS_DENIED":                  403,
	"API_CONFIGURATION_ERROR":        500,
	"AUTHORIZER_CONFIGURATION_ERROR": 500,
	"AUTHORIZER_FAILURE":             500,
	"BAD_REQUEST_BODY":               400,
	"BAD_REQUEST_PARAMETERS":         400,
	"DEFAULT_5XX":                    502, // a function that failed, which has no kind of its own
	"INTEGRATION_FAILURE":            504,
	"INVALID_SIGNATURE":              403,
	"INTEGRATION_TIMEOUT":            504,
	"MISSING_AUTHENTICATION_TOKEN":   403,
	"REQUEST_TOO_LARGE":              413,
	"THROTTLED":                      429,
	"UNAUTHORIZED":                   401,
}

// otherSentences are the codes by which API Gateway means something else than the function, and says so.
var otherSentences = map[string]string{
	"Forbidden":     "You may not call this.",                // whoever calls; the function refuses a caller some devices
	"InternalError": "Something is wrong with this service.", // which may pass; the function's own failures do not
}

// What API Gateway answers by a code of the function's it says in the same words.
func TestSentences(t *testing.T) {
	sentences := map[string]string{}
	for _, p := range problem.All() {
		sentences[p.Type] = p.Message
	}
	maps.Copy(sentences, otherSentences)
	for _, answer := range gatewayAnswers(t) {
		e := parseError(t, answer)
		if want, ok := sentences[e.errorType]; ok && e.message != want {
			t.Errorf("API Gateway says of %s %q, want %q", e.errorType, e.message, want)
		}
	}
}

// The routes of the template are those of the document, and a browser's preflight of them.
func TestDocumentHasRoutes(t *testing.T) {
	var want, got []string
	for path, item := range readDocument(t).Paths.Map() {
		for method := range item.Operations() {
			want = append(want, method+" "+path)
		}
	}
	for _, route := range readTemplate(t).Routes {
		if route.Method != "OPTIONS" {
			got = append(got, route.Method+" "+route.Path)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the routes, -document +template:\n%s", diff)
	}
}

func readTemplate(t *testing.T) *template.Template {
	t.Helper()
	api, err := template.Read(filepath.Join("..", "..", "template.yaml"), map[string]string{"InstallationUrl": "https://example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// gatewayAnswers returns what API Gateway answers by itself, as the template has it.
func gatewayAnswers(t *testing.T) (answers []invocation) {
	t.Helper()
	api := readTemplate(t)
	kinds := maps.Clone(gatewayStatuses)
	for kind, response := range api.Responses {
		switch {
		case response.Status != 0:
			kinds[kind] = response.Status
		case kinds[kind] == 0 && kind != "DEFAULT_4XX": // which every other refusal falls back to
			t.Errorf("which status does API Gateway give %s? Add it to gatewayStatuses.", kind)
		}
	}
	for kind, status := range kinds {
		response, ok := api.Responses[kind]
		switch {
		case !ok && status < 500:
			response = api.Responses["DEFAULT_4XX"]
		case !ok:
			response = api.Responses["DEFAULT_5XX"]
		}
		answer := invocation{status: status, header: map[string]string{}, body: response.Body}
		for name, value := range response.Header {
			answer.header[name] = strings.Trim(value, "'")
		}
		answers = append(answers, answer)
	}
	return answers
}
