//go:build sam

package deployment

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// stack is a template that is filled in: without intrinsic functions, and with those resources only whose condition holds.
type stack struct {
	transformation
	parameters map[string]string
	resources  map[string]resource
	outputs    map[string]any
}

// fill does what CloudFormation does with the values of the parameters. A Ref to a resource gives its logical name, a GetAtt that with the
// attribute after a dot.
func (tr transformation) fill(parameters map[string]string) (s stack, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the template cannot be filled in: %v", v)
		}
	}()
	if tr.Error != "" {
		return s, fmt.Errorf("SAM refuses the template: %s", tr.Error)
	}
	values := map[string]any{
		"AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::StackName": "devices", "AWS::URLSuffix": "amazonaws.com",
	}
	for name := range tr.Template.Resources {
		values[name] = name
	}
	for name, p := range tr.Template.Parameters {
		values[name] = p.Default
		if value, ok := parameters[name]; ok {
			values[name] = value
		}
		if values[name] == nil {
			return s, fmt.Errorf("the parameter %s has no value", name)
		}
	}
	f := filler{values, tr.Template.Conditions}
	s = stack{tr, parameters, map[string]resource{}, map[string]any{}}
	for name, r := range tr.Template.Resources {
		if r.Condition == "" || f.holds(r.Condition) {
			r.Properties, _ = f.fill(r.Properties).(map[string]any)
			r.UpdatePolicy, _ = f.fill(r.UpdatePolicy).(map[string]any)
			s.resources[name] = r
		}
	}
	for name, output := range tr.Template.Outputs {
		if condition, ok := output["Condition"].(string); !ok || f.holds(condition) {
			s.outputs[name] = f.fill(output["Value"])
		}
	}
	return s, nil
}

type filler struct {
	values     map[string]any
	conditions map[string]any
}

// noValue takes out the member or the item that it is the value of.
type noValue struct{}

func (f filler) holds(condition string) bool {
	c, ok := f.conditions[condition]
	if !ok {
		panic("there is no condition " + condition)
	}
	return f.fill(c) == true
}

var variable = regexp.MustCompile(`\$\{([^}]+)\}`)

func (f filler) fill(v any) any {
	switch v := v.(type) {
	case []any:
		filled := []any{}
		for _, item := range v {
			if item = f.fill(item); item != (noValue{}) {
				filled = append(filled, item)
			}
		}
		return filled
	case map[string]any:
		if len(v) == 1 {
			for name, args := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return f.call(name, args)
				}
			}
		}
		filled := map[string]any{}
		for name, value := range v {
			if value = f.fill(value); value != (noValue{}) {
				filled[name] = value
			}
		}
		return filled
	}
	return v
}

func (f filler) call(name string, args any) any {
	list, _ := args.([]any)
	switch name {
	case "Ref":
		if args == "AWS::NoValue" {
			return noValue{}
		}
		return f.value(args.(string))
	case "Fn::GetAtt":
		return fmt.Sprint(list[0], ".", list[1])
	case "Fn::Sub":
		text, own := args, map[string]any{}
		if list != nil {
			text, own = list[0], f.fill(list[1]).(map[string]any)
		}
		return variable.ReplaceAllStringFunc(text.(string), func(v string) string {
			if value, ok := own[v[2:len(v)-1]]; ok {
				return fmt.Sprint(value)
			}
			return fmt.Sprint(f.value(v[2 : len(v)-1]))
		})
	case "Fn::If":
		if f.holds(list[0].(string)) {
			return f.fill(list[1])
		}
		return f.fill(list[2])
	case "Fn::Equals":
		return fmt.Sprint(f.fill(list[0])) == fmt.Sprint(f.fill(list[1]))
	case "Fn::Not":
		return f.fill(list[0]) != true
	case "Fn::Split":
		parts := []any{}
		for part := range strings.SplitSeq(f.fill(list[1]).(string), list[0].(string)) {
			parts = append(parts, part)
		}
		return parts
	case "Fn::Select":
		return f.fill(list[1]).([]any)[int(list[0].(float64))]
	}
	panic("nobody here knows " + name)
}

func (f filler) value(name string) any {
	if value, ok := f.values[name]; ok {
		return value
	}
	resource, attribute, _ := strings.Cut(name, ".")
	if value, ok := f.values[resource]; ok {
		return fmt.Sprint(value, ".", attribute)
	}
	panic("there is no " + name)
}

// of returns the resources of a type, by name, in order.
func (s stack) of(kind string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.resources)) {
		if s.resources[name].Type == kind {
			names = append(names, name)
		}
	}
	return names
}

// at returns what is at a path of the resource's properties, nil where there is nothing. A number in the path is an index.
func (s stack) at(resource string, path ...any) any {
	return at(s.resources[resource].Properties, path...)
}

func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			array, _ := v.([]any)
			if step >= len(array) {
				return nil
			}
			v = array[step]
		}
	}
	return v
}

// items returns what is an array, or the one item that stands for an array of one.
func items(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// encode writes what it is given in JSON, to compare it and to tell of it.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
