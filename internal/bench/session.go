package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"pocket-devices/internal/bench/allocations"
	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/local/tail"
)

// world is what a subject finds where it runs.
type world struct {
	devices int  // of the associate
	tls     bool // whether what it asks is asked over TLS
}

// session is a subject that runs in one process and waits for events.
type session struct {
	bench    *bench
	subject  subject
	devices  int
	function *lambda.Function
	upstream *upstream
	pid      int
	logs     *tail.Buffer // what it prints
}

// open starts a subject in a world and returns when it waits for its first event. The caller closes the session.
func (b *bench) open(s subject, w world) (*session, error) {
	var handler http.Handler = standin.Handler()
	if !s.decides {
		handler = dynamoDB(w.devices)
	}
	r := &session{bench: b, subject: s, devices: w.devices, logs: tail.New(1 << 14)}
	environment := []string{
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"SSL_CERT_FILE=" + b.roots, "NODE_EXTRA_CA_CERTS=" + b.roots,
	}
	if w.tls {
		r.upstream = listen(handler, b.certificate)
	} else {
		r.upstream = listen(handler, nil)
	}
	environment = append(environment,
		"AWS_ENDPOINT_URL_DYNAMODB="+r.upstream.URL,
		"INSTALLATION_URL="+r.upstream.URL+standin.Path, "CONTEXT_IDENTIFIER="+standin.ContextIdentifier,
		"OIDC_ISSUER="+r.upstream.URL, "OIDC_AUDIENCE="+standin.Audience, "OIDC_METADATA_URL="+r.upstream.URL+standin.MetadataPath)
	if s.token {
		token, err := standin.Token(r.upstream.URL, "tje0", "Tje0")
		if err != nil {
			r.upstream.Close()
			return nil, err
		}
		r.subject.event = bytes.ReplaceAll(s.event, []byte("Basic dGplMDpUamUw"), []byte("Bearer "+token))
	}
	f := s.function
	f.Environment = s.environment
	r.function = lambda.New(f, s.bootstrap, environment, r.logs)
	var err error
	if r.pid, err = r.function.Start(b.ctx); err != nil {
		r.close()
		return nil, fmt.Errorf("%s does not start: %w\n%s", s.name, err, r.logs)
	}
	if strings.Contains(r.logs.String(), `"warm-up"`) {
		b.note(fmt.Errorf("%s's warm-up failed once, so that its first invocation did more", s.name))
	}
	return r, nil
}

func (r *session) close() {
	r.function.Close()
	r.upstream.Close()
}

// invoke invokes the subject n times, one after the other. Each answer must be right. It returns when the subject waits again.
func (r *session) invoke(n int) error {
	for range n {
		answer, err := r.function.Invoke(r.bench.ctx, r.subject.event)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", r.subject.name, err, r.logs)
		}
		listed := bytes.Count(answer, []byte("DeviceIdentifier"))
		if !strings.Contains(string(answer), r.subject.answer) || r.subject.listing && listed != r.devices {
			return fmt.Errorf("%s answers with %d devices and not %s\n%s\n%s", r.subject.name, listed, r.subject.answer, answer[:min(len(answer), 500)], r.logs)
		}
	}
	pid, err := r.function.Start(r.bench.ctx)
	if err == nil && pid != r.pid {
		err = fmt.Errorf("%s has ended and begun again", r.subject.name)
	}
	return err
}

// cpu returns how many milliseconds the process has run on a processor, user's and system's; NaN where the kernel does not tell.
func (r *session) cpu() float64 {
	threads, _ := filepath.Glob(r.proc("task", "*", "schedstat"))
	if len(threads) == 0 {
		r.bench.note(errNoProc)
		return math.NaN()
	}
	var sum time.Duration
	for _, file := range threads {
		data, _ := os.ReadFile(file) // nothing where the thread has ended
		ran, _, _ := strings.Cut(string(data), " ")
		n, _ := strconv.Atoi(ran) // nanoseconds, the first of three numbers
		sum += time.Duration(n)
	}
	return milliseconds(sum)
}

// peak returns the most memory that was ever resident, in MiB; NaN where the kernel does not tell.
func (r *session) peak() float64 {
	status, _ := os.ReadFile(r.proc("status"))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		r.bench.note(errNoProc)
		return math.NaN()
	}
	return kib / 1024
}

// proc returns a file of what Linux tells of the process.
func (r *session) proc(path ...string) string {
	return filepath.Join(append([]string{"/proc", fmt.Sprint(r.pid)}, path...)...)
}

var errNoProc = errors.New("there is no /proc, where Linux tells how long a process has run and how much memory it has had")

// allocated asks the process, which must be built for it, how many objects and bytes it has allocated.
func (r *session) allocated() (objects, size int, err error) {
	line, err := r.ask(allocations.Signal, "allocated ")
	if err != nil {
		return 0, 0, err
	}
	_, err = fmt.Sscanf(line, allocations.Format, &objects, &size)
	return objects, size, err
}

// ask sends the process a signal, and returns the line beginning with text that it prints thereupon, within five seconds.
func (r *session) ask(signal syscall.Signal, text string) (line string, err error) {
	r.logs.Reset()
	if err := syscall.Kill(r.pid, signal); err != nil {
		return "", err
	}
	for range 500 {
		if _, printed, ok := strings.Cut(r.logs.String(), text); ok {
			if rest, _, whole := strings.Cut(printed, "\n"); whole {
				return text + rest + "\n", nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "", fmt.Errorf("%s does not print %q", r.subject.name, text)
}
