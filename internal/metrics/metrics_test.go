package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"pocket-devices/internal/metrics"
)

// schema is what CloudWatch's specification of the embedded metric format demands of the member _aws.
const schema = `{
	"type": "object",
	"required": ["_aws"],
	"properties": {"_aws": {
		"type": "object",
		"required": ["Timestamp", "CloudWatchMetrics"],
		"properties": {
			"Timestamp": {"type": "integer", "minimum": 1600000000000, "maximum": 99999999999999},
			"CloudWatchMetrics": {"type": "array", "minItems": 1, "items": {
				"type": "object",
				"required": ["Namespace", "Dimensions", "Metrics"],
				"properties": {
					"Namespace": {"type": "string", "pattern": "^[A-Za-z0-9./_#:-]{1,255}$"},
					"Dimensions": {"type": "array", "minItems": 1, "maxItems": 30, "items": {
						"type": "array", "minItems": 1, "maxItems": 30, "items": {"type": "string", "pattern": "^[!-~ ]{1,250}$"}
					}},
					"Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
						"type": "object",
						"required": ["Name"],
						"properties": {"Name": {"type": "string", "minLength": 1, "maxLength": 1024}, "Unit": {"enum": ["Count", "Milliseconds"]}}
					}}
				}
			}}
		}
	}}
}`

func write(t *testing.T, r *metrics.Request) map[string]any {
	t.Helper()
	var logs bytes.Buffer
	r.Write(&logs, "the-function")
	if strings.Count(logs.String(), "\n") != 1 {
		t.Errorf("the log is %s", &logs)
	}
	line, err := jsonschema.UnmarshalJSON(&logs)
	if err != nil {
		t.Fatal(err)
	}
	return line.(map[string]any)
}

// A line has the form of the specification, and everything that it refers to: dimensions as texts, metrics as numbers.
func TestFormat(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("emf.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("emf.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		request metrics.Request
		want    map[string]string // the metrics, as they are written, with their units
	}{
		"refused": {metrics.Request{Outcome: metrics.Refused}, map[string]string{"Requests": "1 Count", "ColdStarts": "0 Count"}},
		"answered": {
			metrics.Request{Outcome: metrics.Answered, ColdStart: true, Devices: 5, Pages: 2, Attempts: 3, StoreLatency: 1500 * time.Microsecond},
			map[string]string{
				"Requests": "1 Count", "ColdStarts": "1 Count", "DevicesReturned": "5 Count", "StorePages": "2 Count", "StoreAttempts": "3 Count",
				"StoreLatency": "1.5 Milliseconds",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			line := write(t, &tt.request)
			if err := compiled.Validate(line); err != nil {
				t.Error(err)
			}
			if line["FunctionName"] != "the-function" || line["Outcome"] != name {
				t.Errorf("the line is %v", line)
			}
			found := map[string]string{}
			for _, d := range line["_aws"].(map[string]any)["CloudWatchMetrics"].([]any) {
				directive := d.(map[string]any)
				if directive["Namespace"] != metrics.Namespace {
					t.Errorf("the namespace is %v", directive["Namespace"])
				}
				for _, set := range directive["Dimensions"].([]any) {
					for _, dimension := range set.([]any) {
						if text, ok := line[dimension.(string)].(string); !ok || text == "" {
							t.Errorf("the dimension %v is %v", dimension, line[dimension.(string)])
						}
					}
				}
				for _, m := range directive["Metrics"].([]any) {
					metric := m.(map[string]any)
					value, ok := line[metric["Name"].(string)].(json.Number)
					if !ok {
						t.Errorf("the metric %v is %v", metric["Name"], line[metric["Name"].(string)])
					}
					found[metric["Name"].(string)] = value.String() + " " + metric["Unit"].(string)
				}
			}
			if len(found) != len(tt.want) {
				t.Errorf("the metrics are %v, want %v", found, tt.want)
			}
			for name, want := range tt.want {
				if found[name] != want {
					t.Errorf("%s is %q, want %q", name, found[name], want)
				}
			}
		})
	}
}

func TestOf(t *testing.T) {
	metrics.Of(context.Background()).Pages++ // counts for nobody
	ctx, r := metrics.With(t.Context())
	metrics.Of(ctx).Pages++
	if r.Pages != 1 || metrics.Of(ctx) != r {
		t.Errorf("counted %d pages", r.Pages)
	}
}
