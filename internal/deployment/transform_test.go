//go:build sam

package deployment

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// transformation is a template as SAM made it, not yet filled in.
type transformation struct {
	Template struct {
		Metadata   map[string]any
		Parameters map[string]parameter
		Conditions map[string]any
		Resources  map[string]resource
		Outputs    map[string]map[string]any
	} `json:"template"`
	Open  []string `json:"open"`  // the functions that sam deploy would ask about, because anybody may call them
	Error string   `json:"error"` // why SAM refuses the template; empty where it does not
}

type parameter struct {
	Type, Description, AllowedPattern, ConstraintDescription string
	Default                                                  any
	AllowedValues                                            []any
	MinValue, MaxValue                                       *int
}

type resource struct {
	Type                                           string
	Condition, DeletionPolicy, UpdateReplacePolicy string
	UpdatePolicy                                   map[string]any
	Properties                                     map[string]any
}

// question is a template to be transformed, with the values of its parameters.
type question struct {
	Template   string            `json:"template"`
	Parameters map[string]string `json:"parameters"`
	Open       bool              `json:"open"` // whether it is asked too what sam deploy would warn of, which takes longer than the rest
}

// transform asks SAM CLI, once for all the questions, as its start takes longer than its work.
func transform(t *testing.T, questions []question) []transformation {
	t.Helper()
	python := os.Getenv("SAM_PYTHON")
	if python == "" {
		t.Fatal("SAM_PYTHON is not set: run make validate, which fetches SAM CLI")
	}
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "transform.py")
	cmd.Stdin = bytes.NewReader(input)
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0", "AWS_DEFAULT_REGION=eu-west-1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var answers []transformation
	if err := json.Unmarshal(output, &answers); err != nil || len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions: %v\n%s", len(answers), len(questions), err, &stderr)
	}
	return answers
}

func readTemplate(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
