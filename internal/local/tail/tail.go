// Package tail keeps the end of what a process prints, for whoever asks why it failed or waits for a line of it.
//
// Begin with [New].
package tail

import (
	"slices"
	"sync"
)

// Buffer keeps the end of what is written to it. It is safe for concurrent use.
type Buffer struct {
	size int

	mu   sync.Mutex
	text []byte
}

// New returns a buffer that keeps the last size bytes.
func New(size int) *Buffer { return &Buffer{size: size} }

// Write implements [io.Writer]. It never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	if len(b.text) > 2*b.size { // now and then, rather than each time
		b.text = slices.Clone(b.end())
	}
	return len(p), nil
}

// String returns the end of what was written since the last Reset.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.end())
}

// Reset forgets what was written.
func (b *Buffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = nil
}

func (b *Buffer) end() []byte { return b.text[max(0, len(b.text)-b.size):] }
