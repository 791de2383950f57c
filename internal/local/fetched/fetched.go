// Package fetched keeps what a laptop fetches from elsewhere, once, in a folder that git ignores: an engine with npm or Maven, say, of
// the versions that files beside the code pin. Begin with [Fetch].
package fetched

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// Fetch makes a folder in cache with the files at the top of files, runs the command there that fetches the rest, and returns the
// folder. It is done once for each content of the files; two that fetch at the same time do not disturb each other.
func Fetch(ctx context.Context, cache, name string, files fs.FS, command string, args ...string) (dir string, err error) {
	sum := sha256.New()
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return "", err
	}
	contents := map[string][]byte{}
	for _, entry := range entries {
		if !entry.IsDir() {
			data, err := fs.ReadFile(files, entry.Name())
			if err != nil {
				return "", err
			}
			contents[entry.Name()] = data
			fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(data), data)
		}
	}
	dir = filepath.Join(cache, fmt.Sprintf("%s-%x", name, sum.Sum(nil)[:4]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, name+"-*.part")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	for name, data := range contents {
		if err := os.WriteFile(filepath.Join(work, name), data, 0o644); err != nil {
			return "", err
		}
	}
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = work
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s could not be fetched: try again with the network at hand; %s said: %w %s", name, command, err, bytes.TrimSpace(output))
	}
	if err := os.Rename(work, dir); err != nil {
		if _, statErr := os.Stat(dir); statErr != nil { // else another was first, and its folder is as good
			return "", err
		}
	}
	return dir, nil
}
