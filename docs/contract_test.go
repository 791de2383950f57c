package docs_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	statement = regexp.MustCompile(`(?m)^### (C-[0-9]+)$`)
	citation  = regexp.MustCompile(`\bC-[0-9]+\b`)
)

// wholly are the statements that no line of the deployed code keeps by itself, as all the others together do.
var wholly = []string{"C-15"}

// Whatever is cited, in whichever file, is a statement of the contract. Each statement is cited by the code that keeps it, which is deployed,
// and by a test that shows it.
func TestContract(t *testing.T) {
	statements := map[string]bool{}
	for _, match := range statement.FindAllStringSubmatch(read(t, "contract.md"), -1) {
		if statements[match[1]] {
			t.Errorf("%s is there twice", match[1])
		}
		statements[match[1]] = true
	}
	deployed, tested := map[string]bool{}, map[string]bool{}
	folders := deployedFolders(t)
	for _, file := range files(t) {
		for _, cited := range citation.FindAllString(read(t, file), -1) {
			switch {
			case !statements[cited]:
				t.Errorf("%s cites %s, which the contract does not have", file, cited)
			case strings.HasSuffix(file, "_test.go"):
				tested[cited] = true
			case file == "../template.yaml" || slices.Contains(folders, filepath.Dir(file)):
				deployed[cited] = true
			}
		}
	}
	if len(statements) < 36 {
		t.Errorf("the contract has only %d statements", len(statements))
	}
	for _, s := range slices.Sorted(maps.Keys(statements)) {
		if deployed[s] == slices.Contains(wholly, s) {
			t.Errorf("%s: cited by what is deployed: %v", s, deployed[s])
		}
		if !tested[s] {
			t.Errorf("%s is cited by no test", s)
		}
	}
}

// deployedFolders returns the folders that the functions are built from, as seen from here.
func deployedFolders(t *testing.T) (folders []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", "./functions/...")
	cmd.Dir = ".."
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(output)) {
		folders = append(folders, strings.Replace(path, "pocket-devices", "..", 1))
	}
	return folders
}
