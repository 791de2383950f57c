//go:build browser

package main

import (
	"embed"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pocket-devices/internal/local/fetched"
)

//go:embed browser/package.json browser/package-lock.json
var files embed.FS

// One click on the reference page, in a real browser, gets the sample's answer: see browser/execute.js. CHROMIUM is the browser, and
// SCREENSHOT the file for a picture of it; make browser sets both.
func TestReferencePage(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	playwright, err := fs.Sub(files, "browser")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := fetched.Package{Name: "playwright", Files: playwright}.NPM(t.Context(), filepath.Join(root, ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	base, stdout := runStack(t, nil)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("browser", "execute.js"), base, os.Getenv("CHROMIUM"), os.Getenv("SCREENSHOT"))
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, output, stdout)
	}
}
