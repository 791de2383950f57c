package docs_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// foreign are names on the pages that are AWS's, a standard's or the reader's, and that the program does not have.
var foreign = []string{"STACK", "azp", "cloudwatchRoleArn"}

// A single name between backticks, such as a field of the log, a metric, a parameter or a test, is one that the program, the template or a file
// beside them has.
func TestNames(t *testing.T) {
	known := map[string]bool{}
	for _, file := range files(t) {
		if filepath.Ext(file) == ".md" || filepath.Base(file) == "names_test.go" {
			continue // what a page says proves nothing, nor does the list above
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
