package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pocket-devices/internal/local/engine/enginetest"
	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/section"
)

func none(w http.ResponseWriter, r *http.Request, real http.Handler) { real.ServeHTTP(w, r) }

func latency(w http.ResponseWriter, r *http.Request, real http.Handler) {
	time.Sleep(100 * time.Millisecond)
	real.ServeHTTP(w, r)
}

// hang takes the call and never answers, until the client has gone.
func hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// raw answers with what write writes to the connection, which it then closes: with a reset, or with an end.
func raw(reset bool, write func(w io.Writer, answer []byte)) fault {
	return func(w http.ResponseWriter, r *http.Request, real http.Handler) {
		recorder := httptest.NewRecorder()
		real.ServeHTTP(recorder, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		write(conn, recorder.Body.Bytes())
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

func head(body []byte) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n", len(body))
}

func tornBody(w io.Writer, answer []byte) {
	_, _ = io.WriteString(w, head(answer))
	_, _ = w.Write(answer[:len(answer)/2])
}

// slowly sends a byte every 20 ms: the whole takes several seconds.
func slowly(w io.Writer, answer []byte) {
	_, _ = io.WriteString(w, head(answer))
	for i := range answer {
		time.Sleep(20 * time.Millisecond)
		if _, err := w.Write(answer[i : i+1]); err != nil {
			return
		}
	}
}

// canned answers with status and body, as DynamoDB does.
func canned(status int, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { enginetest.Answer(w, status, body) }
}

func refusal(status int, kind string) fault {
	return canned(status, `{"__type":"com.amazonaws.dynamodb.v20120810#`+kind+`","message":"`+canaryBody+`"}`)
}

func wrongChecksum(w http.ResponseWriter, r *http.Request, real http.Handler) {
	recorder := httptest.NewRecorder()
	real.ServeHTTP(recorder, r)
	w.Header().Set("X-Amz-Crc32", "1")
	_, _ = io.Copy(w, recorder.Body)
}

// itemWith is a device whose attributes are changed, on a page of its own.
func itemWith(old, new string) fault {
	item := `{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"ullam"},"PNSHandle":{"S":"` + canaryApplication + `"},"ExpiresAt":{"N":"99999999999"}}`
	return canned(200, `{"Items":[`+strings.Replace(item, old, new, 1)+`],"Count":1,"ScannedCount":1}`)
}

// more is a page of so many devices after which there are more.
func more(devices int) fault {
	items := make([]string, devices)
	for i := range items {
		items[i] = fmt.Sprintf(`{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"%06d"},"DeviceName":{"S":"%s"}}`, i, strings.Repeat("n", 250))
	}
	return canned(200, fmt.Sprintf(`{"Items":[%s],"Count":%d,"LastEvaluatedKey":{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"a"}}}`, strings.Join(items, ","), devices))
}

// last is a page of so many devices after which there are none.
func last(devices int) fault {
	return func(w http.ResponseWriter, r *http.Request, real http.Handler) {
		recorder := httptest.NewRecorder()
		more(devices)(recorder, r, real)
		body, _, _ := strings.Cut(recorder.Body.String(), `,"LastEvaluatedKey"`)
		canned(200, body+"}")(w, r, real)
	}
}

// faultRow is a row of the table of faults, which docs/reliability.md shows.
type faultRow struct {
	fault  string
	faults []fault
	lasts  bool // the last of the faults happens to every query that follows
	status int
	calls  int // the largest number
}

func (r faultRow) times() string {
	if r.lasts {
		return "always"
	}
	return "once"
}

func faultRows() (rows []faultRow) {
	both := func(name string, f fault, always, calls int) { // once it is tried again; always it is as always says
		rows = append(rows, faultRow{name, []fault{f}, false, 200, 2}, faultRow{name, []fault{f}, true, always, calls})
	}
	never := func(name string, f fault, status int) { // it is not tried again, as that would not help
		rows = append(rows, faultRow{name, []fault{f}, true, status, 1})
	}
	both("latency of 100 ms", latency, 200, 1)
	both("connection reset", raw(true, func(io.Writer, []byte) {}), 503, 3)
	both("connection closed", raw(false, func(io.Writer, []byte) {}), 503, 3)
	both("reset within the body", raw(true, tornBody), 503, 3)
	both("torn body", raw(false, tornBody), 503, 3)
	both("slow bytes", raw(false, slowly), 503, 3)
	both("hang", hang, 503, 3)
	both("wrong checksum", wrongChecksum, 503, 3)
	both("ProvisionedThroughputExceededException", refusal(400, "ProvisionedThroughputExceededException"), 503, 3)
	both("ThrottlingException", refusal(400, "ThrottlingException"), 503, 3)
	both("RequestLimitExceeded", refusal(400, "RequestLimitExceeded"), 503, 3)
	both("InternalServerError (500)", refusal(500, "InternalServerError"), 503, 3)
	both("out of service (503)", canned(503, "<html>"), 503, 3)

	never("AccessDeniedException", refusal(400, "AccessDeniedException"), 500)
	never("ResourceNotFoundException", refusal(400, "ResourceNotFoundException"), 500)
	never("ExpiredTokenException", refusal(400, "ExpiredTokenException"), 500)
	never("UnrecognizedClientException", refusal(400, "UnrecognizedClientException"), 500)
	never("ValidationException", refusal(400, "ValidationException"), 500)

	never("200 with an empty body", canned(200, ""), 503)
	never("200 with {}", canned(200, "{}"), 503)
	never("200 with null", canned(200, "null"), 503)
	never("200 with HTML", canned(200, "<html></html>"), 503)
	never("Items null", canned(200, `{"Items":null,"Count":3}`), 503)
	never("a Count that is too large", canned(200, `{"Items":[],"Count":1}`), 503)
	never("a Count that is too small", itemWithCount(0), 503)

	for _, kind := range []string{`{"N":"1"}`, `{"BOOL":true}`, `{"NULL":true}`, `{"B":"eA=="}`, `{"SS":["x"]}`, `{"NS":["1"]}`, `{"BS":["eA=="]}`, `{"L":[]}`, `{"M":{}}`} {
		never("a handle of type "+strings.Split(kind, `"`)[1], itemWith(`{"S":"`+canaryApplication+`"}`, kind), 500)
	}
	never("an ExpiresAt of type S", itemWith(`{"N":"99999999999"}`, `{"S":"99999999999"}`), 500)
	never("no DeviceIdentifier", itemWith(`"DeviceIdentifier":{"S":"ullam"},`, ``), 500)
	never("no AssociateId", itemWith(`"AssociateId":{"N":"117"},`, ``), 500)
	never("another's item", itemWith(`"117"`, `"118"`), 500)

	rows = append(
		rows,
		faultRow{"control characters in a name", []fault{itemWith(`"S":"ullam"`, `"S":"\u0000\u001f\u007f"`)}, true, 200, 1},
		faultRow{"lone surrogates in a name", []fault{itemWith(`"S":"ullam"`, `"S":"\ud800\udfff\udc00"`)}, true, 200, 1},
		faultRow{"a name of 390 KB", []fault{itemWith(`"S":"ullam"`, `"S":"`+strings.Repeat("x", 390<<10)+`"`)}, true, 200, 1},
		faultRow{"an empty page with more to come", []fault{more(0), none}, false, 200, 2},
		faultRow{"a second page that is {}", []fault{more(1), canned(200, "{}")}, true, 503, 2},
		faultRow{"a second page that is torn", []fault{more(1), raw(false, tornBody)}, true, 503, 4},
		faultRow{"a second page that is denied", []fault{more(1), refusal(400, "AccessDeniedException")}, true, 500, 2},
		faultRow{"pages without end", []fault{more(1)}, true, 500, 20},
		faultRow{"20 000 devices, over 5 MiB", []fault{more(3000), more(3000), more(3000), more(3000), more(3000), more(3000), last(2000)}, true, 500, 7},
	)
	return rows
}

func itemWithCount(count int) fault {
	return canned(200, fmt.Sprintf(`{"Items":[{"AssociateId":{"N":"117"},"DeviceIdentifier":{"S":"ullam"}}],"Count":%d}`, count))
}

// Whatever happens to the calls to DynamoDB, over real sockets between the deployed function and a real engine: the caller gets all devices or an
// error of the right status in time, after no more calls than there may be, and what is secret is written nowhere (C-41 to C-44).
func TestFaults(t *testing.T) {
	e := newEngineProxy(t)
	_, api, logs := openStack(t, e.url, nil)
	if w := ask(api, sample.Body); w.Code != 200 || w.Body.String() != sampleAnswer { // which also starts the functions
		t.Fatalf("answered with %d %s\n%s", w.Code, w.Body, logs)
	}
	var table bytes.Buffer
	for _, row := range faultRows() {
		t.Run(row.fault+", "+row.times(), func(t *testing.T) {
			e.set(row.lasts, row.faults...)
			start := time.Now()
			w := ask(api, sample.Body)
			took, calls := time.Since(start), e.asked()
			if w.Code != row.status || calls > row.calls {
				t.Errorf("answered with %d %.200s after %d calls, want %d after %d at the most", w.Code, w.Body, calls, row.status, row.calls)
			}
			if row.status == 200 && !strings.HasPrefix(w.Body.String(), `[{"DeviceName":`) || row.status != 200 && strings.Contains(w.Body.String(), "DeviceIdentifier") {
				t.Errorf("the answer is %.200s", w.Body)
			}
			if row.status != 200 && containsAny(w.Body.String(), []string{canaryApplication, canaryBody}) != "" { // what DynamoDB says is for the log alone
				t.Errorf("the answer tells too much: %s", w.Body)
			}
			if retry := w.Header().Get("Retry-After"); (retry != "") != (row.status == 503) {
				t.Errorf("Retry-After is %q", retry)
			}
			fmt.Fprintf(&table, "| %s | %s | %d | %d | %.1f s |\n", row.fault, row.times(), w.Code, calls, took.Seconds())
		})
	}
	if strings.Contains(logs.String(), canaryApplication) {
		t.Error("a handle is written")
	}
	if os.Getenv("REPORT") != "" {
		text := "| fault | times | status | calls | time |\n|---|---|---|---|---|\n" + table.String()
		if err := section.Write(filepath.Join(repository(t), "docs", "reliability.md"), "faults", text); err != nil {
			t.Fatal(err)
		}
	}
}

// A store that is dead is found out within the time of an invocation, however little that is: the answer is no kill (C-43).
func TestDeadStore(t *testing.T) {
	e := newEngineProxy(t)
	st, _, logs := openStack(t, e.url, nil)
	e.set(true, hang)
	event := []byte(readFile(t, filepath.Join(repository(t), "events", "sample.json")))
	function := st.functions[st.template.Routes[0].Function]
	for _, function.Timeout = range []time.Duration{time.Second, 3 * time.Second} {
		answer, err := function.Invoke(t.Context(), event)
		if err != nil || !strings.HasPrefix(string(answer), `{"statusCode":503,`) && !strings.HasPrefix(string(answer), `{"statusCode":504,`) {
			t.Errorf("with %v: %s, %v\n%s", function.Timeout, answer, err, logs)
		}
	}
}
