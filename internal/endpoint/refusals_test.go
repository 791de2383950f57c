package endpoint_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"pocket-devices/internal/problem"
)

// Every refusal, its status and code, and that the store was not asked (C-22, C-24).
func TestRefusals(t *testing.T) {
	type event = events.APIGatewayProxyRequest
	context := func(name string, value any) func(*event) {
		return func(e *event) { e.RequestContext.Authorizer[name] = value }
	}
	tests := []struct {
		name   string
		change func(*event)
		want   *problem.Problem
	}{
		{"another's devices", func(e *event) { e.Body = `{"AssociateId":118}` }, problem.Forbidden},
		{"devices of one who has none", func(e *event) { e.Body = `{"AssociateId":119}` }, problem.Forbidden},
		{"no authorizer context", func(e *event) { e.RequestContext.Authorizer = nil }, problem.Unauthorized},
		{"an empty authorizer context", func(e *event) { e.RequestContext.Authorizer = map[string]any{} }, problem.Unauthorized},
		{"a padded associate", context("associateId", "0117"), problem.Unauthorized},
		{"two spellings of a name", context("AssociateId", "118"), problem.Unauthorized},
		{"another installation", context("contextIdentifier", "Cust54321"), problem.Unauthorized},
		{"expired", context("exp", "1"), problem.Unauthorized},
		{"an identity in the request's header", func(e *event) {
			e.RequestContext.Authorizer = nil
			setHeader(e, "associateId", "117")
			setHeader(e, "X-Amzn-Authorizer-associateId", "117")
		}, problem.Unauthorized},
		{"a right in the request's header", func(e *event) { setHeader(e, "canReadAll", "true"); e.Body = `{"AssociateId":118}` }, problem.Forbidden},
		{"a right in the body", func(e *event) { e.Body = `{"AssociateId":118,"canReadAll":"true"}` }, problem.Forbidden},
		{"another route", func(e *event) { e.Resource = "/api/v1/Agents/Pocket/RegisterDevice" }, problem.NotFound},
		{"a catch-all route", func(e *event) { e.Resource = "/{proxy+}" }, problem.NotFound},
		{"another method", func(e *event) { e.HTTPMethod = "GET" }, problem.MethodNotAllowed},
		{"another method's spelling", func(e *event) { e.HTTPMethod = "post" }, problem.MethodNotAllowed},
		{"a large body", func(e *event) { e.Body = `{"AssociateId":117,"x":"` + strings.Repeat("x", 4096) + `"}` }, problem.BodyTooLarge},
		{"a body that is not base64", func(e *event) { e.IsBase64Encoded = true }, problem.InvalidBody},
		{"a body in base64 that is not UTF-8", func(e *event) {
			e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte("{\"AssociateId\":117,\"x\":\"\xe5\"}")), true
		}, problem.InvalidBody},
		{"an empty body", func(e *event) { e.Body = "" }, problem.InvalidBody},
		{"half a body", func(e *event) { e.Body = `{"AssociateId":117` }, problem.InvalidBody},
		{"no associate", func(e *event) { e.Body = `{}` }, problem.InvalidAssociateID},
		{"nobody", func(e *event) { e.Body = `{"AssociateId":0}` }, problem.InvalidAssociateID},
		{"two associates", func(e *event) { e.Body = `{"AssociateId":117,"associateid":118}` }, problem.InvalidAssociateID},
		{"no content type", func(e *event) { setHeader(e, "Content-Type") }, problem.UnsupportedMediaType},
		{"another content type", func(e *event) { setHeader(e, "Content-Type", "text/plain") }, problem.UnsupportedMediaType},
		{"two content types", func(e *event) { setHeader(e, "Content-Type", "application/json", "text/json") }, problem.UnsupportedMediaType},
		{"two maps that disagree", func(e *event) { e.Headers["Content-Type"] = "text/json" }, problem.InvalidHeader},
		{"two selections", func(e *event) {
			e.MultiValueQueryStringParameters = map[string][]string{"$select": {"Platform", "Language"}}
		}, problem.InvalidSelect},
		{"two spellings of a selection", func(e *event) {
			e.MultiValueQueryStringParameters = map[string][]string{"$select": {"Platform"}, "%24select": {"Language"}}
		}, problem.InvalidSelect},
		{"a long selection", func(e *event) {
			e.MultiValueQueryStringParameters = map[string][]string{"$select": {strings.Repeat("x", 1025)}}
		}, problem.InvalidSelect},
		{"XML with a DOCTYPE", func(e *event) {
			setHeader(e, "Content-Type", "application/xml")
			e.Body = "<!DOCTYPE r><r><AssociateId>117</AssociateId></r>"
		}, problem.InvalidBody},
		{"a form with two associates", func(e *event) {
			setHeader(e, "Content-Type", "application/x-www-form-urlencoded")
			e.Body = "AssociateId=117&associateid=117"
		}, problem.InvalidAssociateID},
		{"a preflight that is a post", func(e *event) {
			e.RequestContext.Authorizer = nil
			setHeader(e, "Access-Control-Request-Method", "POST")
		}, problem.Unauthorized},
		{"a content encoding in one map", func(e *event) { e.Headers["Content-Encoding"] = "gzip" }, problem.UnsupportedMediaType},
		{"a content encoding", func(e *event) { setHeader(e, "content-encoding", "gzip") }, problem.UnsupportedMediaType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sample(t)
			e.RequestContext.RequestID = "the-request"
			tt.change(&e)
			store := newStore()
			got := invoke(t, store, marshal(t, e))
			wantBody := string(marshal(t, struct {
				Error                         bool
				ErrorType, Message, RequestId string
			}{true, tt.want.Type, tt.want.Message, "the-request"}))
			if got.status != tt.want.Status || got.body != strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(wantBody) {
				t.Errorf("answered with %d %s, want %d %s", got.status, got.body, tt.want.Status, wantBody)
			}
			if len(store.Asked) > 0 {
				t.Errorf("the store was asked for %v", store.Asked)
			}
			if got.header["Cache-Control"] != "no-store" || got.header["Content-Type"] != "application/json; charset=utf-8" {
				t.Errorf("the header is %v", got.header)
			}
			if allow := got.header["Allow"]; (allow == "POST") != (got.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
			if strings.Count(got.logs, "\n") != 2 || !strings.Contains(got.logs, `"apiRequestId":"the-request"`) {
				t.Errorf("the log is %s", got.logs)
			}
			if alarmed := strings.Contains(got.logs, `"level":"ERROR","msg":"authorizer_context_invalid"`); alarmed != (tt.want == problem.Unauthorized) {
				t.Errorf("the log is %s", got.logs)
			}
			for _, secret := range []string{e.Headers["Authorization"], canary} {
				if strings.Contains(got.logs+got.body, secret) {
					t.Errorf("%q comes out in %s or %s", secret, got.body, got.logs)
				}
			}
		})
	}
}
