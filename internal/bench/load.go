package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pocket-devices/internal/local/sample"
)

// load is what came of a load through the whole local stack.
type load struct {
	Rate     int           // how many requests a second there were to be
	Duration time.Duration // for how long
	Requests int           // that were made

	P50, P99, Max time.Duration  // of the requests that were answered with 200, as a refusal is quick
	Status        map[string]int // how many requests had each status, or what went wrong instead of one
}

// attack serves the stack with make run on a free port, has vegeta make the sample request at the rate for the duration, and makes sure that
// the stack then answers as it did before. The first requests wait until there are processes for them, as is so after a deployment.
// The stack is told to take more requests a second than the template lets through, so that what is measured is the functions.
func attack(ctx context.Context, rate int, duration time.Duration) (_ load, err error) {
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		return load{}, err
	}
	defer os.RemoveAll(dir)
	base, end, err := serve(ctx, filepath.Join(dir, "log"))
	if err != nil {
		return load{}, err
	}
	defer func() { err = errors.Join(err, end()) }()
	before, err := ask(ctx, base)
	if err != nil {
		return load{}, err
	}

	req, err := sample.Request(ctx, base)
	if err != nil {
		return load{}, err
	}
	target, err := json.Marshal(struct {
		Method string      `json:"method"`
		URL    string      `json:"url"`
		Header http.Header `json:"header"`
		Body   []byte      `json:"body"`
	}{req.Method, req.URL.String(), req.Header, []byte(sample.Body)})
	if err != nil {
		return load{}, err
	}
	results, encoded := filepath.Join(dir, "results"), filepath.Join(dir, "results.json")
	// Who waits for longer than the stack does sees what the stack says of it.
	if err := vegeta(ctx, append(target, '\n'), "attack", "-format=json", fmt.Sprint("-rate=", rate), fmt.Sprint("-duration=", duration), "-timeout=90s", "-output="+results); err != nil {
		return load{}, err
	}
	after, err := ask(ctx, base)
	if err != nil {
		return load{}, fmt.Errorf("after the load: %w", err)
	}
	if after != before {
		return load{}, fmt.Errorf("after the load the answer is %s, before it was %s", after, before)
	}

	if err := vegeta(ctx, nil, "encode", "-to=json", "-output="+encoded, results); err != nil {
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

// vegeta runs vegeta, a tool of .ci/tools.mod, in a process of its own.
func vegeta(ctx context.Context, input []byte, args ...string) error {
	cmd := command(ctx, "go", append([]string{"tool", "-modfile=.ci/tools.mod", "vegeta"}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("vegeta %s: %w\n%s", args[0], err, output)
	}
	return nil
}
