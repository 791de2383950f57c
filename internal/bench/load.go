package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"pocket-devices/internal/request"
)

// load is what came of a load through the whole local stack.
type load struct {
	Rate     int           // how many requests a second there were to be
	Duration time.Duration // for how long
	Requests int           // that were made

	P50, P99, Max time.Duration  // of the requests that were answered with 200, as a refusal is quick
	Status        map[string]int // how many requests had each status, or what went wrong instead of one
}

const (
	startTimeout = 5 * time.Minute  // for what make run builds, and for what it fetches the first time
	endTimeout   = 20 * time.Second // until what does not end is killed
	askTimeout   = 5 * time.Second  // for the sample request when nothing else is asked
)

// The sample request of SuperOffice's own page (C-15).
const sampleBody = "{\n  \"AssociateId\": 117\n}"

var sampleHeader = http.Header{
	"Authorization":   {"Basic dGplMDpUamUw"},
	"Accept":          {"application/json; charset=utf-8"},
	"Accept-Language": {"en"},
	"Content-Type":    {"application/json; charset=utf-8"},
}

// attack serves the stack with make run on a free port, has vegeta make the sample request at the rate for the duration, and makes sure that
// the stack then answers as it did before. The first requests wait until there are processes for them, as is so after a deployment.
// The stack is told to take more requests a second than the template lets through, so that what is measured is the functions.
func attack(ctx context.Context, root string, rate int, duration time.Duration) (_ load, err error) {
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		return load{}, err
	}
	defer os.RemoveAll(dir)
	url, end, err := serve(ctx, root, filepath.Join(dir, "log"))
	if err != nil {
		return load{}, err
	}
	defer func() { err = errors.Join(err, end()) }()
	before, err := ask(ctx, url)
	if err != nil {
		return load{}, err
	}

	target, err := json.Marshal(struct {
		Method string      `json:"method"`
		URL    string      `json:"url"`
		Header http.Header `json:"header"`
		Body   []byte      `json:"body"`
	}{request.Method, url, sampleHeader, []byte(sampleBody)})
	if err != nil {
		return load{}, err
	}
	results, encoded := filepath.Join(dir, "results"), filepath.Join(dir, "results.json")
	// Who waits for longer than the stack does sees what the stack says of it.
	if err := vegeta(ctx, root, append(target, '\n'), "attack", "-format=json", fmt.Sprint("-rate=", rate), fmt.Sprint("-duration=", duration), "-timeout=90s", "-output="+results); err != nil {
		return load{}, err
	}
	after, err := ask(ctx, url)
	if err != nil {
		return load{}, fmt.Errorf("after the load: %w", err)
	}
	if after != before {
		return load{}, fmt.Errorf("after the load the answer is %s, before it was %s", after, before)
	}

	if err := vegeta(ctx, root, nil, "encode", "-to=json", "-output="+encoded, results); err != nil {
		return load{}, err
	}
	f, err := os.Open(encoded)
	if err != nil {
		return load{}, err
	}
	defer f.Close()
	l, err := readResults(f)
	l.Rate, l.Duration = rate, duration
	return l, err
}

// readResults reads what vegeta tells of each request, a line of JSON.
func readResults(r io.Reader) (load, error) {
	l := load{Status: map[string]int{}}
	var answered []time.Duration
	for d := json.NewDecoder(r); ; {
		var result struct {
			Code    int           `json:"code"`
			Latency time.Duration `json:"latency"`
			Error   string        `json:"error"`
		}
		if err := d.Decode(&result); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return load{}, fmt.Errorf("vegeta's results: %w", err)
		}
		l.Requests++
		status := strconv.Itoa(result.Code)
		switch result.Code {
		case http.StatusOK:
			answered = append(answered, result.Latency)
		case 0: // no answer: the end of the text says why, what is before it names the ports, which are others each time
			status = strings.TrimSpace(result.Error[strings.LastIndex(result.Error, ": ")+1:])
		}
		l.Status[status]++
	}
	if len(answered) == 0 {
		return l, nil
	}
	slices.Sort(answered)
	l.P50, l.P99, l.Max = percentile(answered, 50), percentile(answered, 99), answered[len(answered)-1]
	return l, nil
}

// percentile returns the least of the sorted durations that so many of a hundred do not exceed.
func percentile(sorted []time.Duration, hundredths int) time.Duration {
	return sorted[(len(sorted)*hundredths+99)/100-1]
}

// serve starts make run and returns when it answers: the address of the sample request, and what ends it. What is printed goes to the file log.
func serve(ctx context.Context, root, log string) (url string, end func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := listener.Addr().String()
	_ = listener.Close() // another program may take the port before the stack does, but it would have to be quick
	url = "http://" + address + request.Path
	_, port, _ := net.SplitHostPort(address)

	printed, err := os.Create(log) // a file rather than a pipe, which this process would have to empty meanwhile
	if err != nil {
		return "", nil, err
	}
	defer printed.Close() // of which the stack has a copy
	ctx, stop := context.WithCancel(ctx)
	cmd := command(ctx, root, "make", "--no-print-directory", "run", "HOST=127.0.0.1", "PORT="+port, "REQUESTS_PER_SECOND=10000", "REQUEST_BURST=5000")
	cmd.Stdout, cmd.Stderr = printed, printed
	if err := cmd.Start(); err != nil {
		stop()
		return "", nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	end = func() (err error) {
		select {
		case <-ended:
			err = errors.New("the stack ended by itself; it printed\n" + tail(log))
		default:
		}
		stop()
		<-ended
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what did not end with make
		return err
	}

	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		_, err := ask(starting, url)
		if err == nil {
			return url, end, nil
		}
		select {
		case <-ended:
		case <-starting.Done():
			return "", nil, errors.Join(fmt.Errorf("the stack does not answer: %w; it printed\n%s", err, tail(log)), end())
		case <-time.After(100 * time.Millisecond):
			continue
		}
		return "", nil, end()
	}
}

// tail returns the last of what the stack printed.
func tail(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// ask makes the sample request and returns the answer. An answer other than 200 is an error.
func ask(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, request.Method, url, strings.NewReader(sampleBody))
	if err != nil {
		return "", err
	}
	req.Header = sampleHeader.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the sample request is answered with %d %s", resp.StatusCode, body)
	}
	return string(body), err
}

// vegeta runs vegeta, a tool of .ci/tools.mod, in a process of its own.
func vegeta(ctx context.Context, root string, input []byte, args ...string) error {
	cmd := command(ctx, root, "go", append([]string{"tool", "-modfile=.ci/tools.mod", "vegeta"}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("vegeta %s: %w\n%s", args[0], err, output)
	}
	return nil
}

// command returns a command in root, in a group of its own, which ends as a whole when ctx does.
func command(ctx context.Context, root, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = root
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { // of a make that runs this
		return strings.HasPrefix(e, "MAKE") || strings.HasPrefix(e, "MFLAGS=")
	})
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = endTimeout
	return cmd
}
