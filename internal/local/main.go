// Command local runs pocket-devices on a developer's machine, without AWS and without Docker: the deployed bootstraps, unmodified,
// behind a gateway and a Runtime API that do what API Gateway and Lambda do for this template, a DynamoDB engine with sample devices,
// a stand-in for the SuperOffice installation and for an OpenID Connect issuer, and a page to read the API's reference and try it out.
//
//	local run           serves the API and the page until it is interrupted
//	local invoke FILE   passes the event in FILE to the function that it is for, and prints the answer
//
// HOST (127.0.0.1) and PORT (3000) say where it listens; AWS_ENDPOINT_URL_DYNAMODB, where set, replaces the engine; ALLOWED_ORIGINS,
// REQUESTS_PER_SECOND and REQUEST_BURST are the template's parameters AllowedOrigins, RequestsPerSecond and RequestBurst.
//
// Begin with [command], then [open], which starts everything. The packages below this folder are the parts, each of which can be read
// alone; nothing that is deployed imports any of it.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"pocket-devices/internal/local/gateway"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/reference"
	"pocket-devices/internal/local/template"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

// command is main, for tests to call.
func command(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	s := settings{
		root:       root,
		host:       cmp.Or(getenv("HOST"), "127.0.0.1"),
		endpoint:   getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		logs:       stderr,
		parameters: map[string]string{},
	}
	for parameter, variable := range map[string]string{
		"AllowedOrigins": "ALLOWED_ORIGINS", "RequestsPerSecond": "REQUESTS_PER_SECOND", "RequestBurst": "REQUEST_BURST",
	} {
		if value := getenv(variable); value != "" {
			s.parameters[parameter] = value
		}
	}
	switch {
	case len(args) == 1 && args[0] == "run":
		s.page = reference.Fetch
		return run(ctx, s, cmp.Or(getenv("PORT"), "3000"), stdout)
	case len(args) == 2 && args[0] == "invoke":
		return invoke(ctx, s, args[1], stdout)
	}
	return errors.New("usage: local run | local invoke FILE")
}

// run serves the API until ctx ends, and the reference page where it could be fetched.
func run(ctx context.Context, s settings, port string, stdout io.Writer) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(s.host, port))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %s is in use: end what listens there, or choose another with PORT=", port)
	case err != nil:
		return fmt.Errorf("HOST and PORT must name an address of this machine: %w", err)
	}
	defer listener.Close()
	st, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer st.close()
	api, err := gateway.New(st.template, st, s.logs)
	if err != nil {
		return err
	}
	handler := reference.Handler(filepath.Join(s.root, "docs", "openapi.yaml"), st.swaggerUI, api)
	server := &http.Server{Handler: logged(handler, stdout)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer server.Close()

	file := filepath.Join(s.cache(), fmt.Sprintf("sam-local-%d.json", listener.Addr().(*net.TCPAddr).Port))
	if err := st.writeSAMEnvironment(file); err != nil {
		return err
	}
	if err := welcome(ctx, st, s.url(listener), file, stdout); err != nil {
		return err
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		fmt.Fprintln(stdout, "\nended")
		return nil
	}
}

// logged prints a line for each request that h answers.
func logged(h http.Handler, stdout io.Writer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(recorder, r)
		fmt.Fprintf(stdout, "%s %s %s %d %v\n", start.Format(time.TimeOnly), r.Method, r.URL.Path, recorder.status, time.Since(start).Round(100*time.Microsecond))
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// invoke passes the event in file to the function that it is for and prints what that returns: an answer, or an error in Lambda's form.
func invoke(ctx context.Context, s settings, file string, stdout io.Writer) error {
	event, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	st, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer st.close()
	answer, err := st.Invoke(ctx, functionFor(st.template, event), event)
	var returned *lambda.Error
	if errors.As(err, &returned) {
		answer, err = returned.Payload, nil
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s\n", answer)
	return err
}

// functionFor returns the logical name of the function that takes the event: the authorizer takes its own kind, the API's one
// function every other.
func functionFor(t *template.Template, event []byte) string {
	var kind struct {
		MethodARN string `json:"methodArn"`
	}
	if err := json.Unmarshal(event, &kind); err == nil && kind.MethodARN != "" {
		return t.Authorizer
	}
	return t.Routes[0].Function
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
