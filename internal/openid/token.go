package openid

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/principal"
	"pocket-devices/internal/strictjson"
)

// leeway is how far the issuer's clock may be ahead of ours.
const leeway = time.Minute

// maxDepth is how deep the JSON of a token or of the issuer may nest.
const maxDepth = 16

// algorithms are those by which a token may be signed: all with a public key, so neither none nor an HMAC (C-35).
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

var errForm = errors.New("it has another form than it must")

// header is what a token says of how it is signed. It decides nothing but which of the issuer's keys is tried.
type header struct {
	algorithm jose.SignatureAlgorithm
	keyID     string // empty where the token names none
}

// parseHeader reads a token's header, and refuses what would have it verified in any other way than by a key of the issuer: a key, or where
// to find one, that the token brings itself, and an extension that must be understood.
func parseHeader(token string) (header, error) {
	encoded, _, _ := strings.Cut(token, ".")
	data, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return header{}, errForm
	}
	m, err := object(data)
	if err != nil {
		return header{}, err
	}
	for _, name := range []string{"jwk", "jku", "x5c", "x5u"} {
		if m[name] != nil {
			return header{}, errors.New("it brings a key of its own")
		}
	}
	if m["crit"] != nil {
		return header{}, errors.New("it has an extension that is not understood here")
	}
	algorithm, _ := strictjson.Text(m["alg"])
	if !slices.Contains(algorithms, jose.SignatureAlgorithm(algorithm)) {
		return header{}, errors.New("its algorithm is none that is taken")
	}
	if !isPlainType(m["typ"]) {
		return header{}, errors.New("it is no identity or access token")
	}
	h := header{algorithm: jose.SignatureAlgorithm(algorithm)}
	if m["kid"] != nil {
		var ok bool
		if h.keyID, ok = strictjson.Text(m["kid"]); !ok || h.keyID == "" {
			return header{}, errForm
		}
	}
	return h, nil
}

// isPlainType reports whether typ is that of an identity token or of an access token (RFC 9068), or missing. An issuer signs other
// kinds too, with the same key, such as logout+jwt; they name somebody without letting anybody in.
func isPlainType(typ strictjson.Value) bool {
	if typ == nil {
		return true
	}
	name, ok := strictjson.Text(typ)
	if len(name) > len("application/") && ascii.EqualFold(name[:len("application/")], "application/") {
		name = name[len("application/"):]
	}
	return ok && (ascii.EqualFold(name, "jwt") || ascii.EqualFold(name, "at+jwt"))
}

// read checks the claims of a verified token and returns whom they name (C-35). Its times are compared with now.
func (i *Issuer) read(payload []byte, now time.Time) (principal.Principal, error) {
	claims, err := object(payload)
	if err != nil {
		return principal.Principal{}, err
	}
	if err := i.check(claims, now); err != nil {
		return principal.Principal{}, err
	}
	p := principal.Principal{}
	var digits string
	var ok bool
	if digits, ok = strictjson.TextOrNumber(claims[i.config.AssociateClaim]); !ok {
		return p, errors.New("it names no associate")
	}
	if p.Associate, err = pocket.ParseAssociateID(digits); err != nil {
		return p, err
	}
	if p.Name, ok = strictjson.PlainText(claims["sub"]); !ok || p.Name == "" {
		return p, errors.New("it has no subject")
	}
	if value := claims[i.config.ContextClaim]; value != nil {
		if p.ContextIdentifier, ok = strictjson.PlainText(value); !ok {
			return p, errors.New("its context identifier is no text")
		}
	}
	if value := claims[i.config.AdministratorClaim]; value != nil {
		if p.Administrator, ok = boolean(value); !ok {
			return p, errors.New("it does not say clearly whether it is an administrator's")
		}
	}
	p.Expires, _ = numericDate(claims["exp"])
	return p, nil
}

// check checks the claims that say whether a token is meant for us, and for now (OpenID Connect Core, 3.1.3.7).
func (i *Issuer) check(claims map[string]strictjson.Value, now time.Time) error {
	if issuer, ok := strictjson.Text(claims["iss"]); !ok || issuer != i.config.Issuer {
		return errors.New("it is another issuer's")
	}
	if !isFor(claims["aud"], i.config.Audience) {
		return errors.New("it is for somebody else")
	}
	if expires, ok := numericDate(claims["exp"]); !ok || !now.Before(expires) {
		return errors.New("it has expired, or does not say when it does")
	}
	if issued, ok := numericDate(claims["iat"]); !ok || now.Add(leeway).Before(issued) {
		return errors.New("it is of a time to come, or does not say of when it is")
	}
	if claims["nbf"] == nil {
		return nil
	}
	if notBefore, ok := numericDate(claims["nbf"]); !ok || now.Add(leeway).Before(notBefore) {
		return errors.New("it is not valid yet")
	}
	return nil
}

// isFor reports whether the audience is, or is among, those of aud.
func isFor(aud strictjson.Value, audience string) bool {
	if one, ok := strictjson.Text(aud); ok {
		return one == audience
	}
	all, ok := strictjson.Texts(aud)
	return ok && slices.Contains(all, audience)
}

// numericDate reads seconds since 1970 (RFC 7519, 2), of which a fraction is left off. SuperOffice's iat is a text of them.
func numericDate(value strictjson.Value) (date time.Time, ok bool) {
	text, _ := strictjson.TextOrNumber(value)
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseUint(whole, 10, 40)
	return time.Unix(int64(seconds), 0), err == nil && strings.Trim(fraction, "0123456789") == ""
}

// boolean reads true or false, also as a text, as which SuperOffice writes True and False.
func boolean(value strictjson.Value) (b, ok bool) {
	text, isText := strictjson.Text(value)
	if !isText {
		text = string(value)
	}
	return ascii.EqualFold(text, "true"), ascii.EqualFold(text, "true") || ascii.EqualFold(text, "false")
}

// object reads a JSON object, whose names must differ, in every object within it too.
func object(data []byte) (map[string]strictjson.Value, error) {
	if !strictjson.Value(data).IsValid() {
		return nil, errForm
	}
	members := map[string]strictjson.Value{}
	err := strictjson.Object(data, maxDepth, func(name string, value strictjson.Value) error {
		members[name] = value.Clone()
		return nil
	})
	return members, err
}
