// Command mutations tests the tests: would they notice, if who may read whose devices were broken? Each *.patch beside it breaks the
// program in one small way, as a slip of the hand would. Its first lines say what is broken, and which packages' tests must notice. One
// that they do not notice ends the command with an error.
//
// The tree is never touched. A patch is applied to a copy of the file that it changes, which go test takes in place of the file, by its own
// -overlay. So most of what it compiles comes from the build cache.
//
//	mutations [name of a patch...]
//
// runs those named, or all; all of them are also written as the table in docs/reliability.md. Begin with [run].
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"pocket-devices/internal/overlay"
	"pocket-devices/internal/section"
)

const (
	folder   = "internal/mutations"  // of the patches, from the root of the repository
	page     = "docs/reliability.md" // which has the table
	parallel = 2                     // mutations at a time; each keeps more than a core busy while it compiles
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutations:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("the repository cannot be found: %w", err)
	}
	if err := os.Chdir(string(bytes.TrimSpace(root))); err != nil {
		return err
	}
	mutations, err := read(names)
	if err != nil {
		return err
	}
	if err := testUnbroken(ctx, mutations); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	go func() {
		for _, m := range mutations {
			group.Go(func() error {
				killer, err := m.try(ctx)
				m.result <- result{killer, err}
				return nil
			})
		}
	}()
	failed := 0
	for _, m := range mutations {
		r := <-m.result
		if r.err != nil {
			failed++
			fmt.Printf("%-40s %v\n", m.name, r.err)
			continue
		}
		fmt.Printf("%-40s killed by %s\n", m.name, r.killer)
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d mutations are not killed", failed, len(mutations))
	case len(names) > 0:
		return nil
	}
	return section.Write(page, "mutations", table(mutations))
}

// table lists the mutations. It names the packages whose tests notice and not the test, as which of several is the first depends on the machine.
func table(mutations []mutation) string {
	var b strings.Builder
	b.WriteString("| what is broken | noticed in |\n|---|---|\n")
	for _, m := range mutations {
		fmt.Fprintf(&b, "| [%s](../%s) | `%s` |\n", m.broken, m.file(), strings.ReplaceAll(strings.Join(m.packages, "` or `"), "./", ""))
	}
	return b.String()
}

// mutation is one patch.
type mutation struct {
	name     string      // of the patch, without .patch
	broken   string      // what it breaks, in a sentence
	packages []string    // whose tests must notice
	result   chan result // of one place
}

type result struct {
	killer string // the test that noticed
	err    error  // why there is none
}

func (m mutation) file() string { return folder + "/" + m.name + ".patch" }

// read reads the patches of those names, or all, in the order of their names.
func read(names []string) (mutations []mutation, err error) {
	if len(names) == 0 {
		files, err := filepath.Glob(folder + "/*.patch")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			names = append(names, strings.TrimSuffix(filepath.Base(file), ".patch"))
		}
	}
	for _, name := range names {
		m := mutation{name: name, result: make(chan result, 1)}
		data, err := os.ReadFile(m.file())
		if err != nil {
			return nil, err
		}
		if err := m.parse(string(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", m.file(), err)
		}
		mutations = append(mutations, m)
	}
	return mutations, nil
}

// parse reads a patch: a sentence, a line "Tests: ./internal/…", an empty line, and a unified diff.
func (m *mutation) parse(text string) error {
	head, diff, _ := strings.Cut(text, "\n\n")
	broken, packages, _ := strings.Cut(head, "\nTests: ")
	m.broken = strings.ReplaceAll(broken, "\n", " ")
	m.packages = strings.Fields(packages)
	if m.broken == "" || len(m.packages) == 0 || len(overlay.Changed(diff)) == 0 {
		return errors.New("it must be a sentence, a line that begins with Tests:, an empty line and a unified diff")
	}
	return nil
}

// testUnbroken runs the tests of all packages as they are: one that fails anyway would kill every mutation.
func testUnbroken(ctx context.Context, mutations []mutation) error {
	var packages []string
	for _, m := range mutations {
		packages = append(packages, m.packages...)
	}
	slices.Sort(packages)
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-short"}, slices.Compact(packages)...)...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the tests fail without a mutation: %w\n%s", err, output)
	}
	return nil
}

// try returns the test that fails with the mutation.
func (m mutation) try(ctx context.Context) (killer string, err error) {
	dir, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	changed := overlay.New(dir)
	if err := changed.Patch(ctx, m.file()); err != nil {
		return "", err
	}
	flag, err := changed.Flag()
	if err != nil {
		return "", err
	}
	// Packages one after the other, as another mutation has the other core.
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", flag, "-short", "-failfast", "-vet=off", "-p=1", "-timeout=60s"}, m.packages...)...)
	output, err := cmd.CombinedOutput()
	return verdict(string(output), err)
}

// failure finds the first test that failed, and its package.
var failure = regexp.MustCompile(`(?ms)^--- FAIL: (\w+).*?^FAIL\t\S*/([\w-]+)\t`)

// verdict reads what go test made of a mutation, with its output. Only a test that fails kills: neither the compiler, nor a test that
// never ends.
func verdict(output string, err error) (killer string, _ error) {
	switch match := failure.FindStringSubmatch(output); {
	case err == nil:
		return "", errors.New("SURVIVES: no test notices")
	case strings.Contains(output, "[build failed]") || strings.Contains(output, "[setup failed]"):
		return "", fmt.Errorf("DOES NOT COMPILE:\n%s", output)
	case match == nil || strings.Contains(output, "panic: test timed out"):
		return "", fmt.Errorf("ENDS WITHOUT A FAILED TEST: %w\n%s", err, output)
	default:
		return match[2] + "." + match[1], nil
	}
}
