package openid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/stricthttp"
	"pocket-devices/internal/strictjson"
)

// fetchTime is how long a token may wait for the issuer's keys (C-35).
const fetchTime = time.Second

// discovery finds out an issuer's keys (OpenID Connect Discovery). Where they are, the issuer says, and never a token.
type discovery struct {
	issuer, metadataURL string
	client              *stricthttp.Client
}

// keys asks the issuer what it says of itself, and then for its keys.
func (d discovery) keys(ctx context.Context) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	metadata, err := d.get(ctx, d.metadataURL)
	if err != nil {
		return nil, fmt.Errorf("its metadata: %w", err)
	}
	keysURL, err := d.readMetadata(metadata)
	if err != nil {
		return nil, fmt.Errorf("its metadata: %w", err)
	}
	set, err := d.get(ctx, keysURL)
	if err != nil {
		return nil, err
	}
	return readKeys(set)
}

func (d discovery) get(ctx context.Context, address string) ([]byte, error) {
	status, body, err := d.client.Get(ctx, address, http.Header{"Accept": {"application/json"}, "User-Agent": {"pocket-devices"}})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("an answer with status %d", status)
	}
	return body, err
}

// readMetadata returns the address of the keys out of what the issuer says of itself (OpenID Connect Discovery, 3).
func (d discovery) readMetadata(data []byte) (keysURL string, err error) {
	metadata, err := object(data)
	if err != nil {
		return "", err
	}
	if issuer, ok := strictjson.Text(metadata["issuer"]); !ok || issuer != d.issuer {
		return "", errors.New("it is another issuer's")
	}
	keysURL, _ = strictjson.Text(metadata["jwks_uri"])
	if err := stricthttp.CheckAddress(keysURL); err != nil {
		return "", fmt.Errorf("jwks_uri: %w", err)
	}
	if isPlain(keysURL) && !isPlain(d.metadataURL) { // an issuer elsewhere has no business with what listens on this machine
		return "", errors.New("jwks_uri: it must begin with https://")
	}
	return keysURL, nil
}

func isPlain(address string) bool { return ascii.EqualFold(address[:len("http:")], "http:") }

// readKeys reads a set of keys (RFC 7517, 5). One that cannot be read, or is no public key, is left out: it may be of a kind that is
// newer than this program. A set of which nothing is left is an error.
func readKeys(data []byte) ([]jose.JSONWebKey, error) {
	set, err := object(data)
	if err != nil {
		return nil, err
	}
	values, ok := strictjson.Array(set["keys"])
	if !ok {
		return nil, errForm
	}
	var keys []jose.JSONWebKey
	for _, value := range values {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(value); err == nil && key.IsPublic() {
			keys = append(keys, key)
		}
	}
	if keys == nil {
		return nil, errors.New("there is none")
	}
	return keys, nil
}
