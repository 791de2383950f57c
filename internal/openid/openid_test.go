package openid

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/principal"
)

const audience = "6cf25376616343b38d14ddcd804f2891"

// The issuer's keys. Nothing of what signs with them here is of the library that verifies them.
var (
	rsaKey, _        = rsa.GenerateKey(rand.Reader, 2048)
	ecKey, _         = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, _      = ed25519.GenerateKey(rand.Reader)
	shortKey, _      = rsa.GenerateKey(rand.Reader, 1024)
	strangerKey, _   = rsa.GenerateKey(rand.Reader, 2048)
	encoding         = base64.RawURLEncoding
	rsaKeyID         = "16B7FB8C3F9AB06885A800C64E64C97C4AB5E98C"
	publishedModulus = encoding.EncodeToString(rsaKey.N.Bytes())
)

// published is the set of keys that the issuer publishes, with some that are no use to anybody.
func published() string {
	point, err := ecKey.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"keys":[
		{"kty":"RSA","use":"sig","alg":"RS256","kid":%q,"n":%q,"e":"AQAB"},
		{"kty":"RSA","use":"sig","kid":"any-rsa","n":%[2]q,"e":"AQAB"},
		{"kty":"EC","use":"sig","kid":"ec","crv":"P-256","x":%[3]q,"y":%[4]q},
		{"kty":"OKP","kid":"ed","crv":"Ed25519","x":%[5]q},
		{"kty":"RSA","use":"sig","kid":"short","n":%[6]q,"e":"AQAB"},
		{"kty":"RSA","use":"enc","kid":"encryption","n":%[2]q,"e":"AQAB"},
		{"kty":"oct","kid":"symmetric","alg":"HS256","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"},
		{"kty":"EC","kid":"twice","crv":"P-256","x":%[3]q,"y":%[4]q},
		{"kty":"EC","kid":"twice","crv":"P-256","x":%[3]q,"y":%[4]q},
		{"kty":"a kind of the future","kid":"future"}]}`,
		rsaKeyID, publishedModulus, encoding.EncodeToString(point[1:33]), encoding.EncodeToString(point[33:]),
		encoding.EncodeToString(edKey.Public().(ed25519.PublicKey)), encoding.EncodeToString(shortKey.N.Bytes()))
}

// signer makes a signature of a token's first two parts.
type signer func(input []byte) []byte

func bySigner(key crypto.Signer, hash crypto.Hash, opts crypto.SignerOpts) signer {
	return func(input []byte) []byte {
		digest := input
		if hash != 0 {
			h := hash.New()
			_, _ = h.Write(input)
			digest = h.Sum(nil)
		}
		signature, err := key.Sign(rand.Reader, digest, opts)
		if err != nil {
			panic(err)
		}
		return signature
	}
}

var byRSA = bySigner(rsaKey, crypto.SHA256, crypto.SHA256)

func byEC(input []byte) []byte {
	digest := sha256.Sum256(input)
	r, s, err := ecdsa.Sign(rand.Reader, ecKey, digest[:])
	if err != nil {
		panic(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func byHMAC(key []byte) signer {
	return func(input []byte) []byte {
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write(input)
		return mac.Sum(nil)
	}
}

// sign returns a token.
func sign(header, payload string, s signer) string {
	input := encoding.EncodeToString([]byte(header)) + "." + encoding.EncodeToString([]byte(payload))
	return input + "." + encoding.EncodeToString(s([]byte(input)))
}

var rs256 = `{"alg":"RS256","typ":"JWT","kid":"` + rsaKeyID + `"}`

// idToken returns the claims of a token as SuperOffice's documentation shows one, valid now, changed by changes; a nil takes a claim out.
func idToken(issuer string, changes map[string]any) string {
	now := time.Now().Unix()
	claims := map[string]any{
		"sub":              "tony@superoffice.com",
		associateClaim:     "5",
		contextClaim:       "Cust26759",
		administratorClaim: "False",
		"http://schemes.superoffice.net/identity/webapi_url": "https://sod.superoffice.com/Cust26759/api/",
		"nonce": "637172620046685267.NmU2ZmRjNTct",
		"iat":   fmt.Sprint(now - 1),
		"nbf":   now - 61,
		"exp":   now + 299,
		"iss":   issuer,
		"aud":   audience,
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return string(payload)
}

// site is an issuer on this machine, which counts how often it is asked.
type site struct {
	url    string
	asked  atomic.Int32 // for anything at all
	issuer *Issuer
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q,"id_token_signing_alg_values_supported":["RS256"]}`, s.url, s.url+"/keys?p=x")
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, published()) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.asked.Add(1); mux.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.issuer = newIssuer(t, Config{Issuer: s.url, Audience: audience})
	return s
}

func newIssuer(t testing.TB, c Config) *Issuer {
	t.Helper()
	i, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func bearer(token string) principal.Credential {
	return principal.Credential{Scheme: "bearer", Authorization: "Bearer " + token}
}

// Whom a good token names. The first is SuperOffice's own, as its documentation shows it.
func TestPrincipal(t *testing.T) {
	s := newSite(t)
	tony := principal.Principal{Associate: 5, Name: "tony@superoffice.com", ContextIdentifier: "Cust26759"}
	with := func(change func(*principal.Principal)) principal.Principal {
		p := tony
		change(&p)
		return p
	}
	now := time.Now().Unix()
	good := idToken(s.url, nil)
	tests := []struct {
		name, token string
		want        principal.Principal
	}{
		{"SuperOffice's", sign(rs256, good, byRSA), tony},
		{"with a certificate's thumbprint", sign(`{"alg":"RS256","kid":"`+rsaKeyID+`","x5t":"Frf7jD-asGiFqADGTmTJfEq16Yw","typ":"JWT"}`, good, byRSA), tony},
		{"an administrator's", sign(rs256, idToken(s.url, map[string]any{administratorClaim: "True"}), byRSA), with(func(p *principal.Principal) { p.Administrator = true })},
		{"an administrator's, as JSON has it", sign(rs256, idToken(s.url, map[string]any{administratorClaim: true}), byRSA), with(func(p *principal.Principal) { p.Administrator = true })},
		{"not an administrator's, as JSON has it", sign(rs256, idToken(s.url, map[string]any{administratorClaim: false}), byRSA), tony},
		{"that says nothing of administrators", sign(rs256, idToken(s.url, map[string]any{administratorClaim: nil}), byRSA), tony},
		{"with the associate as a number", sign(rs256, idToken(s.url, map[string]any{associateClaim: 5}), byRSA), tony},
		{"of no context identifier", sign(rs256, idToken(s.url, map[string]any{contextClaim: nil}), byRSA), with(func(p *principal.Principal) { p.ContextIdentifier = "" })},
		{"for several", sign(rs256, idToken(s.url, map[string]any{"aud": []string{"another", audience}}), byRSA), tony},
		{"with iat as a number", sign(rs256, idToken(s.url, map[string]any{"iat": now}), byRSA), tony},
		{"with a fraction of a second", sign(rs256, idToken(s.url, map[string]any{"iat": float64(now) + 0.25}), byRSA), tony},
		{"by a clock that is ahead", sign(rs256, idToken(s.url, map[string]any{"iat": now + 50, "nbf": now + 50}), byRSA), tony},
		{"without nbf", sign(rs256, idToken(s.url, map[string]any{"nbf": nil}), byRSA), tony},
		{"an access token", sign(strings.Replace(rs256, "JWT", "at+jwt", 1), good, byRSA), tony},
		{"an access token, in full", sign(strings.Replace(rs256, "JWT", "application/at+JWT", 1), good, byRSA), tony},
		{"without a type", sign(`{"alg":"RS256","kid":"`+rsaKeyID+`"}`, good, byRSA), tony},
		{"by PS256", sign(`{"alg":"PS256","kid":"any-rsa"}`, good, bySigner(rsaKey, crypto.SHA256, &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256})), tony},
		{"by RS512", sign(`{"alg":"RS512","kid":"any-rsa"}`, good, bySigner(rsaKey, crypto.SHA512, crypto.SHA512)), tony},
		{"by ES256", sign(`{"alg":"ES256","kid":"ec"}`, good, byEC), tony},
		{"by EdDSA", sign(`{"alg":"EdDSA","kid":"ed"}`, good, bySigner(edKey, 0, crypto.Hash(0))), tony},
		{"by the only key there is for it", sign(`{"alg":"EdDSA"}`, good, bySigner(edKey, 0, crypto.Hash(0))), tony},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.issuer.Principal(t.Context(), bearer(tt.token))
			if err != nil {
				t.Fatal(err)
			}
			if left := time.Until(got.Expires); left > 300*time.Second || left < 0 {
				t.Errorf("it expires in %v", left)
			}
			got.Expires = time.Time{}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if asked := s.asked.Load(); asked != 2 {
		t.Errorf("the issuer was asked %d times for %d tokens", asked, len(tests))
	}
}

// refuses fails the test unless the token is its bearer's 401, and the error tells nothing of it.
func (s *site) refuses(t *testing.T, token string) {
	t.Helper()
	p, err := s.issuer.Principal(t.Context(), bearer(token))
	if !errors.Is(err, principal.ErrUnknown) || p != (principal.Principal{}) {
		t.Fatalf("Principal = %+v, %v", p, err)
	}
	for _, part := range append(strings.Split(token, "."), "tony", "Cust26759") {
		if len(part) > 3 && strings.Contains(err.Error(), part) {
			t.Errorf("the error tells too much: %v", err)
		}
	}
}

// What a token's header alone is refused for costs the issuer nothing, though the keys or the library would refuse it later as well.
func TestHeader(t *testing.T) {
	s := newSite(t)
	good := idToken(s.url, nil)
	header := func(members string, by signer) string { return sign(`{"kid":"`+rsaKeyID+`",`+members+`}`, good, by) }
	der, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf(`"jwk":{"kty":"RSA","n":%q,"e":"AQAB"}`, encoding.EncodeToString(strangerKey.N.Bytes()))
	byStranger := bySigner(strangerKey, crypto.SHA256, crypto.SHA256)
	none := func([]byte) []byte { return nil }
	for name, token := range map[string]string{
		"not signed":                        header(`"alg":"none"`, none),
		"not signed, with a signature":      header(`"alg":"none"`, byRSA),
		"not signed, otherwise spelled":     header(`"alg":"nOnE"`, none),
		"without an algorithm":              header(`"typ":"JWT"`, byRSA),
		"an algorithm that is no text":      header(`"alg":["RS256"]`, byRSA),
		"an algorithm in another case":      header(`"alg":"rs256"`, byRSA),
		"HS256 with the key as PEM":         header(`"alg":"HS256"`, byHMAC(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))),
		"HS256 with the key as DER":         header(`"alg":"HS256"`, byHMAC(der)),
		"HS256 with the modulus":            header(`"alg":"HS256"`, byHMAC(rsaKey.N.Bytes())),
		"HS256 with the published secret":   sign(`{"alg":"HS256","kid":"symmetric"}`, good, byHMAC([]byte("secret-secret-secret-secret-secret"))),
		"a key of its own":                  header(`"alg":"RS256",`+own, byStranger),
		"a key of its own, though not used": header(`"alg":"RS256",`+own, byRSA),
		"a key of its own, without a kid":   sign(`{"alg":"RS256",`+own+`}`, good, byStranger),
		"the address of a key":              header(`"alg":"RS256","jku":"`+s.url+`/evil"`, byRSA),
		"a certificate of its own":          header(`"alg":"RS256","x5c":["MIIB"]`, byRSA),
		"the address of a certificate":      header(`"alg":"RS256","x5u":"`+s.url+`/evil"`, byRSA),
		"an extension":                      header(`"alg":"RS256","crit":["exp"],"exp":1`, byRSA),
		"an extension of RFC 7797":          header(`"alg":"RS256","crit":["b64"],"b64":true`, byRSA),
		"no extensions":                     header(`"alg":"RS256","crit":[]`, byRSA),
		"extensions that are null":          header(`"alg":"RS256","crit":null`, byRSA),
		"two algorithms":                    header(`"alg":"none","alg":"RS256"`, byRSA),
		"a logout token":                    header(`"alg":"RS256","typ":"logout+jwt"`, byRSA),
		"a type that is no text":            header(`"alg":"RS256","typ":1`, byRSA),
		"a key that is no text":             sign(`{"alg":"RS256","kid":1}`, good, byRSA),
		"a key without a name":              sign(`{"alg":"RS256","kid":""}`, good, byRSA),
		"a header that is an array":         sign(`["RS256"]`, good, byRSA),
		"a header that is no JSON":          sign(`{"alg":"RS256"`, good, byRSA),
	} {
		t.Run(name, func(t *testing.T) { s.refuses(t, token) })
	}
	if asked := s.asked.Load(); asked > 0 {
		t.Errorf("the issuer was asked %d times", asked)
	}
}

// Whatever is wrong with a token is its bearer's 401, never a failure and never an allow; and nothing is fetched for it but, once, the keys.
func TestUnknown(t *testing.T) {
	s := newSite(t)
	good := idToken(s.url, nil)
	claim := func(name string, value any) string {
		return sign(rs256, idToken(s.url, map[string]any{name: value}), byRSA)
	}
	payload := func(old, new string) string {
		changed := strings.Replace(good, old, new, 1)
		if changed == good {
			t.Fatalf("%s is not in %s", old, good)
		}
		return sign(rs256, changed, byRSA)
	}
	header := func(members string, by signer) string { return sign(`{"kid":"`+rsaKeyID+`",`+members+`}`, good, by) }
	valid := sign(rs256, good, byRSA)
	parts := strings.Split(valid, ".")
	now := time.Now().Unix()

	tests := map[string]string{
		"a stranger's":                     header(`"alg":"RS256"`, bySigner(strangerKey, crypto.SHA256, crypto.SHA256)),
		"another algorithm than the key's": header(`"alg":"RS512"`, bySigner(rsaKey, crypto.SHA512, crypto.SHA512)),
		"another kind than the key's":      header(`"alg":"ES256"`, byEC),
		"a short key":                      sign(`{"alg":"RS256","kid":"short"}`, good, bySigner(shortKey, crypto.SHA256, crypto.SHA256)),
		"a key for encryption":             sign(`{"alg":"RS256","kid":"encryption"}`, good, byRSA),
		"one of two keys of that name":     sign(`{"alg":"ES256","kid":"twice"}`, good, byEC),
		"one of several, without a name":   sign(`{"alg":"RS256"}`, good, byRSA),
		"an unknown key":                   sign(`{"alg":"RS256","kid":"unknown"}`, good, byRSA),
		"a key in another case":            sign(`{"alg":"RS256","kid":"`+strings.ToLower(rsaKeyID)+`"}`, good, byRSA),

		"another's claims":      parts[0] + "." + encoding.EncodeToString([]byte(idToken(s.url, map[string]any{associateClaim: "6"}))) + "." + parts[2],
		"another's header":      encoding.EncodeToString([]byte(`{"kid":"`+rsaKeyID+`","alg":"RS256"}`)) + "." + parts[1] + "." + parts[2],
		"without its signature": parts[0] + "." + parts[1] + ".",
		"half its signature":    parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])/2],
		"two parts":             parts[0] + "." + parts[1],
		"SuperOffice's own":     "8A:Cust26759.abc.def",

		"of another issuer":                   claim("iss", "https://sod.superoffice.com"),
		"of an issuer that is almost ours":    claim("iss", s.url+"/"),
		"of nobody":                           claim("iss", nil),
		"of a list of issuers":                claim("iss", []string{s.url}),
		"for another":                         claim("aud", "another"),
		"for others":                          claim("aud", []string{"another", audience + "x"}),
		"for somebody in another case":        claim("aud", strings.ToUpper(audience)),
		"for nobody":                          claim("aud", nil),
		"for an empty list":                   claim("aud", []string{}),
		"for an object":                       claim("aud", map[string]any{audience: 1}),
		"for a list with a number":            claim("aud", []any{audience, 1}),
		"expired":                             claim("exp", now-1),
		"expired just now":                    claim("exp", now),
		"that never expires":                  claim("exp", nil),
		"that expires some time":              claim("exp", "tomorrow"),
		"that expires before all time":        claim("exp", -1),
		"that expires beyond all time":        claim("exp", 1e18),
		"that expires at null":                payload(`"exp":`, `"exp":null,"x":`),
		"that expires at an exponent":         payload(`"exp":`, `"exp":1e12,"x":`),
		"that expires in hexadecimal":         claim("exp", "0xFFFFFFFF"),
		"that expires at a text with a space": claim("exp", fmt.Sprint(" ", now+100)),
		"not yet valid":                       claim("nbf", now+120),
		"valid from null":                     payload(`"nbf":`, `"nbf":null,"x":`),
		"of a time to come":                   claim("iat", now+120),
		"of no time":                          claim("iat", nil),
		"of an odd time":                      claim("iat", "now"),
		"of no associate":                     claim(associateClaim, nil),
		"of associate zero":                   claim(associateClaim, "0"),
		"of a negative associate":             claim(associateClaim, -5),
		"of a padded associate":               claim(associateClaim, "05"),
		"of a fraction":                       claim(associateClaim, 5.5),
		"of an associate that is too large":   claim(associateClaim, "2147483648"),
		"of an associate that is true":        claim(associateClaim, true),
		"of a list of associates":             claim(associateClaim, []string{"5"}),
		"of an associate by another name":     payload("identity/associateid", "identity/AssociateId"),
		"of no subject":                       claim("sub", nil),
		"of an empty subject":                 claim("sub", ""),
		"of a subject with a line break":      claim("sub", "tony\nroot"),
		"of an identifier that is a number":   claim(contextClaim, 26759),
		"of an identifier with a NUL":         claim(contextClaim, "Cust26759\x00"),
		"of an odd right":                     claim(administratorClaim, "yes"),
		"of an empty right":                   claim(administratorClaim, ""),
		"of a right that is a number":         claim(administratorClaim, 1),
		"of a right that is null":             payload(`"`+administratorClaim+`":"False"`, `"`+administratorClaim+`":null`),
		"of two associates":                   payload(`{`, `{"`+associateClaim+`":"6",`),
		"of two equal issuers":                payload(`{`, `{"iss":"`+s.url+`",`),
		"with a claim of no meaning twice":    payload(`{`, `{"x":1,"x":1,`),
		"with two names deep inside":          payload(`{`, `{"x":[{"y":1,"y":2}],`),
		"with claims that are an array":       sign(rs256, "["+good+"]", byRSA),
		"with something after the claims":     sign(rs256, good+"{}", byRSA),
		"with half its claims":                sign(rs256, good[:len(good)/2], byRSA),
		"with no claims":                      sign(rs256, "{}", byRSA),
		"with claims that are no UTF-8":       payload("tony", "t\xffny"),
		"nested too deeply":                   payload(`{`, `{"x":`+strings.Repeat("[", 99)+strings.Repeat("]", 99)+`,`),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) { s.refuses(t, token) })
	}
	if asked := s.asked.Load(); asked > 2 {
		t.Errorf("the issuer was asked %d times", asked)
	}
}

// An operator may name other claims, one of which may serve twice.
func TestClaimNames(t *testing.T) {
	s := newSite(t)
	i := newIssuer(t, Config{
		Issuer: s.url, Audience: audience, MetadataURL: s.url + "/.well-known/openid-configuration?v=2",
		AssociateClaim: "sub", ContextClaim: "ctx", AdministratorClaim: "admin",
	})
	token := sign(rs256, idToken(s.url, map[string]any{"sub": "7", "ctx": "Cust1", "admin": true}), byRSA)
	got, err := i.Principal(t.Context(), bearer(token))
	got.Expires = time.Time{}
	if want := (principal.Principal{Associate: 7, Name: "7", ContextIdentifier: "Cust1", Administrator: true}); got != want || err != nil {
		t.Errorf("Principal = %+v, %v, want %+v", got, err, want)
	}
	if got, err := i.Principal(t.Context(), bearer(sign(rs256, idToken(s.url, nil), byRSA))); !errors.Is(err, principal.ErrUnknown) {
		t.Errorf("by SuperOffice's claims: Principal = %+v, %v", got, err)
	}
}

func TestNew(t *testing.T) {
	const issuer = "https://sod.superoffice.com"
	for fault, c := range map[string]Config{
		"":                                      {Issuer: issuer, Audience: audience, MetadataURL: issuer + "/login/.well-known/openid-configuration"},
		"OIDC_ISSUER: it must be an address":    {Audience: audience},
		"OIDC_ISSUER: it must begin with https": {Issuer: "http://sod.superoffice.com", Audience: audience},
		"OIDC_ISSUER: it must be an address such":   {Issuer: issuer + "?x", Audience: audience},
		"OIDC_AUDIENCE is not set":                  {Issuer: issuer},
		"OIDC_METADATA_URL: it must begin with htt": {Issuer: issuer, Audience: audience, MetadataURL: "http://sod.superoffice.com"},
	} {
		_, err := New(c)
		if (err == nil) != (fault == "") || err != nil && !strings.HasPrefix(err.Error(), fault) {
			t.Errorf("New(%+v): %v, want %q", c, err, fault)
		}
	}
}

// Whoever is let in shows a token that the standard library verifies too, and whose claims its decoder reads alike.
func FuzzToken(f *testing.F) {
	s := newSite(f)
	if _, err := s.issuer.Principal(f.Context(), bearer(sign(rs256, idToken(s.url, nil), byRSA))); err != nil {
		f.Fatal(err)
	}
	f.Add(sign(rs256, idToken(s.url, nil), byRSA))
	f.Add(sign(`{"alg":"RS256","kid":"any-rsa"}`, idToken(s.url, map[string]any{"aud": []string{audience}}), byRSA))
	f.Add(sign(`{"alg":"none"}`, idToken(s.url, nil), func([]byte) []byte { return nil }))
	f.Add("e30.e30.e30")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := s.issuer.Principal(t.Context(), bearer(token))
		if err != nil {
			if !errors.Is(err, principal.ErrUnknown) || p != (principal.Principal{}) {
				t.Errorf("Principal = %+v, %v", p, err)
			}
			return
		}
		parts := strings.Split(token, ".")
		digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		signature, _ := encoding.DecodeString(parts[2])
		if err := rsa.VerifyPKCS1v15(&rsaKey.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			t.Error(err)
		}
		checkClaims(t, s.url, parts[1], p)
	})
}

// The same, where the issuer signs whatever claims there are.
func FuzzClaims(f *testing.F) {
	s := newSite(f)
	f.Add(strings.ReplaceAll(idToken(s.url, nil), s.url, "https://issuer.example"))
	f.Add(`{"sub":"a","exp":99999999999,"iat":"0","iss":"https://issuer.example","aud":["` + audience + `"],"` + associateClaim + `":7}`)
	f.Fuzz(func(t *testing.T, claims string) {
		claims = strings.ReplaceAll(claims, "https://issuer.example", s.url)
		token := sign(`{"alg":"EdDSA","kid":"ed"}`, claims, bySigner(edKey, 0, crypto.Hash(0)))
		p, err := s.issuer.Principal(t.Context(), bearer(token))
		if err == nil {
			checkClaims(t, s.url, strings.Split(token, ".")[1], p)
		} else if !errors.Is(err, principal.ErrUnknown) {
			t.Error(err)
		}
	})
}

// checkClaims compares who was let in with what the standard decoder reads.
func checkClaims(t *testing.T, issuer, encoded string, p principal.Principal) {
	t.Helper()
	payload, err := encoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	d := json.NewDecoder(strings.NewReader(string(payload)))
	d.UseNumber()
	if err := d.Decode(&claims); err != nil {
		t.Fatal(err)
	}
	if claims["iss"] != issuer || !strings.Contains(fmt.Sprint(claims["aud"]), audience) || fmt.Sprint(claims[associateClaim]) != p.Associate.String() || p.Associate < 1 {
		t.Errorf("%+v by %s", p, payload)
	}
	if p.Administrator && !strings.EqualFold(fmt.Sprint(claims[administratorClaim]), "true") || !p.Expires.After(time.Now().Add(-time.Minute)) {
		t.Errorf("%+v by %s", p, payload)
	}
}

// Whatever an issuer publishes, what is taken for a key is a public one.
func FuzzKeys(f *testing.F) {
	f.Add(published())
	f.Add(`{"keys":[{"kty":"oct","k":"AAAA"}]}`)
	f.Fuzz(func(t *testing.T, set string) {
		keys, err := readKeys([]byte(set))
		if (err == nil) != (len(keys) > 0) {
			t.Errorf("%d keys and %v", len(keys), err)
		}
		for _, k := range keys {
			if !k.IsPublic() || fits(&k, jose.HS256) {
				t.Errorf("%v is taken for a public key", k)
			}
		}
	})
}
