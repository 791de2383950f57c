// Package profile lets the bench have a program write down where it spends its time, which the compiler can then optimize for. The bench adds this
// file to the program that it measures, by an overlay; nothing that is deployed has it.
package profile

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
)

// Signal is what the bench sends to begin with it, and again to end it.
const Signal = syscall.SIGUSR2

// Written is the line that the program then prints on standard error. The profile is in the file [Name] beside the program.
const (
	Written = "profile written"
	Name    = "profile"
)

func init() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, Signal)
	go func() {
		<-asked
		if err := write(asked); err != nil {
			panic(err)
		}
		fmt.Fprintln(os.Stderr, Written)
	}()
}

// write profiles the program until it is asked again.
func write(asked <-chan os.Signal) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(filepath.Dir(program), Name))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	<-asked
	pprof.StopCPUProfile()
	return file.Close()
}
