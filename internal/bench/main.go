// Command bench measures the deployed functions: how many instructions they execute, what they allocate, how large they are, and how long they take
// on a small share of a processor. Beside them, in the same run, it measures what they are to be compared with: a function that does
// nothing, one that only signs and sends one POST, the version that everybody writes first, and one in Node. All run under the local
// Runtime API, before a DynamoDB of canned answers.
//
//	bench          measures everything, prints it, and writes it into docs/performance.md
//	bench limits   measures what does not depend on the clock, and fails where it has grown
//
// Begin with [bench.figuresOf] for what is measured, and with [levers] for what makes the difference.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// bench is one run. Its working directory is the root of the repository.
type bench struct {
	ctx         context.Context
	dir         string           // of what is built
	certificate *tls.Certificate // of what the functions ask
	roots       string           // the file of the root certificates by which they trust it
	progress    io.Writer
	notes       []string // why something was not measured
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("the repository cannot be found: %w", err)
	}
	if err := os.Chdir(string(bytes.TrimSpace(root))); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{ctx: ctx, dir: dir, roots: filepath.Join(dir, "roots.pem"), progress: os.Stderr}
	if b.certificate, err = newCertificate(b.roots); err != nil {
		return err
	}
	switch {
	case len(args) == 0:
		return b.measure()
	case len(args) == 1 && args[0] == "limits":
		return b.limits()
	}
	return errors.New("usage: bench [limits]")
}

// What is in an answer that is right.
const (
	answered = `"statusCode":200`
	allowed  = `"Effect":"Allow"`
)

// measure measures everything and writes it down.
func (b *bench) measure() (err error) {
	m := results{}
	function, err := b.deployed(getRegisteredDevices, "sample.json", answered)
	if err != nil {
		return err
	}
	noop, err := b.yardstick(function, "noop")
	if err != nil {
		return err
	}
	reference, err := b.yardstick(function, "reference")
	if err != nil {
		return err
	}
	idiomatic, err := b.idiomatic(function)
	if err != nil {
		return err
	}
	all := []measured{{noop, &m.noop}, {reference, &m.reference}, {idiomatic, &m.idiomatic}, {function, &m.function}}
	for _, of := range all {
		if *of.figures, err = b.figuresOf(of.subject); err != nil {
			return err
		}
	}
	b.say("%s with more devices", function.name)
	b.grow(&m.function, function)

	b.say("node")
	m.node = figures{name: "node", cpu: math.NaN(), starting: math.NaN(), peak: math.NaN()}
	if node, err := b.node(function); err != nil {
		b.note(err)
	} else if err := b.run(&m.node, node); err != nil {
		return err
	} else {
		all = append(all, measured{node, &m.node})
	}
	b.say("all of them beside each other")
	if err := b.beside(all); err != nil {
		return err
	}
	if err := b.decisions(&m); err != nil {
		return err
	}
	if m.levers, err = b.pull(function, m.function); err != nil {
		return err
	}
	b.say("the local stack under load")
	if m.load, err = attack(b.ctx, 500, 30*time.Second); err != nil {
		return err
	}
	return m.write(os.Stdout, b.notes)
}

// measured is a subject and where its figures are.
type measured struct {
	subject subject
	figures *figures
}

// decisions measures the authorizer: by password, which costs a question to the installation, by a token, and by a password that it remembers.
func (b *bench) decisions(m *results) error {
	a, err := b.deployed(authorizer, "authorizer-basic.json", allowed)
	if err != nil {
		return err
	}
	if m.authorizer, err = b.figuresOf(a); err != nil {
		return err
	}
	b.say("%s with a cache, and by token", a.name)
	m.cached = b.orUnknown(b.count(a.with(map[string]string{"PRINCIPAL_CACHE_SECONDS": "60"}), world{0, false}, 400))
	a.token = true
	m.token = b.orUnknown(b.count(a, world{0, false}, 400))
	return nil
}

func readEvent(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join("events", name))
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	err = json.Compact(&compact, data) // as API Gateway sends it
	return compact.Bytes(), err
}
