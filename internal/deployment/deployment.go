// Package deployment holds template.yaml to what an operator relies on, as SAM transforms it and CloudFormation fills it in: who may call what,
// which role may do what, what is logged, kept and alarmed on. A linter knows none of it, since a route without an authorizer is
// valid.
//
// There are only tests here, and they need SAM CLI, so they have a build tag; make validate runs them. Begin with the table of rules in
// rules_test.go, each of which has the mutations of the template that it must catch; what they check is in the files beside it.
package deployment
