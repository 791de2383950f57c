// Package functions_test holds what is deployed to what it may be made of.
package functions_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What is deployed is made of nothing that only a laptop, a test or an operator needs; and the domain of nothing but Go's own packages.
func TestImports(t *testing.T) {
	const module = "pocket-devices/"
	allowed := []string{
		"answer", "apigateway", "ascii", "authorizer", "cors", "devicetable", "endpoint", "guard", "identity", "installation", "language", "metrics", "openid", "pocket",
		"principal", "problem", "request", "stricthttp", "strictjson", "strictxml",
	}
	for _, function := range []string{"./get-registered-devices", "./authorizer"} {
		for _, path := range dependencies(t, function) {
			if name, ours := strings.CutPrefix(path, module+"internal/"); ours && !slices.Contains(allowed, name) {
				t.Errorf("%s is made of %s, too", function, path)
			}
		}
	}
	for _, path := range dependencies(t, "../internal/pocket") {
		if strings.Contains(path, ".") || strings.HasPrefix(path, module) && path != module+"internal/pocket" || path == "net/http" {
			t.Errorf("the domain is made of %s, too", path)
		}
	}
	for _, name := range []string{"answer", "identity", "language", "problem", "request"} {
		for _, path := range dependencies(t, "../internal/"+name) {
			if strings.HasPrefix(path, "github.com/aws/") {
				t.Errorf("%s is made of %s, too", name, path)
			}
		}
	}
}

// dependencies returns the packages that a package is built of.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(output))
}
