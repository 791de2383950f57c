package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What is wrong with the configuration is told at the start, in one sentence that begins with the variable; an issuer, who may sign for many
// installations, does not serve without the name of one (C-25).
func TestConfigure(t *testing.T) {
	type environment = map[string]string
	with := func(base environment, more ...string) environment {
		e := maps.Clone(base)
		for pair := range slices.Chunk(more, 2) {
			e[pair[0]] = pair[1]
		}
		return e
	}
	installation := environment{"INSTALLATION_URL": "https://sod.superoffice.com/Cust12345"}
	issuer := environment{"OIDC_ISSUER": "https://sod.superoffice.com", "OIDC_AUDIENCE": "6cf25376616343b38d14ddcd804f2891", "CONTEXT_IDENTIFIER": "Cust12345"}
	tests := []struct {
		name      string
		variables environment
		want      string // the beginning of the error; empty for none
	}{
		{"an installation", installation, ""},
		{"on this machine", environment{"INSTALLATION_URL": "http://127.0.0.1:1"}, ""},
		{"who may read all", with(installation, "READ_ALL_ADMINISTRATORS", "true", "READ_ALL_SYSTEM_USERS", "false"), ""},
		{"empty variables", with(installation, "CONTEXT_IDENTIFIER", "", "READ_ALL_ADMINISTRATORS", "", "PRINCIPAL_CACHE_SECONDS", "", "OIDC_ISSUER", "", "OIDC_AUDIENCE", ""), ""},
		{"no cache", with(installation, "PRINCIPAL_CACHE_SECONDS", "0"), ""},
		{"the longest cache", with(installation, "PRINCIPAL_CACHE_SECONDS", "60"), ""},
		{"an issuer", issuer, ""},
		{"an issuer on this machine", with(issuer, "OIDC_ISSUER", "http://localhost:1"), ""},
		{"both", with(issuer, "INSTALLATION_URL", "https://sod.superoffice.com/Cust12345"), ""},
		{"all of an issuer", with(issuer, "OIDC_METADATA_URL", "https://sod.superoffice.com/login/.well-known/openid-configuration",
			"OIDC_ASSOCIATE_CLAIM", "a", "OIDC_CONTEXT_CLAIM", "c", "OIDC_ADMINISTRATOR_CLAIM", "d"), ""},
		{"more of the log", with(installation, "AWS_LAMBDA_LOG_LEVEL", "DEBUG"), ""},

		{"less of the log", with(installation, "AWS_LAMBDA_LOG_LEVEL", "WARN"), "AWS_LAMBDA_LOG_LEVEL must be INFO at the most"},
		{"nearly none of the log", with(installation, "AWS_LAMBDA_LOG_LEVEL", "FATAL"), "AWS_LAMBDA_LOG_LEVEL must be INFO at the most"},
		{"nothing", nil, "neither INSTALLATION_URL nor OIDC_ISSUER is set"},
		{"plain http", environment{"INSTALLATION_URL": "http://sod.superoffice.com"}, "INSTALLATION_URL: it must begin with https"},
		{"a password", environment{"INSTALLATION_URL": "https://user:password@sod.superoffice.com"}, "INSTALLATION_URL: it must be an address"},
		{"administrators, oddly", with(installation, "READ_ALL_ADMINISTRATORS", "yes"), "READ_ALL_ADMINISTRATORS must be true or false"},
		{"system users, oddly", with(installation, "READ_ALL_SYSTEM_USERS", "1"), "READ_ALL_SYSTEM_USERS must be true or false"},
		{"a long cache", with(installation, "PRINCIPAL_CACHE_SECONDS", "61"), "PRINCIPAL_CACHE_SECONDS must be a whole number from 0 to 60"},
		{"a negative cache", with(installation, "PRINCIPAL_CACHE_SECONDS", "-1"), "PRINCIPAL_CACHE_SECONDS must be a whole number from 0 to 60"},
		{"a fraction of a cache", with(installation, "PRINCIPAL_CACHE_SECONDS", "1.5"), "PRINCIPAL_CACHE_SECONDS must be a whole number from 0 to 60"},
		{"a cache for ever", with(installation, "PRINCIPAL_CACHE_SECONDS", "99999999999999999999"), "PRINCIPAL_CACHE_SECONDS must be a whole number from 0 to 60"},
		{"metadata over plain http", with(issuer, "OIDC_METADATA_URL", "http://sod.superoffice.com"), "OIDC_METADATA_URL: it must begin with https"},
		{"an issuer of every installation", with(issuer, "CONTEXT_IDENTIFIER", ""), "CONTEXT_IDENTIFIER is not set: OIDC_ISSUER needs it"},
		{"an issuer of every one, beside one", with(issuer, "CONTEXT_IDENTIFIER", "", "INSTALLATION_URL", "https://host"), "CONTEXT_IDENTIFIER is not set: OIDC_ISSUER needs it"},
		{"an audience of no issuer", with(installation, "OIDC_AUDIENCE", "a"), "OIDC_AUDIENCE is set without OIDC_ISSUER"},
		{"a claim of no issuer", with(installation, "OIDC_CONTEXT_CLAIM", "a"), "OIDC_CONTEXT_CLAIM is set without OIDC_ISSUER"},
	}
	ended, end := context.WithCancel(t.Context())
	end() // so that warming up asks nobody
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var logs strings.Builder
			handler, err := configure(ended, func(name string) string { return tt.variables[name] }, slog.New(slog.NewTextHandler(&logs, nil)))
			switch {
			case tt.want == "" && (err != nil || handler == nil):
				t.Errorf("configure = %v, %v", handler, err)
			case tt.want == "" && !strings.Contains(logs.String(), "level=WARN msg=warm-up"):
				t.Errorf("the sources were not warmed up; the log is %s", &logs)
			case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) || handler != nil):
				t.Errorf("configure = %v, %v, want %s", handler, err, tt.want)
			case err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "password")):
				t.Error(err)
			}
		})
	}
}
