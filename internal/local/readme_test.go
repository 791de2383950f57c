package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// elsewhere are the commands of README.md that are not run here, by how they begin, and what shows that they work.
var elsewhere = map[string]string{
	"make run":                 "every test of the whole stack",
	"make invoke EVENT=":       "TestEvents",
	"HOST=0.0.0.0 make run":    "TestSAMLocal",
	"make sam-build":           "make sam-test",
	"sam local invoke":         "TestSAMLocal",
	"sam deploy --config-env ": "an account of AWS is needed",
}

// A shell command of a page, and what the page says it prints.
type session struct{ command, output string }

var (
	console = regexp.MustCompile("(?s)```console\n(.*?)```")
	inTable = regexp.MustCompile("`(curl [^`]+)`")
)

// sessions returns the commands of a page: those after the prompt of a console, and those that begin with curl between the backticks of a table.
func sessions(page string) (all []session) {
	for _, block := range console.FindAllStringSubmatch(page, -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			lines := strings.Split(strings.TrimSpace(part), "\n")
			n := 1
			for n < len(lines) && strings.HasSuffix(lines[n-1], `\`) {
				n++
			}
			all = append(all, session{strings.Join(lines[:n], "\n"), strings.Join(lines[n:], "\n")})
		}
	}
	for _, match := range inTable.FindAllStringSubmatch(page, -1) {
		all = append(all, session{command: match[1]})
	}
	return all
}

// Each command of README.md is run as it stands there and gives what stands below it, in which … stands for anything. Only those that another
// test or nobody can run are left out, by name.
func TestREADME(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	base, stdout := runStack(t, nil)
	_, standin, _ := strings.Cut(stdout.String(), "the installation's stand-in at ")
	standin, _, _ = strings.Cut(standin, "/Cust12345")
	if standin == "" {
		t.Fatalf("make run does not say where the stand-in is: %s", stdout)
	}
	ran := 0
	for _, s := range sessions(string(page)) {
		if by := shownBy(s.command); by != "" {
			continue
		}
		ran++
		command := strings.NewReplacer("http://127.0.0.1:3000", base, "http://127.0.0.1:…", standin, "curl ", "curl --silent --show-error --fail-with-body ").Replace(s.command)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Env = append(os.Environ(), "url="+base+"/api/v1/Agents/Pocket/GetRegisteredDevices")
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s\nfails: %v\n%s", s.command, err, output)
		} else if got := string(output); s.output != "" && !matches(s.output, got) || s.output == "" && !strings.Contains(got, "DeviceName") {
			t.Errorf("%s\ngives %s\nand not %s", s.command, got, s.output)
		}
	}
	if ran < 8 {
		t.Errorf("only %d commands were found in README.md", ran)
	}
}

// shownBy returns what shows that a command works which is not run here; empty for one that is.
func shownBy(command string) string {
	for beginning, by := range elsewhere {
		if strings.HasPrefix(command, beginning) {
			return by
		}
	}
	return ""
}

// matches reports whether got is want, in which … stands for anything.
func matches(want, got string) bool {
	return regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `\s*$`).MatchString(got)
}
