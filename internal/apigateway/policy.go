package apigateway

import (
	"errors"
	"strings"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/strictjson"
)

// MethodARN is the parts of what an authorizer is asked about:
// arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/api/v1/…
type MethodARN struct {
	API    string // arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5
	Stage  string // prod
	Method string // POST
	Path   string // /api/v1/…
}

var errMethodARN = errors.New("the methodArn does not have the form arn:…:execute-api:region:account:api/stage/METHOD/path")

// ParseMethodARN reads a methodArn. It refuses one whose parts could mean more than themselves in a policy: with an asterisk, a
// question mark, or a variable (C-36).
func ParseMethodARN(s string) (MethodARN, error) {
	parts := strings.SplitN(s, "/", 4)
	if len(parts) != 4 || !ascii.Visible(s) || strings.ContainsAny(s, "*?$") {
		return MethodARN{}, errMethodARN
	}
	arn := strings.Split(parts[0], ":")
	if len(arn) != 6 || arn[0] != "arn" || arn[2] != "execute-api" {
		return MethodARN{}, errMethodARN
	}
	for _, part := range append(arn, parts[1:]...) {
		if part == "" {
			return MethodARN{}, errMethodARN
		}
	}
	return MethodARN{API: parts[0], Stage: parts[1], Method: parts[2], Path: "/" + parts[3]}, nil
}

// String returns the form that [ParseMethodARN] reads.
func (a MethodARN) String() string { return a.API + "/" + a.Stage + "/" + a.Method + a.Path }

// Member is one name and text of an authorizer's context.
type Member struct{ Name, Value string }

// EncodeAllow returns an authorizer's answer that lets principal invoke the one method, and tells the function of it what context
// says.
func EncodeAllow(principal string, method MethodARN, context []Member) []byte {
	b := append(make([]byte, 0, 512), `{"principalId":`...)
	b = strictjson.AppendQuote(b, principal)
	b = append(b, `,"policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":[`...)
	b = strictjson.AppendQuote(b, method.String())
	b = append(b, `]}]},"context":{`...)
	for i, m := range context {
		if i > 0 {
			b = append(b, ',')
		}
		b = strictjson.AppendQuote(b, m.Name)
		b = append(b, ':')
		b = strictjson.AppendQuote(b, m.Value)
	}
	return append(b, `}}`...)
}
