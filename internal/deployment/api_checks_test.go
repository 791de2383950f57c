//go:build sam

package deployment

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pocket-devices/internal/request"
)

// method is one method of one path, in whichever API.
type method struct {
	route     string // such as POST /api/v1/…
	operation any
}

func (s stack) methods() (all []method) {
	for _, api := range s.of("AWS::ApiGateway::RestApi") {
		for path, methods := range object(s.at(api, "Body", "paths")) {
			for name, operation := range object(methods) {
				all = append(all, method{strings.ToUpper(name) + " " + path, operation})
			}
		}
	}
	return all
}

func checkMethods(_ *testing.T, s stack) []string {
	var f faults
	for _, m := range s.methods() {
		want := []any{map[string]any{"Installation": []any{}}}
		if strings.HasPrefix(m.route, http.MethodOptions+" ") {
			want = []any{map[string]any{"NONE": []any{}}}
		}
		f.want("who is asked before "+m.route, at(m.operation, "security"), want)
	}
	return f
}

func checkAuthorizer(_ *testing.T, s stack) []string {
	var f faults
	for _, api := range s.of("AWS::ApiGateway::RestApi") {
		for name, definition := range object(s.at(api, "Body", "securityDefinitions")) {
			a := at(definition, "x-amazon-apigateway-authorizer")
			f.want("the type of "+name, at(a, "type"), "request")
			f.want("the seconds that "+name+"'s answers are kept", at(a, "authorizerResultTtlInSeconds"), 0)
			f.want("what "+name+" is not asked without", at(a, "identitySource"), nil)
			f.want("the address of "+name, at(a, "authorizerUri"),
				"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"+authorizer+".Arn:live/invocations")
		}
	}
	return f
}

func checkPermissions(_ *testing.T, s stack) []string {
	var f faults
	const api = "arn:aws:execute-api:eu-west-1:123456789012:Api/"
	sources := map[string][]string{}
	for _, name := range s.of("AWS::Lambda::Permission") {
		p := s.resources[name].Properties
		f.want("who "+name+" is for", p["Principal"], "apigateway.amazonaws.com")
		f.want("what "+name+" allows", p["Action"], "lambda:InvokeFunction")
		target := text(p["FunctionName"])
		sources[target] = append(sources[target], text(p["SourceArn"]))
		if target == authorizer+"Aliaslive" {
			f.want("the account of "+name, p["SourceAccount"], "123456789012")
		}
	}
	for _, s := range sources {
		slices.Sort(s)
	}
	f.want("what may call what", sources, map[string][]string{
		authorizer + "Aliaslive": {api + "authorizers/*"},
		function + "Aliaslive":   {api + "*/OPTIONS" + request.Path, api + "*/POST" + request.Path},
	})
	return f
}

var contextVariable = regexp.MustCompile(`\$[A-Za-z.]+`)

func checkAccessLog(_ *testing.T, s stack) []string {
	var f faults
	for _, stage := range s.of("AWS::ApiGateway::Stage") {
		f.want("where the access log goes", s.at(stage, "AccessLogSetting", "DestinationArn"), "ApiLogs.Arn")
		format := text(s.at(stage, "AccessLogSetting", "Format"))
		var line map[string]string
		if err := json.Unmarshal([]byte(format), &line); err != nil || strings.Contains(format, "\n") {
			f.addf("the access log is no line of JSON: %v: %s", err, format)
		}
		f.want("the id by which a line is found, as the functions' lines are", line["apiRequestId"], "$context.requestId")
		// Whatever else there is would have to be thought about first, and named here.
		f.want("what the access log tells", slices.Sorted(maps.Values(line)), []string{
			"$context.authorizer.associateId", "$context.authorizer.authScheme", "$context.authorizer.latency", "$context.authorizer.status",
			"$context.error.responseType", "$context.httpMethod", "$context.identity.sourceIp", "$context.integration.latency",
			"$context.integration.status", "$context.requestId", "$context.requestTime", "$context.resourcePath", "$context.responseLatency",
			"$context.responseLength", "$context.status",
		})
	}
	return f
}

func checkStage(_ *testing.T, s stack) []string {
	var f faults
	for _, stage := range s.of("AWS::ApiGateway::Stage") {
		f.want("the settings of "+stage, s.at(stage, "MethodSettings"), []any{map[string]any{
			"HttpMethod": "*", "ResourcePath": "/*", "MetricsEnabled": true, "DataTraceEnabled": false, "LoggingLevel": "OFF",
			"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100,
		}})
		f.want("the tracing of "+stage, s.at(stage, "TracingEnabled"), true)
	}
	for _, api := range s.of("AWS::ApiGateway::RestApi") {
		f.want("the endpoint of "+api, s.at(api, "EndpointConfiguration", "Types"), []any{"REGIONAL"})
		f.want("whether the API's own address is off", s.at(api, "Body", "x-amazon-apigateway-endpoint-configuration", "disableExecuteApiEndpoint"), s.parameters["DomainName"] != "")
	}
	f.want("the stages", s.of("AWS::ApiGateway::Stage"), []string{"ApiprodStage"})
	return f
}

// gatewayStatuses are API Gateway's own answers that callers of this API can meet, with the status that we give them; empty leaves it.
var gatewayStatuses = map[string]string{
	"DEFAULT_4XX": "", "UNAUTHORIZED": "401", "ACCESS_DENIED": "403", "WAF_FILTERED": "403", "MISSING_AUTHENTICATION_TOKEN": "404", "INVALID_SIGNATURE": "404",
	"REQUEST_TOO_LARGE": "413", "UNSUPPORTED_MEDIA_TYPE": "415", "THROTTLED": "429", "AUTHORIZER_FAILURE": "500", "INTEGRATION_TIMEOUT": "504", "DEFAULT_5XX": "",
}

func checkGatewayResponses(t *testing.T, s stack) []string {
	var f faults
	types := documentedErrorTypes(t)
	for _, api := range s.of("AWS::ApiGateway::RestApi") {
		statuses := map[string]string{}
		for kind, response := range object(s.at(api, "Body", "x-amazon-apigateway-gateway-responses")) {
			statuses[kind] = text(at(response, "statusCode"))
			body := text(at(response, "responseTemplates", "application/json"))
			for _, v := range contextVariable.FindAllString(body, -1) {
				f.want("what "+kind+" fills in", v, "$context.requestId")
			}
			var e map[string]any
			if err := json.Unmarshal([]byte(strings.ReplaceAll(body, "$context.requestId", "5d9dc9f8-1818-4811-892f-902bd23f0824")), &e); err != nil {
				f.addf("%s is answered with no JSON: %v: %s", kind, err, body)
				continue
			}
			f.want("the error of "+kind, slices.Sorted(maps.Keys(e)), []string{"Error", "ErrorType", "Message", "RequestId"})
			f.want("Error of "+kind, e["Error"], true)
			if !slices.Contains(types, text(e["ErrorType"])) {
				f.addf("the code %v of %s is not in docs/openapi.yaml", e["ErrorType"], kind)
			}
			want := map[string]any{
				"gatewayresponse.header.Content-Type": "'application/json; charset=utf-8'", "gatewayresponse.header.Cache-Control": "'no-store'",
				"gatewayresponse.header.X-Content-Type-Options": "'nosniff'", "gatewayresponse.header.X-Request-Id": "context.requestId",
			}
			if origin, _, _ := strings.Cut(s.parameters["AllowedOrigins"], ","); origin != "" {
				want["gatewayresponse.header.Access-Control-Allow-Origin"] = "'" + origin + "'"
				want["gatewayresponse.header.Access-Control-Allow-Credentials"] = "'true'"
				want["gatewayresponse.header.Vary"] = "'Origin'"
			}
			if kind == "UNAUTHORIZED" {
				want["gatewayresponse.header.WWW-Authenticate"] = `'Bearer realm="SuperOffice", SoTicket realm="SuperOffice"'`
			}
			f.want("the header of "+kind, at(response, "responseParameters"), want)
		}
		f.want("the statuses of API Gateway's own answers", statuses, gatewayStatuses)
	}
	return f
}

func checkRoutes(t *testing.T, s stack) []string {
	var f faults
	want := documentedRoutes(t)
	for _, route := range slices.Clone(want) {
		_, path, _ := strings.Cut(route, " ")
		want = append(want, "OPTIONS "+path)
	}
	var got []string
	for _, m := range s.methods() {
		got = append(got, m.route)
		f.want("what "+m.route+" is passed on as", at(m.operation, "x-amazon-apigateway-integration", "type"), "aws_proxy")
	}
	slices.Sort(got)
	slices.Sort(want)
	f.want("the routes", got, slices.Compact(want))
	f.want("the APIs", s.of("AWS::ApiGateway::RestApi"), []string{"Api"})
	return f
}
