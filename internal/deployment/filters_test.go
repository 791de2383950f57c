//go:build sam

package deployment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/template"
)

// The lines that the deployed functions write are counted by the filters that are meant to count them, and by no other. A pattern that
// matches nothing is valid, and its alarm would be silent for ever.
func TestMetricFilters(t *testing.T) {
	s, err := transform(t, []question{{readTemplate(t), fewest, false}})[0].fill(fewest)
	if err != nil {
		t.Fatal(err)
	}
	bootstraps := t.TempDir()
	if err := lambda.Build(t.Context(), filepath.Join("..", ".."), bootstraps); err != nil {
		t.Fatal(err)
	}
	// What Lambda itself logs of an invocation that did not end well, as its documentation has it.
	const platform = `{"time":"2026-11-24T10:00:00.000Z","type":"platform.report","record":{"requestId":"x","metrics":{"durationMs":5000},"status":"%s"%s}}`
	tests := []struct {
		name     string
		function string
		lines    string
		want     []string // the metrics, with their values
	}{
		{"an answer", function, invoke(t, bootstraps, function, "two-devices", nil), nil},
		{"another's devices", function, invoke(t, bootstraps, function, "another", nil), nil},
		{"half a body", function, invoke(t, bootstraps, function, "malformed-body", nil), nil},
		{"no context", function, invoke(t, bootstraps, function, "no-authorizer-context", nil), []string{"ContextInvalid 1"}},
		{"DynamoDB is out", function, invoke(t, bootstraps, function, "sample", map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}), nil},

		{"a caller", authorizer, invoke(t, bootstraps, authorizer, "authorizer-basic", nil), nil},
		{"nobody", authorizer, invoke(t, bootstraps, authorizer, "authorizer-no-credential", nil), nil},
		{"the installation is out", authorizer, invoke(t, bootstraps, authorizer, "authorizer-basic", map[string]string{"INSTALLATION_URL": "http://127.0.0.1:1"}), []string{"AuthorizerErrors 1"}},
		{"it does not start", authorizer, invoke(t, bootstraps, authorizer, "authorizer-basic", map[string]string{"INSTALLATION_URL": "ftp://x"}), []string{"AuthorizerErrors 1"}},
		{"no event of its own", authorizer, invoke(t, bootstraps, authorizer, "sample", nil), []string{"AuthorizerErrors 1"}},
		{"the time ran out", authorizer, fmt.Sprintf(platform, "timeout", ""), []string{"AuthorizerErrors 1"}},
		{"it broke", authorizer, fmt.Sprintf(platform, "error", `,"errorType":"Runtime.ExitError"`), []string{"AuthorizerErrors 1"}},
		{"Lambda failed", authorizer, fmt.Sprintf(platform, "failure", ""), []string{"AuthorizerErrors 1"}},
		{"it said Unauthorized", authorizer, fmt.Sprintf(platform, "error", `,"errorType":"errorString"`), nil},
		{"all went well", authorizer, fmt.Sprintf(platform, "success", ""), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			group := text(s.at(tt.function, "LoggingConfig", "LogGroup"))
			if diff := cmp.Diff(tt.want, count(t, s, group, tt.lines)); diff != "" {
				t.Errorf("what is counted, -want +got:\n%s\nof\n%s", diff, tt.lines)
			}
		})
	}
}

// count returns what the filters of a log group make of its lines.
func count(t *testing.T, s stack, group, lines string) (counted []string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("the log has a line that is not JSON: %s", line)
		}
		for _, name := range s.of("AWS::Logs::MetricFilter") {
			if s.at(name, "LogGroupName") != group || !matches(t, text(s.at(name, "FilterPattern")), event) {
				continue
			}
			for _, m := range items(s.at(name, "MetricTransformations")) {
				value := text(at(m, "MetricValue"))
				if selector, ok := strings.CutPrefix(value, "$."); ok {
					value = fmt.Sprint(selected(event, selector))
				}
				counted = append(counted, text(at(m, "MetricName"))+" "+value)
			}
		}
	}
	return counted
}

// invoke passes an event of events/ to a function that has these variables, changed as given, and returns what it logs.
func invoke(t *testing.T, bootstraps, name, event string, changed map[string]string) (lines string) {
	t.Helper()
	dynamoDB := serve(t, func(asked string) string {
		item := func(id string) string {
			return `{"AssociateId":{"N":"118"},"DeviceIdentifier":{"S":"` + id + `"},"PNSHandle":{"S":"handle"}}`
		}
		if strings.Contains(asked, `"118"`) {
			return `{"Items":[` + item("a") + "," + item("b") + `],"Count":2,"ScannedCount":2}`
		}
		return `{"Items":[],"Count":0,"ScannedCount":0}`
	})
	installation := serve(t, func(string) string {
		return `{"AssociateId":117,"Associate":"tje0","UserType":"InternalAssociate","FunctionRights":[],"DatabaseContextIdentifier":"Cust12345"}`
	})
	environment := engine.Environment()
	environment["AWS_ENDPOINT_URL_DYNAMODB"] = dynamoDB
	environment["DEVICES_TABLE"] = "devices"
	environment["INSTALLATION_URL"] = installation
	for variable, value := range changed {
		environment[variable] = value
	}
	var log bytes.Buffer
	folder := map[string]string{function: "get-registered-devices", authorizer: "authorizer"}[name]
	f := lambda.New(template.Function{Name: name, Timeout: 10 * time.Second, MemoryMB: 256, JSONLogs: true, Environment: environment},
		filepath.Join(bootstraps, folder, "bootstrap"), nil, &log)
	payload, err := os.ReadFile(filepath.Join("..", "..", "events", event+".json"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Invoke(t.Context(), payload) // what it answers is tested elsewhere
	f.Close()
	return log.String()
}

func serve(t *testing.T, answer func(asked string) string) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer(string(asked)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

var patternToken = regexp.MustCompile(`^\s*(\(|\)|\{|\}|&&|\|\||=|"[^"]*"|\$\.[A-Za-z.]+)`)

// matches reports whether a filter pattern of CloudWatch Logs matches an event, as far as the template uses the language: selectors,
// equality with texts in which * stands for anything, and, or and parentheses, of which && binds closer.
func matches(t *testing.T, pattern string, event map[string]any) bool {
	t.Helper()
	var tokens []string
	for rest := strings.TrimSpace(pattern); rest != ""; {
		m := patternToken.FindStringSubmatch(rest)
		if m == nil {
			t.Fatalf("the pattern %s is not understood from %q on", pattern, rest)
		}
		tokens = append(tokens, m[1])
		rest = strings.TrimSpace(rest[len(m[0]):])
	}
	take := func(want string) bool {
		if len(tokens) > 0 && tokens[0] == want {
			tokens = tokens[1:]
			return true
		}
		return false
	}
	need := func(want string) {
		if !take(want) {
			t.Fatalf("the pattern %s lacks %q before %q", pattern, want, tokens)
		}
	}
	var either func() bool
	one := func() bool {
		if take("(") {
			holds := either()
			need(")")
			return holds
		}
		if len(tokens) < 3 || tokens[1] != "=" || !strings.HasPrefix(tokens[0], "$.") || !strings.HasPrefix(tokens[2], `"`) {
			t.Fatalf("the pattern %s is not understood at %q", pattern, tokens)
		}
		value, isText := selected(event, tokens[0][2:]).(string)
		holds, err := path.Match(strings.Trim(tokens[2], `"`), value)
		if err != nil {
			t.Fatal(err)
		}
		tokens = tokens[3:]
		return holds && isText
	}
	both := func() bool {
		holds := one()
		for take("&&") {
			holds = one() && holds
		}
		return holds
	}
	either = func() bool {
		holds := both()
		for take("||") {
			holds = both() || holds
		}
		return holds
	}
	need("{")
	holds := either()
	need("}")
	return holds
}

func selected(event map[string]any, selector string) any {
	var path []any
	for step := range strings.SplitSeq(selector, ".") {
		path = append(path, step)
	}
	return at(any(event), path...)
}

// The reading of patterns above, by examples.
func TestMatches(t *testing.T) {
	event := map[string]any{"a": "x", "n": map[string]any{"b": "Runtime.ExitError"}, "count": 1.0}
	for pattern, want := range map[string]bool{
		`{ $.a = "x" }`:                               true,
		`{ $.a = "y" }`:                               false,
		`{ $.c = "x" }`:                               false,
		`{ $.count = "1" }`:                           false,
		`{ $.n.b = "Runtime.*" }`:                     true,
		`{ $.a = "x" && $.n.b = "y" }`:                false,
		`{ $.a = "y" && $.a = "y" || $.a = "x" }`:     true,
		`{ $.a = "y" && ($.a = "y" || $.a = "x") }`:   false,
		`{ ($.a = "x" && $.n.b = "R*") || $.a="q" }`:  true,
		`{ $.a = "q" || $.a = "r" || $.n.b = "Run*"}`: true,
	} {
		if got := matches(t, pattern, event); got != want {
			t.Errorf("%s matches: %v", pattern, got)
		}
	}
}
