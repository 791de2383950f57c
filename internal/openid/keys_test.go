package openid

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"pocket-devices/internal/principal"
)

// keys is an issuer's keys by a clock of the test's.
type keys struct {
	set     keySet
	ids     []string // of the keys that the issuer has
	err     error    // or why they cannot be had
	takes   time.Duration
	fetches int
}

func newKeys(ids ...string) *keys {
	k := &keys{ids: ids}
	k.set.fetch = func(context.Context) (found []jose.JSONWebKey, err error) {
		k.fetches++
		time.Sleep(k.takes)
		for _, id := range k.ids {
			found = append(found, jose.JSONWebKey{KeyID: id, Key: &rsaKey.PublicKey})
		}
		return found, k.err
	}
	return k
}

func (k *keys) find(id string) error {
	key, err := k.set.find(context.Background(), header{jose.RS256, id})
	if err == nil && key.KeyID != id {
		return fmt.Errorf("the key is %s", key.KeyID)
	}
	return err
}

var errDown = errors.New("down")

func TestKeys(t *testing.T) {
	t.Run("an unknown key twenty times", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			k := newKeys("a")
			for range 20 {
				if err := k.find("b"); !errors.Is(err, principal.ErrUnknown) {
					t.Errorf("find: %v", err)
				}
				time.Sleep(time.Second)
			}
			if err := k.find("a"); err != nil || k.fetches != 1 {
				t.Errorf("find: %v after %d fetches", err, k.fetches)
			}
		})
	})
	t.Run("a new key", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			k := newKeys("a")
			if err := k.find("a"); err != nil {
				t.Fatal(err)
			}
			k.ids = []string{"a", "b"}
			time.Sleep(fetchInterval - 1)
			if err := k.find("b"); !errors.Is(err, principal.ErrUnknown) || k.fetches != 1 {
				t.Errorf("too early: %v after %d fetches", err, k.fetches)
			}
			time.Sleep(time.Nanosecond)
			if err := errors.Join(k.find("b"), k.find("a"), k.find("b")); err != nil || k.fetches != 2 {
				t.Errorf("find: %v after %d fetches", err, k.fetches)
			}
		})
	})
	t.Run("a key that was withdrawn", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			k := newKeys("a", "b")
			if err := k.find("a"); err != nil {
				t.Fatal(err)
			}
			k.ids = []string{"b"}
			time.Sleep(maxAge - 1)
			if err := k.find("a"); err != nil || k.fetches != 1 {
				t.Errorf("within the hour: %v after %d fetches", err, k.fetches)
			}
			time.Sleep(time.Nanosecond)
			if err := k.find("a"); !errors.Is(err, principal.ErrUnknown) || k.fetches != 2 {
				t.Errorf("after it: %v after %d fetches", err, k.fetches)
			}
		})
	})
	t.Run("an issuer that is down at first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			k := newKeys("a")
			k.err = errDown
			for range 3 {
				if err := k.find("a"); !errors.Is(err, errDown) || errors.Is(err, principal.ErrUnknown) || k.fetches != 1 {
					t.Errorf("find: %v after %d fetches", err, k.fetches)
				}
			}
			k.err = nil
			time.Sleep(fetchInterval)
			if err := k.find("a"); err != nil || k.fetches != 2 {
				t.Errorf("find: %v after %d fetches", err, k.fetches)
			}
		})
	})
	t.Run("an issuer that is down later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			k := newKeys("a")
			if err := k.find("a"); err != nil {
				t.Fatal(err)
			}
			k.ids, k.err = nil, errDown
			time.Sleep(2 * maxAge)
			for range 20 { // the key that is known still serves; of another it cannot be said that there is none
				if err := k.find("a"); err != nil {
					t.Errorf("find: %v", err)
				}
				if err := k.find("b"); !errors.Is(err, errDown) || errors.Is(err, principal.ErrUnknown) {
					t.Errorf("find: %v", err)
				}
			}
			if k.fetches != 2 {
				t.Errorf("after %d fetches", k.fetches)
			}
		})
	})
	t.Run("many at a time", func(t *testing.T) {
		k := newKeys("a")
		k.takes = 50 * time.Millisecond // of the real clock, which alone goes on while somebody waits for a mutex
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				if err := k.find([]string{"a", "b"}[i%2]); (err == nil) != (i%2 == 0) {
					t.Errorf("find: %v", err)
				}
			})
		}
		all.Wait()
		if k.fetches != 1 {
			t.Errorf("%d fetches", k.fetches)
		}
	})
}

// Only an issuer on this machine may have its keys on this machine, where the runtime of the function listens too.
func TestKeysURL(t *testing.T) {
	for _, tt := range []struct {
		metadata, keys string
		want           bool
	}{
		{"https://a.example/m", "https://a.example/k", true},
		{"https://a.example/m", "https://b.example/k?p=x", true},
		{"http://127.0.0.1:1/m", "http://127.0.0.1:1/k", true},
		{"http://127.0.0.1:1/m", "https://a.example/k", true},
		{"https://a.example/m", "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", false},
		{"https://a.example/m", "HTTP://localhost/k", false},
		{"https://a.example/m", "http://b.example/k", false},
		{"https://a.example/m", "https://user:password@a.example/k", false},
		{"https://a.example/m", "", false},
	} {
		d := discovery{issuer: "https://a.example", metadataURL: tt.metadata}
		if got, err := d.readMetadata([]byte(`{"issuer":"https://a.example","jwks_uri":"` + tt.keys + `"}`)); (err == nil) != tt.want || err == nil && got != tt.keys {
			t.Errorf("%s, %s: %q, %v", tt.metadata, tt.keys, got, err)
		}
	}
}

// An issuer that fails lets nobody in, and is no reason to tell the caller that its token is bad (C-33).
func TestIssuerFails(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
	}
	faults := map[string]http.HandlerFunc{
		"status 500": status(500), "status 429": status(429), "status 404": status(404), "status 401": status(401), "status 204": status(204),
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"HTML":       text("<html></html>"),
		"null":       text("null"),
		"nothing":    text(""),
		"half a body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{")
		},
		"100 KiB":   text(published() + strings.Repeat(" ", 100<<10)),
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"silence":   func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
	type fault struct{ metadata, keys http.HandlerFunc } // nil for as it should be
	tests := map[string]fault{}
	for name, h := range faults {
		tests[name+" for the metadata"] = fault{metadata: h}
		tests[name+" for the keys"] = fault{keys: h}
	}
	metadata := func(format string) fault {
		return fault{metadata: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, strings.ReplaceAll(format, "HERE", "http://"+r.Host))
		}}
	}
	tests["metadata of another issuer"] = metadata(`{"issuer":"https://sod.superoffice.com","jwks_uri":"HERE/keys"}`)
	tests["metadata of an issuer with a slash"] = metadata(`{"issuer":"HERE/","jwks_uri":"HERE/keys"}`)
	tests["metadata of nobody"] = metadata(`{"jwks_uri":"HERE/keys"}`)
	tests["metadata of two"] = metadata(`{"issuer":"HERE","issuer":"HERE","jwks_uri":"HERE/keys"}`)
	tests["no address of the keys"] = metadata(`{"issuer":"HERE"}`)
	tests["a plain address of the keys"] = metadata(`{"issuer":"HERE","jwks_uri":"http://example.com/keys"}`)
	tests["a file of keys"] = metadata(`{"issuer":"HERE","jwks_uri":"file:///etc/keys"}`)
	for name, set := range map[string]string{
		"no keys":         `{"keys":[]}`,
		"keys, missing":   `{}`,
		"keys, an object": `{"keys":{"kid":"a"}}`,
		"a secret alone":  `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`,
		"keys twice":      `{"keys":[],` + published()[1:],
		"a private key alone": fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":%q,"d":%q}]}`,
			encoding.EncodeToString(edKey[32:]), encoding.EncodeToString(edKey[:32])),
	} {
		tests[name] = fault{keys: text(set)}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			good := metadata(`{"issuer":"HERE","jwks_uri":"HERE/keys"}`).metadata
			if tt.metadata != nil {
				good = tt.metadata
			}
			mux.HandleFunc("/.well-known/openid-configuration", good)
			if tt.keys == nil {
				tt.keys = text(published())
			}
			mux.HandleFunc("/keys", tt.keys)
			mux.HandleFunc("/elsewhere", func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
			i := newIssuer(t, Config{Issuer: server.URL, Audience: audience})
			p, err := i.Principal(t.Context(), bearer(sign(rs256, idToken(server.URL, nil), byRSA)))
			if err == nil || errors.Is(err, principal.ErrUnknown) || p != (principal.Principal{}) {
				t.Errorf("Principal = %+v, %v", p, err)
			}
			if err != nil && strings.Contains(err.Error(), server.URL) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// Keys that were fetched beforehand are not fetched again; where they could not be, the first token has them fetched at once.
func TestPrefetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys("a")
		if err := errors.Join(k.set.prefetch(t.Context()), k.find("a")); err != nil || k.fetches != 1 {
			t.Errorf("find: %v after %d fetches", err, k.fetches)
		}
		if err := k.find("b"); !errors.Is(err, principal.ErrUnknown) || k.fetches != 1 {
			t.Errorf("find of an unknown one: %v after %d fetches", err, k.fetches)
		}
		k = newKeys("a")
		k.err = errDown
		if err := k.set.prefetch(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("prefetch: %v", err)
		}
		k.err = nil
		if err := k.find("a"); err != nil || k.fetches != 2 {
			t.Errorf("find after that: %v after %d fetches", err, k.fetches)
		}
	})
}
