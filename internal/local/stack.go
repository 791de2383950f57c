package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"pocket-devices/internal/bulk"
	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/local/template"
)

// settings say where a stack runs and what it uses.
type settings struct {
	root     string      // the folder of the repository
	host     string      // the address of this machine that everything listens on
	engine   engine.Kind // the engine that is started
	endpoint string      // AWS_ENDPOINT_URL_DYNAMODB: where it is set, no engine is started
	logs     io.Writer   // where the functions print to

	parameters map[string]string // of the template, beside and before the stack's own

	page func(ctx context.Context, cache string) (swaggerUI string, err error) // fetches the reference page; nil where none is shown
}

// pageTimeout bounds the time that a start waits for the reference page to be fetched, which happens once.
const pageTimeout = 30 * time.Second

// cache is the folder of everything that is fetched or built, which git ignores.
func (s settings) cache() string { return filepath.Join(s.root, ".cache") }

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
	if st.standin, err = st.serveStandin(s.host); err != nil {
		return nil, err
	}

	parallel, parallelCtx := errgroup.WithContext(ctx)
	parallel.Go(func() error { return build(parallelCtx, s) })
	st.dynamodb = s.endpoint
	if s.endpoint == "" {
		parallel.Go(func() error {
			e, err := engine.Start(parallelCtx, s.engine, s.host, s.cache())
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
		"ContextIdentifier":     standin.Name,
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
	if err := st.load(ctx, s, engine.Client(st.dynamodb, environment)); err != nil {
		return nil, err
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

// Invoke implements gateway.Invoker.
func (st *stack) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	f, ok := st.functions[function]
	if !ok {
		return nil, fmt.Errorf("the template has no function %s", function)
	}
	return f.Invoke(ctx, payload)
}

// serveStandin starts the stand-in and returns its address.
func (st *stack) serveStandin(host string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", fmt.Errorf("HOST must be an address of this machine: %w", err)
	}
	server := &http.Server{Handler: standin.Handler()}
	go func() { _ = server.Serve(listener) }()
	st.closers = append(st.closers, func() { _ = server.Close() })
	return "http://" + dialable(listener.Addr()), nil
}

// build builds the functions for this machine just as they are built to be deployed.
func build(ctx context.Context, s settings) error {
	cmd := exec.CommandContext(ctx, "make", "--no-print-directory", "build", "OS="+runtime.GOOS, "ARCH="+runtime.GOARCH, "DIST="+s.bootstraps())
	cmd.Dir = s.root
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { // of a make that runs this
		return strings.HasPrefix(e, "MAKE") || strings.HasPrefix(e, "MFLAGS=")
	})
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the functions could not be built: %w\n%s", err, output)
	}
	return nil
}

func (s settings) bootstraps() string { return filepath.Join(s.cache(), "bootstraps") }

func (s settings) bootstrap(codeURI string) string {
	return filepath.Join(s.bootstraps(), filepath.Base(codeURI), "bootstrap")
}

// awsEnvironment returns the SDK's variables for the functions: made up for an engine of ours; where the user named an endpoint, the
// user's own as far as they are set. The endpoint itself is the template's to pass on.
func (s settings) awsEnvironment() map[string]string {
	environment := engine.Environment()
	if s.endpoint != "" {
		for _, e := range os.Environ() {
			if name, value, _ := strings.Cut(e, "="); strings.HasPrefix(name, "AWS_") && name != "AWS_ENDPOINT_URL_DYNAMODB" {
				environment[name] = value
			}
		}
	}
	return environment
}

// load creates the template's table and puts the sample devices into it. A table that was there before is used as it is, and
// nothing is ever written to an endpoint beyond this machine.
func (st *stack) load(ctx context.Context, s settings, client *dynamodb.Client) error {
	if s.endpoint != "" && !isThisMachine(s.endpoint) {
		return nil
	}
	devices, err := readDevices(filepath.Join(s.root, "events", "devices", "sample.json"))
	if err != nil {
		return err
	}
	for _, table := range st.template.Tables {
		created, err := engine.CreateTable(ctx, client, table)
		if err != nil {
			return fmt.Errorf("the engine at %s is of no use: %w", st.dynamodb, err)
		}
		if created {
			if err := bulk.NewTable(client, table.Name).Put(ctx, devices, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// readDevices reads a file of devices, none of which may be refused.
func readDevices(file string) (devices []bulk.Item, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for record := range bulk.Records(f) {
		if record.Err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, record.Line, record.Err)
		}
		devices = append(devices, record.Item)
	}
	return devices, nil
}

func isThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// writeSAMEnvironment writes the functions' variables into file, in the form that `sam local invoke --env-vars` takes, with this machine
// named as a container names it. The file goes when the stack does.
func (st *stack) writeSAMEnvironment(file string) error {
	variables := map[string]map[string]string{}
	for _, f := range st.template.Functions {
		variables[f.Name] = maps.Clone(f.Environment)
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

// dialable returns the address by which this machine reaches a listener, also one that listens on all of its addresses.
func dialable(addr net.Addr) string {
	tcp := addr.(*net.TCPAddr)
	if tcp.IP.IsUnspecified() {
		return fmt.Sprint("127.0.0.1:", tcp.Port)
	}
	return tcp.String()
}

// findRoot returns the folder of the repository: the nearest one above that has the template.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("this is not the repository of pocket-devices: there is no template.yaml here or above")
		}
		dir = parent
	}
}
