package docs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/local/template"
	"pocket-devices/internal/problem"
)

// The errors of the contract are those that the function and API Gateway answer with, and the README says of each status what to do.
func TestErrors(t *testing.T) {
	want := map[string]bool{}
	for _, p := range problem.All() {
		want[fmt.Sprint(p.Status, " ", p.Type)] = true
	}
	stack, err := template.Read("../template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	unsaid := map[string]int{"DEFAULT_4XX": 400, "DEFAULT_5XX": 502} // which leave API Gateway's own
	for kind, response := range stack.Responses {
		var e struct{ ErrorType string }
		if err := json.Unmarshal([]byte(response.Body), &e); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		want[fmt.Sprint(response.Status+unsaid[kind], " ", e.ErrorType)] = true
	}
	got, statuses := map[string]bool{}, map[string]bool{}
	for _, row := range rows(t, "contract.md", "The errors") {
		statuses[row[0]] = true
		for _, name := range names(row[1]) {
			got[row[0]+" "+name] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the errors, -program +page:\n%s", diff)
	}
	told := map[string]bool{}
	for _, row := range rows(t, "../README.md", "For a client") {
		for _, status := range regexp.MustCompile(`\b[45][0-9]{2}\b`).FindAllString(row[0], -1) {
			told[status] = true
		}
	}
	if diff := cmp.Diff(statuses, told); diff != "" {
		t.Errorf("the statuses in README.md, -contract +page:\n%s", diff)
	}
}

// The parameters are the template's, each beside the variable that it gives to a function.
func TestParameters(t *testing.T) {
	want := map[string]string{}
	text := read(t, "../template.yaml")
	_, parameters, _ := strings.Cut(text, "\nParameters:\n")
	parameters, _, _ = strings.Cut(parameters, "\nRules:\n")
	for _, match := range regexp.MustCompile(`(?m)^  (\w+):$`).FindAllStringSubmatch(parameters, -1) {
		want[match[1]] = ""
	}
	for _, match := range regexp.MustCompile(`(?m)^          ([A-Z_]+): !Ref (\w+)$`).FindAllStringSubmatch(text, -1) {
		if _, ok := want[match[2]]; ok {
			want[match[2]] = match[1]
		}
	}
	got := map[string]string{}
	for _, row := range rows(t, "operate.md", "What to set") {
		for _, parameter := range names(row[0]) {
			got[parameter] = strings.Join(names(row[1]), " ")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the parameters, -template +page:\n%s", diff)
	}
}

// The people are those whom the stand-in knows, with their passwords, their numbers and as many devices as the samples have.
func TestPeople(t *testing.T) {
	devices := map[string]int{}
	var samples []struct{ AssociateID json.Number }
	if err := json.Unmarshal([]byte(read(t, "../events/devices/sample.json")), &samples); err != nil {
		t.Fatal(err)
	}
	for _, d := range samples {
		devices[d.AssociateID.String()]++
	}
	server := httptest.NewServer(standin.Handler())
	defer server.Close()
	var got []string
	for _, row := range rows(t, "local.md", "Who can sign in") {
		if len(row) != 5 {
			continue // the table of what else they can show
		}
		name, password := names(row[0])[0], names(row[1])[0]
		got = append(got, name+" "+password)
		switch status, associate := principal(t, server.URL, name, password); {
		case (status == http.StatusUnauthorized) != strings.HasSuffix(row[4], "have expired"):
			t.Errorf("%s is answered with %d", name, status)
		case strings.HasPrefix(row[4], "nothing"):
		case row[2] != associate || row[3] != strconv.Itoa(devices[associate]):
			t.Errorf("%s is associate %s, who has %d devices", name, associate, devices[associate])
		}
	}
	var want []string
	for _, match := range regexp.MustCompile(`(?m)^\t\{"(\w+)", "(\w+)", \d+, "`).FindAllStringSubmatch(read(t, "../internal/local/standin/standin.go"), -1) {
		want = append(want, match[1]+" "+match[2])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the people, -stand-in +page:\n%s", diff)
	}
}

// principal signs in at the stand-in, and returns its answer's status and the associate's number.
func principal(t *testing.T, url, name, password string) (status int, associate string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+standin.Path+"/api/v1/User/currentPrincipal", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(name, password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var p struct{ AssociateID json.Number }
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, p.AssociateID.String()
}

// The map has each folder of internal/ and the others beside it, once, under what it is: deployed or not.
func TestFolders(t *testing.T) {
	want := map[string]bool{"functions": true, "events": false, "docs": false}
	folders, err := filepath.Glob("../internal/*")
	if err != nil {
		t.Fatal(err)
	}
	deployed := deployedFolders(t)
	for _, folder := range folders {
		want[strings.TrimPrefix(folder, "../")] = slices.Contains(deployed, folder)
	}
	got := map[string]bool{}
	_, page, _ := strings.Cut(read(t, "../CONTRIBUTING.md"), "## The map of the house")
	above, below, _ := strings.Cut(page, "\nNot deployed:\n")
	for _, part := range []string{above, below} {
		for _, match := range regexp.MustCompile(`\[([a-z/]+)\]\(([a-z/]+)\)`).FindAllStringSubmatch(part, -1) {
			if _, twice := got[match[1]]; twice || match[1] != match[2] {
				t.Errorf("%s is there twice, or leads to %s", match[1], match[2])
			}
			got[match[1]] = part == above
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the folders, -tree +page (whether it is deployed):\n%s", diff)
	}
}

// The alarms of operate.md are those of the template, and the saved queries that it has somebody run are among its.
func TestAlarmsAndQueries(t *testing.T) {
	page, stack := read(t, "operate.md"), read(t, "../template.yaml")
	if diff := cmp.Diff(found(stack, `(?m)^  (\w+Alarm):$`), found(page, `(?m)^### (\w+Alarm)$`)); diff != "" {
		t.Errorf("the alarms, -template +page:\n%s", diff)
	}
	queries := found(stack, `Name: !Sub \$\{AWS::StackName\}/(.+)`)
	for _, query := range found(page, `query\s+\*([^*]+)\*`) {
		if query = strings.Join(strings.Fields(query), " "); !slices.Contains(queries, query) {
			t.Errorf("the template has no query %s", query)
		}
	}
}

// found returns what the group of an expression matches in text, each once and in order.
func found(text, expression string) (all []string) {
	for _, match := range regexp.MustCompile(expression).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// rows returns the cells of every table row below a heading, up to the next heading, without the rows of their heads.
func rows(t *testing.T, page, heading string) (rows [][]string) {
	t.Helper()
	_, section, found := strings.Cut(read(t, page), "# "+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %s", page, heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	lines := strings.Split(section, "\n")
	for i, line := range lines {
		isHead := i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|---")
		if !strings.HasPrefix(line, "| ") || isHead {
			continue
		}
		var cells []string
		for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table under %s", page, heading)
	}
	return rows
}

// names returns what a cell has between backticks.
func names(cell string) (names []string) {
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		names = append(names, match[1])
	}
	return names
}
