package main

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"pocket-devices/internal/local/fetched"
	"pocket-devices/internal/local/template"
	"pocket-devices/internal/overlay"
)

// subject is a program that is measured.
type subject struct {
	name        string
	module, pkg string // the folders of its module and of its package, from the root
	bootstrap   string // an executable
	unhurried   string // the same with a minute for what has a second, for callgrind; empty where nothing is bounded
	event       []byte // what it is invoked with
	answer      string // a part of each answer that is right
	listing     bool   // whether the answer lists devices
	decides     bool   // whether it is the authorizer, which asks the installation rather than DynamoDB
	token       bool   // whether its event gets a token instead of the password
	environment map[string]string
	function    template.Function
}

// with returns the subject with variables of its environment set to others; an empty value takes one away.
func (s subject) with(environment map[string]string) subject {
	s.environment = maps.Clone(s.environment)
	maps.Copy(s.environment, environment)
	maps.DeleteFunc(s.environment, func(_, value string) bool { return value == "" })
	return s
}

const (
	getRegisteredDevices = "get-registered-devices"
	authorizer           = "authorizer"
)

// release is how a deployed function is built. TestRelease holds it to the Makefile.
var release = []string{"-tags=lambda.norpc,nethttpomithttp2", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"}

// build builds a subject's package under name, and returns the executable.
func (b *bench) build(s subject, name string, args []string, environment ...string) (bootstrap string, err error) {
	pkg, err := filepath.Rel(s.module, s.pkg)
	if err != nil {
		return "", err
	}
	bootstrap = filepath.Join(b.dir, name, "bootstrap")
	cmd := exec.CommandContext(b.ctx, "go", append(append([]string{"build", "-o", bootstrap}, args...), "./"+pkg)...)
	cmd.Dir = s.module
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="), environment...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, output)
	}
	return bootstrap, nil
}

// deployed returns a function of the template, built and set up as it is deployed.
func (b *bench) deployed(name, event, answer string) (s subject, err error) {
	s = subject{
		name: name, module: ".", pkg: "functions/" + name, answer: answer, listing: name == getRegisteredDevices, decides: name == authorizer,
	}
	if s, err = b.built(s, name, "", release); err != nil {
		return s, err
	}
	if s.event, err = readEvent(event); err != nil {
		return s, err
	}
	deployed, err := template.Read("template.yaml", nil)
	if err != nil {
		return s, err
	}
	i := slices.IndexFunc(deployed.Functions, func(f template.Function) bool { return filepath.Base(f.CodeURI) == name })
	if i < 0 {
		return s, fmt.Errorf("the template has no function %s", name)
	}
	s.function = deployed.Functions[i]
	s.environment = s.function.Environment
	return s, nil
}

// yardstick returns the function that does nothing, or the reference. They have none of our levers, neither of the build nor of the environment, so
// that they stay the same when one is pulled.
func (b *bench) yardstick(of subject, name string) (s subject, err error) {
	s = of.with(untouched)
	s.name, s.pkg, s.unhurried, s.answer, s.listing = name, "internal/bench/"+name, "", "null", false
	s.bootstrap, err = b.build(s, name, []string{"-tags=lambda.norpc", "-trimpath", "-ldflags=-s -w"})
	return s, err
}

// untouched takes what the template sets for the Go runtime out of an environment.
var untouched = map[string]string{"GOMAXPROCS": "", "GOGC": "", "SSL_CERT_DIR": ""}

// idiomaticModule is the folder of a module of its own.
const idiomaticModule = "internal/bench/idiomatic"

// idiomatic returns the first version that everybody writes, as go build makes it, and without anything set for the Go runtime.
func (b *bench) idiomatic(of subject) (s subject, err error) {
	s = of.with(untouched)
	s.name, s.module, s.pkg, s.unhurried = "idiomatic", idiomaticModule, idiomaticModule, ""
	s.bootstrap, err = b.build(s, s.name, nil)
	return s, err
}

//go:embed node
var nodeFiles embed.FS

// node returns the version in Node with the AWS SDK v3, bundled and minified as SAM does it.
func (b *bench) node(of subject) (s subject, err error) {
	s = of
	s.name = "node"
	files, err := fs.Sub(nodeFiles, "node")
	if err != nil {
		return s, err
	}
	dir, err := fetched.Package{Name: "bench-node", Files: files}.NPM(b.ctx, ".cache")
	if err != nil {
		return s, err
	}
	bundle := filepath.Join(b.dir, s.name, "index.mjs")
	cmd := exec.CommandContext(b.ctx, filepath.Join("node_modules", ".bin", "esbuild"), "index.mjs", "--bundle", "--minify", "--platform=node", "--target=node20", "--format=esm",
		"--banner:js=import{createRequire}from'module';const require=createRequire(import.meta.url);", "--log-level=error", "--outfile="+bundle)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return s, fmt.Errorf("bundling the Node version: %w\n%s", err, output)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return s, err
	}
	s.bootstrap, err = b.script(s.name, node, bundle)
	return s, err
}

// built returns a deployed function built with args, under name: with a patch of levers/ applied if one is named, and with more time for callgrind.
func (b *bench) built(s subject, name, patch string, args []string, environment ...string) (subject, error) {
	o := overlay.New(filepath.Join(b.dir, name+"-overlay"))
	if patch != "" {
		if err := o.Patch(b.ctx, filepath.Join("internal", "bench", "levers", patch)); err != nil {
			return s, err
		}
	}
	build := func(name string) (bootstrap string, err error) {
		flag, err := o.Flag()
		if err != nil {
			return "", err
		}
		return b.build(s, name, append([]string{flag}, args...), environment...)
	}
	var err error
	if s.bootstrap, err = build(name); err != nil {
		return s, err
	}
	if err := o.Patch(b.ctx, filepath.Join("internal", "bench", "unhurried.patch")); err != nil {
		return s, err
	}
	s.unhurried, err = build(name + "-unhurried")
	return s, err
}

// observed returns the subject built so that it can be asked for what only a process knows of itself: with the file of observer, a package of the bench,
// in its own package.
func (b *bench) observed(of subject, observer string, args []string) (s subject, err error) {
	s = of
	o := overlay.New(filepath.Join(b.dir, s.name+"-"+observer+"-overlay"))
	source, err := os.ReadFile(filepath.Join("internal", "bench", observer, observer+".go"))
	if err != nil {
		return s, err
	}
	_, code, _ := strings.Cut(string(source), "\npackage "+observer+"\n")
	if err := o.Add(filepath.Join(s.pkg, observer+".go"), []byte("package main\n"+code)); err != nil {
		return s, err
	}
	flag, err := o.Flag()
	if err != nil {
		return s, err
	}
	s.bootstrap, err = b.build(s, s.name+"-"+observer, append([]string{flag}, args...))
	return s, err
}

// script writes an executable that runs a command in its place.
func (b *bench) script(name string, command ...string) (file string, err error) {
	file = filepath.Join(b.dir, name, "bootstrap")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	var line strings.Builder
	for _, arg := range command {
		fmt.Fprintf(&line, " '%s'", arg)
	}
	return file, os.WriteFile(file, []byte("#!/bin/sh\nexec"+line.String()+"\n"), 0o755)
}
