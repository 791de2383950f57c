package main

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

// devices is how many devices the associate has, unless something else is said.
const devices = 5

// figures is what was measured of one subject. What could not be measured is NaN.
type figures struct {
	name        string
	plain, tls  instructions
	growth      map[int]float64 // warm instructions by devices
	allocations float64         // objects of an invocation
	allocated   float64         // bytes of an invocation
	calls       int64           // of the upstream until the first event
	connections int64           // over [invocations]
	size, zip   float64         // MiB
	peak        float64         // MiB resident, over TLS and [invocations]
	starting    float64         // ms of processor time until it asks for the first event, over TLS
	cpu         float64         // ms of processor time of a warm invocation, over TLS, beside the others
	slow        slow            // on the processor of 128 MB
}

// invocations is how many invocations the figures are taken over that do not come from callgrind.
const invocations = 2000

var unknown = instructions{math.NaN(), math.NaN(), math.NaN()}

// orUnknown returns what was counted; where that failed, it notes why.
func (b *bench) orUnknown(counted instructions, err error) instructions {
	if err != nil {
		b.note(err)
		return unknown
	}
	return counted
}

// run measures what a process shows by itself over TLS: the processor time of its start, memory, calls and connections.
func (b *bench) run(f *figures, s subject) error {
	r, err := b.open(s, world{devices, true})
	if err != nil {
		return err
	}
	defer r.close()
	f.calls = r.upstream.calls.Load()
	f.starting = r.cpu()
	if err := r.invoke(invocations); err != nil {
		return err
	}
	f.peak = r.peak()
	f.connections = r.upstream.connections.Load()
	return nil
}

// beside measures the processor time of a warm invocation of each subject over TLS. They take turns, so that whatever else the machine does falls
// upon all of them, and each has the median of its turns. The bench stays on one processor meanwhile: a subject that it draws from one to the
// other finds none of its data in the caches, and takes up to a fifth more.
func (b *bench) beside(all []measured) error {
	const turns, n = 11, invocations / 2 / 11
	sessions, times := make([]*session, len(all)), make([][]float64, len(all))
	for i, s := range all {
		r, err := b.open(s.subject, world{devices, true})
		if err != nil {
			return err
		}
		defer r.close()
		if err := r.invoke(invocations / 2); err != nil { // until it is warm, and what it compiles is compiled
			return err
		}
		sessions[i] = r
	}
	defer b.stay()()
	for range turns {
		for i, r := range sessions {
			before := r.cpu()
			if err := r.invoke(n); err != nil {
				return err
			}
			times[i] = append(times[i], (r.cpu()-before)/n)
		}
	}
	for i, s := range all {
		slices.Sort(times[i])
		s.figures.cpu = times[i][turns/2]
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// sizeOf measures an executable, and a zip of it.
func sizeOf(f *figures, s subject) error {
	file, err := os.Open(s.bootstrap)
	if err != nil {
		return err
	}
	defer file.Close()
	var zipped counter
	archive := zip.NewWriter(&zipped)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	entry, err := archive.Create("bootstrap")
	if err != nil {
		return err
	}
	size, err := io.Copy(entry, file)
	if err != nil {
		return err
	}
	err = archive.Close()
	f.size, f.zip = float64(size)/(1<<20), float64(zipped)/(1<<20)
	return err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// allocate measures how much an invocation allocates.
func (b *bench) allocate(f *figures, s subject) error {
	s, err := b.observed(s, "allocations", nil)
	if err != nil {
		return err
	}
	r, err := b.open(s, world{devices, true})
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.invoke(100); err != nil {
		return err
	}
	objects, size, err := r.allocated()
	if err != nil {
		return err
	}
	const n = 1000
	if err := r.invoke(n); err != nil {
		return err
	}
	objectsAfter, sizeAfter, err := r.allocated()
	f.allocations, f.allocated = float64(objectsAfter-objects)/n, float64(sizeAfter-size)/n
	return err
}

// figuresOf measures a subject in every way.
func (b *bench) figuresOf(s subject) (f figures, err error) {
	b.say("%s", s.name)
	f.name = s.name
	f.plain = b.orUnknown(b.count(s, world{devices, false}, many))
	f.plain.init = b.start(s)
	f.tls = b.orUnknown(b.count(s, world{devices, true}, 200))
	if err := sizeOf(&f, s); err != nil {
		return f, err
	}
	if err := b.run(&f, s); err != nil {
		return f, err
	}
	if err := b.allocate(&f, s); err != nil {
		return f, err
	}
	if f.slow, err = b.throttle(s); err != nil {
		b.note(err)
	}
	return f, nil
}

// grow measures what further devices cost a subject.
func (b *bench) grow(f *figures, s subject) {
	f.growth = map[int]float64{}
	for devices, n := range map[int]int{1: 200, 5: 200, 50: 200, 1000: 40} {
		f.growth[devices] = b.orUnknown(b.count(s, world{devices, false}, n)).warm
	}
}

// perDevice returns the instructions of each further device between two numbers of them.
func (f figures) perDevice(from, to int) float64 {
	return (f.growth[to] - f.growth[from]) / float64(to-from)
}

// note keeps, once, why something was not measured: the first line of it, as what a subject printed follows.
func (b *bench) note(err error) {
	reason, _, _ := strings.Cut(err.Error(), "\n")
	if !slices.Contains(b.notes, reason) {
		b.notes = append(b.notes, reason)
	}
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "bench: "+format+"\n", args...)
}
