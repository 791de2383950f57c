package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// noValue is the pseudo parameter whose Ref takes out the member that it is the value of.
const noValue = "AWS::NoValue"

// pseudoParameters are what CloudFormation knows by itself, as they are for a stack that only runs here.
var pseudoParameters = map[string]string{
	noValue:          "",
	"AWS::AccountId": "123456789012",
	"AWS::Partition": "aws",
	"AWS::Region":    "eu-west-1",
	"AWS::StackName": "pocket-devices",
	"AWS::URLSuffix": "amazonaws.com",
}

// intrinsics replaces CloudFormation's intrinsic functions by what they give, in their short forms and as far as the template uses them.
type intrinsics struct {
	values     map[string]string    // of parameters, and the logical names of resources
	conditions map[string]yaml.Node // as they stand in the template
}

// fill replaces the functions in n, the innermost first.
func (in intrinsics) fill(n *yaml.Node) error {
	for _, child := range n.Content {
		if err := in.fill(child); err != nil {
			return err
		}
	}
	if n.Kind == yaml.MappingNode {
		removeNoValues(n)
	}
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return nil
	}
	if err := in.replace(n); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// arity is how many values a function takes that takes a list.
var arity = map[string]int{"!Join": 2, "!Split": 2, "!Select": 2, "!Equals": 2, "!Not": 1, "!If": 3}

func (in intrinsics) replace(n *yaml.Node) error {
	args := n.Content
	if want, ok := arity[n.Tag]; ok && len(args) != want {
		return fmt.Errorf("%s takes %d values", n.Tag, want)
	}
	switch n.Tag {
	case "!Ref", "!GetAtt":
		value, ok := in.value(n.Value)
		if !ok {
			return fmt.Errorf("a %s of %s, which there is not", n.Tag[1:], n.Value)
		}
		if n.Value != noValue { // which stays, for the mapping around it to see
			setText(n, value)
		}
	case "!Sub":
		return in.sub(n)
	case "!Join":
		var parts []string
		for _, part := range args[1].Content {
			parts = append(parts, part.Value)
		}
		setText(n, strings.Join(parts, args[0].Value))
	case "!Split":
		var parts []*yaml.Node
		for part := range strings.SplitSeq(args[1].Value, args[0].Value) {
			parts = append(parts, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: part})
		}
		*n = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: parts, Line: n.Line}
	case "!Select":
		i, err := strconv.Atoi(args[0].Value)
		if err != nil || i < 0 || i >= len(args[1].Content) {
			return fmt.Errorf("!Select of %s out of %d", args[0].Value, len(args[1].Content))
		}
		*n = *args[1].Content[i]
	case "!Equals":
		setBool(n, args[0].Value == args[1].Value)
	case "!Not":
		setBool(n, args[0].Value != "true")
	case "!If":
		condition, ok := in.conditions[args[0].Value]
		if !ok {
			return fmt.Errorf("there is no condition %s", args[0].Value)
		}
		if err := in.fill(&condition); err != nil {
			return err
		}
		chosen := args[2]
		if condition.Value == "true" {
			chosen = args[1]
		}
		*n = *chosen
	default:
		return fmt.Errorf("the local stack does not know %s", n.Tag)
	}
	return nil
}

var variable = regexp.MustCompile(`\$\{([^}]+)\}`)

// sub replaces the variables in a text, or in the first of a text and a mapping of further variables.
func (in intrinsics) sub(n *yaml.Node) error {
	text, own := n.Value, map[string]string{}
	if n.Kind == yaml.SequenceNode {
		if len(n.Content) != 2 {
			return fmt.Errorf("!Sub takes a text, or a text and a mapping")
		}
		text = n.Content[0].Value
		if err := n.Content[1].Decode(&own); err != nil {
			return err
		}
	}
	var err error
	setText(n, variable.ReplaceAllStringFunc(text, func(v string) string {
		name := v[2 : len(v)-1]
		if value, ok := own[name]; ok {
			return value
		}
		value, ok := in.value(name)
		if !ok {
			err = fmt.Errorf("a Sub of %s, which there is not", name)
		}
		return value
	}))
	return err
}

// value returns what a name stands for: a parameter's value, or, for a resource and for what belongs to it, such as Function.Alias or
// Table.Arn, the logical name, which is enough to know which it is.
func (in intrinsics) value(name string) (string, bool) {
	if value, ok := in.values[name]; ok {
		return value, true
	}
	resource, _, _ := strings.Cut(name, ".")
	value, ok := in.values[resource]
	return value, ok
}

// removeNoValues takes the members out of a mapping whose value is a Ref to AWS::NoValue.
func removeNoValues(n *yaml.Node) {
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if value := n.Content[i+1]; value.Tag != "!Ref" || value.Value != noValue {
			kept = append(kept, n.Content[i], value)
		}
	}
	n.Content = kept
}

func setText(n *yaml.Node, text string) {
	*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: n.Line}
}

func setBool(n *yaml.Node, b bool) {
	*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(b), Line: n.Line}
}
