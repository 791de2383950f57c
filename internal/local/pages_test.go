package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pocket-devices/internal/local/standin"
)

// elsewhere are the commands of the pages that are not run here, by how they begin, and the test or the target that shows that they work. Of two
// beginnings the longer one counts.
var elsewhere = map[string]string{
	"make run":                   "TestWhole",
	"HOST=0.0.0.0 make run":      "TestSAMLocalInvoke",
	"AWS_ENDPOINT_URL_DYNAMODB=": "TestOwnEngine",
	"make invoke":                "TestEvents",
	"make import":                "TestEngine",
	"make export":                "TestEngine",
	"make sam-build":             "make sam-test",
	"make soak":                  "make short-soak",
	"make fuzz":                  "FuzzInvoke",
	"make bench":                 "make limits",
	"make reliability":           "TestFaults",
	"go build":                   "make reproducible",
	"go test -short ./...":       "ci.yml",
	"sam build":                  "make sam-test",
	"sam validate --lint":        "make validate",
	"sam local":                  "TestSAMLocalInvoke",
	"sam local start-api":        "TestSAMLocalStartAPI",
	"sam deploy":                 "TestSamconfig", // what it is told; the rest needs an account of AWS
	"aws ":                       "TestAWSCommands",
	"git pull":                   nobody,
	"git checkout TAG-OR-COMMIT": nobody,
}

// nobody shows that a command works which is another program's alone.
const nobody = ""

// A shell command of a page, and what the page says it prints.
type session struct{ command, output string }

var (
	console = regexp.MustCompile("(?ms)^( *)```console\n(.*?)^ *```")
	block   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	inline  = regexp.MustCompile("`((?:[A-Z_]+=\\S+ )*(?:aws|curl|git|go|make|npm|sam) [^`]+)`")
)

// sessions returns the commands of a page: those after the prompt of a console, which go on where a line is indented, and those between backticks.
func sessions(page string) (all []session) {
	for _, match := range console.FindAllStringSubmatch(page, -1) {
		text := strings.ReplaceAll("\n"+match[2], "\n"+match[1], "\n")
		for _, part := range strings.Split(text, "\n$ ")[1:] {
			lines := strings.Split(strings.TrimRight(part, "\n"), "\n")
			n := 1
			for n < len(lines) && strings.HasPrefix(lines[n], "  ") {
				n++
			}
			all = append(all, session{strings.Join(lines[:n], "\n"), strings.Join(lines[n:], "\n")})
		}
	}
	for _, match := range inline.FindAllStringSubmatch(block.ReplaceAllString(page, ""), -1) {
		all = append(all, session{command: match[1]})
	}
	return all
}

// Each curl of a page is run as it stands there and gives what stands below it, in which … stands for anything. Every other command is shown to
// work elsewhere: by a test or a target that there is, and that CI runs.
func TestPages(t *testing.T) {
	root := repository(t)
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	base, stdout := runStack(t, nil)
	_, installation, _ := strings.Cut(stdout.String(), "the installation's stand-in at ")
	installation, _, _ = strings.Cut(installation, standin.Path)
	if installation == "" {
		t.Fatalf("make run does not say where the stand-in is: %s", stdout)
	}
	run := func(t *testing.T, s session) {
		url := base + "/api/v1/Agents/Pocket/GetRegisteredDevices"
		// What stands for something of the reader's, and what makes curl fail where nothing is said of the status.
		command := strings.NewReplacer("http://127.0.0.1:3000", base, "http://127.0.0.1:…", installation, "NAME:PASSWORD", "tje0:Tje0",
			"curl -i ", "curl --silent --show-error -i ", "curl ", "curl --silent --show-error --fail-with-body ").Replace(s.command)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Env = append(os.Environ(), "url="+url, "ENDPOINT="+url, "INSTALLATION_URL="+installation+standin.Path)
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s\nfails: %v\n%s", s.command, err, output)
		} else if got := string(output); s.output != "" && !matches(s.output, got) || s.output == "" && !strings.Contains(got, "DeviceName") {
			t.Errorf("%s\ngives %s\nand not %s", s.command, got, s.output)
		}
	}

	ran, met := 0, map[string]bool{}
	printed := strings.ReplaceAll(strings.TrimSpace(stdout.String()), base, "http://127.0.0.1:3000")
	for _, page := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"), filepath.Join(root, "SECURITY.md")) {
		for _, s := range sessions(readFile(t, page)) {
			beginning, by := shownBy(s.command)
			met[beginning] = true
			if s.command == "make run" && s.output != "" && !matches(s.output, printed) {
				t.Errorf("make run prints %s\nand not %s", printed, s.output)
			}
			switch target, isTarget := strings.CutPrefix(s.command, "make "); {
			case beginning != "" && (by == nobody || isShown(t, root, by)):
			case beginning != "":
				t.Errorf("%s: %q is shown by %s, which there is not, or which CI does not run", filepath.Base(page), s.command, by)
			case strings.HasPrefix(s.command, "curl "):
				ran++
				run(t, s)
			case !isTarget || !isRunByCI(t, root, target):
				t.Errorf("%s: nothing shows that %q works", filepath.Base(page), s.command)
			}
		}
	}
	for beginning := range elsewhere {
		if !met[beginning] {
			t.Errorf("no page has %q", beginning)
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands were run", ran)
	}
}

// shownBy returns how a command begins that is not run here, and what shows that it works; two empty texts for every other.
func shownBy(command string) (beginning, by string) {
	for b := range elsewhere {
		if strings.HasPrefix(command, b) && len(b) > len(beginning) {
			beginning = b
		}
	}
	return beginning, elsewhere[beginning]
}

// isShown reports whether there is the test, or whether CI runs the target or the command.
func isShown(t *testing.T, root, by string) bool {
	t.Helper()
	if by == "ci.yml" {
		return strings.Contains(readFile(t, filepath.Join(root, ".github", "workflows", by)), "run: go test -short ./...\n")
	}
	if target, ok := strings.CutPrefix(by, "make "); ok {
		return isRunByCI(t, root, target)
	}
	return exec.CommandContext(t.Context(), "grep", "-rqE", "--include=*_test.go", `^func `+by+`\(`, filepath.Join(root, "internal"), filepath.Join(root, "docs")).Run() == nil
}

// isRunByCI reports whether CI runs a target by its name, or as a part of make check or of a target that check is made of.
func isRunByCI(t *testing.T, root, target string) bool {
	t.Helper()
	target, _, _ = strings.Cut(target, " ")
	makefile := readFile(t, filepath.Join(root, "Makefile"))
	parts := regexp.MustCompile(`(?m)^check: (.*?) ##`).FindStringSubmatch(makefile)
	if parts == nil {
		t.Fatal("the Makefile has no target check")
	}
	if slices.Contains(strings.Fields(parts[1]), target) {
		return true
	}
	return regexp.MustCompile(`make ` + regexp.QuoteMeta(target) + `\b`).MatchString(readFile(t, filepath.Join(root, ".github", "workflows", "ci.yml")))
}

// matches reports whether got is want, in which … stands for anything.
func matches(want, got string) bool {
	return regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `\s*$`).MatchString(got)
}
