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
// Nothing that is deployed imports this folder. The packages below it are the parts, each of which can be read alone.
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
	"strings"
	"syscall"
	"time"

	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/gateway"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/reference"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/request"
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
		root:     root,
		host:     cmp.Or(getenv("HOST"), "127.0.0.1"),
		engine:   engine.Dynalite,
		endpoint: getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		logs:     stderr,

		parameters: map[string]string{"AllowedOrigins": getenv("ALLOWED_ORIGINS")},
	}
	for parameter, variable := range map[string]string{"RequestsPerSecond": "REQUESTS_PER_SECOND", "RequestBurst": "REQUEST_BURST"} {
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
	st, err := open(ctx, s)
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer st.close()
	api, err := gateway.New(st.template, st, s.logs)
	if err != nil {
		_ = listener.Close()
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
	if err := st.welcome(ctx, "http://"+dialable(listener.Addr()), file, stdout); err != nil {
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

// sample is the sample request of SuperOffice's own page (C-15).
var sample = struct {
	header [][2]string
	body   string
}{
	[][2]string{
		{"Authorization", "Basic dGplMDpUamUw"},
		{"Accept", "application/json; charset=utf-8"},
		{"Accept-Language", "en"},
		{"Content-Type", "application/json; charset=utf-8"},
	},
	"{\n  \"AssociateId\": 117\n}",
}

// welcome makes the sample request and prints it with its answer, so that what is printed is what works.
func (st *stack) welcome(ctx context.Context, base, samEnvironment string, stdout io.Writer) error {
	status, answer, err := post(ctx, base)
	if err != nil {
		return fmt.Errorf("the API does not answer: %w", err)
	}
	var curl strings.Builder
	for _, h := range sample.header {
		fmt.Fprintf(&curl, " \\\n    -H '%s: %s'", h[0], h[1])
	}
	page := "Its reference, to read and to try out, is at " + base + "/"
	if st.noPage != nil {
		page = fmt.Sprintf("Its reference page is missing, as %v.", st.noPage)
	}
	fmt.Fprintf(stdout, `
pocket-devices serves %[1]s%[2]s
%[3]s
The sample request

  curl %[1]s%[2]s%[4]s \
    -d '%[5]s'

is answered with %[6]d

  %[7]s

DynamoDB is at %[8]s, the installation's stand-in at %[9]s%[10]s; it gives tokens at %[9]s%[11]s.
For sam local there is --env-vars %[12]s. Ctrl-C ends everything.

`, base, request.Path, page, curl.String(), sample.body, status, answer, st.dynamodb, st.standin, standin.Path, standin.TokenPath, samEnvironment)
	return nil
}

func post(ctx context.Context, base string) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, request.Method, base+request.Path, strings.NewReader(sample.body))
	if err != nil {
		return 0, nil, err
	}
	for _, h := range sample.header {
		req.Header.Set(h[0], h[1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
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
	answer, err := st.Invoke(ctx, st.functionFor(event), event)
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
func (st *stack) functionFor(event []byte) string {
	var kind struct {
		MethodARN string `json:"methodArn"`
	}
	if err := json.Unmarshal(event, &kind); err == nil && kind.MethodARN != "" {
		return st.template.Authorizer
	}
	return st.template.Routes[0].Function
}
