// Package engine starts a DynamoDB engine on this machine: dynalite, which Node runs, or DynamoDB Local, which Java runs. Either is
// fetched once, with npm or Maven, into a folder that git ignores.
//
// Begin with [Start], then [CreateTable].
package engine

import (
	"bufio"
	"cmp"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"pocket-devices/internal/local/fetched"
	"pocket-devices/internal/local/tail"
)

// Kind names an engine.
type Kind string

// The engines.
const (
	Dynalite      Kind = "dynalite"       // the default; needs Node 20 or newer
	DynamoDBLocal Kind = "dynamodb-local" // Amazon's own; needs Java 17 and Maven
)

// startTimeout bounds the time from an engine's start until it answers.
const startTimeout = 30 * time.Second

// Engine is a running engine. It holds nothing when it starts, and nothing of it remains when it ends.
type Engine struct {
	URL string // such as http://127.0.0.1:8000

	kind   Kind
	cmd    *exec.Cmd
	stdin  io.Closer
	ended  chan struct{} // closed when the process has ended
	output *tail.Buffer
	once   sync.Once
}

// ownEngine is what there is to do where an engine cannot be fetched or run.
const ownEngine = "set AWS_ENDPOINT_URL_DYNAMODB to an engine of your own"

//go:embed dynalite/package.json dynalite/package-lock.json dynalite/serve.js pom.xml
var files embed.FS

// Start starts an engine that listens on host, an address of this machine, and returns when it answers. What is fetched is kept in
// the folder cache. Each error is one sentence that says what to do.
func Start(ctx context.Context, kind Kind, host, cache string) (*Engine, error) {
	switch kind {
	case Dynalite:
		return startDynalite(ctx, host, cache)
	case DynamoDBLocal:
		return startDynamoDBLocal(ctx, host, cache)
	}
	return nil, fmt.Errorf("there is no engine %q; there are %s and %s", kind, Dynalite, DynamoDBLocal)
}

// Close ends the engine.
func (e *Engine) Close() {
	e.once.Do(func() {
		_ = e.stdin.Close()
		_ = e.cmd.Process.Kill()
		<-e.ended
	})
}

func startDynalite(ctx context.Context, host, cache string) (*Engine, error) {
	sub, err := fs.Sub(files, "dynalite")
	if err != nil {
		return nil, err
	}
	dir, err := fetched.Package{Name: "dynalite", Files: sub, Instead: ownEngine}.NPM(ctx, cache)
	if err != nil {
		return nil, err
	}
	e, stdout, err := launch(Dynalite, dir, "node", "serve.js", host)
	if err != nil {
		return nil, err
	}
	line := make(chan string, 1)
	go func() {
		r := bufio.NewReader(stdout)
		text, _ := r.ReadString('\n')
		line <- strings.TrimSpace(text)
		_, _ = io.Copy(e.output, r)
	}()
	select {
	case port := <-line:
		if _, err := strconv.Atoi(port); err != nil {
			return nil, e.failed("did not start")
		}
		e.URL = "http://" + net.JoinHostPort(Reachable(host), port)
		return e, nil
	case <-time.After(startTimeout):
		return nil, e.failed(fmt.Sprintf("did not start within %v", startTimeout))
	case <-ctx.Done():
		e.Close()
		return nil, ctx.Err()
	}
}

func startDynamoDBLocal(ctx context.Context, host, cache string) (*Engine, error) {
	for _, tool := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("there is no %s: install Java 17 and Maven, or use the engine dynalite", tool)
		}
	}
	dir, err := fetched.Package{Name: "dynamodb-local", Files: files, Instead: ownEngine}.
		Run(ctx, cache, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib")
	if err != nil {
		return nil, err
	}
	port, err := freePort(host)
	if err != nil {
		return nil, err
	}
	e, stdout, err := launch(DynamoDBLocal, dir, "java", "-cp", filepath.Join("lib", "*"), "software.amazon.dynamodb.services.local.main.ServerRunner",
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", port)
	if err != nil {
		return nil, err
	}
	go func() { _, _ = io.Copy(e.output, stdout) }()
	address := net.JoinHostPort(Reachable(host), port)
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close()
			e.URL = "http://" + address
			return e, nil
		}
		select {
		case <-e.ended:
			return nil, e.failed("did not start")
		case <-ctx.Done():
			e.Close()
			return nil, ctx.Err()
		default:
			if time.Now().After(deadline) {
				return nil, e.failed(fmt.Sprintf("did not answer within %v", startTimeout))
			}
		}
	}
}

// launch starts the engine's process in dir. Its standard input stays open until [Engine.Close], or until this process ends
// however it ends, so that an engine can end with it.
func launch(kind Kind, dir, name string, args ...string) (*Engine, io.Reader, error) {
	e := &Engine{kind: kind, ended: make(chan struct{}), output: tail.New(2000)}
	e.cmd = exec.Command(name, args...)
	e.cmd.Dir = dir
	e.cmd.Stderr = e.output
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches the stack alone, which then ends its children in order
	stdin, err := e.cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	e.stdin = stdin
	stdout, writer := io.Pipe()
	e.cmd.Stdout = writer
	if err := e.cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("starting %s: %w", kind, err)
	}
	go func() {
		_ = e.cmd.Wait()
		_ = writer.Close()
		close(e.ended)
	}()
	return e, stdout, nil
}

// failed ends the engine and returns why it is of no use.
func (e *Engine) failed(what string) error {
	e.Close()
	return fmt.Errorf("the engine %s %s; set AWS_ENDPOINT_URL_DYNAMODB to use one of your own. It said: %s",
		e.kind, what, cmp.Or(strings.TrimSpace(e.output.String()), "nothing"))
}

// freePort returns a port of host that is free now.
func freePort(host string) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// Reachable returns the address by which this machine reaches what listens on host: an unspecified one is every one of its own.
func Reachable(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}
