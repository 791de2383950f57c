// Package guard keeps secrets out of errors and of the log where code that is not this project's would put them: what a panic holds, and
// what a server answered (C-43, C-44). Either may be a handle or a credential.
//
// Begin with [Panic].
package guard

import (
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
)

// maxStack is how much of the stack is told, in bytes.
const maxStack = 2048

// Panic, deferred by a function with the named result err, replaces it where the function panics. The error tells the type of what was
// panicked with, and where, but never its value, which the Lambda runtime would write into the log.
func Panic(err *error) {
	if v := recover(); v != nil {
		stack := debug.Stack()
		*err = fmt.Errorf("panic of type %T at %s", v, stack[:min(len(stack), maxStack)])
	}
}

// Unquoted returns text up to the first double quote in it. What net/http cannot read of an answer it quotes, in its errors and in what it
// prints.
func Unquoted(text string) string {
	text, _, _ = strings.Cut(text, `"`)
	return strings.TrimRight(text, " :\n")
}

// Printed returns a writer for package log, which writes each text, [Unquoted], as one line of log at the level of warnings. net/http prints what
// comes over a connection without being asked for, up to 4 KiB of it. The errors that aws-lambda-go prints are JSON, so nothing is left of
// them: whoever returned one has told its cause. The writer is safe for concurrent use.
func Printed(log *slog.Logger) io.Writer { return printed{log} }

type printed struct{ log *slog.Logger }

func (p printed) Write(text []byte) (int, error) {
	if unquoted := Unquoted(strings.TrimPrefix(string(text), "{")); unquoted != "" {
		p.log.Warn("printed", "text", unquoted)
	}
	return len(text), nil
}
