// Package overlay changes the program without touching the tree: what is changed or added goes into a folder of its own, and go build and go
// test take it in place of the tree's by their own -overlay. So most of what they compile comes from the build cache.
//
// Begin with [New]. It is for the mutations and the benchmarks, which build the program as it is not.
package overlay

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// Overlay is the files that stand in for those of the working directory, which is the root of the repository.
type Overlay struct {
	dir     string
	replace map[string]string
}

// New returns an overlay that keeps its files in dir, a folder that is its own.
func New(dir string) *Overlay { return &Overlay{dir, map[string]string{}} }

// Add puts a file at path, relative to the working directory, where the tree may have one or not.
func (o *Overlay) Add(path string, content []byte) error {
	original, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	replacement := filepath.Join(o.dir, path)
	if err := os.MkdirAll(filepath.Dir(replacement), 0o700); err != nil {
		return err
	}
	o.replace[original] = replacement
	return os.WriteFile(replacement, content, 0o600)
}

// changed finds the files that a unified diff changes.
var changed = regexp.MustCompile(`(?m)^\+\+\+ b/(.+)$`)

// Changed returns the files that a unified diff changes, relative to the root of the repository.
func Changed(diff string) (files []string) {
	for _, match := range changed.FindAllStringSubmatch(diff, -1) {
		files = append(files, match[1])
	}
	return files
}

// Patch applies the unified diff in file to copies of what it changes, on top of what the overlay has of them already. What stands before the
// first line of the diff is left alone.
func (o *Overlay) Patch(ctx context.Context, file string) error {
	diff, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, name := range Changed(string(diff)) {
		original, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		if o.replace[original] != "" {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("%s does not apply any more: %w", file, err)
		}
		if err := o.Add(name, data); err != nil {
			return err
		}
	}
	patch, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "git", "apply", patch)
	cmd.Dir = o.dir
	cmd.Env = append(os.Environ(), "GIT_DIR="+filepath.Join(o.dir, "none")) // it is no repository, and is in none
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not apply any more: %w\n%s", file, err, output)
	}
	return nil
}

// Flag returns the argument by which go build and go test take the overlay.
func (o *Overlay) Flag() (string, error) {
	data, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return "", err
	}
	file := filepath.Join(o.dir, "overlay.json")
	return "-overlay=" + file, os.WriteFile(file, data, 0o600)
}
