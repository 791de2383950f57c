package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/gateway"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/local/template"
)

// settings say where a stack runs and what it uses.
type settings struct {
	root     string    // the folder of the repository
	host     string    // the address of this machine that everything listens on
	endpoint string    // AWS_ENDPOINT_URL_DYNAMODB: where it is set, no engine is started
	logs     io.Writer // where the functions print to

	parameters map[string]string                                                     // of the template, beside and before the stack's own
	page       func(ctx context.Context, cache string) (swaggerUI string, err error) // fetches the reference page; nil where none is shown
}

// pageTimeout bounds the time that a start waits for the reference page to be fetched, which happens once.
const pageTimeout = 30 * time.Second

// cache is the folder of everything that is fetched or built, which git ignores.
func (s settings) cache() string { return filepath.Join(s.root, ".cache") }

// url is the address by which this machine reaches a listener on the host.
func (s settings) url(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "http://" + net.JoinHostPort(engine.Reachable(s.host), port)
}

// stack is everything behind the gateway: the functions, the engine with its table, and the installation's stand-in.
type stack struct {
	template  *template.Template
	dynamodb  string // the engine's address
	standin   string // the address of the stand-in for the installation and the issuer
	swaggerUI string // the folder of what the reference page is made with; empty where there is no page
	noPage    error  // why there is none
	functions map[string]*lambda.Function
	closers   []func() // in the order in which they were opened
}

// open builds the functions and starts everything. The caller closes the stack.
func open(ctx context.Context, s settings) (_ *stack, err error) {
	st := &stack{functions: map[string]*lambda.Function{}}
	defer func() {
		if err != nil {
			st.close()
		}
	}()
	if st.standin, err = st.serveStandin(s); err != nil {
		return nil, err
	}

	parallel, parallelCtx := errgroup.WithContext(ctx)
	parallel.Go(func() error { return lambda.Build(parallelCtx, s.root, s.bootstraps()) })
	st.dynamodb = s.endpoint
	if s.endpoint == "" {
		parallel.Go(func() error {
			e, err := engine.Start(parallelCtx, engine.Dynalite, s.host, s.cache())
			if err != nil {
				return err
			}
			st.dynamodb = e.URL
			st.closers = append(st.closers, e.Close)
			return nil
		})
	}
	if s.page != nil {
		parallel.Go(func() error {
			ctx, cancel := context.WithTimeout(parallelCtx, pageTimeout)
			defer cancel()
			st.swaggerUI, st.noPage = s.page(ctx, s.cache())
			return nil // as the API can do without
		})
	}
	if err := parallel.Wait(); err != nil {
		return nil, err
	}

	parameters := map[string]string{
		"InstallationUrl":       st.standin + standin.Path,
		"ContextIdentifier":     standin.ContextIdentifier,
		"OidcIssuer":            st.standin,
		"OidcAudience":          standin.Audience,
		"OidcMetadataUrl":       st.standin + standin.MetadataPath,
		"ReadAllAdministrators": "true",
		"DynamoDBEndpoint":      st.dynamodb,
	}
	maps.Copy(parameters, s.parameters)
	if st.template, err = template.Read(filepath.Join(s.root, "template.yaml"), parameters); err != nil {
		return nil, err
	}
	environment := s.awsEnvironment()
	if s.writes() {
		if err := s.fill(ctx, st.template.Tables, st.dynamodb, environment); err != nil {
			return nil, err
		}
	}
	var extra []string
	for name, value := range environment {
		extra = append(extra, name+"="+value)
	}
	for _, f := range st.template.Functions {
		function := lambda.New(f, s.bootstrap(f.CodeURI), extra, s.logs)
		st.functions[f.Name] = function
		st.closers = append(st.closers, function.Close)
	}
	return st, nil
}

// close ends everything, last opened first.
func (st *stack) close() {
	for _, c := range slices.Backward(st.closers) {
		c()
	}
	st.closers = nil
}

var _ gateway.Invoker = (*stack)(nil)

// Invoke implements [gateway.Invoker].
func (st *stack) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	f, ok := st.functions[function]
	if !ok {
		return nil, fmt.Errorf("the template has no function %s", function)
	}
	return f.Invoke(ctx, payload)
}

// serveStandin starts the stand-in and returns its address.
func (st *stack) serveStandin(s settings) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(s.host, "0"))
	if err != nil {
		return "", fmt.Errorf("HOST must be an address of this machine: %w", err)
	}
	server := &http.Server{Handler: standin.Handler()}
	go func() { _ = server.Serve(listener) }()
	st.closers = append(st.closers, func() { _ = server.Close() })
	return s.url(listener), nil
}

func (s settings) bootstraps() string { return filepath.Join(s.cache(), "bootstraps") }

func (s settings) bootstrap(codeURI string) string {
	return filepath.Join(s.bootstraps(), filepath.Base(codeURI), "bootstrap")
}

// writeSAMEnvironment writes the functions' variables into file, in the form that `sam local invoke --env-vars` takes, with this machine
// named as a container names it. The file goes when the stack does.
func (st *stack) writeSAMEnvironment(file string) error {
	variables := map[string]map[string]string{}
	for _, f := range st.template.Functions {
		variables[f.Name] = map[string]string{}
		for name, value := range f.Environment {
			variables[f.Name][name] = strings.Replace(value, "://127.0.0.1:", "://host.docker.internal:", 1)
		}
	}
	data, err := json.MarshalIndent(variables, "", "  ")
	if err != nil {
		return err
	}
	st.closers = append(st.closers, func() { _ = os.Remove(file) })
	return os.WriteFile(file, append(data, '\n'), 0o644)
}
