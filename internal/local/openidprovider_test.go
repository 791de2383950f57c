package main

import (
	"bufio"
	"embed"
	"encoding/json"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"pocket-devices/internal/local/sample"
)

//go:embed openidprovider/package.json openidprovider/package-lock.json openidprovider/serve.js
var openidProvider embed.FS

// A deployment without installation takes the tokens of an issuer that others wrote, by each algorithm that it signs with, and shows nothing to
// anybody who has another credential.
func TestIssuerAlone(t *testing.T) {
	dir := fetch(t, openidProvider, "openidprovider")
	cmd := exec.CommandContext(t.Context(), "node", "serve.js")
	cmd.Dir = dir
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Wait() })
	issuer, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	issuer = strings.TrimSpace(issuer)

	_, api, logs := openStack(t, "", map[string]string{
		"InstallationUrl": "", "OidcIssuer": issuer, "OidcMetadataUrl": "", "OidcAudience": "pocket-devices", "ReadAllAdministrators": "false",
	})
	for _, algorithm := range []string{"RS256", "PS256", "ES256", "ES384", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			token := accessToken(t, issuer, algorithm)
			if w := ask(api, sample.Body, "Authorization", "Bearer "+token); w.Code != 200 || w.Body.String() != sampleAnswer {
				t.Errorf("own: answered with %d %s\n%s", w.Code, w.Body, logs)
			}
			if w := ask(api, `{"AssociateId":118}`, "Authorization", "Bearer "+token); w.Code != 403 {
				t.Errorf("another's: answered with %d %s", w.Code, w.Body)
			}
			forged := token[:len(token)-8] + "AAAAAAAA"
			if w := ask(api, sample.Body, "Authorization", "Bearer "+forged); w.Code != 401 {
				t.Errorf("with another signature: answered with %d %s", w.Code, w.Body)
			}
		})
	}
	for _, authorization := range []string{"Basic dGplMDpUamUw", "SoTicket 7T:tje0", "Bearer 8A:Cust12345.tje0"} {
		if w := ask(api, sample.Body, "Authorization", authorization); w.Code != 401 {
			t.Errorf("%s: answered with %d %s", authorization, w.Code, w.Body)
		}
	}
}

// accessToken asks the issuer for a token that is signed by the algorithm.
func accessToken(t *testing.T, issuer, algorithm string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(algorithm, "a-secret-of-this-test")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("the issuer gave no token: %d, %v", resp.StatusCode, err)
	}
	return answer.AccessToken
}
