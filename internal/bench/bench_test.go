package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pocket-devices/internal/overlay"
)

// What is measured is built as what is deployed.
func TestRelease(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(makefile), "\nRELEASE   := ")
	line, _, _ = strings.Cut(line, "\n")
	flags := release[0]
	for _, arg := range release[1:] {
		if strings.Contains(arg, " ") {
			arg = "'" + arg + "'"
		}
		flags += " " + arg
	}
	if want := `CGO_ENABLED=0 GOFLAGS="` + flags + `"`; line != want {
		t.Errorf("the Makefile builds with %s, the bench with %s", line, want)
	}
}

// Each lever's patch is there, applies, and belongs to a lever.
func TestLeverPatches(t *testing.T) {
	t.Chdir("../..")
	files, err := filepath.Glob("internal/bench/levers/*.patch")
	if err != nil {
		t.Fatal(err)
	}
	unused := map[string]bool{}
	for _, file := range files {
		unused[filepath.Base(file)] = true
		if err := overlay.New(t.TempDir()).Patch(t.Context(), file); err != nil {
			t.Error(err)
		}
	}
	for _, l := range levers {
		if l.patch == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join("internal/bench/levers", l.patch)); err != nil {
			t.Error(err)
		}
		delete(unused, l.patch)
	}
	if len(unused) > 0 {
		t.Errorf("no lever has %v", unused)
	}
}
