package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// A fault is what happens to a call to DynamoDB on its way: real is the engine, which a fault may ask after all.
type fault func(w http.ResponseWriter, r *http.Request, real http.Handler)

// engineProxy is an engine behind a proxy, which counts its queries and does faults to them.
type engineProxy struct {
	url  string
	real http.Handler

	mu     sync.Mutex
	faults []fault // one for each query to come; the last for ever, if lasts
	lasts  bool
	calls  int
}

func newEngineProxy(t *testing.T) *engineProxy {
	t.Helper()
	target, err := url.Parse(startEngine(t))
	if err != nil {
		t.Fatal(err)
	}
	e := &engineProxy{real: httputil.NewSingleHostReverseProxy(target)}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

func (e *engineProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
		e.real.ServeHTTP(w, r)
		return
	}
	e.next()(w, r, e.real)
}

func (e *engineProxy) next() fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	if len(e.faults) == 0 {
		return none
	}
	f := e.faults[0]
	if len(e.faults) > 1 || !e.lasts {
		e.faults = e.faults[1:]
	}
	return f
}

// asked returns how many queries there were since the faults were set. One that was given up may still be arriving.
func (e *engineProxy) asked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls
}

// set has the faults happen to the queries that follow.
func (e *engineProxy) set(lasts bool, faults ...fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults, e.lasts, e.calls = faults, lasts, 0
}
