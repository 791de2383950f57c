package main

import (
	"log/slog"
	"strings"
	"testing"
)

// What is wrong with the configuration is told at the start, by the name of the variable.
func TestConfigure(t *testing.T) {
	tests := []struct {
		name      string
		variables map[string]string
		want      string // in the error; empty for none
	}{
		{"what is needed", map[string]string{"DEVICES_TABLE": "devices"}, ""},
		{"all", map[string]string{"DEVICES_TABLE": "devices", "CONTEXT_IDENTIFIER": "Cust12345", "ALLOWED_ORIGINS": "https://app.example"}, ""},
		{"no table", nil, "DEVICES_TABLE is not set"},
		{"origins that are none", map[string]string{"DEVICES_TABLE": "devices", "ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS: it must be exact origins"},
		{"a variable of the SDK", map[string]string{"DEVICES_TABLE": "devices", "AWS_MAX_ATTEMPTS": "ten"}, "reading the SDK's configuration"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"DEVICES_TABLE", "CONTEXT_IDENTIFIER", "ALLOWED_ORIGINS", "AWS_MAX_ATTEMPTS"} {
				t.Setenv(name, tt.variables[name])
			}
			handler, err := configure(t.Context(), slog.New(slog.DiscardHandler))
			if tt.want == "" && (err != nil || handler == nil) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("configure = %v, %v, want %q", handler, err, tt.want)
			}
		})
	}
}
