package authorizer

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pocket-devices/internal/principal"
)

var (
	basic      = principal.Credential{Scheme: "basic", Authorization: "Basic canary", AppToken: "app"}
	tje        = principal.Principal{Associate: 117, Name: "tje0"}
	errUnknown = fmt.Errorf("a test: %w", principal.ErrUnknown)
	errDown    = errors.New("down")
)

// asker is a source that counts how often it is asked.
type asker struct {
	p     principal.Principal
	err   error
	asked int
}

func (a *asker) ask() (principal.Principal, error) {
	a.asked++
	return a.p, a.err
}

// How long what is kept (C-34), by a clock of the test's.
func TestCacheSpans(t *testing.T) {
	tests := []struct {
		name    string
		span    time.Duration
		source  asker
		lasts   time.Duration // 0: it is not kept
		wantErr error
	}{
		{"a principal, off", 0, asker{p: tje}, 0, nil},
		{"a refusal, off", 0, asker{err: errUnknown}, 0, principal.ErrUnknown},
		{"a principal", time.Minute, asker{p: tje}, time.Minute, nil},
		{"a principal, shorter", 2 * time.Second, asker{p: tje}, 2 * time.Second, nil},
		{"a refusal", time.Minute, asker{err: errUnknown}, 5 * time.Second, principal.ErrUnknown},
		{"a refusal, shorter", 2 * time.Second, asker{err: errUnknown}, 2 * time.Second, principal.ErrUnknown},
		{"a failure", time.Minute, asker{err: errDown}, 0, errDown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCache(tt.span)
				get := func(wantCached bool) {
					t.Helper()
					p, cached, err := c.principal(basic, tt.source.ask)
					if p != tt.source.p || !errors.Is(err, tt.wantErr) || cached != wantCached {
						t.Errorf("principal = %+v, %v, %v", p, cached, err)
					}
				}
				get(false)
				if tt.lasts > 0 {
					get(true)
					time.Sleep(tt.lasts - 1)
					get(true)
					time.Sleep(time.Nanosecond)
				}
				get(false)
				if tt.source.asked != 2 {
					t.Errorf("asked %d times", tt.source.asked)
				}
			})
		})
	}
}

// Each part of a credential counts, and what is in which.
func TestCacheTellsCredentialsApart(t *testing.T) {
	credentials := []principal.Credential{
		{Authorization: "ab"},
		{Authorization: "a", AppToken: "b"},
		{Authorization: "a", AppToken: "bc"},
		{Authorization: "ab", AppToken: "c"},
		{Authorization: "abc"},
		{Cookie: "a", XSRFToken: "b"},
		{Cookie: "ab", XSRFToken: ""},
		{Cookie: "a", XSRFToken: "b", AppToken: "c"},
		{Cookie: "a", XSRFToken: "c", AppToken: "b"},
		{Cookie: "A", XSRFToken: "b"},
		{Authorization: "a\x00b"},
		{Authorization: "a", AppToken: "\x00b"},
	}
	c, other := newCache(time.Minute), newCache(time.Minute)
	seen := map[[32]byte]int{}
	for i, credential := range credentials {
		hash := c.hash(credential)
		if j, ok := seen[hash]; ok {
			t.Errorf("%d and %d are one", i, j)
		}
		seen[hash] = i
		if hash != c.hash(credential) || hash == other.hash(credential) {
			t.Errorf("%d: the hash is not of this cache's key alone", i)
		}
	}
	for i, credential := range credentials {
		p, _, err := c.principal(credential, (&asker{p: principal.Principal{Associate: 1, Name: fmt.Sprint(i)}}).ask)
		if err != nil || p.Name != fmt.Sprint(i) {
			t.Errorf("%d: %+v, %v", i, p, err)
		}
	}
}

// There is room for a thousand. What has ended is forgotten, and refusals do not drive out principals.
func TestCacheIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(time.Minute)
		numbered := func(kind string, i int) principal.Credential {
			return principal.Credential{Authorization: fmt.Sprint(kind, i)}
		}
		known, unknown := &asker{p: tje}, &asker{err: errUnknown}
		for i := range maxEntries - 1 {
			_, _, _ = c.principal(numbered("good", i), known.ask)
		}
		for i := range 3 * maxEntries {
			_, _, _ = c.principal(numbered("bad", i), unknown.ask)
		}
		if len(c.entries) != maxEntries {
			t.Errorf("%d are kept", len(c.entries))
		}
		for i := range maxEntries - 1 {
			if _, cached, _ := c.principal(numbered("good", i), known.ask); !cached {
				t.Fatalf("the principal %d was driven out by refusals", i)
			}
		}
		time.Sleep(time.Minute)
		_, _, _ = c.principal(numbered("good", 0), known.ask)
		if len(c.entries) != 1 {
			t.Errorf("%d are kept after their time", len(c.entries))
		}
		for i := range 3 * maxEntries {
			_, _, _ = c.principal(numbered("good", i), known.ask)
		}
		if len(c.entries) != maxEntries {
			t.Errorf("%d are kept", len(c.entries))
		}
	})
}

// Nothing of a credential is kept.
func TestCacheHoldsNoCredential(t *testing.T) {
	c := newCache(time.Minute)
	_, _, _ = c.principal(basic, (&asker{p: tje}).ask)
	for hash, e := range c.entries {
		if dump := fmt.Appendf(nil, "%s %+v", hash[:], e); bytes.Contains(dump, []byte("canary")) {
			t.Errorf("kept is %q", dump)
		}
	}
}
