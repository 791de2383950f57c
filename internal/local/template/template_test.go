package template

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The template that is deployed, as the local stack sees it.
func TestRead(t *testing.T) {
	got, err := Read(filepath.Join("..", "..", "..", "template.yaml"), map[string]string{"InstallationUrl": "https://example.com/Cust12345", "ReadAllAdministrators": "true"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Route{
		{Method: "POST", Path: "/api/v1/Agents/Pocket/GetRegisteredDevices", Function: "GetRegisteredDevicesFunction"},
		{Method: "OPTIONS", Path: "/api/v1/Agents/Pocket/GetRegisteredDevices", Function: "GetRegisteredDevicesFunction", Public: true},
	}, got.Routes); diff != "" {
		t.Errorf("the routes, -want +got:\n%s", diff)
	}
	if got.Authorizer != "AuthorizerFunction" || got.Stage != "prod" || got.Rate != 50 || got.Burst != 100 {
		t.Errorf("the authorizer is %q, the stage %q, which takes %d requests a second and %d at once", got.Authorizer, got.Stage, got.Rate, got.Burst)
	}
	want := []Function{
		{
			Name: "AuthorizerFunction", CodeURI: "functions/authorizer/", Timeout: 5 * time.Second, MemoryMB: 256, JSONLogs: true,
			Environment: map[string]string{
				"INSTALLATION_URL": "https://example.com/Cust12345", "CONTEXT_IDENTIFIER": "", "READ_ALL_ADMINISTRATORS": "true", "READ_ALL_SYSTEM_USERS": "false",
				"GOMAXPROCS": "1", "GOGC": "115", "SSL_CERT_DIR": "/nonexistent",
				"PRINCIPAL_CACHE_SECONDS": "0", "OIDC_ISSUER": "", "OIDC_AUDIENCE": "", "OIDC_METADATA_URL": "",
				"OIDC_ASSOCIATE_CLAIM": "", "OIDC_CONTEXT_CLAIM": "", "OIDC_ADMINISTRATOR_CLAIM": "",
			},
		},
		{
			Name: "GetRegisteredDevicesFunction", CodeURI: "functions/get-registered-devices/", Timeout: 10 * time.Second, MemoryMB: 256, JSONLogs: true,
			Environment: map[string]string{
				"DEVICES_TABLE": "DevicesTable", "CONTEXT_IDENTIFIER": "", "ALLOWED_ORIGINS": "", "AWS_ENDPOINT_URL_DYNAMODB": "",
				"GOMAXPROCS": "1", "GOGC": "115", "SSL_CERT_DIR": "/nonexistent",
			},
		},
	}
	if diff := cmp.Diff(want, got.Functions); diff != "" {
		t.Errorf("the functions, -want +got:\n%s", diff)
	}
	if table := got.Tables[0]; len(got.Tables) != 1 || table.Name != "DevicesTable" || table.Keys[0].Name != "AssociateId" || table.Keys[1].Type != "RANGE" {
		t.Errorf("the tables are %+v", got.Tables)
	}
	if got := got.Responses["UNAUTHORIZED"].Header["WWW-Authenticate"]; got != `'Bearer realm="SuperOffice", SoTicket realm="SuperOffice"'` {
		t.Errorf("a 401 asks for %s", got)
	}
	if r := got.Responses["MISSING_AUTHENTICATION_TOKEN"]; r.Status != 404 || !strings.Contains(r.Body, `"ErrorType":"NotFound"`) || r.Header["Cache-Control"] != "'no-store'" {
		t.Errorf("the response is %+v", r)
	}
}

// The headers that are there only where a browser may call (AllowedOrigins).
func TestConditions(t *testing.T) {
	for origins, want := range map[string]string{"": "", "https://a.example": "'https://a.example'", "https://a.example,https://b.example": "'https://a.example'"} {
		got, err := Read(filepath.Join("..", "..", "..", "template.yaml"), map[string]string{"InstallationUrl": "https://example.com", "AllowedOrigins": origins})
		if err != nil {
			t.Fatal(err)
		}
		for kind, r := range got.Responses {
			if value, ok := r.Header["Access-Control-Allow-Origin"]; value != want || ok != (want != "") {
				t.Errorf("with %q, %s has the origin %q", origins, kind, value)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	tests := map[string]struct {
		template   string
		parameters map[string]string
		want       string
	}{
		"no YAML":                   {"a: [", nil, ""},
		"a parameter without value": {"Parameters: {A: {Type: String}}", nil, "the parameter A has neither"},
		"an unknown parameter":      {"Parameters: {}", map[string]string{"B": "1"}, "there is no parameter B"},
		"an unknown reference":      {"Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: !Ref X}}}", nil, "a Ref of X"},
		"an unknown attribute":      {"Resources: {F: {Type: X, Properties: {A: !GetAtt X.Arn}}}", nil, "a GetAtt of X.Arn"},
		"an unknown variable":       {"Resources: {F: {Type: X, Properties: {A: !Sub '${X}'}}}", nil, "a Sub of X"},
		"a fault in the Globals":    {"Globals: {Function: {Timeout: !Ref X}}", nil, "the Globals: line 1: a Ref of X"},
		"an unknown tag":            {"Resources: {F: {Type: X, Properties: {A: !Cidr [a]}}}", nil, "does not know !Cidr"},
		"a Join of one":             {"Resources: {F: {Type: X, Properties: {A: !Join [a]}}}", nil, "!Join takes 2"},
		"an unknown condition":      {"Resources: {F: {Type: X, Properties: {A: !If [C, a, b]}}}", nil, "no condition C"},
		"an If of two":              {"Resources: {F: {Type: X, Properties: {A: !If [C, a]}}}", nil, "!If takes 3"},
		"a Select of too few":       {"Resources: {F: {Type: X, Properties: {A: !Select [1, [a]]}}}", nil, "!Select of 1 out of 1"},
		"a reservation of nothing":  {"Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {ReservedConcurrentExecutions: x}}}", nil, `"x" is no whole number`},
		"settings of one method":    {"Resources: {A: {Type: 'AWS::Serverless::Api', Properties: {MethodSettings: [{HttpMethod: GET, ResourcePath: /*}]}}}", nil, "the settings of GET /*"},
		"a number that is none":     {"Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {Timeout: x}}}", nil, "F: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := parse([]byte(tt.template), tt.parameters); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("parse: %v, want %q", err, tt.want)
			}
		})
	}
}

// What is set aside for a function, and what the stage takes, where parameters say so.
func TestLimits(t *testing.T) {
	got, err := Read(filepath.Join("..", "..", "..", "template.yaml"), map[string]string{"ReservedConcurrency": "7", "RequestsPerSecond": "5", "RequestBurst": "6"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Rate != 5 || got.Burst != 6 {
		t.Errorf("the stage takes %d requests a second and %d at once", got.Rate, got.Burst)
	}
	for _, f := range got.Functions {
		if f.Concurrency != 7 {
			t.Errorf("%s works on %d events at once", f.Name, f.Concurrency)
		}
	}
}

// What a reference to a resource, or to what belongs to it, stands for here; and what is written once and used twice.
func TestReferences(t *testing.T) {
	got, err := parse([]byte(`
Parameters: {A: {Default: x}}
Globals: {Function: {Timeout: 7, Environment: {Variables: {ALL: "1", ONE: all}}}}
Resources:
  F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: !Sub 'a/${A}/${F.Arn}/${AWS::Region}', Environment: {Variables: {ONE: f}}}}
  G: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: !Ref F.Alias}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      Auth: {DefaultAuthorizer: A, Authorizers: {A: {FunctionArn: !Sub '${F.Arn}:live'}}}
      GatewayResponses:
        X: {ResponseParameters: {Headers: &headers {H: !Join ["", ["'", !Ref A, "'"]], None: !Ref AWS::NoValue}}}
        Y: {ResponseParameters: {Headers: *headers}}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if f, g := got.Functions[0], got.Functions[1]; f.CodeURI != "a/x/F/eu-west-1" || g.CodeURI != "F" || got.Authorizer != "F" {
		t.Errorf("the functions are %+v and %+v, the authorizer %s", f, g, got.Authorizer)
	}
	wantF, wantG := map[string]string{"ALL": "1", "ONE": "f"}, map[string]string{"ALL": "1", "ONE": "all"}
	if diff := cmp.Diff([]map[string]string{wantF, wantG}, []map[string]string{got.Functions[0].Environment, got.Functions[1].Environment}); diff != "" {
		t.Errorf("the environments, -want +got:\n%s", diff)
	}
	header := map[string]string{"H": "'x'"}
	if diff := cmp.Diff(map[string]Response{"X": {Header: header}, "Y": {Header: header}}, got.Responses); diff != "" {
		t.Errorf("the responses, -want +got:\n%s", diff)
	}
}
