package guard

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const canary = "canary"

func TestPanic(t *testing.T) {
	fail := func() (err error) {
		defer Panic(&err)
		panic(errors.New(canary))
	}
	if err := fail(); err == nil || !strings.HasPrefix(err.Error(), "panic of type *errors.errorString at ") || strings.Contains(err.Error(), canary) {
		t.Errorf("the error is %v", err)
	}
}

// Whatever a server answers that net/http cannot read, an error tells what is wrong and none of it.
func TestUnquoted(t *testing.T) {
	for name, answer := range map[string]string{
		"no HTTP":            canary,
		"an odd status":      "HTTP/1.1 " + canary,
		"an odd version":     canary + "/1.1 200 OK",
		"an odd field":       "HTTP/1.1 200 OK\r\n" + canary,
		"a folded field":     "HTTP/1.1 200 OK\r\n " + canary,
		"an odd length":      "HTTP/1.1 200 OK\r\nContent-Length: " + canary,
		"two lengths":        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2" + canary,
		"an odd encoding":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + canary,
		"an odd chunk":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + canary,
		"an odd trailer":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + canary,
		"an odd trailer key": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length, " + canary,
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := http.Get(serve(t, answer+"\r\n\r\n"))
			if err == nil {
				defer resp.Body.Close()
				_, err = io.ReadAll(resp.Body)
			}
			if err == nil {
				t.Fatal("there is no error")
			}
			_, cause, _ := strings.Cut(err.Error(), `": `) // behind the address
			if cause == "" {
				cause = err.Error()
			}
			if got := Unquoted(cause); len(got) < 10 || strings.Contains(got, canary) {
				t.Errorf("of %q there is left %q", cause, got)
			}
		})
	}
}

// What net/http and aws-lambda-go print becomes a line without what they quote, or none.
func TestPrinted(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"an answer", `Unsolicited response received on idle HTTP channel starting with "` + canary + `"; err=<nil>`, `"Unsolicited response received on idle HTTP channel starting with"`},
		{"an error of a handler", `{"errorMessage":"Unauthorized","errorType":"errorString"}`, ""},
		{"something else", "WARNING! Failed to register", `"WARNING! Failed to register"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var logs bytes.Buffer
			log.New(Printed(slog.New(slog.NewTextHandler(&logs, nil))), "", 0).Print(tt.text)
			if _, got, _ := strings.Cut(strings.TrimSpace(logs.String()), "level=WARN msg=printed text="); got != tt.want {
				t.Errorf("the log is %s, want %s", &logs, tt.want)
			}
		})
	}
}

// More than an answer should have is printed by net/http itself: the line is the one that TestPrinted takes it for.
func TestUnsolicited(t *testing.T) {
	lines := make(chan string, 1)
	flags := log.Flags()
	t.Cleanup(func() { log.SetOutput(io.Discard); log.SetFlags(flags) })
	log.SetFlags(0)
	log.SetOutput(Printed(slog.New(slog.NewTextHandler(lineWriter(lines), nil))))
	resp, err := http.Get(serve(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"+canary))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	select {
	case line := <-lines:
		if !strings.Contains(line, `text="Unsolicited response`) || strings.Contains(line, canary) {
			t.Errorf("the log is %s", line)
		}
	case <-time.After(10 * time.Second):
		t.Error("net/http printed nothing")
	}
}

type lineWriter chan string

func (w lineWriter) Write(line []byte) (int, error) {
	w <- string(line)
	return len(line), nil
}

// serve returns the address of a server that sends answer to whoever connects and asks, and ends the connection.
func serve(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, answer)
			}
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}
