package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// What is wrong with the configuration is told at the start, by the name of the variable. The SDK reads its own variables by itself.
func TestConfigure(t *testing.T) {
	tests := []struct {
		name      string
		variables map[string]string
		want      string // in the error; empty for none
	}{
		{"what is needed", map[string]string{"DEVICES_TABLE": "devices"}, ""},
		{"all", map[string]string{"DEVICES_TABLE": "devices", "CONTEXT_IDENTIFIER": "Cust12345", "ALLOWED_ORIGINS": "https://app.example"}, ""},
		{"more of the log", map[string]string{"DEVICES_TABLE": "devices", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}, ""},
		{"less of the log", map[string]string{"DEVICES_TABLE": "devices", "AWS_LAMBDA_LOG_LEVEL": "WARN"}, "AWS_LAMBDA_LOG_LEVEL must be INFO at the most"},
		{"nearly none of the log", map[string]string{"DEVICES_TABLE": "devices", "AWS_LAMBDA_LOG_LEVEL": "FATAL"}, "AWS_LAMBDA_LOG_LEVEL must be INFO at the most"},
		{"no table", nil, "DEVICES_TABLE is not set"},
		{"origins that are none", map[string]string{"DEVICES_TABLE": "devices", "ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS: it must be exact origins"},
		{"a variable of the SDK", map[string]string{"DEVICES_TABLE": "devices", "AWS_MAX_ATTEMPTS": "ten"}, "reading the SDK's configuration"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1") // where nothing listens
			t.Setenv("AWS_REGION", "eu-west-1")
			t.Setenv("AWS_ACCESS_KEY_ID", "local")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
			t.Setenv("AWS_MAX_ATTEMPTS", tt.variables["AWS_MAX_ATTEMPTS"])
			var logs bytes.Buffer
			handler, err := configure(t.Context(), func(name string) string { return tt.variables[name] }, slog.New(slog.NewTextHandler(&logs, nil)))
			if tt.want == "" && (err != nil || handler == nil) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("configure = %v, %v, want %q", handler, err, tt.want)
			}
			if warnings := strings.Count(logs.String(), "level=WARN msg=warm-up"); handler != nil && warnings != 1 {
				t.Errorf("a warm-up that fails is told %d times in %s", warnings, &logs)
			}
		})
	}
}
