package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pocket-devices/internal/local/lambda"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/local/template"
)

// BenchmarkDecision is the warm cost of a decision of the authorizer, as it is deployed, beside a function that does nothing: by password, which
// costs a question to the stand-in, and by token, each without and with the cache. Only the ratios of one run mean anything.
func BenchmarkDecision(b *testing.B) {
	root, err := findRoot()
	if err != nil {
		b.Fatal(err)
	}
	s := settings{root: root, host: "127.0.0.1", logs: io.Discard}
	if err := build(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	noop := filepath.Join(b.TempDir(), "bootstrap")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-tags=lambda.norpc", "-o", noop, "./testdata/noop")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	st := &stack{}
	b.Cleanup(st.close)
	address, err := st.serveStandin(s.host)
	if err != nil {
		b.Fatal(err)
	}
	event, err := os.ReadFile(filepath.Join(root, "events", "authorizer-basic.json"))
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, event); err != nil {
		b.Fatal(err)
	}
	byPassword := compact.Bytes()
	byToken := bytes.ReplaceAll(byPassword, []byte("Basic dGplMDpUamUw"), []byte("Bearer "+tokenFor(b, address, callers[0])))

	for _, bench := range []struct {
		name         string
		event        []byte
		cacheSeconds string
	}{{"noop", byPassword, ""}, {"password", byPassword, "0"}, {"password-cached", byPassword, "60"}, {"token", byToken, "0"}, {"token-cached", byToken, "60"}} {
		b.Run(bench.name, func(b *testing.B) {
			values := map[string]string{
				"InstallationUrl": address + standin.Path, "ContextIdentifier": standin.Name,
				"OidcIssuer": address, "OidcAudience": standin.Audience, "OidcMetadataUrl": address + standin.MetadataPath,
			}
			bootstrap := noop
			if bench.cacheSeconds != "" {
				values["PrincipalCacheSeconds"] = bench.cacheSeconds
				bootstrap = s.bootstrap("functions/authorizer/")
			}
			t, err := template.Read(filepath.Join(root, "template.yaml"), values)
			if err != nil {
				b.Fatal(err)
			}
			f := lambda.New(t.Functions[0], bootstrap, nil, io.Discard) // the authorizer is the first by name
			b.Cleanup(f.Close)
			if _, err := f.Invoke(b.Context(), bench.event); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := f.Invoke(b.Context(), bench.event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
