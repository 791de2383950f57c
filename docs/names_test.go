package docs_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foreign are names on the pages that are AWS's, a standard's or the reader's, and that the program does not have.
var foreign = []string{"STACK", "azp", "cloudwatchRoleArn"}

// A single name between backticks, such as a field of the log, a metric, a parameter or a test, is one that the program, the template or a file
// beside them has.
func TestNames(t *testing.T) {
	known := map[string]bool{}
	for _, file := range files(t) {
		if filepath.Ext(file) == ".md" || strings.HasPrefix(file, "../docs/") && filepath.Ext(file) == ".go" {
			continue // what a page says proves nothing, nor do these tests
		}
		for _, name := range regexp.MustCompile(`\w+`).FindAllString(read(t, file), -1) {
			known[name] = true
		}
	}
	for _, page := range pages(t) {
		for _, match := range regexp.MustCompile("`([A-Za-z_]{3,})`").FindAllStringSubmatch(read(t, page), -1) {
			if name := match[1]; !known[name] && !slices.Contains(foreign, name) {
				t.Errorf("%s has the name %s, and nothing else has", page, name)
			}
		}
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
