package overlay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pocket-devices/internal/overlay"
)

const (
	diff = "What it does.\n\n--- a/x/y.txt\n+++ b/x/y.txt\n@@ -1 +1 @@\n-old\n+new\n"
	file = "x/y.txt"
)

// tree makes a repository with one file the working directory, and returns an overlay and the file of a patch.
func tree(t *testing.T, content, diff string) (o *overlay.Overlay, dir, patch string) {
	t.Helper()
	t.Chdir(t.TempDir())
	dir, patch = t.TempDir(), filepath.Join(t.TempDir(), "a.patch")
	if err := os.MkdirAll("x", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{file: content, patch: diff} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return overlay.New(dir), dir, patch
}

// A patch changes the overlay's file alone, and the flag names both.
func TestPatch(t *testing.T) {
	o, dir, patch := tree(t, "old\n", diff)
	if err := o.Patch(t.Context(), patch); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{file: "old\n", filepath.Join(dir, file): "new\n"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v, want %q", name, got, err, want)
		}
	}
	flag, err := o.Flag()
	if err != nil {
		t.Fatal(err)
	}
	listed, err := os.ReadFile(strings.TrimPrefix(flag, "-overlay="))
	original, _ := filepath.Abs(file)
	if want := `{"Replace":{"` + original + `":"` + filepath.Join(dir, file) + `"}}`; err != nil || string(listed) != want {
		t.Errorf("%s holds %s, %v, want %s", flag, listed, err, want)
	}
}

// A second patch is applied on top of the first.
func TestPatches(t *testing.T) {
	o, dir, first := tree(t, "old\n", diff)
	second := filepath.Join(t.TempDir(), "b.patch")
	if err := os.WriteFile(second, []byte(strings.NewReplacer("-old", "-new", "+new", "+newer").Replace(diff)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, patch := range []string{first, second} {
		if err := o.Patch(t.Context(), patch); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != "newer\n" {
		t.Errorf("after both it is %q, %v", got, err)
	}
}

// What cannot be applied is an error that says so, also where the file is gone.
func TestPatchThatDoesNotApply(t *testing.T) {
	for name, content := range map[string]string{"of another text": diff, "of a file that is gone": strings.ReplaceAll(diff, "y.txt", "gone.txt")} {
		o, _, patch := tree(t, "other\n", content)
		if err := o.Patch(t.Context(), patch); err == nil || !strings.Contains(err.Error(), "does not apply any more") {
			t.Errorf("a patch %s: %v", name, err)
		}
	}
}
