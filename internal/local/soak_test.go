//go:build soak

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pocket-devices/internal/local/engine/enginetest"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/tail"
	"pocket-devices/internal/local/template"
)

const (
	soakAssociates = 500      // who take turns
	soakCanary     = "canary" // begins every handle
	soakSlack      = 1.10     // how much more memory than in the second tenth of the run the last may take
)

// TestSoak runs the deployed bootstrap of get-registered-devices, unmodified and in one process, for SOAK invocations (100 000 unless set):
// hundreds of associates in turn, refusals and nonsense among them. Each answer is the asked one's alone. Memory, goroutines, file
// descriptors and connections end as they began.
func TestSoak(t *testing.T) {
	invocations, err := strconv.Atoi(cmp.Or(os.Getenv("SOAK"), "100000"))
	if err != nil || invocations < 1000 {
		t.Fatalf("SOAK must be a number of invocations, 1000 at least")
	}
	s := settings{root: repository(t)}
	if err := lambda.Build(t.Context(), s.root, s.bootstraps()); err != nil {
		t.Fatal(err)
	}

	few := newSoak(t, s)
	few.run(t, 100)
	want := few.goroutines(t)

	many := newSoak(t, s)
	pid := many.run(t, 1)
	fmt.Println("invocations  resident KiB  descriptors  connections  queries")
	var resident, descriptors [10]int
	for tenth := range resident {
		for range 10 { // of which the mean is taken, as the garbage collector makes waves
			if got := many.run(t, invocations/100); got != pid {
				t.Fatalf("process %d answers, no longer %d", got, pid)
			}
			kib, fds := usage(t, pid)
			resident[tenth] += kib / 10
			descriptors[tenth] = fds
		}
		fmt.Printf("%11d  %12d  %11d  %11d  %7d\n", many.invocations, resident[tenth], descriptors[tenth], many.connections.Load(), many.queries.Load())
		if t.Failed() {
			t.FailNow()
		}
	}
	got := many.goroutines(t)
	fmt.Printf("goroutines at the end: %d; after 100 invocations: %d\n", len(got), len(want))
	fmt.Printf("answers: %v\n", many.answers)

	if first, last := resident[1], resident[9]; float64(last) > float64(first)*soakSlack {
		t.Errorf("memory grows: %d KiB in the second tenth, %d KiB in the last", first, last)
	}
	if descriptors[9] > descriptors[1] {
		t.Errorf("file descriptors grow from %d to %d", descriptors[1], descriptors[9])
	}
	if len(got) > len(want) {
		t.Errorf("goroutines grow from %d to %d:\n%s\nafter 100 invocations:\n%s", len(want), len(got), strings.Join(got, "\n\n"), strings.Join(want, "\n\n"))
	}
	if n := many.connections.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	if n := many.queries.Load(); n != 1+int64(many.reads) { // the first in init
		t.Errorf("%d queries for %d requests that may read", n, many.reads)
	}
}

// soak is a function before a DynamoDB that knows the devices of every associate.
type soak struct {
	function    *lambda.Function
	sample      string // an event
	random      *rand.Rand
	logs        leaks
	invocations int
	reads       int         // invocations that may read
	answers     map[int]int // by status

	connections, queries atomic.Int64
}

func newSoak(t *testing.T, s settings) *soak {
	t.Helper()
	k := &soak{random: rand.New(rand.NewPCG(1, 2)), logs: leaks{Buffer: tail.New(1 << 20)}, answers: map[int]int{}}
	dynamoDB := httptest.NewUnstartedServer(http.HandlerFunc(k.query))
	dynamoDB.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			k.connections.Add(1)
		}
	}
	dynamoDB.Start()
	t.Cleanup(dynamoDB.Close)
	deployed, err := template.Read(filepath.Join(s.root, "template.yaml"), map[string]string{
		"InstallationUrl": "https://example.com", "ContextIdentifier": "Cust12345", "DynamoDBEndpoint": dynamoDB.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(readFile(t, filepath.Join(s.root, "events", "sample.json")))); err != nil {
		t.Fatal(err)
	}
	k.sample = compact.String()
	for _, f := range deployed.Functions {
		if filepath.Base(f.CodeURI) == "get-registered-devices" {
			extra := []string{"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}
			k.function = lambda.New(f, s.bootstrap(f.CodeURI), extra, &k.logs)
			t.Cleanup(k.function.Close)
		}
	}
	return k
}

// run makes n invocations, checks each answer, and returns the process that gave them.
func (k *soak) run(t *testing.T, n int) (pid int) {
	t.Helper()
	for range n {
		k.invocations++
		id := fmt.Sprint("request-", k.invocations)
		event, wantStatus, want := k.event(id)
		payload, err := k.function.Invoke(t.Context(), []byte(event))
		if err != nil {
			t.Fatalf("invocation %d: %v", k.invocations, err)
		}
		var got struct {
			StatusCode int
			Headers    map[string]string
			Body       string
		}
		if err := json.Unmarshal(payload, &got); err != nil {
			t.Fatalf("invocation %d: %v", k.invocations, err)
		}
		k.answers[got.StatusCode]++
		if got.StatusCode != wantStatus || wantStatus == 200 && got.Body != want || wantStatus != 200 && strings.Contains(got.Body, soakCanary) {
			t.Fatalf("invocation %d: %s\nis answered with %s\nwant %d %s", k.invocations, event, payload, wantStatus, want)
		}
		if wantStatus != 400 && got.Headers["X-Request-Id"] != id {
			t.Fatalf("invocation %d: the request's id is %q, want %q", k.invocations, got.Headers["X-Request-Id"], id)
		}
	}
	pids := k.function.Processes()
	if len(pids) != 1 {
		t.Fatalf("the processes are %v, of which there must be one", pids)
	}
	return pids[0]
}

// event returns an event, and what it must be answered with: four of five read devices, the others are refused.
func (k *soak) event(id string) (event string, status int, body string) {
	target := 1 + k.random.IntN(soakAssociates)
	caller, readAll, asks := target, false, fmt.Sprintf(`{\"AssociateId\": %d}`, target)
	status, body = 200, answerOf(target)
	switch k.random.IntN(20) {
	case 0: // another's
		caller, status = target+1, 403
	case 1: // nobody
		caller, status = 0, 401
	case 2: // nothing that can be read
		asks, status = `{\"AssociateId\": `, 400
	case 3: // no request at all
		return `{"warmer":true}`, 400, ""
	case 4, 5: // another's, for one who may
		caller, readAll = target+1, true
	}
	if status == 200 {
		k.reads++
	}
	return strings.NewReplacer(
		`{\n  \"AssociateId\": 117\n}`, asks,
		`"associateId":"117"`, fmt.Sprintf(`"associateId":"%d"`, caller),
		`"canReadAll":"false"`, fmt.Sprintf(`"canReadAll":"%t"`, readAll),
		`"requestId":"`, `"requestId":"`+id+`","of the sample":"`,
	).Replace(k.sample), status, body
}

// devicesOf returns the properties of an associate's devices, none to three, which say whose they are.
func devicesOf(associate int) (devices [][7][2]string) {
	for i := range associate % 4 {
		of := fmt.Sprintf(" %d of %d", i, associate)
		devices = append(devices, [7][2]string{
			{"DeviceName", "phone" + of},
			{"DeviceIdentifier", "id" + of},
			{"PocketVersion", "version" + of},
			{"Language", "language" + of},
			{"PNSHandle", soakCanary + of},
			{"Platform", "Apple"},
			{"OSVersion", "system" + of},
		})
	}
	return devices
}

// answerOf returns the body of the answer to a request for the associate's devices.
func answerOf(associate int) string {
	devices := []string{}
	for _, d := range devicesOf(associate) {
		properties := []string{}
		for _, p := range d {
			properties = append(properties, fmt.Sprintf("%q:%q", p[0], p[1]))
		}
		devices = append(devices, "{"+strings.Join(properties, ",")+"}")
	}
	return "[" + strings.Join(devices, ",") + "]"
}

// query answers as DynamoDB does.
func (k *soak) query(w http.ResponseWriter, r *http.Request) {
	k.queries.Add(1)
	var asked struct {
		ExpressionAttributeValues map[string]struct{ N string }
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	id := asked.ExpressionAttributeValues[":a"].N
	associate, _ := strconv.Atoi(id)
	items := []string{}
	for _, d := range devicesOf(associate) {
		item := `{"AssociateId":{"N":"` + id + `"}`
		for _, p := range d {
			item += fmt.Sprintf(`,%q:{"S":%q}`, p[0], p[1])
		}
		items = append(items, item+"}")
	}
	enginetest.Answer(w, http.StatusOK, fmt.Sprintf(`{"Items":[%s],"Count":%d,"ScannedCount":%[2]d}`, strings.Join(items, ","), len(items)))
}

// goroutine begins one in a dump. Number 0 is a thread's own stack, of which there are as many as threads that were at work.
var goroutine = regexp.MustCompile(`^goroutine [1-9]`)

// goroutines ends the process with SIGQUIT, which has a Go program print its goroutines, and returns those that are not the runtime's: it starts
// its own when there is garbage for the first time, and in a dump they may be in any state.
func (k *soak) goroutines(t *testing.T) (dumped []string) {
	t.Helper()
	pid := k.function.Processes()[0]
	time.Sleep(100 * time.Millisecond) // until it waits for the next event
	k.logs.Reset()
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if syscall.Kill(pid, 0) == syscall.ESRCH {
			k.function.Close() // which waits for what it printed
			if k.logs.leaked {
				t.Error("the log holds a handle")
			}
			for _, g := range strings.Split(k.logs.String(), "\n\n") {
				if goroutine.MatchString(g) && !strings.Contains(g, "\ncreated by runtime.") {
					dumped = append(dumped, g)
				}
			}
			return dumped
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("process %d does not end", pid)
	return nil
}

// usage returns the resident memory and the open file descriptors of a process. Only Linux tells them so.
func usage(t *testing.T, pid int) (kib, descriptors int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		t.Fatal("there is no /proc, which tells the memory of a process: run the soak on Linux; make test does without it")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	fds, fdErr := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if _, scanErr := fmt.Sscan(rest, &kib); err != nil || fdErr != nil || scanErr != nil {
		t.Fatal(err, fdErr, scanErr)
	}
	return kib, len(fds)
}

// leaks is what a function prints, which is searched for handles.
type leaks struct {
	*tail.Buffer
	last   []byte // what was printed last, as a canary may come in two pieces
	leaked bool   // a handle was among it
}

func (l *leaks) Write(p []byte) (int, error) {
	l.last = append(l.last[max(0, len(l.last)-len(soakCanary)):], p...)
	l.leaked = l.leaked || bytes.Contains(l.last, []byte(soakCanary))
	return l.Buffer.Write(p)
}
