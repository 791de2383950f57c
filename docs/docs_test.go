// Package docs_test holds what is written for people to what there is.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	markup  = regexp.MustCompile("[^a-z0-9 _-]")
)

// Each link of a page leads to a file or a folder of the repository, and to a heading of it where it names one. What is elsewhere is not asked.
func TestLinks(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			target := match[1]
			if strings.Contains(target, "://") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(target, "#")
			path := filepath.Join(filepath.Dir(page), file)
			if file == "" {
				path = page
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s, which is not there", page, target)
			} else if anchor != "" && !headings(t, path)[anchor] {
				t.Errorf("%s links to %s, which has no such heading", page, target)
			}
		}
	}
	if links < 30 {
		t.Errorf("only %d links were found", links)
	}
}

// Each folder where something is pinned is one that Dependabot looks at.
func TestDependabot(t *testing.T) {
	looked := found(read(t, "../.github/dependabot.yml"), `(?m)(?:directory: |^ +- )(/\S*)$`)
	pinned := walk(t, func(path string) bool {
		return slices.Contains([]string{"go.mod", "package-lock.json", "pom.xml", "requirements.txt"}, filepath.Base(path))
	})
	if len(pinned) < 8 {
		t.Errorf("only %v were found", pinned)
	}
	for _, file := range pinned {
		if folder := filepath.Dir(strings.TrimPrefix(file, "..")); !slices.Contains(looked, folder) {
			t.Errorf("Dependabot does not look at %s", file)
		}
	}
}

// pages returns the pages of the repository, as seen from here.
func pages(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"../*.md", "*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pages...)
	}
	return all
}

// files returns every file of the repository that is written by hand, as seen from here.
func files(t *testing.T) []string {
	t.Helper()
	return walk(t, func(path string) bool {
		return slices.Contains([]string{"", ".go", ".js", ".md", ".mjs", ".mod", ".patch", ".py", ".toml", ".yaml", ".yml"}, filepath.Ext(path))
	})
}

// walk returns the files of the repository that are wanted, as seen from here; nothing that was fetched or built.
func walk(t *testing.T, wanted func(path string) bool) (files []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".cache", ".aws-sam", "dist", "node_modules", "testdata"}, entry.Name()):
			return fs.SkipDir
		case entry.Type().IsRegular() && wanted(path):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// headings returns the anchors of a page's headings, as GitHub makes them.
func headings(t *testing.T, page string) map[string]bool {
	t.Helper()
	anchors := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(read(t, page), -1) {
		anchors[strings.ReplaceAll(markup.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	return anchors
}

// read returns a file's text, with its path as seen from here.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
