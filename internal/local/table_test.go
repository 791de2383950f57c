package main

import (
	"strings"
	"testing"

	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/request"
)

// An engine of the user's own replaces ours; its table is made where there is none, and left alone where there is.
func TestOwnEngine(t *testing.T) {
	address := startEngine(t)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} {
		t.Setenv(name, "own")
	}
	for range 2 {
		base, stdout := runStack(t, map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": address})
		if _, got := send(t, "POST", base+request.Path, sample.Body); got != sampleAnswer {
			t.Errorf("answered with %s\n%s", got, stdout)
		}
		if !strings.Contains(stdout.String(), "DynamoDB is at "+address) {
			t.Errorf("what is printed does not name %s:\n%s", address, stdout)
		}
	}
}

func TestWrites(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"": true, "http://127.0.0.1:8000": true, "http://host.docker.internal:8000": true, "https://dynamodb.eu-west-1.amazonaws.com": false, "http://10.0.0.1:8000": false, "://": false,
	} {
		if got := (settings{endpoint: endpoint}).writes(); got != want {
			t.Errorf("with the endpoint %q: %v", endpoint, got)
		}
	}
}
