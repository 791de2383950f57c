// Package openid verifies the tokens of an OpenID Connect issuer, for deployments where no installation can be asked who a caller is,
// and for callers who have such a token (C-35). What the issuer signed is believed; the token itself is not, until its signature is verified with
// a key that the issuer publishes.
//
// Begin with [Issuer.Principal]. token.go reads a token; keys.go keeps the issuer's keys, which discovery.go fetches.
package openid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"pocket-devices/internal/principal"
	"pocket-devices/internal/stricthttp"
)

// The claims by which SuperOffice's own tokens name who somebody is, for where the operator names none.
const (
	associateClaim     = "http://schemes.superoffice.net/identity/associateid"
	contextClaim       = "http://schemes.superoffice.net/identity/ctx"
	administratorClaim = "http://schemes.superoffice.net/identity/is_administrator"
)

// Config is what an operator decides. What may be empty has a default.
type Config struct {
	Issuer             string // the issuer's name, an address; tokens must have just it in iss (OIDC_ISSUER)
	Audience           string // whom the tokens are for; they must have it in aud (OIDC_AUDIENCE)
	MetadataURL        string // where the issuer describes itself, if not at .well-known/openid-configuration below its name (OIDC_METADATA_URL)
	AssociateClaim     string // the claim with the associate; SuperOffice's if empty (OIDC_ASSOCIATE_CLAIM)
	ContextClaim       string // the claim with the context identifier; SuperOffice's if empty (OIDC_CONTEXT_CLAIM)
	AdministratorClaim string // the claim that says whether it is an administrator; SuperOffice's if empty (OIDC_ADMINISTRATOR_CLAIM)
}

// Issuer is one OpenID Connect issuer. It is safe for concurrent use.
type Issuer struct {
	config Config
	keys   *keySet
}

// New returns the issuer that config describes. It asks nobody yet. Issuer and metadata must be https, but for the developer's own machine;
// the error begins with the variable that is at fault.
func New(config Config) (*Issuer, error) {
	if err := stricthttp.CheckBase(config.Issuer); err != nil {
		return nil, fmt.Errorf("OIDC_ISSUER: %w", err)
	}
	if config.Audience == "" {
		return nil, errors.New("OIDC_AUDIENCE is not set: without it a token that was issued for another program would let its bearer in")
	}
	config.MetadataURL = cmp.Or(config.MetadataURL, strings.TrimRight(config.Issuer, "/")+"/.well-known/openid-configuration")
	if err := stricthttp.CheckAddress(config.MetadataURL); err != nil {
		return nil, fmt.Errorf("OIDC_METADATA_URL: %w", err)
	}
	config.AssociateClaim = cmp.Or(config.AssociateClaim, associateClaim)
	config.ContextClaim = cmp.Or(config.ContextClaim, contextClaim)
	config.AdministratorClaim = cmp.Or(config.AdministratorClaim, administratorClaim)
	d := discovery{config.Issuer, config.MetadataURL, stricthttp.New(fetchTime)}
	return &Issuer{config, &keySet{fetch: d.keys}}, nil
}

// WarmUp fetches the issuer's keys, within a second. Where that fails, the first token has them fetched.
func (i *Issuer) WarmUp(ctx context.Context) error {
	if err := i.keys.prefetch(ctx); err != nil {
		return fmt.Errorf("the issuer's keys: %w", err)
	}
	return nil
}

// Principal returns whom the credential's token names. The error is [principal.ErrUnknown] for whatever is wrong with the token; any
// other says that the issuer's keys could not be had, and must never let anybody in. It waits for those keys alone, a second at the most where
// nobody else does. No error holds a part of the token.
func (i *Issuer) Principal(ctx context.Context, c principal.Credential) (principal.Principal, error) {
	token, ok := c.JWT()
	if !ok {
		return principal.Principal{}, unknown(errForm)
	}
	header, err := parseHeader(token)
	if err != nil {
		return principal.Principal{}, unknown(err)
	}
	key, err := i.keys.find(ctx, header)
	if err != nil {
		return principal.Principal{}, err
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{header.algorithm})
	if err != nil {
		return principal.Principal{}, unknown(errForm)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return principal.Principal{}, unknown(errors.New("the signature is wrong"))
	}
	p, err := i.read(payload, time.Now())
	if err != nil {
		return principal.Principal{}, unknown(err)
	}
	return p, nil
}

// unknown says what is wrong with a token.
func unknown(err error) error { return fmt.Errorf("%w: the token: %w", principal.ErrUnknown, err) }
