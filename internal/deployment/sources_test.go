//go:build sam

package deployment

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// variableName is the form that the names of our variables have, and nothing else that stands alone in a text of the code.
var variableName = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)+$`)

// variables are what [variablesReadBy] has found.
var variables = map[string][]string{}

// variablesReadBy returns the environment variables that a function reads: the texts of that form in what it is built from, but for those
// that Lambda itself sets.
func variablesReadBy(t *testing.T, folder string) []string {
	t.Helper()
	if names, ok := variables[folder]; ok {
		return slices.Clone(names)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}\n{{end}}{{end}}{{end}}", "./functions/"+folder)
	cmd.Dir = filepath.Join("..", "..")
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range strings.Fields(string(output)) {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if value, err := strconv.Unquote(literal.Value); err == nil && variableName.MatchString(value) && !strings.HasPrefix(value, "AWS_LAMBDA_") {
					names = append(names, value)
				}
			}
			return true
		})
	}
	slices.Sort(names)
	variables[folder] = slices.Compact(names)
	return slices.Clone(variables[folder])
}

// document is what of docs/openapi.yaml is compared here.
type document struct {
	Paths      map[string]map[string]yaml.Node `yaml:"paths"`
	Components struct {
		Schemas struct {
			ErrorType struct {
				Enum []string `yaml:"enum"`
			} `yaml:"ErrorType"`
		} `yaml:"schemas"`
	} `yaml:"components"`
}

func readDocument(t *testing.T) (doc document) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Load(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func documentedErrorTypes(t *testing.T) []string {
	return readDocument(t).Components.Schemas.ErrorType.Enum
}

// documentedRoutes returns the routes of docs/openapi.yaml, such as "POST /api/v1/…".
func documentedRoutes(t *testing.T) (routes []string) {
	for path, methods := range readDocument(t).Paths {
		for method := range methods {
			routes = append(routes, strings.ToUpper(method)+" "+path)
		}
	}
	return routes
}

// operations returns docs/operate.md.
func operations(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
