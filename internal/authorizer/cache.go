package authorizer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"pocket-devices/internal/principal"
)

// MaxCacheSpan is the longest that an operator may have a principal kept (C-34).
const MaxCacheSpan = time.Minute

const (
	maxRefusalSpan = 5 * time.Second // the longest that a refusal is kept (C-34)
	maxEntries     = 1000            // principals and refusals together (C-34)
)

// cache keeps for a short time whom a source knew by a credential, and that it knew nobody. Of the credential it keeps a keyed hash, and
// nothing else; the key is made at the start and never leaves the process. It is safe for concurrent use.
type cache struct {
	span time.Duration // for a principal, 0 to MaxCacheSpan; with 0 nothing is kept
	key  [sha256.Size]byte

	mu      sync.Mutex
	entries map[[sha256.Size]byte]entry
}

type entry struct {
	principal principal.Principal
	err       error     // nil, or wraps principal.ErrUnknown
	ends      time.Time // by the wall clock: the other one stands still while Lambda freezes the function
}

func newCache(span time.Duration) *cache {
	c := &cache{span: span, entries: map[[sha256.Size]byte]entry{}}
	_, _ = rand.Read(c.key[:]) // which ends the program rather than fail
	return c
}

// principal returns what is kept of the credential, or else what ask answers, which is kept unless it is a failure.
func (c *cache) principal(credential principal.Credential, ask func() (principal.Principal, error)) (p principal.Principal, cached bool, err error) {
	if c.span == 0 {
		p, err = ask()
		return p, false, err
	}
	hash := c.hash(credential)
	if e, ok := c.get(hash); ok {
		return e.principal, true, e.err
	}
	p, err = ask()
	switch {
	case err == nil:
		c.put(hash, p, nil, c.span)
	case errors.Is(err, principal.ErrUnknown):
		c.put(hash, p, err, min(c.span, maxRefusalSpan))
	}
	return p, false, err
}

// hash returns the keyed hash of everything that the answer to a credential depends on. Each part goes in with its length, so that no
// two credentials make the same input.
func (c *cache) hash(credential principal.Credential) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, c.key[:])
	for _, part := range []string{credential.Authorization, credential.AppToken, credential.Cookie, credential.XSRFToken} {
		_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = io.WriteString(mac, part)
	}
	mac.Sum(sum[:0])
	return sum
}

func (c *cache) get(hash [sha256.Size]byte) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[hash]
	return e, ok && time.Now().Before(e.ends)
}

// put also forgets what has ended, and where there is no room still, what ends first. So refusals, which anybody can cause in any number,
// drive out each other rather than principals.
func (c *cache) put(hash [sha256.Size]byte, p principal.Principal, err error, span time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Round(0)
	var first [sha256.Size]byte
	for other, e := range c.entries {
		if !now.Before(e.ends) {
			delete(c.entries, other)
		} else if f, ok := c.entries[first]; !ok || e.ends.Before(f.ends) {
			first = other
		}
	}
	if len(c.entries) >= maxEntries {
		delete(c.entries, first)
	}
	c.entries[hash] = entry{p, err, now.Add(span)}
}
