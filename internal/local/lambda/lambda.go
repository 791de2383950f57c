// Package lambda runs the deployed bootstraps as AWS Lambda does: a process for each request that is under way, kept for the next one,
// which takes its events from a Runtime API and is killed when it exceeds its time. More requests than the function's concurrency are
// refused.
//
// Begin with [Function.Invoke]; [Build] makes the bootstraps.
package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"pocket-devices/internal/local/template"
)

// accountConcurrency is how many events a function may have under way where none are set aside for it. It is what Lambda gives an account
// unless it is told otherwise, which there is for all functions together.
const accountConcurrency = 1000

// maxProcesses is how many processes a function has at most. Lambda has one for each event that is under way, which a laptop has not the
// processors for: an event that there is no process for waits, as if the function were slow. As the events that are under way are bounded,
// so are those that wait, and the memory that they take.
const maxProcesses = 10

// initTimeout is how long a process may take until it asks for its first event; it is Lambda's own.
const initTimeout = 10 * time.Second

// Build builds the functions of the repository at root for this machine just as they are built to be deployed, each as its bootstrap in a
// folder of its name in dir.
func Build(ctx context.Context, root, dir string) error {
	cmd := exec.CommandContext(ctx, "make", "--no-print-directory", "build", "OS="+runtime.GOOS, "ARCH="+runtime.GOARCH, "DIST="+dir)
	cmd.Dir = root
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { // of a make that runs this
		return strings.HasPrefix(e, "MAKE") || strings.HasPrefix(e, "MFLAGS=")
	})
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the functions could not be built: %w\n%s", err, output)
	}
	return nil
}

// Function is a function that can be invoked. It is safe for concurrent use.
type Function struct {
	template.Function
	bootstrap   string
	environment []string
	logs        io.Writer

	underWay chan struct{} // has an element for each event that is under way, waiting or not
	slots    chan struct{} // has an element for each event that has a process
	mu       sync.Mutex
	idle     []*process
	ended    bool
}

// New returns the function whose bootstrap, an executable, has been built. Environment variables are the template's and Lambda's own,
// then those of extra, as NAME=value; nothing else of this process's environment is passed on. What the function prints goes to logs.
func New(f template.Function, bootstrap string, extra []string, logs io.Writer) *Function {
	environment := []string{
		"_HANDLER=bootstrap",
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		fmt.Sprint("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=", f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
	}
	if f.JSONLogs {
		environment = append(environment, "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO")
	}
	for name, value := range f.Environment {
		environment = append(environment, name+"="+value)
	}
	concurrency := cmp.Or(f.Concurrency, accountConcurrency)
	return &Function{
		Function:    f,
		bootstrap:   bootstrap,
		environment: append(environment, extra...),
		logs:        logs,
		underWay:    make(chan struct{}, concurrency),
		slots:       make(chan struct{}, min(concurrency, maxProcesses)),
	}
}

// Error is what a function returned instead of an answer, in Lambda's form: {"errorMessage":…,"errorType":…}.
type Error struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
	Payload []byte `json:"-"` // as it was sent
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// ErrThrottled is why an event is refused when as many are under way as the function's concurrency. Who invokes a function and waits for
// the answer is told so at once; Lambda queues only the events of those who do not wait.
var ErrThrottled = errors.New("TooManyRequestsException: Rate Exceeded")

// Invoke passes payload to the function and returns its answer. The error is an [*Error] where the function returned one, or
// where it exceeded its time or ended, as Lambda itself reports these; or [ErrThrottled]. When ctx ends, so does Invoke, but a
// function that is at work goes on and counts until it has finished, as nobody can call back what Lambda has taken.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case f.underWay <- struct{}{}:
	default:
		return nil, ErrThrottled
	}
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		<-f.underWay
		return nil, ctx.Err()
	}
	finished := make(chan result, 1) // where nobody may wait any more
	go func() {
		answer, err := f.work(ctx, payload)
		<-f.slots
		<-f.underWay
		finished <- result{answer, err}
	}()
	select {
	case r := <-finished:
		return r.answer, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// work has a process answer, an idle one or a new one; ctx bounds only the wait for it.
func (f *Function) work(ctx context.Context, payload []byte) ([]byte, error) {
	p, err := f.take(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := p.invoke(payload, f.Timeout)
	var returned *Error
	if errors.As(err, &returned) && (returned.Type == typeTimeout || returned.Type == typeExit) {
		p.end()
	} else {
		f.put(p)
	}
	return answer, err
}

// Start makes sure that a process waits for the next event, as provisioned concurrency does, and returns its id.
func (f *Function) Start(ctx context.Context) (pid int, err error) {
	p, err := f.take(ctx)
	if err != nil {
		return 0, err
	}
	p.waiting <- struct{}{} // which take has taken
	f.put(p)
	return p.cmd.Process.Pid, nil
}

// Close ends the function's processes.
func (f *Function) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	for _, p := range f.idle {
		p.end()
	}
	f.idle = nil
}

// Processes returns the ids of the processes that are kept for the next event.
func (f *Function) Processes() (ids []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.idle {
		ids = append(ids, p.cmd.Process.Pid)
	}
	return ids
}

// take returns a process that waits for an event: one that has served before, or a new one.
func (f *Function) take(ctx context.Context) (*process, error) {
	for {
		p, err := f.pop()
		if err != nil {
			return nil, err
		}
		if p == nil {
			return start(ctx, f)
		}
		select {
		case <-p.waiting:
			return p, nil
		case <-p.exited: // as after a panic, when it had answered
			p.end()
		}
	}
}

// pop takes the process that served last out of the idle ones; nil where there is none.
func (f *Function) pop() (*process, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return nil, errors.New("the function is closed")
	}
	n := len(f.idle)
	if n == 0 {
		return nil, nil
	}
	p := f.idle[n-1]
	f.idle = f.idle[:n-1]
	return p, nil
}

func (f *Function) put(p *process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		p.end()
		return
	}
	f.idle = append(f.idle, p)
}

// command returns the bootstrap's command with its Runtime API at address.
func (f *Function) command(address string) *exec.Cmd {
	cmd := exec.Command(f.bootstrap)
	cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + address}, f.environment...)
	cmd.Stdout, cmd.Stderr = f.logs, f.logs
	cmd.Dir = os.TempDir()
	// A group of its own: Ctrl-C reaches the stack alone, which then ends its children in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}
