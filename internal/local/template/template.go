// Package template reads template.yaml as far as the local stack needs it: the functions with their environment, the routes, the
// authorizer, API Gateway's own responses and the table. What runs on a laptop is thereby what is deployed; the two cannot
// drift apart.
//
// Begin with [Read].
package template

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Template is what the template describes, with its parameters filled in.
type Template struct {
	Functions  []Function
	Routes     []Route
	Authorizer string              // the logical name of the function that every route asks first
	Stage      string              // of the API
	Rate       int                 // how many requests a second each route takes in the long run; 0 where there is no limit
	Burst      int                 // how many it takes at once
	Responses  map[string]Response // API Gateway's own, by type, such as UNAUTHORIZED
	Tables     []Table
}

// Function is one AWS::Serverless::Function.
type Function struct {
	Name        string // the logical name
	CodeURI     string // the folder of its main package, beside the template
	Timeout     time.Duration
	MemoryMB    int
	Concurrency int  // how many events it works on at once, at most, where that many are set aside for it; else 0
	JSONLogs    bool // whether Lambda is told to log JSON
	Environment map[string]string
}

// Route is one event of type Api.
type Route struct {
	Method, Path, Function string
	Public                 bool // whether no authorizer is asked
}

// Response is one of the API's GatewayResponses.
type Response struct {
	Status int               // 0 leaves the status as it is
	Header map[string]string // values as mappings: 'a text', or context.requestId
	Body   string            // the mapping template for application/json
}

// Table is one AWS::DynamoDB::Table.
type Table struct {
	Name       string `yaml:"-"` // the logical name, which a Ref to it gives here as it does in SAM CLI
	Attributes []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"AttributeType"` // S, N or B
	} `yaml:"AttributeDefinitions"`
	Keys []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"KeyType"` // HASH or RANGE
	} `yaml:"KeySchema"`
}

type document struct {
	Parameters map[string]struct {
		Default *string `yaml:"Default"`
	} `yaml:"Parameters"`
	Conditions map[string]yaml.Node `yaml:"Conditions"`
	Globals    struct {
		Function yaml.Node `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string    `yaml:"Type"`
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

type function struct {
	CodeURI       string `yaml:"CodeUri"`
	Timeout       int    `yaml:"Timeout"`
	MemorySize    int    `yaml:"MemorySize"`
	Concurrency   count  `yaml:"ReservedConcurrentExecutions"`
	LoggingConfig struct {
		LogFormat string `yaml:"LogFormat"`
	} `yaml:"LoggingConfig"`
	Environment struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	Events map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			Path   string `yaml:"Path"`
			Method string `yaml:"Method"`
			Auth   struct {
				Authorizer string `yaml:"Authorizer"`
			} `yaml:"Auth"`
		} `yaml:"Properties"`
	} `yaml:"Events"`
}

type api struct {
	StageName      string `yaml:"StageName"`
	MethodSettings []struct {
		Method string `yaml:"HttpMethod"`
		Path   string `yaml:"ResourcePath"`
		Rate   count  `yaml:"ThrottlingRateLimit"`
		Burst  count  `yaml:"ThrottlingBurstLimit"`
	} `yaml:"MethodSettings"`
	Auth struct {
		DefaultAuthorizer string `yaml:"DefaultAuthorizer"`
		Authorizers       map[string]struct {
			FunctionArn string `yaml:"FunctionArn"`
		} `yaml:"Authorizers"`
	} `yaml:"Auth"`
	GatewayResponses map[string]struct {
		StatusCode         int `yaml:"StatusCode"`
		ResponseParameters struct {
			Headers map[string]string `yaml:"Headers"`
		} `yaml:"ResponseParameters"`
		ResponseTemplates map[string]string `yaml:"ResponseTemplates"`
	} `yaml:"GatewayResponses"`
}

// count is a whole number, or a text of one, which is what a Ref to a parameter gives.
type count int

// UnmarshalYAML implements [yaml.Unmarshaler].
func (c *count) UnmarshalYAML(n *yaml.Node) error {
	i, err := strconv.Atoi(n.Value)
	if err != nil {
		return fmt.Errorf("%q is no whole number", n.Value)
	}
	*c = count(i)
	return nil
}

// Read reads the template in file. Parameters take the values given, else their defaults; one that has neither is an error, and so is
// a value for a parameter that the template does not declare. A Ref to a resource gives its logical name.
func Read(file string, parameters map[string]string) (*Template, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := parse(data, parameters)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

func parse(data []byte, parameters map[string]string) (*Template, error) {
	var doc document
	if err := yaml.Load(data, &doc); err != nil {
		return nil, err
	}
	values := maps.Clone(pseudoParameters)
	for name, p := range doc.Parameters {
		value, ok := parameters[name]
		switch {
		case ok:
			values[name] = value
		case p.Default != nil:
			values[name] = *p.Default
		default:
			return nil, fmt.Errorf("the parameter %s has neither a value nor a default", name)
		}
	}
	for name := range parameters {
		if _, ok := doc.Parameters[name]; !ok {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	for name := range doc.Resources {
		values[name] = name
	}

	in := intrinsics{values, doc.Conditions}
	if err := in.fill(&doc.Globals.Function); err != nil {
		return nil, fmt.Errorf("the Globals: %w", err)
	}
	t := &Template{Responses: map[string]Response{}}
	for name, resource := range doc.Resources {
		if err := in.fill(&resource.Properties); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var err error
		switch resource.Type {
		case "AWS::Serverless::Function":
			err = t.addFunction(name, &resource.Properties, &doc.Globals.Function)
		case "AWS::Serverless::Api":
			err = t.addAPI(&resource.Properties)
		case "AWS::DynamoDB::Table":
			err = t.addTable(name, &resource.Properties)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	slices.SortFunc(t.Functions, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(t.Routes, func(a, b Route) int { return strings.Compare(b.Method, a.Method) }) // POST first
	return t, nil
}

func (t *Template) addFunction(name string, properties, globals *yaml.Node) error {
	var f function // first what all functions have, then its own, which is added to it and wins
	for _, node := range []*yaml.Node{globals, properties} {
		if node.Kind == 0 { // as where there are no Globals
			continue
		}
		if err := node.Decode(&f); err != nil {
			return err
		}
	}
	t.Functions = append(t.Functions, Function{
		Name:        name,
		CodeURI:     f.CodeURI,
		Timeout:     time.Duration(f.Timeout) * time.Second,
		MemoryMB:    f.MemorySize,
		Concurrency: int(f.Concurrency),
		JSONLogs:    f.LoggingConfig.LogFormat == "JSON",
		Environment: f.Environment.Variables,
	})
	for _, event := range f.Events {
		if event.Type == "Api" {
			t.Routes = append(t.Routes, Route{
				Method: strings.ToUpper(event.Properties.Method), Path: event.Properties.Path, Function: name,
				Public: event.Properties.Auth.Authorizer == "NONE",
			})
		}
	}
	return nil
}

func (t *Template) addAPI(properties *yaml.Node) error {
	var a api
	if err := properties.Decode(&a); err != nil {
		return err
	}
	t.Stage = a.StageName
	for _, s := range a.MethodSettings {
		if s.Method != "*" || s.Path != "/*" {
			return fmt.Errorf("the settings of %s %s, but the local stack knows only those of * /*", s.Method, s.Path)
		}
		t.Rate, t.Burst = int(s.Rate), int(s.Burst)
	}
	t.Authorizer, _, _ = strings.Cut(a.Auth.Authorizers[a.Auth.DefaultAuthorizer].FunctionArn, ":") // an alias follows
	for kind, r := range a.GatewayResponses {
		t.Responses[kind] = Response{r.StatusCode, r.ResponseParameters.Headers, r.ResponseTemplates["application/json"]}
	}
	return nil
}

func (t *Template) addTable(name string, properties *yaml.Node) error {
	table := Table{Name: name}
	if err := properties.Decode(&table); err != nil {
		return err
	}
	t.Tables = append(t.Tables, table)
	return nil
}
