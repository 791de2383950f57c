package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pocket-devices/internal/section"
)

// results is all that a run has measured.
type results struct {
	function, authorizer             figures
	noop, reference, idiomatic, node figures
	cached, token                    instructions // of the authorizer
	levers                           []pulled
	load                             load
}

// performance is the page that has the results.
const performance = "docs/performance.md"

// write prints the results and writes them into their sections of the page.
func (m results) write(w io.Writer, notes []string) error {
	for _, s := range []struct{ name, text string }{
		{"targets", m.targets()},
		{"figures", m.table()},
		{"growth", m.growthTable()},
		{"authorizer", m.decisionTable()},
		{"levers", m.leverTable()},
		{"load", m.loadTable()},
		{"notes", notMeasured(notes)},
	} {
		fmt.Fprintf(w, "\n%s\n", s.text)
		if err := section.Write(filepath.FromSlash(performance), s.name, s.text); err != nil {
			return err
		}
	}
	return nil
}

// target is one row of what a function is held to. Lower is better in all of them.
type target struct {
	what         string
	idiomatic    float64
	figure       float64
	bar, stretch float64 // NaN where it is held to nothing, and 0, which no figure is, where it has no aim
	format       string
}

func (t target) verdict() string {
	switch {
	case math.IsNaN(t.bar):
		return ""
	case math.IsNaN(t.figure):
		return "not measured"
	case t.figure <= t.stretch:
		return "aim reached"
	case t.figure <= t.bar:
		return "met"
	}
	return "**missed**"
}

func (m results) targets() string {
	f, i, n := m.function, m.idiomatic, m.node
	rows := []target{
		{"warm instructions / the reference's", i.plain.warm / m.reference.plain.warm, f.plain.warm / m.reference.plain.warm, 2.9, 2.2, "%.2f"},
		{"instructions of each further device, 50 to 1000", math.NaN(), f.perDevice(50, 1000), 45000, 36000, "%.0f"},
		{"first invocation over TLS / a warm one, instructions", i.tls.first / i.tls.warm, f.tls.first / f.tls.warm, 1.5, 1.0, "%.2f"},
		{"instructions of a start / those of the function that does nothing", i.plain.init / m.noop.plain.init, f.plain.init / m.noop.plain.init, 6.8, 6.2, "%.2f"},
		{"calls of DynamoDB in a start", float64(i.calls), float64(f.calls), 1, 1, "%.0f"},
		{"connections over 2000 invocations", float64(i.connections), float64(f.connections), 1, 1, "%.0f"},
		{"ms of the first invocation at 128 MB", ms(i.slow.first), ms(f.slow.first), 10, 4, "%.1f"},
		{"ms of a warm one at 128 MB, the median", ms(i.slow.warm), ms(f.slow.warm), 3, 2.5, "%.1f"},
		{"MiB of the bootstrap", i.size, f.size, 10.0, 9.5, "%.2f"},
		{"MiB of its zip", i.zip, f.zip, 3.9, 3.7, "%.2f"},
		{"MiB of memory at the most", i.peak, f.peak, 17, 15, "%.1f"},
		{"allocations of an invocation", i.allocations, f.allocations, 700, 660, "%.0f"},
		{"processor time of a warm invocation / Node's", i.cpu / n.cpu, f.cpu / n.cpu, 1. / 3, 1. / 4, "%.2f"},
		{"processor time of a start / Node's", i.starting / n.starting, f.starting / n.starting, .1, .08, "%.2f"},
		{"memory / Node's", i.peak / n.peak, f.peak / n.peak, .25, .2, "%.2f"},
	}
	var b strings.Builder
	b.WriteString("| measure | usual | bar | aim | here | |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.what, number(r.format, r.idiomatic), number(r.format, r.bar), number(r.format, r.stretch), number(r.format, r.figure), r.verdict())
	}
	return b.String()
}

// number formats a figure, and one that was not measured as a dash.
func number(format string, figure float64) string {
	if math.IsNaN(figure) || math.IsInf(figure, 0) {
		return "–"
	}
	return fmt.Sprintf(format, figure)
}

// ms returns milliseconds, NaN for what was not measured.
func ms(d time.Duration) float64 {
	if d == 0 {
		return math.NaN()
	}
	return milliseconds(d)
}

func (m results) table() string {
	var b strings.Builder
	b.WriteString("| | start | first | warm | start, TLS | first, TLS | warm, TLS | allocations | KiB | size, MiB | zip, MiB | memory, MiB | start, ms | warm, ms |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, f := range []figures{m.noop, m.reference, m.function, m.idiomatic, m.node} {
		counted := f.plain != instructions{}
		cell := func(v float64, format string) string {
			if !counted || v == 0 {
				return "–"
			}
			return number(format, v)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", f.name,
			cell(f.plain.init/1000, "%.0f"), cell(f.plain.first/1000, "%.0f"), cell(f.plain.warm/1000, "%.0f"),
			cell(f.tls.init/1000, "%.0f"), cell(f.tls.first/1000, "%.0f"), cell(f.tls.warm/1000, "%.0f"),
			cell(f.allocations, "%.0f"), cell(f.allocated/1024, "%.1f"), cell(f.size, "%.2f"), cell(f.zip, "%.2f"), number("%.1f", f.peak), number("%.1f", f.starting), number("%.2f", f.cpu))
	}
	return b.String()
}

func (m results) growthTable() string {
	var b strings.Builder
	b.WriteString("| devices | instructions, in thousands | of each further one |\n|---|---|---|\n")
	before := 0
	for _, n := range []int{1, 5, 50, 1000} {
		further := math.NaN()
		if before > 0 {
			further = m.function.perDevice(before, n) / 1000
		}
		fmt.Fprintf(&b, "| %d | %s | %s |\n", n, number("%.0f", m.function.growth[n]/1000), number("%.1f", further))
		before = n
	}
	return b.String()
}

// decisionTable compares the authorizer with the function's bars. A decision by a token has none: it asks nobody, and verifies a signature.
func (m results) decisionTable() string {
	a, none := m.authorizer, math.NaN()
	var b strings.Builder
	b.WriteString("| | bar | here | |\n|---|---|---|---|\n")
	for _, r := range []target{
		{what: "instructions of a start / those of the function that does nothing", figure: a.plain.init / m.noop.plain.init, bar: 6.8, format: "%.2f"},
		{what: "instructions of a decision by password / the reference's", figure: a.plain.warm / m.reference.plain.warm, bar: 2.9, format: "%.2f"},
		{what: "by a token", figure: m.token.warm / m.reference.plain.warm, bar: none, format: "%.2f"},
		{what: "by a password that is remembered", figure: m.cached.warm / m.reference.plain.warm, bar: 2.9, format: "%.2f"},
		{what: "first decision over TLS / a warm one, instructions", figure: a.tls.first / a.tls.warm, bar: 1.5, format: "%.2f"},
		{what: "calls of the installation and the issuer in a start", figure: float64(a.calls), bar: none, format: "%.0f"},
		{what: "connections over 2000 decisions, one to each of them", figure: float64(a.connections), bar: 2, format: "%.0f"},
		{what: "ms of the first decision at 128 MB", figure: ms(a.slow.first), bar: 10, format: "%.1f"},
		{what: "ms of a warm one at 128 MB, the median", figure: ms(a.slow.warm), bar: 3, format: "%.1f"},
		{what: "MiB of the bootstrap", figure: a.size, bar: 10, format: "%.2f"},
		{what: "MiB of its zip", figure: a.zip, bar: 3.9, format: "%.2f"},
		{what: "MiB of memory at the most", figure: a.peak, bar: 17, format: "%.1f"},
		{what: "allocations of a decision", figure: a.allocations, bar: 700, format: "%.0f"},
	} {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, number(r.format, r.bar), number(r.format, r.figure), r.verdict())
	}
	return b.String()
}

// leverTable says how much more there is of everything without a lever that was taken, and with one that was not.
func (m results) leverTable() string {
	var b strings.Builder
	b.WriteString("| lever | | measured | start and first, TLS | warm | size | memory | first at 128 MB | warm at 128 MB |\n|---|---|---|---|---|---|---|---|---|\n")
	f := m.function
	for _, l := range m.levers {
		kept := "left"
		if l.taken {
			kept = "taken"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s |\n", l.lever.name, kept, l.otherwise,
			percent(l.tls.init+l.tls.first, f.tls.init+f.tls.first), percent(l.warm, l.usual), percent(l.size, f.size),
			percent(l.peak, f.peak), times(ms(l.slow.first), ms(f.slow.first)), times(ms(l.slow.warm), ms(f.slow.warm)))
	}
	return b.String()
}

func percent(with, without float64) string { return number("%+.1f %%", (with/without-1)*100) }

func times(with, without float64) string { return number("× %.2f", with/without) }

func (m results) loadTable() string {
	var statuses []string
	for _, status := range slices.Sorted(maps.Keys(m.load.Status)) {
		statuses = append(statuses, fmt.Sprintf("%s: %d", status, m.load.Status[status]))
	}
	return fmt.Sprintf("| requests a second | seconds | requests | answers | p50 | p99 | slowest |\n|---|---|---|---|---|---|---|\n| %d | %.0f | %d | %s | %v | %v | %v |\n",
		m.load.Rate, m.load.Duration.Seconds(), m.load.Requests, strings.Join(statuses, ", "),
		m.load.P50.Round(100*time.Microsecond), m.load.P99.Round(100*time.Microsecond), m.load.Max.Round(time.Millisecond))
}

func notMeasured(notes []string) string {
	if len(notes) == 0 {
		return "Everything was measured.\n"
	}
	return "Not measured: " + strings.Join(notes, "; ") + ".\n"
}
