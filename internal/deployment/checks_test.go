//go:build sam

package deployment

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/metrics"
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

// statement is what a role may do.
type statement struct {
	role      string
	actions   []string
	resources []string
	whole     map[string]any
}

func (s stack) statements() (all []statement) {
	for _, role := range s.of("AWS::IAM::Role") {
		for _, policy := range items(s.at(role, "Policies")) {
			for _, st := range items(at(policy, "PolicyDocument", "Statement")) {
				one := statement{role: role, whole: object(st)}
				for _, action := range items(at(st, "Action")) {
					one.actions = append(one.actions, text(action))
				}
				for _, resource := range items(at(st, "Resource")) {
					one.resources = append(one.resources, text(resource))
				}
				all = append(all, one)
			}
		}
	}
	return all
}

// checkDynamoDB: the function may query the one table (C-51).
func checkDynamoDB(_ *testing.T, s stack) []string {
	var f faults
	granted := map[string][]string{}
	for _, st := range s.statements() {
		for _, action := range st.actions {
			if strings.HasPrefix(action, "dynamodb:") {
				granted[st.role] = append(granted[st.role], action+" on "+strings.Join(st.resources, ", "))
			}
		}
	}
	f.want("what roles may do with the table", granted, map[string][]string{"GetRegisteredDevicesRole": {"dynamodb:Query on DevicesTable.Arn"}})
	return f
}

// wildcards are those that there is no way around: X-Ray knows no narrower resource, and alarms are asked for as a list.
var wildcards = map[string]string{
	"xray:PutTraceSegments, xray:PutTelemetryRecords": "*",
	"cloudwatch:DescribeAlarms":                       "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*",
}

func checkRoles(_ *testing.T, s stack) []string {
	var f faults
	services := map[string]string{}
	for _, role := range s.of("AWS::IAM::Role") {
		for _, st := range items(s.at(role, "AssumeRolePolicyDocument", "Statement")) {
			if encode(at(st, "Principal")) != encode(map[string]any{"Service": at(st, "Principal", "Service")}) || at(st, "Effect") != "Allow" {
				f.addf("%s can be taken by %s", role, encode(st))
			}
			services[role] = text(at(st, "Principal", "Service"))
		}
		if managed := s.at(role, "ManagedPolicyArns"); managed != nil && role != "AccountLogsRole" { // which is of the account, and AWS's to define
			f.addf("%s has policies of somebody else's: %s", role, encode(managed))
		}
	}
	f.want("who takes which role", services, map[string]string{
		"AccountLogsRole": "apigateway.amazonaws.com", "AuthorizerRole": "lambda.amazonaws.com", "DeploymentRole": "codedeploy.amazonaws.com",
		"GetRegisteredDevicesRole": "lambda.amazonaws.com",
	})
	for _, st := range s.statements() {
		actions := strings.Join(st.actions, ", ")
		if len(st.actions) == 0 || strings.Contains(actions, "*") {
			f.addf("%s may do %s", st.role, encode(st.whole))
		}
		for _, resource := range st.resources {
			if strings.Contains(resource, "*") && wildcards[actions] != resource {
				f.addf("%s may do %s with %s", st.role, actions, resource)
			}
		}
		if actions == "kms:Decrypt" {
			f.want("by which way the key may be used", at(st.whole, "Condition", "StringEquals", "kms:ViaService"), "dynamodb.eu-west-1.amazonaws.com")
		}
	}
	return f
}

func checkFunctions(_ *testing.T, s stack) []string {
	var f faults
	logs := map[string]string{}
	for _, name := range s.of("AWS::Lambda::Function") {
		p := s.resources[name].Properties
		if timeout, _ := p["Timeout"].(float64); timeout < 1 || timeout >= 29 {
			f.addf("the time of %s is %v, want less than the 29 s that API Gateway waits", name, p["Timeout"])
		}
		if memory, _ := p["MemorySize"].(float64); memory < 128 || memory >= 1769 { // from which on GOMAXPROCS=1 would waste a processor
			f.addf("the memory of %s is %v", name, p["MemorySize"])
		}
		f.want("the runtime of "+name, p["Runtime"], "provided.al2023")
		f.want("the tracing of "+name, at(p, "TracingConfig", "Mode"), "Active")
		f.want("the logs of "+name, at(p, "LoggingConfig", "LogFormat"), "JSON")
		f.want("the level of "+name, at(p, "LoggingConfig", "ApplicationLogLevel"), "INFO")
		f.want("Lambda's level for "+name, at(p, "LoggingConfig", "SystemLogLevel"), "INFO") // platform.report has it
		if p["Description"] == nil {
			f.addf("%s has no description", name)
		}
		group := text(at(p, "LoggingConfig", "LogGroup"))
		if s.resources[group].Type != "AWS::Logs::LogGroup" || logs[group] != "" {
			f.addf("%s logs to %q, which is not its own", name, group)
		}
		logs[group] = name
		writes := false
		for _, st := range s.statements() {
			writes = writes || st.role+".Arn" == text(p["Role"]) && slices.Contains(st.actions, "logs:PutLogEvents") && slices.Equal(st.resources, []string{group + ".Arn"})
		}
		if !writes {
			f.addf("%s may not write its log", name)
		}
	}
	f.want("the functions", s.of("AWS::Lambda::Function"), []string{authorizer, function})
	return f
}

// tagValue is what the value of a tag may be. CloudFormation finds out only when it makes the resource.
var tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$`)

func checkLogGroups(_ *testing.T, s stack) []string {
	var f faults
	for _, name := range s.of("AWS::Logs::LogGroup") {
		for _, tag := range items(s.at(name, "Tags")) {
			if !tagValue.MatchString(text(at(tag, "Value"))) {
				f.addf("%s has a tag that cannot be: %s", name, encode(tag))
			}
		}
		f.want("how long "+name+" is kept", s.at(name, "RetentionInDays"), 90)
		f.want("what becomes of "+name+" with the stack", s.resources[name].DeletionPolicy, "RetainExceptOnCreate")
		f.want("what becomes of "+name+" when it is replaced", s.resources[name].UpdateReplacePolicy, "Retain")
	}
	f.want("the log groups", s.of("AWS::Logs::LogGroup"), []string{"ApiLogs", "AuthorizerLogs", "GetRegisteredDevicesLogs"})
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

// levers are the variables that the Go runtime and the SDK read, beside those of ours.
var levers = map[string]any{"GOMAXPROCS": "1", "GOGC": "115", "SSL_CERT_DIR": "/nonexistent"}

func checkEnvironment(t *testing.T, s stack) []string {
	var f faults
	for name, folder := range map[string]string{function: "get-registered-devices", authorizer: "authorizer"} {
		got := object(s.at(name, "Environment", "Variables"))
		want := append(variablesReadBy(t, folder), slices.Collect(maps.Keys(levers))...)
		if name == function {
			want = append(want, "AWS_ENDPOINT_URL_DYNAMODB") // which the SDK reads
			f.want("DEVICES_TABLE", got["DEVICES_TABLE"], "DevicesTable")
		}
		slices.Sort(want)
		f.want("the variables of "+name, slices.Sorted(maps.Keys(got)), want)
		for lever, value := range levers {
			f.want(lever+" of "+name, got[lever], value)
		}
	}
	return f
}

func checkTable(_ *testing.T, s stack) []string {
	var f faults
	for _, table := range s.of("AWS::DynamoDB::Table") {
		p := s.resources[table].Properties
		f.want("the key", p["KeySchema"], []any{
			map[string]any{"AttributeName": devicetable.AssociateID, "KeyType": "HASH"}, map[string]any{"AttributeName": devicetable.DeviceIdentifier, "KeyType": "RANGE"},
		})
		f.want("the types of the key", p["AttributeDefinitions"], []any{
			map[string]any{"AttributeName": devicetable.AssociateID, "AttributeType": "N"}, map[string]any{"AttributeName": devicetable.DeviceIdentifier, "AttributeType": "S"},
		})
		f.want("what lets an item go", p["TimeToLiveSpecification"], map[string]any{"AttributeName": devicetable.ExpiresAt, "Enabled": true})
		f.want("how it is paid", p["BillingMode"], "PAY_PER_REQUEST")
		f.want("whether it can be deleted", p["DeletionProtectionEnabled"], true)
		f.want("what it can be put back to", p["PointInTimeRecoverySpecification"], map[string]any{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35})
		f.want("what becomes of it with the stack", s.resources[table].DeletionPolicy, "Retain")
		f.want("what becomes of it when it is replaced", s.resources[table].UpdateReplacePolicy, "Retain")
		var encryption any
		if key := s.parameters["TableKeyArn"]; key != "" {
			encryption = map[string]any{"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}
		}
		f.want("what it is encrypted with", p["SSESpecification"], encryption)
	}
	f.want("the tables", s.of("AWS::DynamoDB::Table"), []string{"DevicesTable"})
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

func checkDeployments(_ *testing.T, s stack) []string {
	var f faults
	for _, name := range s.of("AWS::Lambda::Function") {
		alias := name + "Aliaslive"
		f.want("the function of the alias live of "+name, s.at(alias, "FunctionName"), name)
		group := text(at(s.resources[alias].UpdatePolicy, "CodeDeployLambdaAliasUpdate", "DeploymentGroupName"))
		f.want("how "+name+" is deployed", s.at(group, "DeploymentConfigName"), "CodeDeployDefault.LambdaCanary10Percent5Minutes")
		f.want("who deploys "+name, s.at(group, "ServiceRoleArn"), "DeploymentRole.Arn")
		f.want("the brakes of "+name, s.at(group, "AlarmConfiguration"), map[string]any{"Enabled": true, "Alarms": []any{
			map[string]any{"Name": "ServerErrorsAlarm"},
			map[string]any{"Name": "FunctionErrorsAlarm"},
			map[string]any{"Name": "AuthorizerErrorsAlarm"},
			map[string]any{"Name": "ContextInvalidAlarm"},
		}})
		f.want("what puts "+name+" back", s.at(group, "AutoRollbackConfiguration"), map[string]any{
			"Enabled": true, "Events": []any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"},
		})
	}
	for _, m := range s.methods() {
		f.want("what is behind "+m.route, at(m.operation, "x-amazon-apigateway-integration", "uri"),
			"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"+function+"Aliaslive/invocations")
	}
	return f
}

// metric is what an alarm watches.
type metric struct{ namespace, name, dimensions string }

func (m metric) String() string { return m.namespace + " " + m.name + " " + m.dimensions }

func metricOf(v any) metric {
	var dimensions []string
	for _, d := range items(at(v, "Dimensions")) {
		dimensions = append(dimensions, fmt.Sprint(at(d, "Name"), "=", at(d, "Value")))
	}
	return metric{text(at(v, "Namespace")), text(at(v, "MetricName")), strings.Join(dimensions, " ")}
}

// alarms say what each alarm watches. Names of an API and a stage are compared with those that there are.
func alarms(s stack) map[string][]string {
	api := "ApiName=" + text(s.at("Api", "Name")) + " Stage=" + text(s.at("ApiprodStage", "StageName"))
	const own, query = "PocketDevices/devices ", " TableName=DevicesTable Operation=Query"
	return map[string][]string{
		"ServerErrorsAlarm":     {"AWS/ApiGateway 5XXError " + api},
		"FunctionErrorsAlarm":   {"AWS/Lambda Errors FunctionName=" + function},
		"ThrottlesAlarm":        {"AWS/Lambda Throttles FunctionName=" + function, "AWS/Lambda Throttles FunctionName=" + authorizer},
		"LatencyAlarm":          {"AWS/ApiGateway Latency " + api},
		"AuthorizerErrorsAlarm": {own + "AuthorizerErrors "},
		"ContextInvalidAlarm":   {own + "ContextInvalid "},
		"DynamoDBErrorsAlarm":   {"AWS/DynamoDB SystemErrors" + query, "AWS/DynamoDB ThrottledRequests" + query},
	}
}

// counted are the metrics that are counted from the logs.
func (s stack) counted() (names []string) {
	for _, filter := range s.of("AWS::Logs::MetricFilter") {
		for _, m := range items(s.at(filter, "MetricTransformations")) {
			names = append(names, text(at(m, "MetricNamespace"))+" "+text(at(m, "MetricName")))
		}
	}
	return names
}

func checkAlarms(t *testing.T, s stack) []string {
	var f faults
	watched := map[string][]string{}
	for _, name := range s.of("AWS::CloudWatch::Alarm") {
		p := s.resources[name].Properties
		f.want("what missing data is to "+name, p["TreatMissingData"], "notBreaching")
		var topic any
		if arn := s.parameters["AlarmTopicArn"]; arn != "" {
			topic = []any{arn}
		}
		f.want("whom "+name+" tells", p["AlarmActions"], topic)
		f.want("whom "+name+" tells that it is over", p["OKActions"], topic)
		metrics := []metric{metricOf(p)}
		if p["Metrics"] != nil {
			metrics = nil
			for _, m := range items(p["Metrics"]) {
				if stat := at(m, "MetricStat"); stat != nil {
					metrics = append(metrics, metricOf(at(stat, "Metric")))
				}
			}
		}
		for _, m := range metrics {
			watched[name] = append(watched[name], m.String())
			if strings.HasPrefix(m.namespace, "PocketDevices/") && !slices.Contains(s.counted(), m.namespace+" "+m.name) {
				f.addf("%s watches %v, which nobody counts", name, m)
			}
		}
		if !strings.Contains(operations(t), "\n### "+name+"\n") || !strings.Contains(text(p["AlarmDescription"]), "docs/operate.md, "+name) {
			f.addf("docs/operate.md does not say what to do about %s", name)
		}
	}
	f.want("what the alarms watch", watched, alarms(s))
	f.want("what is too slow", []any{s.at("LatencyAlarm", "Threshold"), s.at("LatencyAlarm", "ExtendedStatistic")}, []any{5000, "p99"})
	return f
}

// spellOut returns a metric of a dashboard as namespace, name and dimensions, without the short forms that stand for parts of the last
// one: a dot for one part, three for all that come before those that follow. An expression has none.
func spellOut(m []any, last []string) (parts []string) {
	for _, v := range m {
		if part, ok := v.(string); ok { // else it is how to show it, or an expression
			parts = append(parts, part)
		}
	}
	if len(parts) > 0 && parts[0] == "..." {
		parts = append(slices.Clone(last[:len(last)-len(parts)+1]), parts[1:]...)
	}
	for i, part := range parts {
		if part == "." {
			parts[i] = last[i]
		}
	}
	return parts
}

// countedByFunction are the metrics that the function writes by itself, with their dimensions.
func countedByFunction() (names []string) {
	of := " " + metrics.FunctionName + " " + function
	for _, name := range []string{metrics.Requests, metrics.ColdStarts, metrics.DevicesReturned, metrics.StorePages, metrics.StoreAttempts, metrics.StoreLatency} {
		names = append(names, metrics.Namespace+" "+name+of)
	}
	for _, outcome := range []string{metrics.Answered, metrics.Denied, metrics.Refused, metrics.Failed} {
		names = append(names, metrics.Namespace+" "+metrics.Requests+of+" "+metrics.Outcome+" "+outcome)
	}
	return names
}

func checkDashboard(_ *testing.T, s stack) []string {
	var f faults
	for _, name := range s.of("AWS::CloudWatch::Dashboard") {
		var body struct {
			Widgets []struct {
				Type       string
				Properties struct {
					Title, Query string
					Alarms       []string
					Metrics      [][]any
				}
			}
		}
		if err := json.Unmarshal([]byte(text(s.at(name, "DashboardBody"))), &body); err != nil {
			f.addf("%s is no JSON: %v", name, err)
			continue
		}
		var titles []string
		for _, w := range body.Widgets {
			titles = append(titles, w.Properties.Title)
			if w.Type == "alarm" {
				var all []string
				for _, alarm := range s.of("AWS::CloudWatch::Alarm") {
					all = append(all, alarm+".Arn")
				}
				shown := slices.Clone(w.Properties.Alarms)
				slices.Sort(shown)
				f.want("the alarms of the dashboard", shown, all)
			}
			var last []string
			for _, m := range w.Properties.Metrics {
				if last = spellOut(m, last); len(last) == 0 || strings.HasPrefix(last[0], "AWS/") {
					continue
				}
				if shown := strings.Join(last, " "); !slices.Contains(append(s.counted(), countedByFunction()...), shown) {
					f.addf("the dashboard shows %s, which nobody counts", shown)
				}
			}
		}
		f.want("what the dashboard shows", titles, []string{
			"Alarms", "Requests by outcome", "Latency, ms", "Cold starts", "Devices returned", "4xx by reason", "Errors and throttles",
		})
	}
	f.want("the dashboards", s.of("AWS::CloudWatch::Dashboard"), []string{"Dashboard"})
	for _, name := range s.of("AWS::Logs::QueryDefinition") {
		for _, group := range items(s.at(name, "LogGroupNames")) {
			f.want("what the group of "+name+" is", s.resources[text(group)].Type, "AWS::Logs::LogGroup")
		}
	}
	f.want("the saved queries", s.of("AWS::Logs::QueryDefinition"), []string{
		"DenialsByPrincipalQuery", "FailuresQuery", "OneRequestQuery", "SlowestQuery", "WhoReadWhoseDevicesQuery",
	})
	return f
}

func checkParameters(_ *testing.T, s stack) []string {
	var f faults
	grouped := []string{}
	for _, group := range items(at(s.Template.Metadata, "AWS::CloudFormation::Interface", "ParameterGroups")) {
		for _, name := range items(at(group, "Parameters")) {
			grouped = append(grouped, text(name))
		}
		if text(at(group, "Label", "default")) == "" {
			f.addf("a group of parameters has no label")
		}
	}
	slices.Sort(grouped)
	f.want("the parameters in groups", grouped, slices.Sorted(maps.Keys(s.Template.Parameters)))
	for name, p := range s.Template.Parameters {
		if p.Description == "" {
			f.addf("%s has no description", name)
		}
		chosen := len(p.AllowedValues) > 0
		switch p.Type {
		case "String":
			if !chosen && (p.AllowedPattern == "" || p.ConstraintDescription == "") {
				f.addf("%s takes any text, or does not say which", name)
			}
		case "Number":
			if !chosen && (p.MinValue == nil || p.MaxValue == nil) {
				f.addf("%s takes any number", name)
			}
		default:
			f.addf("%s is a %s", name, p.Type)
		}
		if pattern, err := regexp.Compile(p.AllowedPattern); err != nil || p.Default != nil && !pattern.MatchString(fmt.Sprint(p.Default)) {
			f.addf("the default of %s is not what it takes", name)
		}
	}
	f.want("the levels of logs", s.Template.Parameters["LogLevel"].AllowedValues, []any{"DEBUG", "INFO"})
	return f
}

func checkOutputs(_ *testing.T, s stack) []string {
	var f faults
	for name, output := range s.Template.Outputs {
		if text(output["Description"]) == "" {
			f.addf("the output %s has no description", name)
		}
	}
	host := "Api.execute-api.eu-west-1.amazonaws.com/" + text(s.at("ApiprodStage", "StageName"))
	want := map[string]any{"Table": "DevicesTable", "Function": function, "Authorizer": authorizer}
	if s.parameters["DomainName"] != "" {
		host = s.parameters["DomainName"]
		want["DomainTarget"] = "Domain.RegionalDomainName"
	}
	want["Endpoint"] = "https://" + host + request.Path
	want["Dashboard"] = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/Dashboard"
	f.want("the outputs", s.outputs, want)
	return f
}

func checkOptions(_ *testing.T, s stack) []string {
	var f faults
	var got []string
	for name, r := range s.resources {
		switch r.Type {
		case "AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping", "AWS::Route53::RecordSet", "AWS::WAFv2::WebACLAssociation":
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if s.parameters["DomainName"] == "" {
		f.want("what is optional", got, []string(nil))
		f.want("the reserved concurrency", s.at(function, "ReservedConcurrentExecutions"), nil)
		return f
	}
	f.want("what is optional", got, []string{"Domain", "DomainMapping", "DomainRecord", "WebAclAssociation"})
	f.want("the domain", s.resources["Domain"].Properties, map[string]any{
		"DomainName": s.parameters["DomainName"], "RegionalCertificateArn": s.parameters["CertificateArn"], "SecurityPolicy": "TLS_1_2",
		"EndpointConfiguration": map[string]any{"Types": []any{"REGIONAL"}},
	})
	f.want("what the domain leads to", s.resources["DomainMapping"].Properties, map[string]any{"DomainName": "Domain", "RestApiId": "Api", "Stage": "ApiprodStage"})
	f.want("what the web ACL stands before", s.resources["WebAclAssociation"].Properties, map[string]any{
		"WebACLArn": s.parameters["WebAclArn"], "ResourceArn": "arn:aws:apigateway:eu-west-1::/restapis/Api/stages/ApiprodStage",
	})
	for _, name := range s.of("AWS::Lambda::Function") {
		f.want("the reserved concurrency of "+name, s.at(name, "ReservedConcurrentExecutions"), "10")
	}
	return f
}
