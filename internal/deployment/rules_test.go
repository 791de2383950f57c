//go:build sam

package deployment

import (
	"fmt"
	"testing"
)

// fewest sets what no stack can do without: who says who a caller is.
var fewest = map[string]string{"InstallationUrl": "https://sod.superoffice.com/Cust12345"}

// everything turns on whatever is optional.
var everything = map[string]string{
	"InstallationUrl":     "https://sod.superoffice.com/Cust12345",
	"AllowedOrigins":      "https://app.example.com,https://test.example.com",
	"DomainName":          "devices.example.com",
	"CertificateArn":      "arn:aws:acm:eu-west-1:123456789012:certificate/c",
	"HostedZoneId":        "Z0123456789",
	"WebAclArn":           "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b",
	"ReservedConcurrency": "10",
	"TableKeyArn":         "arn:aws:kms:eu-west-1:123456789012:key/k",
	"AlarmTopicArn":       "arn:aws:sns:eu-west-1:123456789012:t",
}

// mutation is a change of the template's text that a rule must catch.
type mutation struct{ old, new string }

// rule is one thing that the stack is relied on for.
type rule struct {
	name      string
	check     func(t *testing.T, s stack) (faults []string)
	mutations []mutation
	open      bool // whether it looks at what sam deploy would warn of
}

// faults collects what is wrong.
type faults []string

func (f *faults) addf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// want adds a fault where a value is not as it must be.
func (f *faults) want(what string, got, want any) {
	if encode(got) != encode(want) {
		f.addf("%s is %s, want %s", what, encode(got), encode(want))
	}
}

const (
	function   = "GetRegisteredDevicesFunction"
	authorizer = "AuthorizerFunction"
)

// The rules. What of the template they need they find by its type, so that a second table or a third function is held to them too.
func rules() []rule {
	return []rule{
		{
			name: "every method but a browser's preflight asks the authorizer", check: checkMethods,
			mutations: []mutation{
				{"Auth:\n              Authorizer: NONE", "Auth: {}"}, // the preflight has no credential
				{"Method: POST\n", "Method: POST\n            Auth: {Authorizer: NONE}\n"},
				{"Method: OPTIONS", "Method: GET"},
			},
		},
		{
			name: "the authorizer's answers are not kept, and it is asked whatever the header has", check: checkAuthorizer,
			mutations: []mutation{
				{"ReauthorizeEvery: 0", "{ReauthorizeEvery: 300, Headers: [Authorization]}"},
				{"ReauthorizeEvery: 0", "{ReauthorizeEvery: 0, Headers: [Authorization]}"},
				{"${AuthorizerFunction.Arn}:live", "${AuthorizerFunction.Arn}"},
				{"FunctionPayloadType: REQUEST", "FunctionPayloadType: TOKEN"},
			},
		},
		{
			name: "the functions can be called by this API alone, through their alias", check: checkPermissions,
			mutations: []mutation{
				{"${Api}/authorizers/*", "*/authorizers/*"},
				{"${Api}/authorizers/*", "${Api}/*"},
				{"      FunctionName: !Ref AuthorizerFunction.Alias", "      FunctionName: !Ref AuthorizerFunction"},
				{"DisableFunctionDefaultPermissions: true", "DisableFunctionDefaultPermissions: false"},
				{"  AuthorizerPermission:\n    Type: AWS::Lambda::Permission", "  AuthorizerPermission:\n    Type: AWS::SNS::Topic"},
				{"Principal: apigateway.amazonaws.com", "Principal: '*'"},
			},
		},
		{
			name: "the function may do one thing with the table, and the authorizer none", check: checkDynamoDB,
			mutations: []mutation{
				{"Action: dynamodb:Query", "Action: [dynamodb:Query, dynamodb:Scan]"},
				{"Action: dynamodb:Query", "Action: dynamodb:GetItem"},
				{"Action: dynamodb:Query", "Action: dynamodb:*"},
				{"                Resource: !GetAtt DevicesTable.Arn", "                Resource: !Sub ${DevicesTable.Arn}/index/*"},
				{"Resource: !GetAtt AuthorizerLogs.Arn", "Resource: !GetAtt AuthorizerLogs.Arn\n              - {Effect: Allow, Action: dynamodb:Query, Resource: !GetAtt DevicesTable.Arn}"},
			},
		},
		{
			name: "no role has a wildcard or a policy of somebody else's, but where there is no other way", check: checkRoles,
			mutations: []mutation{
				{"Action: [logs:CreateLogStream, logs:PutLogEvents]\n                Resource: !GetAtt AuthorizerLogs.Arn", "Action: logs:*\n                Resource: !GetAtt AuthorizerLogs.Arn"},
				{"Resource: !GetAtt AuthorizerLogs.Arn", "Resource: '*'"},
				{"Action: cloudwatch:DescribeAlarms", "Action: cloudwatch:*"},
				{"      Role: !GetAtt AuthorizerRole.Arn\n", ""}, // SAM then makes one of its own
				{"      Role: !GetAtt DeploymentRole.Arn\n", ""},
				{"Principal: {Service: lambda.amazonaws.com}", "Principal: {AWS: '*'}"},
				{"Description: What the authorizer may do", "ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']"},
				{"Action: [xray:PutTraceSegments, xray:PutTelemetryRecords]", "NotAction: iam:CreateUser"},
				{"Condition:\n                    StringEquals: {kms:ViaService: !Sub \"dynamodb.${AWS::Region}.${AWS::URLSuffix}\"}", ""},
			},
		},
		{
			name: "a function's time, memory, logs and traces are said, and its time is less than API Gateway's", check: checkFunctions,
			mutations: []mutation{
				{"      Timeout: 10\n", ""},
				{"      Timeout: 10\n", "      Timeout: 29\n"},
				{"      Timeout: 5\n", "      Timeout: 30\n"},
				{"    MemorySize: 256\n", ""},
				{"    Tracing: Active\n", ""},
				{"        LogFormat: JSON\n", ""},
				{"        ApplicationLogLevel: !Ref LogLevel\n", "        ApplicationLogLevel: WARN\n"},
				{"        SystemLogLevel: INFO\n", "        SystemLogLevel: WARN\n"},
				{"        LogGroup: !Ref AuthorizerLogs\n", ""},
				{"        LogGroup: !Ref AuthorizerLogs\n", "        LogGroup: !Ref GetRegisteredDevicesLogs\n"},
				{"Runtime: provided.al2023", "Runtime: provided.al2"},
			},
		},
		{
			name: "logs are kept for as long as the parameter says, and outlive the stack", check: checkLogGroups,
			mutations: []mutation{
				{"RetentionInDays: !Ref LogRetentionDays\n", "LogGroupClass: STANDARD\n"},
				{"RetentionInDays: !Ref LogRetentionDays\n", "RetentionInDays: 3653\n"},
				{"    DeletionPolicy: RetainExceptOnCreate # it holds the audit lines", "    DeletionPolicy: Delete"},
				{"!Ref AccountLogs, the role of the account", "the account's role, the role of the account"},
			},
		},
		{
			name: "the access log tells what is needed and nothing of a header or a body", check: checkAccessLog,
			mutations: []mutation{
				{`"$context.responseLength"}`, `"$context.responseLength","agent":"$context.identity.userAgent"}`},
				{`"$context.responseLength"}`, `"$context.responseLength"`},
				{`"associate":"$context.authorizer.associateId",`, ``},
				{`"apiRequestId":"$context.requestId"`, `"requestId":"$context.requestId"`},
				{`"$context.error.responseType"`, `"$context.error.message"`},
				{"      AccessLogSetting:", "      Variables:"},
				{"DestinationArn: !GetAtt ApiLogs.Arn", "DestinationArn: !GetAtt AuthorizerLogs.Arn"},
			},
		},
		{
			name: "the stage throttles, counts and traces, and leaves no data traces", check: checkStage,
			mutations: []mutation{
				{"DataTraceEnabled: false", "DataTraceEnabled: true"},
				{"          DataTraceEnabled: false\n", ""},
				{`LoggingLevel: "OFF"`, `LoggingLevel: INFO`},
				{"MetricsEnabled: true", "MetricsEnabled: false"},
				{"          ThrottlingRateLimit: !Ref RequestsPerSecond\n", ""},
				{"          ThrottlingBurstLimit: !Ref RequestBurst\n", ""},
				{"TracingEnabled: true", "TracingEnabled: false"},
				{"Type: REGIONAL", "Type: EDGE"},
				{`HttpMethod: "*"`, `HttpMethod: POST`},
				{"!If [HasDomain, true, false]", "false"},
			},
		},
		{
			name: "what API Gateway answers by itself is an error as the function writes it", check: checkGatewayResponses,
			mutations: []mutation{
				{`"ErrorType":"TooManyRequests"`, `"ErrorType":"Throttled"`},
				{`"Message":"You may not call this.",`, `"Message":"$context.error.message",`},
				{`"Message":"You may not call this.",`, `"Message":$context.error.messageString,`},
				{`"Message":"You may not call this.",`, ``},
				{`"RequestId":"$context.requestId"}'` + "\n        UNAUTHORIZED", `"RequestId":"$context.requestId}'` + "\n        UNAUTHORIZED"},
				{"        MISSING_AUTHENTICATION_TOKEN:\n          StatusCode: 404", "        MISSING_AUTHENTICATION_TOKEN:\n          StatusCode: 403"},
				{"        INTEGRATION_TIMEOUT:", "        INTEGRATION_FAILURE:"},
				{"        REQUEST_TOO_LARGE:\n", "        BAD_REQUEST_BODY:\n"},
				{"              Cache-Control: \"'no-store'\"\n", ""},
				{"              X-Request-Id: context.requestId\n", ""},
				{"              X-Content-Type-Options: \"'nosniff'\"\n", ""},
				{"              WWW-Authenticate: ", "              X-Authenticate: "},
				{`'Bearer realm`, `'Basic realm`},
				{"      GatewayResponses:\n        DEFAULT_4XX:", "      GatewayResponses:\n        RESOURCE_NOT_FOUND:"},
				{"        DEFAULT_5XX:", "        API_CONFIGURATION_ERROR:"},
				{"              Vary: !If [HasOrigins, \"'Origin'\", !Ref AWS::NoValue]\n", ""},
			},
		},
		{
			name: "the environment has the variables that the code reads, and those that were measured to matter", check: checkEnvironment,
			mutations: []mutation{
				{"          DEVICES_TABLE: !Ref", "          DEVICE_TABLE: !Ref"},
				{"          READ_ALL_SYSTEM_USERS: !Ref ReadAllSystemUsers\n", ""},
				{"          INSTALLATION_URL: !Ref", "          UNUSED: x\n          INSTALLATION_URL: !Ref"},
				{`GOMAXPROCS: "1"`, `GOMAXPROC: "1"`},
				{`GOGC: "115"`, `GOGC: "off"`},
				{`GOMAXPROCS: "1"`, "GOMAXPROCS: \"1\"\n        GODEBUG: \"gctrace=1\""},
				{"        SSL_CERT_DIR: /nonexistent\n", ""},
				{"        SSL_CERT_DIR: /nonexistent\n", "        SSL_CERT_DIR: /nonexistent\n        SSL_CERT_FILE: /nonexistent\n"},
			},
		},
		{
			name: "the table has the code's key, and is not to be lost", check: checkTable,
			mutations: []mutation{
				{"{AttributeName: AssociateId, KeyType: HASH}", "{AttributeName: DeviceIdentifier, KeyType: HASH}"},
				{"{AttributeName: AssociateId, AttributeType: N}", "{AttributeName: AssociateId, AttributeType: S}"},
				{"AttributeName: ExpiresAt", "AttributeName: Expires"},
				{"        Enabled: true\n", "        Enabled: false\n"},
				{"DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false"},
				{"PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"},
				{"RecoveryPeriodInDays: 35", "RecoveryPeriodInDays: 1"},
				{"    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:\n      BillingMode", "    DeletionPolicy: Delete\n    UpdateReplacePolicy: Retain\n    Properties:\n      BillingMode"},
				{"    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:\n      BillingMode", "    DeletionPolicy: Retain\n    Properties:\n      BillingMode"},
				{"BillingMode: PAY_PER_REQUEST", "BillingMode: PROVISIONED"},
				{"{SSEEnabled: true, SSEType: KMS,", "{SSEEnabled: false, SSEType: KMS,"},
			},
		},
		{
			name: "the routes are those of docs/openapi.yaml, and a browser's preflight", check: checkRoutes,
			mutations: []mutation{
				{"            Path: /api/v1/Agents/Pocket/GetRegisteredDevices\n            Method: POST", "            Path: /api/v1/Agents/Pocket/GetDevices\n            Method: POST"},
				{"            Method: POST\n", "            Method: PUT\n"},
				{"            Method: POST\n", "            Method: ANY\n"},
				{"        # A browser asks,", "        More: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /more, Method: GET}}\n        # A browser asks,"},
				{"            RestApiId: !Ref Api\n            Path: /api/v1/Agents/Pocket/GetRegisteredDevices\n            Method: POST", "            Path: /api/v1/Agents/Pocket/GetRegisteredDevices\n            Method: POST"}, // SAM then makes another API
			},
		},
		{
			name: "callers reach an alias, which a canary moves with the alarms as its brakes", check: checkDeployments,
			mutations: []mutation{
				{"    AutoPublishAlias: live\n", "    AutoPublishAlias: current\n"},
				{"      Alarms: [!Ref ServerErrorsAlarm, !Ref FunctionErrorsAlarm, !Ref AuthorizerErrorsAlarm, !Ref ContextInvalidAlarm]\n", ""},
				{", !Ref ContextInvalidAlarm]", "]"},
				{"    Default: Canary10Percent5Minutes\n", "    Default: AllAtOnce\n"},
			},
		},
		{
			name: "each alarm says what missing data means, tells the topic, and is in docs/operate.md", check: checkAlarms,
			mutations: []mutation{
				{"      TreatMissingData: notBreaching # nobody called\n", ""},
				{"      OKActions: *alarmActions\n", ""},
				{"AlarmActions: &alarmActions !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]", "AlarmActions: &alarmActions []"},
				{"  ThrottlesAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n", "  OtherAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: {TreatMissingData: notBreaching}\n  ThrottlesAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n"},
				{"docs/operate.md, ThrottlesAlarm.", "docs/operate.md."},
				{"Threshold: 5000", "Threshold: 5"},
				{"ExtendedStatistic: p99", "ExtendedStatistic: p50"},
				{"      Name: !Ref AWS::StackName\n", "      Name: devices-api\n"}, // the alarms would watch a name that there is not
				{"      StageName: prod\n", "      StageName: live\n"},
				{"      MetricName: AuthorizerErrors\n", "      MetricName: AuthoriserErrors\n"},
				{"      MetricName: 5XXError\n", "      MetricName: 5xxError\n"},
				{"Value: Query}", "Value: Scan}"},
			},
		},
		{
			name: "the dashboard and the saved queries show what there is", check: checkDashboard,
			mutations: []mutation{
				{`"PocketDevices/${AWS::StackName}", "AuthorizerErrors"`, `"PocketDevices/${AWS::StackName}", "AuthoriserErrors"`},
				{`"PocketDevices", "DevicesReturned"`, `"PocketDevices", "Devices"`},
				{`"PocketDevices", "DevicesReturned", "FunctionName", "${GetRegisteredDevicesFunction}"`, `"PocketDevices", "DevicesReturned", "FunctionName", "${AuthorizerFunction}"`},
				{`["...", "denied",`, `["...", "forbidden",`},
				{`"title": "Cold starts"`, `"title": "Starts"`},
				{`"${DynamoDBErrorsAlarm.Arn}"]`, `"${LatencyAlarm.Arn}"]`},
				{`"view": "timeSeries", "stacked": true,`, `"view": "timeSeries", "stacked": true`},
				{"  DenialsByPrincipalQuery:\n    Type: AWS::Logs::QueryDefinition", "  DenialsByPrincipalQuery:\n    Type: AWS::SNS::Topic"},
				{"LogGroupNames: [!Ref ApiLogs]", "LogGroupNames: [/aws/lambda/x]"},
			},
		},
		{
			name: "each parameter says what it is for and what it takes, and is in one group of the console", check: checkParameters,
			mutations: []mutation{
				{"    Description: The certificate for DomainName, in AWS Certificate Manager in this region.\n", ""},
				{"[AlarmTopicArn, LogRetentionDays,", "[LogRetentionDays,"},
				{"[AlarmTopicArn, LogRetentionDays,", "[AlarmTopicArn, TableKeyArn, LogRetentionDays,"},
				{"    AllowedPattern: ^[A-Za-z0-9_-]{0,64}$\n", ""},
				{"    ConstraintDescription: It is a number from 1, or empty.\n", ""},
				{"    MaxValue: 10000\n", ""},
				{"    AllowedValues: [DEBUG, INFO]\n", "    AllowedValues: [DEBUG, INFO, ERROR]\n"}, // at which there would be no audit
			},
		},
		{
			name: "the outputs name the endpoint, the table, the functions and the dashboard", check: checkOutputs,
			mutations: []mutation{
				{"  Table:\n    Description: The table of the devices\n    Value: !Ref DevicesTable\n", ""},
				{"${AWS::URLSuffix}/prod/api/v1", "${AWS::URLSuffix}/api/v1"},
				{"https://${DomainName}/api/v1/Agents/Pocket/GetRegisteredDevices", "https://${DomainName}/GetRegisteredDevices"},
				{"    Description: Where clients POST to\n", ""},
			},
		},
		{
			name: "sam deploy has nothing to warn of", check: func(_ *testing.T, s stack) []string {
				var f faults
				f.want("what anybody may call without sam deploy being told", s.Open, []string{})
				return f
			},
			mutations: []mutation{
				{"Timeout: 10\n", "Timeout: 10\n      FunctionUrlConfig: {AuthType: NONE}\n"},
			},
			open: true,
		},
		{
			name: "what is optional is there where it is asked for, and only there", check: checkOptions,
			mutations: []mutation{
				{"    Condition: HasWebAcl\n", ""},
				{"HasWebAcl: !Not [!Equals [!Ref WebAclArn, \"\"]]", "HasWebAcl: !Equals [!Ref WebAclArn, \"\"]"},
				{"      SecurityPolicy: TLS_1_2\n", "      SecurityPolicy: TLS_1_0\n"},
				{"    ReservedConcurrentExecutions: !If [HasReservedConcurrency, !Ref ReservedConcurrency, !Ref AWS::NoValue]\n", ""},
				{"stages/${Api.Stage}", "stages/other"},
			},
		},
	}
}
