package main

import (
	"fmt"
	"os"
	"runtime"
)

// A limit is what a figure may not exceed. None is a time. Each is a few percent above what docs/performance.md has, a tenth where the garbage
// collector has a share, which depends on how busy the machine is.
type limit struct {
	what    string
	figure  float64
	highest float64
}

// limits measures what no machine's clock can change, and fails where something has grown.
func (b *bench) limits() error {
	f, err := b.deployed(getRegisteredDevices, "sample.json", answered)
	if err != nil {
		return err
	}
	a, err := b.deployed(authorizer, "authorizer-basic.json", allowed)
	if err != nil {
		return err
	}
	var function, decision figures
	for _, of := range []struct {
		subject
		figures *figures
	}{{f, &function}, {a, &decision}} {
		if err := sizeOf(of.figures, of.subject); err != nil {
			return err
		}
		if err := b.allocate(of.figures, of.subject); err != nil {
			return err
		}
	}
	limits := []limit{
		{"allocations of an invocation", function.allocations, 715},
		{"allocations of a decision", decision.allocations, 265},
	}
	if runtime.GOARCH == "amd64" {
		limits = append(limits, limit{"MiB of the bootstrap", function.size, 10.0}, limit{"MiB of the authorizer's", decision.size, 6.6})
	}
	reference, err := b.yardstick(f, "reference")
	if err != nil {
		return err
	}
	bare, err := b.count(reference, world{devices, false}, many)
	if err == errNoValgrind {
		fmt.Fprintf(os.Stderr, "WARNING: %v: instructions were NOT checked\n", err)
	} else if err != nil {
		return err
	} else {
		counted, err := b.count(f, world{devices, false}, many)
		if err != nil {
			return err
		}
		decided, err := b.count(a, world{devices, false}, many)
		if err != nil {
			return err
		}
		b.say("%.0f instructions of an invocation, %.0f of a bare signed POST", counted.warm, bare.warm)
		limits = append(limits,
			limit{"instructions of an invocation / a bare signed POST's", counted.warm / bare.warm, 3.0},
			limit{"instructions of a start / an invocation's", counted.init / counted.warm, 7.2},
			limit{"instructions of a first invocation / a warm one's", counted.first / counted.warm, 1.1},
			limit{"instructions of a first decision / a warm one's", decided.first / decided.warm, 2},
			limit{"instructions of a decision / a bare signed POST's", decided.warm / bare.warm, 1.6})
	}
	exceeded := 0
	for _, l := range limits {
		verdict := "ok"
		if !(l.figure <= l.highest) {
			verdict = "TOO MUCH"
			exceeded++
		}
		fmt.Printf("%-60s %8.2f  at most %6.1f  %s\n", l.what, l.figure, l.highest, verdict)
	}
	if exceeded > 0 {
		return fmt.Errorf("%d figures exceed their limits: find out what has grown, or say in internal/bench/limits.go why it must", exceeded)
	}
	return nil
}
