package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// instructions is what a subject executes, as callgrind counts it: the same to a percent whatever else this machine does.
type instructions struct {
	init  float64 // until it asks for the first event
	first float64 // of the first invocation
	warm  float64 // of each of many, after as many that were not counted
}

// errNoValgrind says that instructions cannot be counted here.
var errNoValgrind = errors.New("there is no valgrind, which counts instructions: install it (apt-get install valgrind)")

// many is how many warm invocations are counted where it matters, so that the garbage collector, which runs every 60 to 300, has its due share.
const many = 1000

// parts is in how many parts warm invocations are counted. What a process does while it waits for a processor that others use also counts, so the
// median of the parts is taken.
const parts = 5

// start returns the instructions of a start, the median of so many, as a start's goroutines do not run in the same order each time.
func (b *bench) start(s subject) float64 {
	var counts [parts]float64
	for i := range counts {
		counts[i] = b.orUnknown(b.count(s, world{devices, false}, parts)).init
	}
	slices.Sort(counts[:])
	return counts[parts/2]
}

// count counts the instructions of a subject in a world, the warm ones over n invocations. Callgrind makes everything fifty times slower, so on a
// machine that is busy the function may run out of time; then it tries again.
func (b *bench) count(s subject, w world, n int) (counted instructions, err error) {
	for range 3 {
		counted, err = b.countOnce(s, w, n)
		if err == nil || err == errNoValgrind || b.ctx.Err() != nil {
			break
		}
	}
	return counted, err
}

func (b *bench) countOnce(s subject, w world, n int) (instructions, error) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return instructions{}, errNoValgrind
	}
	dir, err := os.MkdirTemp(b.dir, "callgrind")
	if err != nil {
		return instructions{}, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "out")
	name, err := filepath.Rel(b.dir, dir)
	if err != nil {
		return instructions{}, err
	}
	s.bootstrap, err = b.script(name, valgrind, "--quiet", "--tool=callgrind", "--callgrind-out-file="+out, "--vgdb-prefix="+filepath.Join(dir, "vgdb"),
		cmp.Or(s.unhurried, s.bootstrap))
	if err != nil {
		return instructions{}, err
	}
	s.function.Timeout = time.Minute
	// Callgrind does not survive the signals by which Go preempts what runs for long; without them it yields at its own points.
	r, err := b.open(s.with(map[string]string{"GODEBUG": "asyncpreemptoff=1"}), w)
	if err != nil {
		return instructions{}, err
	}
	defer r.close()
	var counts []float64
	for _, invocations := range append([]int{0, 1, n / 4}, slices.Repeat([]int{n / parts}, parts)...) {
		if err := r.invoke(invocations); err != nil {
			return instructions{}, err
		}
		counted, err := dump(r.pid, dir, out, len(counts)+1)
		if err != nil {
			return instructions{}, err
		}
		counts = append(counts, counted)
	}
	warm := counts[3:]
	slices.Sort(warm)
	return instructions{counts[0], counts[1], warm[parts/2] / float64(n/parts)}, nil
}

// totals finds the line of a dump with the number of instructions since the one before.
var totals = regexp.MustCompile(`(?m)^(?:summary|totals): (\d+)`)

// dump has callgrind write down what it has counted since the last dump.
func dump(pid int, dir, out string, n int) (float64, error) {
	output, err := exec.Command("vgdb", "--vgdb-prefix="+filepath.Join(dir, "vgdb"), fmt.Sprint("--pid=", pid), "dump").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("vgdb: %w %s", err, output)
	}
	data, err := os.ReadFile(fmt.Sprint(out, ".", n))
	if err != nil {
		return 0, err
	}
	match := totals.FindSubmatch(data)
	if match == nil {
		return 0, errors.New("callgrind's dump has no total")
	}
	return strconv.ParseFloat(string(match[1]), 64)
}
