package main

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:embed officialclient/package.json officialclient/package-lock.json officialclient/client.js
var officialClient embed.FS

// SuperOffice's own client, used as an integrator uses it, does not notice that it is not the original that answers (C-15). What is asked
// of it, and what it must return, is in officialclient/client.js.
func TestOfficialClient(t *testing.T) {
	dir := fetch(t, officialClient, "officialclient")
	base, stdout := runStack(t, nil)
	cmd := exec.CommandContext(t.Context(), "node", "--test-reporter=spec", "client.js",
		base, filepath.Join(repository(t), "events", "official-client.json"))
	cmd.Dir = dir
	// The client sends the time zone's offset, which is 0 in the sample event, and axios would ask a proxy even for this machine.
	cmd.Env = append(os.Environ(), "TZ=UTC", "no_proxy=*")
	output, err := cmd.CombinedOutput()
	t.Logf("%s", output)
	if err != nil {
		t.Errorf("%v; the stack printed\n%s", err, stdout)
	}
}
