//go:build sam

package deployment

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pocket-devices/internal/devicetable"
)

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
