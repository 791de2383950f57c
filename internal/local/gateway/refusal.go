package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"pocket-devices/internal/local/template"
)

// The one thing that a gateway response of this template may fill in.
const (
	requestIDVariable = "$context.requestId"
	requestIDMapping  = "context.requestId"
)

func isLiteral(mapping string) bool {
	return len(mapping) >= 2 && strings.HasPrefix(mapping, "'") && strings.HasSuffix(mapping, "'")
}

// refuse answers with the gateway response of that kind: the template's, or else its default for the class of status, or else API
// Gateway's own. The status is API Gateway's, where the template does not set another. The cause is for the developer.
func (x *exchange) refuse(kind string, status int, cause error) {
	if status >= 500 {
		fmt.Fprintf(x.gateway.log, "gateway: %s for request %s: %v\n", kind, x.id, cause)
	}
	response, ok := x.gateway.template.Responses[kind]
	if !ok {
		response, ok = x.gateway.template.Responses[defaultOf(status)]
	}
	if !ok {
		response = template.Response{Body: `{"message":"` + http.StatusText(status) + `"}`}
	}
	if response.Status != 0 {
		status = response.Status
	}
	header := x.w.Header()
	header.Set("Content-Type", "application/json")
	for name, mapping := range response.Header {
		value := x.id
		if isLiteral(mapping) {
			value = mapping[1 : len(mapping)-1]
		}
		header.Set(name, value)
	}
	x.w.WriteHeader(status)
	_, _ = io.WriteString(x.w, strings.ReplaceAll(response.Body, requestIDVariable, x.id))
}

func defaultOf(status int) string {
	if status < 500 {
		return "DEFAULT_4XX"
	}
	return "DEFAULT_5XX"
}
