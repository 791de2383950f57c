package openid

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	fetchInterval = 30 * time.Second // between two fetches of the keys, whatever came of the first (C-35)
	maxAge        = time.Hour        // after which keys are fetched anew, so that one that was withdrawn is not trusted for ever
	minRSA        = 2048             // bits (RFC 7518, 3.3)
)

// keySet keeps the public keys of an issuer. Whoever sends tokens cannot have them fetched more often than the interval allows.
type keySet struct {
	fetch func(context.Context) ([]jose.JSONWebKey, error) // asks the issuer; it takes fetchTime at the most

	mu    sync.Mutex // held during a fetch: whoever else needs a key waits for it, no longer than it takes
	keys  []jose.JSONWebKey
	asked time.Time // when they were last fetched, well or not. By the wall clock: the other one stands still while Lambda freezes the function
	had   time.Time // when they were last fetched well
	err   error     // of the last fetch
}

// prefetch fetches the keys before one is needed. Where that fails, it does not count: the first token has them fetched at once.
func (s *keySet) prefetch(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Round(0)
	keys, err := s.fetch(ctx)
	if err == nil {
		s.keys, s.had, s.asked = keys, now, now
	}
	return err
}

// find returns the key by which a token with that header must have been signed. The error is [principal.ErrUnknown] where the issuer has
// no such key; any other says that its keys could not be had.
func (s *keySet) find(ctx context.Context, h header) (*jose.JSONWebKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Round(0)
	key := s.lookup(h)
	if key != nil && now.Sub(s.had) < maxAge {
		return key, nil
	}
	if now.Sub(s.asked) >= fetchInterval {
		s.asked = now
		var keys []jose.JSONWebKey
		if keys, s.err = s.fetch(ctx); s.err == nil {
			s.keys, s.had = keys, now
			key = s.lookup(h)
		}
	}
	switch {
	case key != nil: // an old one, where there are no newer ones to be had: that is no reason to refuse good tokens
		return key, nil
	case s.err != nil:
		return nil, fmt.Errorf("the issuer's keys: %w", s.err)
	}
	return nil, unknown(errors.New("the issuer has no such key"))
}

// lookup returns the one key that fits, nil where there is none, or where it would be a guess which.
func (s *keySet) lookup(h header) (found *jose.JSONWebKey) {
	for i := range s.keys {
		k := &s.keys[i]
		if !fits(k, h.algorithm) || h.keyID != "" && k.KeyID != h.keyID {
			continue
		}
		if found != nil {
			return nil
		}
		found = k
	}
	return found
}

// byCurve is the algorithm that a key on an elliptic curve is for (RFC 7518, 3.4).
var byCurve = map[string]jose.SignatureAlgorithm{"P-256": jose.ES256, "P-384": jose.ES384, "P-521": jose.ES512}

// fits reports whether the key is one for signatures by the algorithm: of its kind, and not set apart for something else.
func fits(k *jose.JSONWebKey, algorithm jose.SignatureAlgorithm) bool {
	if k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != string(algorithm) {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return (strings.HasPrefix(string(algorithm), "RS") || strings.HasPrefix(string(algorithm), "PS")) && key.N.BitLen() >= minRSA
	case *ecdsa.PublicKey:
		return algorithm == byCurve[key.Params().Name]
	case ed25519.PublicKey:
		return algorithm == jose.EdDSA
	}
	return false
}
