package fetched_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"pocket-devices/internal/local/fetched"
)

func thing(content string) fetched.Package {
	return fetched.Package{Name: "thing", Files: fstest.MapFS{"lock": {Data: []byte(content)}, "folder/file": {}}, Instead: "do without"}
}

// What is fetched is kept for each content of the files, also where several fetch it at the same time.
func TestRun(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	log := filepath.Join(t.TempDir(), "log")
	fetch := func(content string) string {
		dir, err := thing(content).Run(t.Context(), cache, "sh", "-c", "echo fetched >> "+log+"; cp lock fetched")
		if err != nil {
			t.Error(err)
		}
		return dir
	}
	first := fetch("1")
	if data, err := os.ReadFile(filepath.Join(first, "fetched")); err != nil || string(data) != "1" {
		t.Errorf("what was fetched is %q, %v", data, err)
	}
	if again, other := fetch("1"), fetch("2"); again != first || other == first {
		t.Errorf("the folders are %s, %s and %s", first, again, other)
	}
	if data, err := os.ReadFile(log); err != nil || strings.Count(string(data), "fetched") != 2 {
		t.Errorf("the log is %q, %v", data, err)
	}

	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { fetch("3") })
	}
	wait.Wait()
	if folders, err := os.ReadDir(cache); err != nil || len(folders) != 3 {
		t.Errorf("the cache has %v, %v", folders, err)
	}
}

// What cannot be fetched is told in one sentence and leaves nothing behind, and it does not outlast its context.
func TestRunFails(t *testing.T) {
	cache := t.TempDir()
	_, err := thing("1").Run(t.Context(), cache, "sh", "-c", "echo no network; exit 3")
	const want = "thing could not be fetched: try again with the network at hand, or do without; sh said: exit status 3 no network"
	if err == nil || err.Error() != want {
		t.Errorf("Run: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := thing("1").Run(ctx, cache, "sh", "-c", "sleep 30; true"); err == nil || time.Since(start) > 20*time.Second {
		t.Errorf("Run: %v after %v", err, time.Since(start))
	}
	if left, err := os.ReadDir(cache); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
