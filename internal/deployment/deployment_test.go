//go:build sam

package deployment

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// settings are the values of parameters that the rules are checked with.
var settings = []map[string]string{fewest, everything}

// The template keeps every rule, and every mutation of it is caught by its rule: a rule that nothing can break is none.
func TestRules(t *testing.T) {
	original := readTemplate(t)
	questions := []question{{original, settings[0], true}, {original, settings[1], true}}
	for _, r := range rules() {
		for _, m := range r.mutations {
			mutated := strings.ReplaceAll(original, m.old, m.new)
			if mutated == original {
				t.Fatalf("%s: there is nothing like %q in the template to be changed", r.name, m.old)
			}
			for _, parameters := range settings {
				questions = append(questions, question{mutated, parameters, r.open})
			}
		}
	}
	answers := transform(t, questions)

	var originals []stack
	for i, parameters := range settings {
		s, err := answers[i].fill(parameters)
		if err != nil {
			t.Fatal(err)
		}
		originals = append(originals, s)
	}
	next := len(settings)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for i, s := range originals {
				for _, fault := range r.check(t, s) {
					t.Errorf("with %v: %s", settings[i], fault)
				}
			}
			for _, m := range r.mutations {
				caught := false
				for _, parameters := range settings {
					answer := answers[next]
					next++
					s, err := answer.fill(parameters)
					if err != nil {
						t.Errorf("%q for %q is refused before the rule is asked: %v", m.new, m.old, err)
						continue
					}
					caught = caught || len(r.check(t, s)) > 0
				}
				if !caught {
					t.Errorf("%q for %q is not caught", m.new, m.old)
				}
			}
		})
	}
}

// A new value of a parameter makes a new version of each function that it has a part in. SAM looks at a function as it is written unless it is
// told in the way that the template's Globals explain, and the alias would go on pointing to a version with the old value.
func TestNewValuesMakeVersions(t *testing.T) {
	template := readTemplate(t)
	untold := regexp.MustCompile(`(?m)^      SourceKMSKeyArn: .*\n`).ReplaceAllString(template, "")
	answer := transform(t, []question{{template, fewest, false}})[0]
	if answer.Error != "" {
		t.Fatal(answer.Error)
	}
	written := answer.Template
	type change struct{ function, parameter string }
	var changes []change
	questions := []question{{template, fewest, false}, {untold, fewest, false}}
	for _, name := range []string{function, authorizer} {
		used := parametersOf(written.Resources[name].Properties)
		delete(used, "ReservedConcurrency") // which is of the function, not of a version
		for _, parameter := range slices.Sorted(maps.Keys(written.Parameters)) {
			if used[parameter] {
				changes = append(changes, change{name, parameter})
				other := maps.Clone(fewest)
				other[parameter] = "other"
				questions = append(questions, question{template, other, false}, question{untold, other, false})
			}
		}
	}
	answers := transform(t, questions)
	for i, c := range changes {
		t.Run(c.function+" "+c.parameter, func(t *testing.T) {
			if before, after := version(answers[0], c.function), version(answers[2+2*i], c.function); before == after {
				t.Errorf("there is no new version: %s", after)
			}
			if before, after := version(answers[1], c.function), version(answers[3+2*i], c.function); before != after {
				t.Errorf("there is a new version also where SAM is not told, so this test proves nothing: %s, %s", before, after)
			}
		})
	}
	if len(changes) < 8 {
		t.Errorf("the functions depend on %v alone", changes)
	}
}

// version returns the logical name of a function's version.
func version(tr transformation, function string) string {
	for name, r := range tr.Template.Resources {
		if r.Type == "AWS::Lambda::Version" && at(r.Properties, "FunctionName", "Ref") == function {
			return name
		}
	}
	return tr.Error
}

// parametersOf returns the names that what is not yet filled in refers to.
func parametersOf(v any) map[string]bool {
	names := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if name, ok := v["Ref"].(string); ok {
				names[name] = true
			}
			for _, value := range v {
				walk(value)
			}
		}
	}
	walk(v)
	return names
}
