package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"pocket-devices/internal/local/sample"
)

const (
	startTimeout = 5 * time.Minute  // for what make run builds, and for what it fetches the first time
	endTimeout   = 20 * time.Second // until what does not end is killed
	askTimeout   = 5 * time.Second  // for the sample request when nothing else is asked
)

// serve starts make run and returns when it answers: its address, and what ends it. What is printed goes to the file log.
func serve(ctx context.Context, log string) (base string, end func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := listener.Addr().String()
	_ = listener.Close() // another program may take the port before the stack does, but it would have to be quick
	base = "http://" + address
	_, port, _ := net.SplitHostPort(address)

	printed, err := os.Create(log) // a file rather than a pipe, which this process would have to empty meanwhile
	if err != nil {
		return "", nil, err
	}
	defer printed.Close() // of which the stack has a copy
	ctx, stop := context.WithCancel(ctx)
	cmd := command(ctx, "make", "--no-print-directory", "run", "HOST=127.0.0.1", "PORT="+port, "REQUESTS_PER_SECOND=10000", "REQUEST_BURST=5000")
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
			err = errors.New("the stack ended by itself; it printed\n" + endOf(log))
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
		_, err := ask(starting, base)
		if err == nil {
			return base, end, nil
		}
		select {
		case <-ended:
		case <-starting.Done():
			return "", nil, errors.Join(fmt.Errorf("the stack does not answer: %w; it printed\n%s", err, endOf(log)), end())
		case <-time.After(100 * time.Millisecond):
			continue
		}
		return "", nil, end()
	}
}

// endOf returns the last of what the stack printed.
func endOf(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// ask makes the sample request and returns the answer. An answer other than 200 is an error.
func ask(ctx context.Context, base string) (answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	status, answer, err := sample.Ask(ctx, base)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the sample request is answered with %d %s", status, answer)
	}
	return answer, err
}

// command returns a command in a group of its own, which ends as a whole when ctx does.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { // of a make that runs this
		return strings.HasPrefix(e, "MAKE") || strings.HasPrefix(e, "MFLAGS=")
	})
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = endTimeout
	return cmd
}
