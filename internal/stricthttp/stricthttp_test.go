package stricthttp

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The standard library reads a proxy's variables once in a process; whoever runs the tests may have them set.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

var header = http.Header{"Authorization": {"Basic canary"}}

func TestCheckAddress(t *testing.T) {
	for _, address := range []string{
		"https://sod.superoffice.com/Cust12345", "https://host/SuperOffice/", "https://host:8443", "HTTPS://host",
		"http://localhost:1234/Cust12345", "http://127.0.0.1:1", "http://127.8.9.10", "http://[::1]:80/x", "http://host.docker.internal:3000/Cust12345",
	} {
		if err := errors.Join(CheckAddress(address), CheckBase(address)); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{
		"", "sod.superoffice.com", "/Cust12345", "http://sod.superoffice.com/Cust12345", "http://localhost.example.com", "http://10.0.0.1", "http://0.0.0.0",
		"ftp://host", "https://", "https:host", "https://user:password@host", "https://host#x", "https://host:port", "://", "https://ho st",
		"http://host.docker.internal.example.com", "http://169.254.169.254/latest", "file:///etc/passwd", "http://2130706433", "http://127.1",
	} {
		if CheckAddress(address) == nil || CheckBase(address) == nil {
			t.Errorf("%q is no error", address)
		}
	}
	for _, address := range []string{"https://host/keys?p=x", "https://host/?"} {
		if CheckAddress(address) != nil || CheckBase(address) == nil {
			t.Errorf("%q: %v, %v", address, CheckAddress(address), CheckBase(address))
		}
	}
}

// serve returns a server's address and a client for it.
func serve(t *testing.T, h http.HandlerFunc) (address string, c *Client) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, New(2 * time.Second)
}

// What comes back is the status and the body, whatever they are; a redirect is not followed.
func TestGet(t *testing.T) {
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/asked" || r.Method != "GET" || r.Header.Get("Authorization") != "Basic canary" {
			t.Errorf("asked %s %s %v", r.Method, r.URL, r.Header)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	status, body, err := c.Get(t.Context(), address+"/asked", header)
	if err != nil || status != 302 || !strings.Contains(string(body), "/elsewhere") {
		t.Errorf("Get = %d, %q, %v", status, body, err)
	}
}

// An answer that is not whole, or too long, is none.
func TestNotWhole(t *testing.T) {
	tests := map[string]struct {
		answer http.HandlerFunc
		status int // as far as it is known
	}{
		"nothing": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0},
		"half a body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "half")
		}, 200},
		"half a body, in pieces": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, 200},
		"no HTTP": {func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(conn, r.Header.Get("Authorization")+"\r\n\r\n")
			_ = conn.Close()
		}, 0},
		"100 KiB":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 100<<10)) }, 200},
		"a byte more":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBody+1)) }, 200},
		"a long header": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100<<10)) }, 0},
		"no end of zip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b\x08half")
		}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			address, c := serve(t, tt.answer)
			status, body, err := c.Get(t.Context(), address+"/path", header)
			if err == nil || status != tt.status || body != nil {
				t.Errorf("Get = %d, %d bytes, %v", status, len(body), err)
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "/path")) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	address, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBody)) })
	if _, body, err := c.Get(t.Context(), address, header); err != nil || len(body) != maxBody {
		t.Errorf("the longest: %d bytes, %v", len(body), err)
	}
}

// However slow a server is, a question takes no longer than it may: by a clock of the test's, so to the nanosecond.
func TestTimeout(t *testing.T) {
	drip := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			for _, b := range []byte(text) {
				time.Sleep(300 * time.Millisecond)
				if _, err := conn.Write([]byte{b}); err != nil {
					return
				}
			}
		}
	}
	tests := map[string]func(net.Conn){ // what is sent once the request has been read
		"nothing":       func(net.Conn) {},
		"a slow header": drip("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
		"a slow body": func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			drip(strings.Repeat(" ", 100))(conn)
		},
		"endless interim": func(conn net.Conn) { drip(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 10))(conn) },
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := over(t, answer)
				start := time.Now()
				if status, _, err := c.Get(t.Context(), "http://127.0.0.1", header); err == nil {
					t.Errorf("Get = %d", status)
				}
				if took := time.Since(start); took != 2*time.Second {
					t.Errorf("it took %v", took)
				}
				time.Sleep(time.Second) // in which the server finds that nobody listens
			})
		})
	}
	t.Run("no connection", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := New(2 * time.Second)
			c.transport().DialContext = func(context.Context, string, string) (net.Conn, error) {
				time.Sleep(time.Minute)
				return nil, net.ErrClosed
			}
			start := time.Now()
			if _, _, err := c.Get(t.Context(), "http://127.0.0.1", header); err == nil || time.Since(start) != 2*time.Second {
				t.Errorf("Get: %v after %v", err, time.Since(start))
			}
			time.Sleep(time.Minute) // in which the attempt ends
		})
	})
	t.Run("no handshake", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := over(t, func(net.Conn) {})
			start := time.Now()
			if _, _, err := c.Get(t.Context(), "https://127.0.0.1", header); err == nil || time.Since(start) != connectTime {
				t.Errorf("Get: %v after %v", err, time.Since(start))
			}
		})
	})
}

// over returns a client whose connections lead to a server in this process, which reads a request and then sends what answer sends.
func over(t *testing.T, answer func(net.Conn)) *Client {
	c := New(2 * time.Second)
	c.transport().DialContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = theirs.Close() })
		go func() {
			r := bufio.NewReader(theirs)
			if _, err := http.ReadRequest(r); err == nil {
				answer(theirs)
			}
			_, _ = io.Copy(io.Discard, r)
		}()
		return ours, nil
	}
	return c
}

func (c *Client) transport() *http.Transport { return c.client.Transport.(*http.Transport) }

// The connection is kept for the next question, and is of HTTP/1.1.
func TestOneConnection(t *testing.T) {
	addresses := map[string]bool{}
	calls := 0
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		addresses[r.RemoteAddr] = true
		if calls++; calls%2 == 0 {
			w.WriteHeader(401)
		}
		_, _ = io.WriteString(w, r.Proto)
	})
	for range 10 {
		if _, body, err := c.Get(t.Context(), address, header); err != nil || string(body) != "HTTP/1.1" {
			t.Errorf("Get: %s, %v", body, err)
		}
	}
	if len(addresses) != 1 || calls != 10 {
		t.Errorf("%d calls over %d connections", calls, len(addresses))
	}
}

// Whom a certificate does not vouch for, or who speaks an old TLS, is not told the credential.
func TestTLS(t *testing.T) {
	tests := []struct {
		name    string
		trusted bool
		newest  uint16
		want    bool
	}{
		{"TLS 1.3", true, tls.VersionTLS13, true},
		{"TLS 1.2", true, tls.VersionTLS12, true},
		{"TLS 1.1", true, tls.VersionTLS11, false},
		{"a certificate of nobody's", false, tls.VersionTLS13, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := false
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if asked = true; r.ProtoMajor != 1 {
					t.Errorf("over %s", r.Proto)
				}
			}))
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tt.newest}
			server.EnableHTTP2 = true
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			c := New(2 * time.Second)
			if tt.trusted {
				c.transport().TLSClientConfig.RootCAs = x509.NewCertPool()
				c.transport().TLSClientConfig.RootCAs.AddCert(server.Certificate())
			}
			_, _, err := c.Get(t.Context(), server.URL, header)
			if (err == nil) != tt.want || asked != tt.want {
				t.Errorf("Get: %v; asked: %v", err, asked)
			}
		})
	}
}

// There is no proxy unless one is configured.
func TestProxy(t *testing.T) {
	if proxy, err := New(time.Second).transport().Proxy(httptest.NewRequest("GET", "https://example.com", nil)); proxy != nil || err != nil {
		t.Errorf("the proxy is %v, %v", proxy, err)
	}
}
