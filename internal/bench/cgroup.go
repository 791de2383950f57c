package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// share is how much of a processor Lambda gives a function of 128 MB: 128 of 1769 MB. It is given in periods of 20 ms, as Lambda does.
const (
	share  = 128.0 / 1769
	period = 20 * time.Millisecond
)

// slow is how long invocations take on a share of a processor.
type slow struct{ first, warm time.Duration }

// errNoCgroup says that this machine does not let the bench slow a process down.
var errNoCgroup = errors.New("there is no control group of processor time that the bench may make, as root may with cgroup v1, or v2 with the cpu controller")

// throttle measures a subject over TLS that has the share of a processor from its first event on. Until then Lambda gives a whole one. Between
// two invocations there is time for a new period, as there is in a function that is called now and then. The first invocation is the median of
// that of so many starts, the warm one that of five after each.
func (b *bench) throttle(s subject) (slow, error) {
	const starts = 51
	var first, warm []time.Duration
	for range starts {
		took, err := b.throttled(s, 1+5)
		if err != nil {
			return slow{}, err
		}
		first, warm = append(first, took[0]), append(warm, took[1:]...)
	}
	slices.Sort(first)
	slices.Sort(warm)
	return slow{first[len(first)/2], warm[len(warm)/2]}, nil
}

// throttled returns how long each of n invocations takes from a start on.
//
// Linux gives the share of a new period to the first processor that asks, whole, and who wakes on another one waits for the next period. Whom
// the bench wakes, Linux likes to wake where the bench runs. In Lambda those that ask and answer run on other machines; here they stay on one
// processor, which the subject may use as well.
func (b *bench) throttled(s subject, n int) (took []time.Duration, err error) {
	group, err := newCgroup()
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(group) }() // which is empty then
	r, err := b.open(s, world{devices, true})
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), fmt.Append(nil, r.pid), 0o644); err != nil {
		return nil, err
	}
	defer b.stay()() // as what is started next inherits it
	for i := range n {
		time.Sleep(period + time.Duration(i%7)*3*time.Millisecond) // not in step with the periods
		start := time.Now()
		if _, err := r.function.Invoke(b.ctx, s.event); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}

// stay keeps the bench on the first of its processors until it is released. Where that cannot be had, it is noted, and the bench goes on.
func (b *bench) stay() (release func()) {
	status, _ := os.ReadFile("/proc/self/status") // nothing where there is no /proc
	allowed := allowedProcessors.FindSubmatch(status)
	if allowed == nil {
		b.note(errNoProc)
		return func() {}
	}
	move := func(processors []byte) {
		err := exec.Command("taskset", "--all-tasks", "--cpu-list", "--pid", string(processors), fmt.Sprint(os.Getpid())).Run()
		if err != nil {
			b.note(fmt.Errorf("processor times with the bench kept on one processor, as taskset, of util-linux, fails: %w", err))
		}
	}
	all, first := allowed[1], allowed[2]
	move(first)
	return func() { move(all) }
}

// allowedProcessors finds a list such as 0-3,8, and the first of it.
var allowedProcessors = regexp.MustCompile(`(?m)^Cpus_allowed_list:\t((\d+).*)$`)

// newCgroup makes a control group with the share of a processor.
func newCgroup() (group string, err error) {
	quota := int64(share * float64(period.Microseconds()))
	v1 := map[string]string{"cpu.cfs_period_us": fmt.Sprint(period.Microseconds()), "cpu.cfs_quota_us": fmt.Sprint(quota)}
	v2 := map[string]string{"cpu.max": fmt.Sprint(quota, " ", period.Microseconds())}
	for _, of := range []struct {
		parent   string
		settings map[string]string
	}{{"/sys/fs/cgroup/cpu", v1}, {"/sys/fs/cgroup", v2}} {
		group, err := os.MkdirTemp(of.parent, "bench")
		if err != nil {
			continue
		}
		for name, value := range of.settings {
			if err == nil {
				err = writeExisting(filepath.Join(group, name), value)
			}
		}
		if err == nil {
			return group, nil
		}
		_ = os.Remove(group)
	}
	return "", errNoCgroup
}

func writeExisting(name, value string) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(value)
	return err
}
