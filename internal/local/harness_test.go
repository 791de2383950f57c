package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"pocket-devices/internal/local/engine/enginetest"
	"pocket-devices/internal/local/fetched"
	"pocket-devices/internal/local/gateway"
	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/request"
)

// The tests here run the whole stack, for which Node is needed; with -short there are none.
func TestMain(m *testing.M) {
	if flag.Parse(); testing.Short() {
		fmt.Println("the tests of the whole stack need Node, so there are none with -short")
		return
	}
	m.Run()
}

const sampleAnswer = `[{"DeviceName":"Schmeler Inc and Sons","DeviceIdentifier":"ullam","PocketVersion":"adipisci","Language":"nostrum",` +
	`"PNSHandle":"et","Platform":"Apple","OSVersion":"expedita"}]`

// output collects what a stack prints, and tells when a line matches.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	seen chan string // the address, once it has been printed
}

var address = regexp.MustCompile(`serves (http://[0-9.:]+)`)

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if m := address.FindSubmatch(o.text.Bytes()); m != nil {
		select {
		case o.seen <- string(m[1]):
		default:
		}
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// runStack runs `local run` with the variables until the test ends, and returns its address and what it prints.
func runStack(t *testing.T, variables map[string]string) (base string, stdout *output) {
	t.Helper()
	getenv := func(name string) string {
		if name == "PORT" {
			return "0"
		}
		return variables[name]
	}
	return start(t, func(ctx context.Context, stdout io.Writer) error {
		return command(ctx, []string{"run"}, getenv, stdout, stdout)
	})
}

// start starts run, which ends with the test, and returns its address and what it prints.
func start(t *testing.T, run func(ctx context.Context, stdout io.Writer) error) (base string, stdout *output) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stdout = &output{seen: make(chan string, 1)}
	done := make(chan error, 1)
	go func() { done <- run(ctx, stdout) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	select {
	case base = <-stdout.seen:
	case err := <-done:
		done <- nil
		t.Fatalf("run: %v\n%s", err, stdout)
	}
	return base, stdout
}

// fetch fetches the npm packages that the lock file among files pins, and returns their folder.
func fetch(t *testing.T, files embed.FS, name string) (dir string) {
	t.Helper()
	folder, err := fs.Sub(files, name)
	if err != nil {
		t.Fatal(err)
	}
	dir, err = fetched.Package{Name: name, Files: folder}.NPM(t.Context(), filepath.Join(repository(t), ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// repository returns the folder of the repository.
func repository(t *testing.T) (root string) {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// setHeader makes header that of the page's sample, changed by fields as name, value; an empty value takes a field out.
func setHeader(header http.Header, fields []string) {
	for _, h := range sample.Header {
		header.Set(h[0], h[1])
	}
	for pair := range slices.Chunk(fields, 2) {
		if header.Del(pair[0]); pair[1] != "" {
			header.Set(pair[0], pair[1])
		}
	}
}

// send makes one request, with a header as [setHeader] makes it.
func send(t *testing.T, method, url, body string, fields ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	setHeader(req.Header, fields)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(answer)
}

// ask makes one request of an API that listens nowhere, with a header as [setHeader] makes it.
func ask(api http.Handler, body string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(request.Method, request.Path, strings.NewReader(body))
	setHeader(r.Header, fields)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

// checkError checks that a body has the form of C-40, the code, and the id that the header has too.
func checkError(t *testing.T, resp *http.Response, body, errorType string) {
	t.Helper()
	var e struct {
		Error                         bool
		ErrorType, Message, RequestId string
	}
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if !e.Error || e.ErrorType != errorType || e.Message == "" || e.RequestId == "" || e.RequestId != resp.Header.Get("X-Request-Id") {
		t.Errorf("the error is %s, want %s with the id %s", body, errorType, resp.Header.Get("X-Request-Id"))
	}
}

// startEngine starts the engine that ENGINE names until the test ends, and returns its address.
func startEngine(t *testing.T) (address string) {
	t.Helper()
	return enginetest.Start(t, repository(t)).URL
}

// openStack opens a stack that listens nowhere, with the parameters of the template beside its own, and returns its API and what it prints.
// Without an endpoint it starts an engine. A test may ask more often than the template lets callers.
func openStack(t *testing.T, endpoint string, parameters map[string]string) (*stack, http.Handler, *output) {
	t.Helper()
	logs := &output{seen: make(chan string, 1)}
	all := map[string]string{"RequestsPerSecond": "10000", "RequestBurst": "5000"}
	maps.Copy(all, parameters)
	st, err := open(t.Context(), settings{root: repository(t), host: "127.0.0.1", endpoint: endpoint, logs: logs, parameters: all})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.close)
	api, err := gateway.New(st.template, st, logs)
	if err != nil {
		t.Fatal(err)
	}
	return st, api, logs
}
