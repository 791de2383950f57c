//go:build sam

package deployment

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"pocket-devices/internal/request"
)

func checkParameters(_ *testing.T, s stack) []string {
	var f faults
	grouped := []string{}
	for _, group := range items(at(s.Template.Metadata, "AWS::CloudFormation::Interface", "ParameterGroups")) {
		for _, name := range items(at(group, "Parameters")) {
			grouped = append(grouped, text(name))
		}
		if text(at(group, "Label", "default")) == "" {
			f.addf("a group of parameters has no label")
		}
	}
	slices.Sort(grouped)
	f.want("the parameters in groups", grouped, slices.Sorted(maps.Keys(s.Template.Parameters)))
	for name, p := range s.Template.Parameters {
		if p.Description == "" {
			f.addf("%s has no description", name)
		}
		chosen := len(p.AllowedValues) > 0
		switch p.Type {
		case "String":
			if !chosen && (p.AllowedPattern == "" || p.ConstraintDescription == "") {
				f.addf("%s takes any text, or does not say which", name)
			}
		case "Number":
			if !chosen && (p.MinValue == nil || p.MaxValue == nil) {
				f.addf("%s takes any number", name)
			}
		default:
			f.addf("%s is a %s", name, p.Type)
		}
		if pattern, err := regexp.Compile(p.AllowedPattern); err != nil || p.Default != nil && !pattern.MatchString(fmt.Sprint(p.Default)) {
			f.addf("the default of %s is not what it takes", name)
		}
	}
	f.want("the levels of logs", s.Template.Parameters["LogLevel"].AllowedValues, []any{"DEBUG", "INFO"})
	return f
}

func checkOutputs(_ *testing.T, s stack) []string {
	var f faults
	for name, output := range s.Template.Outputs {
		if text(output["Description"]) == "" {
			f.addf("the output %s has no description", name)
		}
	}
	host := "Api.execute-api.eu-west-1.amazonaws.com/" + text(s.at("ApiprodStage", "StageName"))
	want := map[string]any{"Table": "DevicesTable", "Function": function, "Authorizer": authorizer}
	if s.parameters["DomainName"] != "" {
		host = s.parameters["DomainName"]
		want["DomainTarget"] = "Domain.RegionalDomainName"
	}
	want["Endpoint"] = "https://" + host + request.Path
	want["Dashboard"] = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/Dashboard"
	f.want("the outputs", s.outputs, want)
	return f
}

func checkOptions(_ *testing.T, s stack) []string {
	var f faults
	var got []string
	for name, r := range s.resources {
		switch r.Type {
		case "AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping", "AWS::Route53::RecordSet", "AWS::WAFv2::WebACLAssociation":
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if s.parameters["DomainName"] == "" {
		f.want("what is optional", got, []string(nil))
		f.want("the reserved concurrency", s.at(function, "ReservedConcurrentExecutions"), nil)
		return f
	}
	f.want("what is optional", got, []string{"Domain", "DomainMapping", "DomainRecord", "WebAclAssociation"})
	f.want("the domain", s.resources["Domain"].Properties, map[string]any{
		"DomainName": s.parameters["DomainName"], "RegionalCertificateArn": s.parameters["CertificateArn"], "SecurityPolicy": "TLS_1_2",
		"EndpointConfiguration": map[string]any{"Types": []any{"REGIONAL"}},
	})
	f.want("what the domain leads to", s.resources["DomainMapping"].Properties, map[string]any{"DomainName": "Domain", "RestApiId": "Api", "Stage": "ApiprodStage"})
	f.want("what the web ACL stands before", s.resources["WebAclAssociation"].Properties, map[string]any{
		"WebACLArn": s.parameters["WebAclArn"], "ResourceArn": "arn:aws:apigateway:eu-west-1::/restapis/Api/stages/ApiprodStage",
	})
	for _, name := range s.of("AWS::Lambda::Function") {
		f.want("the reserved concurrency of "+name, s.at(name, "ReservedConcurrentExecutions"), "10")
	}
	return f
}
