package standin

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Audience is whom the issuer's tokens are for.
const Audience = "6cf25376616343b38d14ddcd804f2891"

// The issuer's paths, which are those of SuperOffice's. Its name is the address of its host, so its metadata are not right below it.
const (
	MetadataPath = "/login/.well-known/openid-configuration"
	TokenPath    = "/login/common/oauth/tokens" // takes grant_type=password, username and password, as a form
	keysPath     = "/login/.well-known/jwks"
)

const (
	keyID    = "local"
	lifetime = 5 * time.Minute // of a token
	claim    = "http://schemes.superoffice.net/identity/"
)

// signingKey is made when it is first needed.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func handleIssuer(mux *http.ServeMux) {
	mux.HandleFunc("GET "+MetadataPath, func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK, map[string]any{
			"issuer": issuerOf(r), "jwks_uri": issuerOf(r) + keysPath, "token_endpoint": issuerOf(r) + TokenPath,
			"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET "+keysPath, func(w http.ResponseWriter, _ *http.Request) {
		public := signingKey().PublicKey
		reply(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID, "n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST "+TokenPath, func(w http.ResponseWriter, r *http.Request) {
		for _, p := range people {
			if r.FormValue("grant_type") == "password" && r.FormValue("username") == p.name && r.FormValue("password") == p.password {
				token, err := sign(p.claims(issuerOf(r), time.Now()))
				if err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
				reply(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": int(lifetime.Seconds()), "id_token": token})
				return
			}
		}
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
	})
}

func issuerOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Token asks the issuer at address for a token as a program does that knows a person's password. It is an error where it gives none.
func Token(address, name, password string) (string, error) {
	resp, err := http.PostForm(address+TokenPath, url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct {
		Token string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", err
	}
	if answer.Token == "" {
		return "", fmt.Errorf("the issuer answers %s with %s and no token", name, resp.Status)
	}
	return answer.Token, nil
}

// claims returns what the issuer says of p, in the forms that SuperOffice's has: texts, but for two of the times.
func (p person) claims(issuer string, now time.Time) map[string]any {
	if p.expired {
		now = now.Add(-2 * lifetime)
	}
	administrator := "False"
	if slices.Contains(p.rights, "admin-all") {
		administrator = "True"
	}
	return map[string]any{
		"iss": issuer, "aud": Audience, "sub": p.name,
		"iat": strconv.FormatInt(now.Unix(), 10), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(lifetime).Unix(),
		claim + "associateid":      strconv.Itoa(p.associateID),
		claim + "ctx":              p.context,
		claim + "is_administrator": administrator,
	}
}

// sign returns the claims as a token, signed by RS256 (RFC 7515).
func sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := encode([]byte(`{"alg":"RS256","typ":"JWT","kid":"`+keyID+`"}`)) + "." + encode(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, signingKey(), crypto.SHA256, digest[:])
	return input + "." + encode(signature), err
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
