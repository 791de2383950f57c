package devicetable_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/local/engine/enginetest"
	"pocket-devices/internal/pocket"
)

// item is a device of associate 117 as DynamoDB sends it.
func item(identifier string) string {
	return `{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"` + identifier + `"},"PNSHandle":{"S":"handle"}}`
}

func page(items ...string) string {
	return fmt.Sprintf(`{"Items":[%s],"Count":%d,"ScannedCount":%[2]d}`, strings.Join(items, ","), len(items))
}

func pageWithMore(items ...string) string {
	return strings.TrimSuffix(page(items...), "}") + `,"LastEvaluatedKey":{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"a"}}}`
}

// answer is what the canned DynamoDB does with a call.
type answer func(http.ResponseWriter, *http.Request)

// ok answers with body and its checksum, as DynamoDB does.
func ok(body string) answer { return status(http.StatusOK, body) }

func status(code int, body string) answer {
	return func(w http.ResponseWriter, _ *http.Request) { enginetest.Answer(w, code, body) }
}

func refusal(code int, kind string) answer {
	return status(code, `{"__type":"com.amazonaws.dynamodb.v20120810#`+kind+`","message":"x"}`)
}

func reset(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

// torn ends the connection before the body's end.
func torn(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, page(item("a")))
}

// hang answers when the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that it has
	<-r.Context().Done()
}

func wrongChecksum(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Amz-Crc32", "1")
	_, _ = io.WriteString(w, page(item("a")))
}

// stray is what is left of another answer, where there is no HTTP any more.
func stray(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, item("a")+"\r\n\r\n")
	_ = conn.Close()
}

// dynamoDB serves the answers one after the other, the last of them for ever, and counts the calls. It returns a table behind it.
func dynamoDB(t *testing.T, answers ...answer) (*devicetable.Table, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(calls.Add(1)), len(answers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	enginetest.Setenv(t, server.URL)
	client, err := devicetable.NewClient(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return devicetable.New(client, "devices"), &calls
}

// What goes wrong once is tried again, where that can help.
func TestFaultsOnce(t *testing.T) {
	for name, fault := range map[string]answer{
		"throttled":               refusal(400, "ProvisionedThroughputExceededException"),
		"throttled otherwise":     refusal(400, "ThrottlingException"),
		"throttled by the region": refusal(400, "RequestLimitExceeded"),
		"an error of DynamoDB":    refusal(500, "InternalServerError"),
		"out of service":          status(503, "<html>"),
		"reset":                   reset,
		"torn":                    torn,
		"a wrong checksum":        wrongChecksum,
		"hangs":                   hang,
	} {
		t.Run(name, func(t *testing.T) {
			table, calls := dynamoDB(t, fault, ok(page(item("a"))))
			ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second) // 2 s of which are the first attempt's
			defer cancel()
			devices, err := table.Devices(ctx, 117)
			if err != nil || len(devices) != 1 || *devices[0].DeviceIdentifier != "a" || calls.Load() != 2 {
				t.Errorf("Devices = %d devices, %v after %d calls, want 1 after 2", len(devices), err, calls.Load())
			}
		})
	}
}

// anyCalls stands for a number of calls that depends on how busy the machine is.
const anyCalls = -1

// What goes wrong always is the right error after the right number of calls, and never a list (C-41, C-42, C-43).
func TestFaultsAlways(t *testing.T) {
	tests := []struct {
		name    string
		answers []answer
		want    error
		calls   int32
	}{
		{"throttled", []answer{refusal(400, "ProvisionedThroughputExceededException")}, pocket.ErrUnavailable, 3},
		{"throttled otherwise", []answer{refusal(400, "ThrottlingException")}, pocket.ErrUnavailable, 3},
		{"throttled by the region", []answer{refusal(400, "RequestLimitExceeded")}, pocket.ErrUnavailable, 3},
		{"an error of DynamoDB", []answer{refusal(500, "InternalServerError")}, pocket.ErrUnavailable, 3},
		{"out of service", []answer{status(503, "<html>")}, pocket.ErrUnavailable, 3},
		{"reset", []answer{reset}, pocket.ErrUnavailable, 3},
		{"torn", []answer{torn}, pocket.ErrUnavailable, 3},
		{"a wrong checksum", []answer{wrongChecksum}, pocket.ErrUnavailable, 3},
		{"no HTTP", []answer{stray}, pocket.ErrUnavailable, 3},
		{"hangs", []answer{hang}, pocket.ErrUnavailable, anyCalls},

		{"denied", []answer{refusal(400, "AccessDeniedException")}, pocket.ErrStore, 1},
		{"no such table", []answer{refusal(400, "ResourceNotFoundException")}, pocket.ErrStore, 1},
		{"an expression that it refuses", []answer{refusal(400, "ValidationException")}, pocket.ErrStore, 1},
		{"expired credentials", []answer{refusal(400, "ExpiredTokenException")}, pocket.ErrStore, 1},
		{"a page that is not DynamoDB's", []answer{status(404, "<html>")}, pocket.ErrStore, 1},

		{"an empty body", []answer{ok("")}, pocket.ErrUnavailable, 1},
		{"an empty object", []answer{ok("{}")}, pocket.ErrUnavailable, 1},
		{"null", []answer{ok("null")}, pocket.ErrUnavailable, 1},
		{"HTML", []answer{ok("<html></html>")}, pocket.ErrUnavailable, 1},
		{"a handle that is no attribute", []answer{ok(page(`{"PNSHandle":"handle"}`))}, pocket.ErrUnavailable, 1},
		{"a handle that is a list", []answer{ok(page(`{"PNSHandle":{"S":["handle"]}}`))}, pocket.ErrUnavailable, 1},
		{"no items", []answer{ok(`{"Count":0}`)}, pocket.ErrUnavailable, 1},
		{"null items", []answer{ok(`{"Items":null,"Count":3}`)}, pocket.ErrUnavailable, 1},
		{"no count", []answer{ok(`{"Items":[` + item("a") + `]}`)}, pocket.ErrUnavailable, 1},
		{"a count that is too large", []answer{ok(`{"Items":[` + item("a") + `],"Count":2}`)}, pocket.ErrUnavailable, 1},
		{"a count that is too small", []answer{ok(`{"Items":[` + item("a") + "," + item("b") + `],"Count":1}`)}, pocket.ErrUnavailable, 1},
		{"a second page that is empty", []answer{ok(pageWithMore(item("a"))), ok("{}")}, pocket.ErrUnavailable, 2},
		{"a second page that fails", []answer{ok(pageWithMore(item("a"))), reset}, pocket.ErrUnavailable, 4},
		{"pages without end", []answer{ok(pageWithMore())}, pocket.ErrTooLarge, 20},

		{"another's item", []answer{ok(page(strings.Replace(item("a"), "117", "118", 1)))}, pocket.ErrStore, 1},
		{"nobody's item", []answer{ok(page(`{"DeviceIdentifier":{"S":"a"}}`))}, pocket.ErrStore, 1},
		{"an item without identifier", []answer{ok(page(`{"AssociateId":{"N":"117"}}`))}, pocket.ErrStore, 1},
		{"an associate that is text", []answer{ok(page(strings.Replace(item("a"), `"N"`, `"S"`, 1)))}, pocket.ErrStore, 1},
		{"an attribute that is null", []answer{ok(page(strings.Replace(item("a"), `{"S":"handle"}`, `{"NULL":true}`, 1)))}, pocket.ErrStore, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, calls := dynamoDB(t, tt.answers...)
			ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
			defer cancel()
			devices, err := table.Devices(ctx, 117)
			timedOut := tt.calls == anyCalls && errors.Is(err, pocket.ErrDeadline) // on a machine that was busy for the rest of the time
			if !errors.Is(err, tt.want) && !timedOut || devices != nil {
				t.Errorf("Devices = %d devices, %v, want %v", len(devices), err, tt.want)
			}
			if tt.calls != anyCalls && calls.Load() != tt.calls {
				t.Errorf("%d calls, want %d", calls.Load(), tt.calls)
			}
			if err != nil && strings.Contains(err.Error(), "handle") {
				t.Errorf("the error tells of an item: %v", err)
			}
		})
	}
}

// A dead store is found out within the time that there is.
func TestDeadline(t *testing.T) {
	table, calls := dynamoDB(t, hang)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := table.Devices(ctx, 117)
	if !errors.Is(err, pocket.ErrDeadline) && !errors.Is(err, pocket.ErrUnavailable) {
		t.Errorf("Devices: %v", err)
	}
	if n := calls.Load(); n < 2 {
		t.Errorf("%d calls in %v: one attempt took all of the time", n, time.Since(start))
	}

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := table.Devices(cancelled, 117); !errors.Is(err, pocket.ErrDeadline) {
		t.Errorf("Devices of a request that has ended: %v, want %v", err, pocket.ErrDeadline)
	}
}

// What is asked is the one Query of C-50, and the names in it are constant.
func TestQuery(t *testing.T) {
	var target, body string
	table, _ := dynamoDB(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		target, body = r.Header.Get("X-Amz-Target"), string(b)
		ok(page())(w, r)
	})
	if _, err := table.Devices(t.Context(), 117); err != nil {
		t.Fatal(err)
	}
	if target != "DynamoDB_20120810.Query" {
		t.Errorf("the operation is %s", target)
	}
	for _, want := range []string{
		`"TableName":"devices"`, `"ConsistentRead":true`, `"KeyConditionExpression":"AssociateId = :a"`,
		`"ProjectionExpression":"AssociateId,DeviceIdentifier,DeviceName,PocketVersion,#l,PNSHandle,Platform,OSVersion,ExpiresAt"`, `"ExpressionAttributeValues":{":a":{"N":"117"}}`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the call %s lacks %s", body, want)
		}
	}
	if strings.Contains(body, "FilterExpression") {
		t.Errorf("the call %s filters, so that Count would not be the items'", body)
	}
}

// Warming up asks once, for one item of nobody, and never for longer than a second. That it fails is told, and no more.
func TestWarmUp(t *testing.T) {
	for name, tt := range map[string]struct {
		answer answer
		fails  bool
	}{
		"answered":     {ok(page()), false},
		"out of order": {status(503, "<html>"), true},
		"throttled":    {refusal(400, "ThrottlingException"), true},
		"reset":        {reset, true},
		"denied":       {refusal(400, "AccessDeniedException"), true},
		"hangs":        {hang, true},
	} {
		t.Run(name, func(t *testing.T) {
			bodies := make(chan string, 10)
			table, calls := dynamoDB(t, func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				bodies <- string(b)
				tt.answer(w, r)
			}, ok(page(item("a"))))
			start := time.Now()
			if err := table.WarmUp(t.Context()); (err != nil) != tt.fails {
				t.Errorf("WarmUp: %v", err)
			}
			if took := time.Since(start); took > 15*time.Second { // half of what an attempt may take in these tests
				t.Errorf("it took %v", took)
			}
			body := <-bodies
			if calls.Load() != 1 || !strings.Contains(body, `{"N":"0"}`) || !strings.Contains(body, `"Limit":1,`) {
				t.Errorf("%d calls, of which one is %s", calls.Load(), body)
			}
			if devices, err := table.Devices(t.Context(), 117); err != nil || len(devices) != 1 {
				t.Errorf("Devices after that = %d devices, %v", len(devices), err)
			}
		})
	}
}

// An ExpiresAt in the forms that DynamoDB writes numbers in.
func TestExpiresAt(t *testing.T) {
	now := time.Now().Unix()
	for expiresAt, shown := range map[string]bool{
		strconv.FormatInt(now-1, 10):      false,
		strconv.FormatInt(now+100, 10):    true,
		strconv.FormatInt(now, 10) + ".5": false, // by the time it is read
		"0":                               false,
		"-5":                              false,
		"1E+30":                           true,
		"1e-130":                          false,
	} {
		table, _ := dynamoDB(t, ok(page(strings.TrimSuffix(item("a"), "}")+`,"ExpiresAt":{"N":"`+expiresAt+`"}}`)))
		if strings.HasSuffix(expiresAt, ".5") {
			time.Sleep(1100 * time.Millisecond)
		}
		devices, err := table.Devices(t.Context(), 117)
		if err != nil || (len(devices) == 1) != shown {
			t.Errorf("ExpiresAt %s: %d devices, %v, want shown %v", expiresAt, len(devices), err, shown)
		}
	}
}

// The engines sort; were DynamoDB ever not to, the answer would still be in order.
func TestOrder(t *testing.T) {
	table, _ := dynamoDB(t, ok(pageWithMore(item("c"), item("a"))), ok(page(item("b"))))
	devices, err := table.Devices(t.Context(), 117)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for _, d := range devices {
		got += *d.DeviceIdentifier
	}
	if got != "abc" {
		t.Errorf("the order is %s", got)
	}
}

func TestNewClientReadsTheEnvironment(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "") // as the template sets it where there is none
	t.Setenv("AWS_REGION", "eu-west-1")
	client, err := devicetable.NewClient(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if o := client.Options(); o.BaseEndpoint != nil || o.Region != "eu-west-1" {
		t.Errorf("the client has the endpoint %v in %s", o.BaseEndpoint, o.Region)
	}
	t.Setenv("AWS_MAX_ATTEMPTS", "ten")
	if _, err := devicetable.NewClient(t.Context(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a variable that the SDK cannot read is no error")
	}
}
