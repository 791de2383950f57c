package lambda

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// The types of the errors that Lambda reports by itself.
const (
	typeTimeout = "Sandbox.Timedout"
	typeExit    = "Runtime.ExitError"
)

// process is one running bootstrap with a Runtime API of its own.
type process struct {
	name    string
	cmd     *exec.Cmd
	server  *http.Server
	waiting chan struct{} // has an element when the bootstrap has asked for an event
	exited  chan struct{} // closed when the process has ended
	events  chan event    // to the bootstrap
	ended   sync.Once

	mu      sync.Mutex
	current *event // what the bootstrap works on
}

type event struct {
	id       string
	payload  []byte
	deadline time.Time
	result   chan result // of one place: whoever answers first is heard
}

type result struct {
	answer []byte
	err    error
}

// start starts a bootstrap and waits until it asks for an event.
func start(ctx context.Context, f *Function) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{
		name:    f.Name,
		cmd:     f.command(listener.Addr().String()),
		waiting: make(chan struct{}, 1),
		exited:  make(chan struct{}),
		events:  make(chan event),
	}
	p.server = &http.Server{Handler: p.api()}
	go func() { _ = p.server.Serve(listener) }()
	if err := p.cmd.Start(); err != nil {
		_ = p.server.Close()
		return nil, fmt.Errorf("starting %s: %w", f.Name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case <-p.waiting:
		return p, nil
	case <-p.exited:
		err = p.report(typeExit, "the process ended before it asked for an event")
	case <-time.After(initTimeout):
		err = p.report(typeTimeout, "the process did not ask for an event in time")
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.end()
	return nil, err
}

// end kills the process. It may be called more than once.
func (p *process) end() {
	p.ended.Do(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		_ = p.server.Close()
	})
}

// invoke passes an event to the process and waits for what it makes of it.
func (p *process) invoke(payload []byte, timeout time.Duration) ([]byte, error) {
	e := event{rand.Text(), payload, time.Now().Add(timeout), make(chan result, 1)}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case p.events <- e:
	case <-p.exited:
		return nil, p.report(typeExit, "the process ended")
	}
	select {
	case r := <-e.result:
		return r.answer, r.err
	case <-p.exited:
		return nil, p.report(typeExit, "the process ended before it answered")
	case <-timer.C:
		return nil, p.report(typeTimeout, fmt.Sprintf("Task timed out after %v", timeout))
	}
}

// report returns an error as Lambda reports it for a function that did not.
func (p *process) report(kind, message string) *Error {
	e := &Error{Message: p.name + ": " + message, Type: kind}
	e.Payload, _ = json.Marshal(e)
	return e
}

// api is the Runtime API, as far as bootstraps use it.
func (p *process) api() http.Handler {
	const prefix = "/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"/invocation/next", p.next)
	mux.HandleFunc("POST "+prefix+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		p.finish(w, r, func(body []byte) result { return result{answer: body} })
	})
	mux.HandleFunc("POST "+prefix+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		p.finish(w, r, func(body []byte) result {
			e := &Error{Payload: body}
			if err := json.Unmarshal(body, e); err != nil {
				return result{err: p.report("Runtime.SerializationError", "an error that is not JSON")}
			}
			return result{err: e}
		})
	})
	return mux
}

// next answers when there is an event.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	select {
	case p.waiting <- struct{}{}:
	default:
	}
	select {
	case e := <-p.events:
		p.mu.Lock()
		p.current = &e
		p.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", e.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(e.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:"+p.name)
		_, _ = w.Write(e.payload)
	case <-r.Context().Done():
	}
}

// finish hands on what the process made of the event that it works on.
func (p *process) finish(w http.ResponseWriter, r *http.Request, read func([]byte) result) {
	body, err := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || p.current == nil || p.current.id != r.PathValue("id") {
		http.Error(w, errUnknownEvent.Error(), http.StatusBadRequest)
		return
	}
	p.current.result <- read(body)
	p.current = nil
	w.WriteHeader(http.StatusAccepted)
}

var errUnknownEvent = errors.New("there is no such event under way")
