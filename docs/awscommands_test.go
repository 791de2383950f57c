//go:build sam

package docs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var (
	awsCommand = regexp.MustCompile("\\baws ([a-z]+ [a-z][^\n`|]*)")
	word       = regexp.MustCompile(`'[^']*'|"[^"]*"|[^ '"]+`)
)

// Every command of the AWS CLI that a page has is one that there is, with options that it takes and all that it needs. The SAM CLI of
// make validate brings the descriptions along.
func TestAWSCommands(t *testing.T) {
	python := os.Getenv("SAM_PYTHON")
	if python == "" {
		t.Fatal("SAM_PYTHON is not set: run make validate")
	}
	var commands [][]string
	for _, page := range pages(t) {
		lines := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(read(t, page), "")
		for _, match := range awsCommand.FindAllStringSubmatch(lines, -1) {
			var words []string
			for _, w := range word.FindAllString(match[1], -1) {
				words = append(words, strings.Trim(w, `'"`))
			}
			commands = append(commands, words)
		}
	}
	if len(commands) < 15 {
		t.Fatalf("only %d commands were found", len(commands))
	}
	asked, err := json.Marshal(commands)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "awscommands.py")
	cmd.Stdin = bytes.NewReader(asked)
	if output, err := cmd.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%s%v", output, err)
	}
}
