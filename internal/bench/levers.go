package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"pocket-devices/internal/bench/profile"
)

// lever is one thing that makes the function faster or smaller, or that might, and what is measured with it the other way.
type lever struct {
	name        string
	taken       bool   // whether the function has it
	otherwise   string // what is measured
	patch       string // of the folder levers, to that end
	requires    string // the module that the patch needs, which idiomatic has as well
	profiled    bool   // whether it is built with a profile of itself
	build       []string
	buildEnv    []string
	environment map[string]string
	collects    bool // whether it is about the garbage collector
}

// without returns the arguments of [release] with one exchanged for others.
func without(arg string, instead ...string) (args []string) {
	for _, a := range release {
		if a == arg {
			args = append(args, instead...)
		} else {
			args = append(args, a)
		}
	}
	return args
}

const (
	tags     = "-tags=lambda.norpc,nethttpomithttp2"
	stripped = "-ldflags=-s -w"
)

// levers are those of docs/performance.md, in its order.
var levers = []lever{
	{name: "a Query in init", taken: true, otherwise: "none", patch: "no-warm-up.patch"},
	{name: "SSL_CERT_DIR=/nonexistent", taken: true, otherwise: "not set", environment: map[string]string{"SSL_CERT_DIR": ""}},
	{name: "GOMAXPROCS=1", taken: true, otherwise: "not set", environment: map[string]string{"GOMAXPROCS": ""}},
	{name: "events read member by member", taken: true, otherwise: "aws-lambda-go's type by encoding/json", patch: "typed-event.patch"},
	{name: "requests to DynamoDB in one piece", taken: true, otherwise: "the SDK's body", patch: "sdk-body.patch"},
	{name: "texts quoted in runs", taken: true, otherwise: "jsontext.AppendQuote", patch: "jsontext-quote.patch"},
	{name: "items read by a switch", taken: true, otherwise: "attributevalue", patch: "attributevalue.patch", requires: "github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"},
	{name: "one placeholder in the Query", taken: true, otherwise: "one for each attribute", patch: "placeholders.patch"},
	{name: "-tags nethttpomithttp2", taken: true, otherwise: "without", build: without(tags, "-tags=lambda.norpc")},
	{name: "-tags lambda.norpc", taken: true, otherwise: "without", build: without(tags, "-tags=nethttpomithttp2")},
	{name: "-ldflags='-s -w'", taken: true, otherwise: "without", build: without(stripped)},
	{name: "GOGC=115", taken: true, otherwise: "not set", environment: map[string]string{"GOGC": ""}, collects: true},
	{name: "GOGC=400", otherwise: "set", environment: map[string]string{"GOGC": "400"}, collects: true},
	{name: "GOMEMLIMIT=10MiB, GOGC=off", otherwise: "set", environment: map[string]string{"GOGC": "off", "GOMEMLIMIT": "10MiB"}, collects: true},
	{name: "-pgo", otherwise: "with a profile of itself", profiled: true},
	{name: "no inlining", otherwise: "-gcflags=all=-l", build: append([]string{"-gcflags=all=-l"}, release...)},
	{name: "GOAMD64=v3", otherwise: "set", buildEnv: []string{"GOAMD64=v3"}},
	{name: "GOEXPERIMENT=jsonv2", otherwise: "set", buildEnv: []string{"GOEXPERIMENT=jsonv2"}},
}

// pulled is what was measured with a lever the other way, and what it is compared with.
type pulled struct {
	lever
	figures
	warm, usual float64 // instructions of an invocation, with the lever the other way and as it is
}

// pull measures the function with each lever the other way. The garbage collector makes an invocation's instructions differ by some percent from run
// to run, which is more than most levers are worth; so it is off where a lever is not about it.
func (b *bench) pull(of subject, usual figures) (all []pulled, err error) {
	const few = 100
	off := map[string]string{"GOGC": "off"}
	quiet := b.orUnknown(b.count(of.with(off), world{devices, false}, few))
	for _, l := range levers {
		b.say("lever: %s", l.name)
		s, err := b.otherwise(of, l)
		if err != nil {
			return nil, err
		}
		p := pulled{lever: l}
		if l.collects {
			p.warm, p.usual = b.orUnknown(b.count(s, world{devices, false}, many)).warm, usual.plain.warm
		} else {
			p.warm, p.usual = b.orUnknown(b.count(s.with(off), world{devices, false}, few)).warm, quiet.warm
		}
		p.tls = b.orUnknown(b.count(s, world{devices, true}, few))
		if err := b.run(&p.figures, s); err != nil {
			return nil, err
		}
		if err := sizeOf(&p.figures, s); err != nil {
			return nil, err
		}
		if p.slow, err = b.throttle(s); err != nil {
			b.note(err)
		}
		all = append(all, p)
	}
	return all, nil
}

// otherwise returns the subject with the lever the other way.
func (b *bench) otherwise(of subject, l lever) (s subject, err error) {
	args := release
	if l.build != nil {
		args = l.build
	}
	if l.requires != "" {
		flags, err := b.require(l.requires)
		if err != nil {
			return s, err
		}
		args = append(flags, args...)
	}
	if l.profiled {
		file, err := b.profile(of)
		if err != nil {
			return s, err
		}
		args = append([]string{"-pgo=" + file}, args...)
	}
	if s, err = b.built(of, "lever", l.patch, args, l.buildEnv...); err != nil {
		return s, err
	}
	return s.with(l.environment), nil
}

// require returns the flags by which a build takes a module that is not in go.mod, in the version and with the checksums that idiomatic has.
func (b *bench) require(module string) (flags []string, err error) {
	list := exec.CommandContext(b.ctx, "go", "list", "-m", module)
	list.Dir = idiomaticModule
	required, err := list.Output()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.dir, "lever.mod")
	for name, from := range map[string][]string{file: {"go.mod"}, filepath.Join(b.dir, "lever.sum"): {"go.sum", idiomaticModule + "/go.sum"}} {
		var all []byte
		for _, f := range from {
			data, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			all = append(all, data...)
		}
		if err := os.WriteFile(name, all, 0o600); err != nil {
			return nil, err
		}
	}
	edit := exec.CommandContext(b.ctx, "go", "mod", "edit", "-require="+strings.ReplaceAll(string(bytes.TrimSpace(required)), " ", "@"), file)
	return []string{"-modfile=" + file, "-mod=mod"}, edit.Run()
}

// profile returns the file of a profile of the subject at work.
func (b *bench) profile(of subject) (file string, err error) {
	s, err := b.observed(of, "profile", release)
	if err != nil {
		return "", err
	}
	r, err := b.open(s, world{devices, true})
	if err != nil {
		return "", err
	}
	defer r.close()
	if err := syscall.Kill(r.pid, profile.Signal); err != nil {
		return "", err
	}
	if err := r.invoke(10 * invocations); err != nil {
		return "", err
	}
	_, err = r.ask(profile.Signal, profile.Written)
	return filepath.Join(filepath.Dir(s.bootstrap), profile.Name), err
}
