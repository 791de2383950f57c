// Package fetched keeps what the local stack takes from package registries: fetched once, at the versions that a lock file pins, into
// a folder that git ignores. Nothing of it is ever deployed.
//
// Begin with [Package.NPM].
package fetched

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Package is something to be fetched.
type Package struct {
	Name    string // names it in errors, and its folder
	Files   fs.FS  // put into the folder first: what says what to fetch, and what stands beside that. Folders are left out.
	Instead string // what else there is to do where it cannot be fetched, to complete "try again, or …"; may be empty
}

// NPM fetches what the package-lock.json among the files pins, and returns the folder. No script of a package is run, so that none
// builds anything or reports home. Each error is one sentence that says what to do.
func (p Package) NPM(ctx context.Context, cache string) (dir string, err error) {
	if err := p.checkNode(ctx); err != nil {
		return "", err
	}
	return p.Run(ctx, cache, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
}

// Run makes a folder in cache with the files, runs the command there that fetches the rest, and returns the folder. It is done once
// for each content of the files; two that fetch at the same time do not disturb each other.
func (p Package) Run(ctx context.Context, cache, command string, args ...string) (dir string, err error) {
	sum := sha256.New()
	entries, err := fs.ReadDir(p.Files, ".")
	if err != nil {
		return "", err
	}
	contents := map[string][]byte{}
	for _, entry := range entries {
		if !entry.IsDir() {
			data, err := fs.ReadFile(p.Files, entry.Name())
			if err != nil {
				return "", err
			}
			contents[entry.Name()] = data
			fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(data), data)
		}
	}
	dir = filepath.Join(cache, fmt.Sprintf("%s-%x", p.Name, sum.Sum(nil)[:4]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, p.Name+"-*.part")
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
	cmd.WaitDelay = time.Second // for what the command has started itself, where ctx ends
	if output, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // rather than that it was killed
		}
		return "", fmt.Errorf("%s could not be fetched: %s; %s said: %w %s",
			p.Name, p.advice("try again with the network at hand"), command, err, bytes.TrimSpace(output))
	}
	if err := os.Rename(work, dir); err != nil {
		if _, statErr := os.Stat(dir); statErr != nil { // else another was first, and its folder is as good
			return "", err
		}
	}
	return dir, nil
}

// checkNode makes sure that there are npm and a Node that runs what it fetches.
func (p Package) checkNode(ctx context.Context) error {
	advice := p.advice("install Node 20 or newer")
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("there is no Node: " + advice)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, convErr := strconv.Atoi(major); err != nil || convErr != nil || n < 20 {
		return fmt.Errorf("the version of Node is %q, which is too old: %s", strings.TrimSpace(string(version)), advice)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New("there is no npm: " + advice)
	}
	return nil
}

func (p Package) advice(first string) string {
	if p.Instead == "" {
		return first
	}
	return first + ", or " + p.Instead
}
