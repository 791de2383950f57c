//go:build samlocal

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/local/template"
	"pocket-devices/internal/request"
)

// The tests here run what `sam build` has built in the containers of `sam local`, against the engine and the stand-in of a stack on this
// machine. SAM is the command and SAM_LOCAL_FLAGS what else to tell it; make sam-test sets them.

// sam returns a command of SAM CLI that reaches the stack whose variables are in the file environment.
func sam(ctx context.Context, t *testing.T, root, environment string, args ...string) *exec.Cmd {
	t.Helper()
	command := os.Getenv("SAM")
	if command == "" {
		t.Fatal("SAM is not set: run make sam-test")
	}
	architecture := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	args = append(args, "--env-vars", environment, "--parameter-overrides", "Architecture="+architecture, "--add-host", "host.docker.internal:host-gateway")
	cmd := exec.CommandContext(ctx, command, append(args, strings.Fields(os.Getenv("SAM_LOCAL_FLAGS"))...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0", "AWS_DEFAULT_REGION=eu-west-1")
	return cmd
}

var environmentFile = regexp.MustCompile(`--env-vars (\S+)\. Ctrl-C`)

// runStackForContainers runs a stack that containers reach, and returns the file of variables for them.
func runStackForContainers(t *testing.T) (base, environment, root string) {
	t.Helper()
	base, stdout := runStack(t, map[string]string{"HOST": "0.0.0.0"})
	m := environmentFile.FindStringSubmatch(stdout.String())
	if m == nil {
		t.Fatalf("what is printed names no file of variables:\n%s", stdout)
	}
	return base, m[1], repository(t)
}

// comparison prints what was compared, whether or not the test fails.
type comparison struct{ rows [][]string }

func (c *comparison) add(columns ...string) { c.rows = append(c.rows, columns) }

func (c *comparison) print(t *testing.T) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range c.rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush()
	t.Logf("\n%s", text.String())
}

// Every event of events/ has the same answer in SAM's container as in `make invoke`, whose answers are in testdata/answers and are held
// there by [TestEvents].
func TestSAMLocalInvoke(t *testing.T) {
	_, environment, root := runStackForContainers(t)
	events, err := filepath.Glob(filepath.Join(root, "events", "*.json"))
	if err != nil || len(events) < 12 {
		t.Fatal(events, err)
	}
	deployed, err := template.Read(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	compared := comparison{}
	compared.add("event", "sam local invoke", "make invoke", "")
	for _, event := range events {
		name := filepath.Base(event)
		t.Run(name, func(t *testing.T) {
			payload, err := os.ReadFile(event)
			if err != nil {
				t.Fatal(err)
			}
			recorded, err := os.ReadFile(filepath.Join("testdata", "answers", name))
			if err != nil {
				t.Fatal(err)
			}
			cmd := sam(t.Context(), t, root, environment, "local", "invoke", functionFor(deployed, payload), "--event", event)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil && !strings.Contains(stdout.String(), `"errorType"`) { // which it reports by its status as well
				t.Fatalf("%v\n%s", err, &stderr)
			}
			got, want := decode(t, stdout.Bytes()), decode(t, recorded)
			same := "the same"
			if diff := cmp.Diff(want, got); diff != "" {
				same = "DIFFERENT"
				t.Errorf("-make invoke +sam local invoke:\n%s", diff)
			}
			compared.add(name, brief(got), brief(want), same)
		})
	}
	compared.print(t)
}

// The local API of SAM CLI asks the authorizer, through its alias, and answers as the local stack does; but where the authorizer says
// Unauthorized it is known to answer with 502, for which API Gateway, and the local stack, have 401.
func TestSAMLocalStartAPI(t *testing.T) {
	base, environment, root := runStackForContainers(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = listener.Close()

	ctx, cancel := context.WithCancel(context.Background())
	cmd := sam(ctx, t, root, environment, "local", "start-api", "--host", "127.0.0.1", "--port", port, "--warm-containers", "LAZY",
		"--template", withoutPreflight(t, filepath.Join(root, ".aws-sam", "build")))
	var output output
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // at which it ends its containers
	cmd.WaitDelay = time.Minute
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	for {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
			break
		}
		select {
		case <-ended:
			t.Fatalf("sam local start-api ended:\n%s", &output)
		case <-time.After(200 * time.Millisecond):
		}
	}

	compared := comparison{}
	compared.add("request", "sam local start-api", "make run", "")
	for _, tt := range []struct {
		name   string
		body   string
		fields []string
		known  int // the status of SAM CLI's where it is known to differ
	}{
		{"the sample request", sample.Body, nil, 0},
		{"another's devices", `{"AssociateId":118}`, nil, 0},
		{"no credential", sample.Body, []string{"Authorization", ""}, http.StatusBadGateway},
	} {
		t.Run(tt.name, func(t *testing.T) {
			theirs, theirBody := send(t, request.Method, "http://"+address+request.Path, tt.body, tt.fields...)
			ours, ourBody := send(t, request.Method, base+request.Path, tt.body, tt.fields...)
			same := "the same"
			switch {
			case tt.known != 0:
				same = "as is known of SAM CLI"
				if theirs.StatusCode != tt.known || ours.StatusCode != http.StatusUnauthorized {
					same = "NOT AS IS KNOWN"
					t.Errorf("sam local answers with %d, want %d; the local stack with %d, want 401", theirs.StatusCode, tt.known, ours.StatusCode)
				}
			case theirs.StatusCode != ours.StatusCode || cmp.Diff(withoutID(t, ourBody), withoutID(t, theirBody)) != "":
				same = "DIFFERENT"
				t.Errorf("sam local answers with %d %s, the local stack with %d %s\n%s", theirs.StatusCode, theirBody, ours.StatusCode, ourBody, &output)
			}
			compared.add(tt.name, fmt.Sprint(theirs.StatusCode, " ", strings.TrimSpace(theirBody)), fmt.Sprint(ours.StatusCode, " ", ourBody), same)
		})
	}
	compared.print(t)
}

// withoutPreflight returns a copy of the built template without the route for browsers. SAM CLI makes one route of all methods of a path, whose
// authorizer is that of any of them, by chance from start to start; with the preflight it may be none, and the function then answers 401.
func withoutPreflight(t *testing.T, folder string) (file string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Load(data, &document); err != nil {
		t.Fatal(err)
	}
	events := &document
	if events.Kind == yaml.DocumentNode {
		events = events.Content[0]
	}
	for _, name := range []string{"Resources", "GetRegisteredDevicesFunction", "Properties", "Events"} {
		i := slices.IndexFunc(events.Content, func(n *yaml.Node) bool { return n.Value == name })
		if i < 0 {
			t.Fatalf("the built template has no %s", name)
		}
		events = events.Content[i+1]
	}
	i := slices.IndexFunc(events.Content, func(n *yaml.Node) bool { return n.Value == "Preflight" })
	if i < 0 {
		t.Fatal("the built template has no Preflight")
	}
	events.Content = slices.Delete(events.Content, i, i+2)
	if data, err = yaml.Marshal(&document); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(folder, "without-preflight.yaml") // beside the functions that it names
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func decode(t *testing.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return v
}

// withoutID returns an answer without its RequestId, which each request has of its own.
func withoutID(t *testing.T, body string) any {
	t.Helper()
	v := decode(t, []byte(body))
	if object, ok := v.(map[string]any); ok {
		delete(object, "RequestId")
	}
	return v
}

// brief returns what tells an answer apart: its status, or for the authorizer its decision.
func brief(answer any) string {
	object, _ := answer.(map[string]any)
	for _, name := range []string{"statusCode", "principalId", "errorMessage"} {
		if value, ok := object[name]; ok {
			return fmt.Sprint(name, " ", value)
		}
	}
	return "?"
}
