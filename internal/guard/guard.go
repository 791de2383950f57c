// Package guard makes an error of a panic (C-43). The runtime would write what was panicked with into the log, and that may hold anything: a
// handle, or a credential.
//
// Begin with [Panic].
package guard

import (
	"fmt"
	"runtime/debug"
)

// maxStack is how much of the stack is told, in bytes.
const maxStack = 2048

// Panic, deferred by a function with the named result err, replaces it where the function panics. The error tells the type of what was
// panicked with, and where, but never its value.
func Panic(err *error) {
	if v := recover(); v != nil {
		stack := debug.Stack()
		*err = fmt.Errorf("panic of type %T at %s", v, stack[:min(len(stack), maxStack)])
	}
}
