package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/request"
)

// Every event in events/ is passed to its function by `local invoke` and gets the answer that is in testdata/answers.
func TestEvents(t *testing.T) {
	events, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil || len(events) < 12 {
		t.Fatal(events, err)
	}
	for _, event := range events {
		t.Run(filepath.Base(event), func(t *testing.T) {
			want := readFile(t, filepath.Join("testdata", "answers", filepath.Base(event)))
			var stdout, stderr bytes.Buffer
			if err := command(t.Context(), []string{"invoke", event}, func(string) string { return "" }, &stdout, &stderr); err != nil {
				t.Fatal(err, stderr.String())
			}
			if diff := cmp.Diff(want, stdout.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for line := range strings.Lines(stderr.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("the log has a line that is not JSON: %s", line)
				}
			}
		})
	}
	answers, err := filepath.Glob(filepath.Join("testdata", "answers", "*.json"))
	if err != nil || len(answers) != len(events) {
		t.Errorf("%d answers for %d events, %v", len(answers), len(events), err)
	}
}

// Where the reference page cannot be fetched, one sentence says so, and everything else is served all the same.
func TestNoPage(t *testing.T) {
	root := repository(t)
	base, stdout := start(t, func(ctx context.Context, stdout io.Writer) error {
		noPage := func(context.Context, string) (string, error) {
			return "", errors.New("swagger-ui could not be fetched: try again")
		}
		return run(ctx, settings{root: root, host: "127.0.0.1", page: noPage, logs: stdout}, "0", stdout)
	})
	if want := "\nIts reference page is missing, as swagger-ui could not be fetched: try again.\n"; !strings.Contains(stdout.String(), want) {
		t.Errorf("what is printed lacks %q:\n%s", want, stdout)
	}
	if _, got := send(t, "POST", base+request.Path, sample.Body); got != sampleAnswer {
		t.Errorf("answered with %s", got)
	}
	resp, got := send(t, "GET", base+"/", "")
	if resp.StatusCode != 404 {
		t.Errorf("/ is answered with %d", resp.StatusCode)
	}
	checkError(t, resp, got, "NotFound")
	if _, got := send(t, "GET", base+"/openapi.yaml", ""); got != readFile(t, filepath.Join(root, "docs", "openapi.yaml")) {
		t.Errorf("the document is %.100s", got)
	}
}

// What can be in the way of a start is told in one sentence that says what to do.
func TestCommandRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	tests := []struct {
		name      string
		args      []string
		variables map[string]string
		want      string
	}{
		{"nothing", nil, nil, "usage: "},
		{"something else", []string{"deploy"}, nil, "usage: "},
		{"a port in use", []string{"run"}, map[string]string{"PORT": port}, "port " + port + " is in use: end what listens there, or choose another with PORT="},
		{"no port", []string{"run"}, map[string]string{"PORT": "x"}, "HOST and PORT must name an address of this machine"},
		{"a host that is elsewhere", []string{"run"}, map[string]string{"HOST": "192.0.2.1", "PORT": "0"}, "HOST and PORT must name an address of this machine"},
		{"an engine that is not there", []string{"run"}, map[string]string{"PORT": "0", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}, "the engine at http://127.0.0.1:1 is of no use"},
		{"an event that is not there", []string{"invoke", "no-such-file"}, nil, "no-such-file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout bytes.Buffer
			err := command(t.Context(), tt.args, func(name string) string { return tt.variables[name] }, &stdout, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("command: %v, want %q", err, tt.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("it printed %s", &stdout)
			}
		})
	}
}
