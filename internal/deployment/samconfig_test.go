//go:build sam

package deployment

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var override = regexp.MustCompile(`"([A-Za-z]+)=([^"]*)"`)

// samconfig.toml has the two environments, whose parameters the template takes, and nobody's account; and a change under internal/ is built.
func TestSamconfig(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(data)
	if !strings.Contains(config, "[default.build.parameters]") || !strings.Contains(config, "\ncached = false\n") {
		t.Error("a change under internal/ would not be built")
	}
	if account := regexp.MustCompile(`\b[0-9]{12}\b`).FindString(config); account != "" {
		t.Errorf("it names the account %s", account)
	}
	template := readTemplate(t)
	for _, environment := range []string{"dev", "prod"} {
		_, section, found := strings.Cut(config, "["+environment+".deploy.parameters]")
		section, _, _ = strings.Cut(section, "\n[")
		_, overrides, listed := strings.Cut(section, "parameter_overrides")
		if !found || !listed {
			t.Fatalf("there is no environment %s, or it has no parameters", environment)
		}
		parameters := map[string]string{}
		for _, m := range override.FindAllStringSubmatch(overrides, -1) {
			parameters[m[1]] = m[2]
		}
		answer := transform(t, []question{{template, parameters, false}})[0]
		if _, err := answer.fill(parameters); err != nil {
			t.Fatalf("%s: %v", environment, err)
		}
		for name, value := range parameters {
			p, ok := answer.Template.Parameters[name]
			taken := len(p.AllowedValues) == 0 || slices.ContainsFunc(p.AllowedValues, func(v any) bool { return fmt.Sprint(v) == value })
			if !ok || !taken || !regexp.MustCompile(p.AllowedPattern).MatchString(value) {
				t.Errorf("%s: the template does not take %s=%s", environment, name, value)
			}
		}
	}
}
