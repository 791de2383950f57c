//go:build browser

package main

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:embed browser/package.json browser/package-lock.json
var browser embed.FS

// One click on the reference page, in a real browser, gets the sample's answer: see browser/execute.js. CHROMIUM is the browser, and
// SCREENSHOT the file for a picture of it; make browser sets both.
func TestReferencePage(t *testing.T) {
	dir := fetch(t, browser, "browser")
	base, stdout := runStack(t, nil)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("browser", "execute.js"), base, os.Getenv("CHROMIUM"), os.Getenv("SCREENSHOT"))
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, output, stdout)
	}
}
