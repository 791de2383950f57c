package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/template"
)

var bootstrap string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "bootstrap")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		bootstrap = filepath.Join(dir, "bootstrap")
		cmd := exec.Command("go", "build", "-o", bootstrap, "./testdata/bootstrap")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

func open(t *testing.T, timeout time.Duration, extra ...string) *lambda.Function {
	t.Helper()
	f := lambda.New(template.Function{
		Name: "F", Timeout: timeout, MemoryMB: 128, JSONLogs: true, Environment: map[string]string{"OF_THE_TEMPLATE": "1"},
	}, bootstrap, extra, io.Discard)
	t.Cleanup(f.Close)
	return f
}

type answer struct {
	PID         int
	Left        float64
	Environment []string
}

func invoke(t *testing.T, f *lambda.Function, event string) (answer, error) {
	t.Helper()
	payload, err := f.Invoke(t.Context(), []byte(`"`+event+`"`))
	var a answer
	if err == nil {
		err = json.Unmarshal(payload, &a)
	}
	return a, err
}

func TestInvoke(t *testing.T) {
	t.Setenv("OF_THE_DEVELOPER", "1")
	f := open(t, 5*time.Second, "EXTRA=1")
	first, err := invoke(t, f, "")
	if err != nil {
		t.Fatal(err)
	}
	if first.Left <= 0 || first.Left > 5 {
		t.Errorf("there are %v s left of 5", first.Left)
	}
	for _, variable := range []string{"OF_THE_TEMPLATE=1", "EXTRA=1", "AWS_LAMBDA_FUNCTION_NAME=F", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_LOG_FORMAT=JSON"} {
		if !slices.Contains(first.Environment, variable) {
			t.Errorf("%s is not among %v", variable, first.Environment)
		}
	}
	if strings.Contains(strings.Join(first.Environment, " "), "OF_THE_DEVELOPER") {
		t.Error("the developer's environment is passed on")
	}
	second, err := invoke(t, f, "")
	if err != nil || second.PID != first.PID {
		t.Errorf("the second event went to process %d, %v, not to %d", second.PID, err, first.PID)
	}
	if kept := f.Processes(); !slices.Equal(kept, []int{first.PID}) {
		t.Errorf("the processes that are kept are %v, not %d alone", kept, first.PID)
	}
}

// What a function returns, and what Lambda reports for one that does not.
func TestErrors(t *testing.T) {
	f, short := open(t, 30*time.Second), open(t, 500*time.Millisecond)
	for _, tt := range []struct{ event, kind, message string }{
		{"fail", "errorString", "as told"},
		{"panic", "string", "as told"},
		{"exit", "Runtime.ExitError", "F: the process ended before it answered"},
		{"sleep", "Sandbox.Timedout", "F: Task timed out after 500ms"},
	} {
		f := f
		if tt.event == "sleep" {
			f = short
		}
		_, err := invoke(t, f, tt.event)
		var returned *lambda.Error
		if !errors.As(err, &returned) || returned.Type != tt.kind || returned.Message != tt.message {
			t.Errorf("%s: %v, want %s: %s", tt.event, err, tt.kind, tt.message)
			continue
		}
		if !json.Valid(returned.Payload) || !strings.Contains(string(returned.Payload), tt.message) {
			t.Errorf("%s: the payload is %s", tt.event, returned.Payload)
		}
		if _, err := invoke(t, f, ""); err != nil && f != short {
			t.Errorf("after %s the next event fails: %v", tt.event, err)
		}
	}
}

// After a panic the process ends, so the event behind it must not go to a process that is about to be gone.
func TestAfterPanic(t *testing.T) {
	f := open(t, 30*time.Second)
	for range 10 {
		if _, err := invoke(t, f, "panic"); err == nil {
			t.Error("a panic is no error")
		}
		if _, err := invoke(t, f, ""); err != nil {
			t.Errorf("the next event fails: %v", err)
		}
	}
}

// While one process is busy there is another.
func TestConcurrency(t *testing.T) {
	f := open(t, 60*time.Second)
	pids := make(chan int, 20)
	var wg sync.WaitGroup
	for range cap(pids) {
		wg.Go(func() {
			a, err := invoke(t, f, "nap")
			if err != nil {
				t.Error(err)
			}
			pids <- a.PID
		})
	}
	wg.Wait()
	close(pids)
	seen := map[int]bool{}
	for pid := range pids {
		seen[pid] = true
	}
	if len(seen) < 2 || len(seen) > 10 {
		t.Errorf("%d processes for %d events", len(seen), cap(pids))
	}
}

// asked answers functions that ask it when told to.
type asked struct {
	arrived chan struct{} // has an element for each that asks
	answer  chan struct{} // takes an element for each that is answered
}

// openAsking opens a function that works on so many events at once, as far as any are set aside for it, and what it asks for the event "ask".
func openAsking(t *testing.T, concurrency int) (*lambda.Function, asked) {
	t.Helper()
	a := asked{make(chan struct{}), make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		a.arrived <- struct{}{}
		<-a.answer
	}))
	t.Cleanup(server.Close)
	f := lambda.New(template.Function{Name: "F", Timeout: time.Minute, MemoryMB: 128, Concurrency: concurrency}, bootstrap, []string{"ASKED=" + server.URL}, io.Discard)
	t.Cleanup(f.Close)
	return f, a
}

// Beyond its concurrency a function is refused at once, and it is not when one of them has been answered.
func TestThrottled(t *testing.T) {
	f, asked := openAsking(t, 2)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := invoke(t, f, "ask"); err != nil {
				t.Error(err)
			}
		})
		<-asked.arrived
	}
	if _, err := invoke(t, f, ""); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("a third event: %v, want %v", err, lambda.ErrThrottled)
	}
	for range 2 {
		asked.answer <- struct{}{}
	}
	wg.Wait()
	if _, err := invoke(t, f, ""); err != nil {
		t.Errorf("when they are answered: %v", err)
	}
}

// Where more events are under way than there are processes, one waits for a process until its context ends, and is under way no more.
func TestWaitIsBounded(t *testing.T) {
	const processes, concurrency = 10, 11
	f, asked := openAsking(t, concurrency)
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			if _, err := invoke(t, f, "ask"); err != nil {
				t.Error(err)
			}
		})
		<-asked.arrived
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 { // the second one would be refused if the first one were still under way
		if _, err := f.Invoke(ended, []byte(`""`)); !errors.Is(err, context.Canceled) {
			t.Errorf("an event whose context has ended: %v, want %v", err, context.Canceled)
		}
	}
	for range processes {
		asked.answer <- struct{}{}
	}
	wg.Wait()
	if kept := f.Processes(); len(kept) != processes {
		t.Errorf("the processes that are kept are %v, want %d", kept, processes)
	}
}

// Who does not wait for the answer any more leaves the function at work: it counts until it has finished, and its process is kept.
func TestAbandoned(t *testing.T) {
	f, asked := openAsking(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	abandoned := make(chan error)
	go func() {
		_, err := f.Invoke(ctx, []byte(`"ask"`))
		abandoned <- err
	}()
	<-asked.arrived
	cancel()
	if err := <-abandoned; !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke: %v, want %v", err, context.Canceled)
	}
	if _, err := invoke(t, f, ""); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("the next event: %v, want %v", err, lambda.ErrThrottled)
	}
	asked.answer <- struct{}{}
	a, err := invoke(t, f, "")
	for errors.Is(err, lambda.ErrThrottled) { // until the process has told that it is done
		time.Sleep(time.Millisecond)
		a, err = invoke(t, f, "")
	}
	if kept := f.Processes(); err != nil || !slices.Equal(kept, []int{a.PID}) {
		t.Errorf("answered by %d, %v; the processes that are kept are %v", a.PID, err, kept)
	}
}

func TestStartThatFails(t *testing.T) {
	f := open(t, 5*time.Second, "FAIL_AT_START=1")
	var returned *lambda.Error
	if _, err := invoke(t, f, ""); !errors.As(err, &returned) || returned.Type != "Runtime.ExitError" {
		t.Errorf("Invoke: %v", err)
	}
}

func TestClose(t *testing.T) {
	f := open(t, 5*time.Second)
	a, err := invoke(t, f, "")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := syscall.Kill(a.PID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", a.PID, err)
	}
	if _, err := invoke(t, f, ""); err == nil {
		t.Error("a closed function answers")
	}
}
