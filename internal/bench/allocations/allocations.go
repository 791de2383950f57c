// Package allocations lets the bench ask a program how much it has allocated since it started. The bench adds this file to the program that it
// measures, by an overlay; nothing that is deployed has it.
package allocations

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Signal is what the bench sends. The program answers with a line in the form of [Format] on standard error.
const Signal = syscall.SIGUSR1

// Format is the form of the line: how many objects, and how many bytes, were allocated.
const Format = "allocated %d objects, %d bytes\n"

func init() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, Signal)
	go func() {
		for range asked {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			fmt.Fprintf(os.Stderr, Format, stats.Mallocs, stats.TotalAlloc)
		}
	}()
}
