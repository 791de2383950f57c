package functions_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// What is printed through package log becomes a line like any other, of which what is quoted is left out (C-44): each main sees to that
// before anything else. Here aws-lambda-go prints that this is no Lambda function.
func TestPrinted(t *testing.T) {
	for function, variable := range map[string]string{
		"./get-registered-devices": "DEVICES_TABLE=devices",
		"./authorizer":             "INSTALLATION_URL=http://127.0.0.1:1",
	} {
		t.Run(function, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "go", "run", function)
			cmd.Env = append(os.Environ(), variable, "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_RUNTIME_API=", "_LAMBDA_SERVER_PORT=",
				"AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
			output, err := cmd.CombinedOutput()
			if want := `"message":"printed","text":"expected AWS Lambda environment variables`; err == nil || !strings.Contains(string(output), want) {
				t.Errorf("%v, and the log is %s", err, output)
			}
		})
	}
}
