package gateway

import (
	"sync"
	"time"
)

// bucket is a limit of requests, as API Gateway keeps it: a bucket of tokens, which is full at first, of which each request takes one out,
// and into which they come back at a rate.
type bucket struct {
	rate, size float64 // tokens a second, and how many there are in a full bucket

	mu     sync.Mutex
	tokens float64
	when   time.Time // there were that many
}

func newBucket(rate, size int) *bucket {
	return &bucket{rate: float64(rate), size: float64(size), tokens: float64(size), when: time.Now()}
}

// take takes a token out, and reports whether there was one.
func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.tokens = min(b.size, b.tokens+b.rate*now.Sub(b.when).Seconds())
	b.when = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
