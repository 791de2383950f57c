package engine_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pocket-devices/internal/local/engine"
)

// tools makes a folder with the given commands, which print, and makes it all that there is to run.
func tools(t *testing.T, commands map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range commands {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// Each thing that can be missing is told in one sentence that says what to do.
func TestMissing(t *testing.T) {
	tests := []struct {
		name     string
		kind     engine.Kind
		commands map[string]string
		want     []string
	}{
		{"no Node", engine.Dynalite, nil, []string{"there is no Node", "install Node 20", "AWS_ENDPOINT_URL_DYNAMODB"}},
		{"an old Node", engine.Dynalite, map[string]string{"node": "echo v18.20.1"}, []string{`"v18.20.1", which is too old`, "install Node 20"}},
		{"a Node that does not run", engine.Dynalite, map[string]string{"node": "exit 1"}, []string{"too old", "install Node 20"}},
		{"no npm", engine.Dynalite, map[string]string{"node": "echo v20.0.0"}, []string{"there is no npm", "install Node 20"}},
		{
			"no network", engine.Dynalite,
			map[string]string{"node": "echo v20.0.0", "npm": "echo getaddrinfo EAI_AGAIN >&2; exit 1"},
			[]string{"dynalite could not be fetched", "EAI_AGAIN", "AWS_ENDPOINT_URL_DYNAMODB"},
		},
		{
			"an engine that does not start", engine.Dynalite,
			map[string]string{"node": `[ "$1" = --version ] && echo v20.0.0 || { echo oops >&2; exit 1; }`, "npm": "exit 0"},
			[]string{"dynalite did not start", "oops", "AWS_ENDPOINT_URL_DYNAMODB"},
		},
		{"no Java", engine.DynamoDBLocal, nil, []string{"there is no java", "install Java 17"}},
		{"no Maven", engine.DynamoDBLocal, map[string]string{"java": "exit 0"}, []string{"there is no mvn", "install Java 17"}},
		{"another engine", "sqlite", nil, []string{`no engine "sqlite"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tools(t, tt.commands)
			cache := t.TempDir()
			e, err := engine.Start(t.Context(), tt.kind, "127.0.0.1", cache)
			if err == nil {
				e.Close()
				t.Fatal("there is no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %q", err, want)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "*.part")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// An engine ends when it is told to, and when a start is given up.
func TestEnds(t *testing.T) {
	if testing.Short() { // needs Node
		return
	}
	e, err := engine.Start(t.Context(), engine.Dynalite, "127.0.0.1", filepath.Join("..", "..", "..", ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(e.URL); err != nil {
		t.Errorf("it does not answer: %v", err)
	}
	e.Close()
	e.Close() // once more is no harm
	if _, err := http.Get(e.URL); err == nil {
		t.Error("it answers after its end")
	}

	tools(t, map[string]string{"node": `[ "$1" = --version ] && echo v20.0.0 || exec sleep 60`, "npm": "exit 0", "sleep": "exec /bin/sleep 60"})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := engine.Start(ctx, engine.Dynalite, "127.0.0.1", t.TempDir()); err == nil || time.Since(start) > 10*time.Second {
		t.Errorf("given up after %v: %v", time.Since(start), err)
	}
}
