package endpoint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"pocket-devices/internal/endpoint"
	"pocket-devices/internal/metrics"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

// canary stands where a secret stands: it must not come out but in the answer to whom it belongs.
const canary = "canary-of-"

func newStore() *pockettest.Store {
	device := func(id string) pocket.Device {
		d := pockettest.Device(id)
		d.PNSHandle = pocket.NewPushHandle(canary + id)
		return d
	}
	return &pockettest.Store{Records: []pockettest.Record{
		{Associate: 117, Device: device("a")},
		{Associate: 118, Device: device("b")},
		{Associate: 118, Device: device("c")},
	}}
}

// sample returns the sample event, for a test to change.
func sample(t testing.TB) events.APIGatewayProxyRequest {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join("..", "..", "events", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e events.APIGatewayProxyRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// setHeader sets a field in both maps of an event, under no other spelling of its name.
func setHeader(e *events.APIGatewayProxyRequest, name string, values ...string) {
	for other := range e.MultiValueHeaders {
		if strings.EqualFold(other, name) {
			delete(e.Headers, other)
			delete(e.MultiValueHeaders, other)
		}
	}
	if len(values) > 0 {
		e.Headers[name] = values[len(values)-1]
		e.MultiValueHeaders[name] = values
	}
}

// invocation is what came of one event.
type invocation struct {
	status int
	header map[string]string
	body   string
	logs   string
}

func invoke(t testing.TB, store pocket.Store, payload []byte) invocation {
	t.Helper()
	return invokeWith(t, endpoint.Config{ContextIdentifier: "Cust12345"}, store, payload)
}

func invokeWith(t testing.TB, config endpoint.Config, store pocket.Store, payload []byte) invocation {
	t.Helper()
	var logs bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "lambda-request"})
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := endpoint.New(pocket.NewRegistry(store), config, log, &logs).Invoke(ctx, payload)
	if err != nil {
		t.Fatalf("Invoke returned the error %v, of which API Gateway makes a 502", err)
	}
	var r events.APIGatewayProxyResponse
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatal(err)
	}
	if line := `"msg":"metrics"`; strings.Count(logs.String(), line) != 1 || !strings.Contains(logs.String(), `"Outcome":"`+outcomeOf(r.StatusCode)+`","Requests":1,`) {
		t.Errorf("answered with %d, but the metrics in the log are %s", r.StatusCode, &logs)
	}
	return invocation{r.StatusCode, r.Headers, r.Body, logs.String()}
}

// outcomeOf returns what an answer counts as.
func outcomeOf(status int) string {
	switch {
	case status < 400:
		return metrics.Answered
	case status == 403:
		return metrics.Denied
	case status < 500:
		return metrics.Refused
	}
	return metrics.Failed
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	payload, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}
