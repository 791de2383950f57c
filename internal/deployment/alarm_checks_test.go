//go:build sam

package deployment

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pocket-devices/internal/metrics"
)

// metric is what an alarm watches.
type metric struct{ namespace, name, dimensions string }

func (m metric) String() string { return m.namespace + " " + m.name + " " + m.dimensions }

func metricOf(v any) metric {
	var dimensions []string
	for _, d := range items(at(v, "Dimensions")) {
		dimensions = append(dimensions, fmt.Sprint(at(d, "Name"), "=", at(d, "Value")))
	}
	return metric{text(at(v, "Namespace")), text(at(v, "MetricName")), strings.Join(dimensions, " ")}
}

// alarms say what each alarm watches. Names of an API and a stage are compared with those that there are.
func alarms(s stack) map[string][]string {
	api := "ApiName=" + text(s.at("Api", "Name")) + " Stage=" + text(s.at("ApiprodStage", "StageName"))
	const own, query = "PocketDevices/devices ", " TableName=DevicesTable Operation=Query"
	return map[string][]string{
		"ServerErrorsAlarm":     {"AWS/ApiGateway 5XXError " + api},
		"FunctionErrorsAlarm":   {"AWS/Lambda Errors FunctionName=" + function},
		"ThrottlesAlarm":        {"AWS/Lambda Throttles FunctionName=" + function, "AWS/Lambda Throttles FunctionName=" + authorizer},
		"LatencyAlarm":          {"AWS/ApiGateway Latency " + api},
		"AuthorizerErrorsAlarm": {own + "AuthorizerErrors "},
		"ContextInvalidAlarm":   {own + "ContextInvalid "},
		"DynamoDBErrorsAlarm":   {"AWS/DynamoDB SystemErrors" + query, "AWS/DynamoDB ThrottledRequests" + query},
	}
}

// counted are the metrics that are counted from the logs.
func (s stack) counted() (names []string) {
	for _, filter := range s.of("AWS::Logs::MetricFilter") {
		for _, m := range items(s.at(filter, "MetricTransformations")) {
			names = append(names, text(at(m, "MetricNamespace"))+" "+text(at(m, "MetricName")))
		}
	}
	return names
}

func checkAlarms(t *testing.T, s stack) []string {
	var f faults
	watched := map[string][]string{}
	for _, name := range s.of("AWS::CloudWatch::Alarm") {
		p := s.resources[name].Properties
		f.want("what missing data is to "+name, p["TreatMissingData"], "notBreaching")
		var topic any
		if arn := s.parameters["AlarmTopicArn"]; arn != "" {
			topic = []any{arn}
		}
		f.want("whom "+name+" tells", p["AlarmActions"], topic)
		f.want("whom "+name+" tells that it is over", p["OKActions"], topic)
		metrics := []metric{metricOf(p)}
		if p["Metrics"] != nil {
			metrics = nil
			for _, m := range items(p["Metrics"]) {
				if stat := at(m, "MetricStat"); stat != nil {
					metrics = append(metrics, metricOf(at(stat, "Metric")))
				}
			}
		}
		for _, m := range metrics {
			watched[name] = append(watched[name], m.String())
			if strings.HasPrefix(m.namespace, "PocketDevices/") && !slices.Contains(s.counted(), m.namespace+" "+m.name) {
				f.addf("%s watches %v, which nobody counts", name, m)
			}
		}
		if !strings.Contains(operations(t), "\n### "+name+"\n") || !strings.Contains(text(p["AlarmDescription"]), "docs/operate.md, "+name) {
			f.addf("docs/operate.md does not say what to do about %s", name)
		}
	}
	f.want("what the alarms watch", watched, alarms(s))
	f.want("what is too slow", []any{s.at("LatencyAlarm", "Threshold"), s.at("LatencyAlarm", "ExtendedStatistic")}, []any{5000, "p99"})
	return f
}

// spellOut returns a metric of a dashboard as namespace, name and dimensions, without the short forms that stand for parts of the last
// one: a dot for one part, three for all that come before those that follow. An expression has none.
func spellOut(m []any, last []string) (parts []string) {
	for _, v := range m {
		if part, ok := v.(string); ok { // else it is how to show it, or an expression
			parts = append(parts, part)
		}
	}
	if len(parts) > 0 && parts[0] == "..." {
		parts = append(slices.Clone(last[:len(last)-len(parts)+1]), parts[1:]...)
	}
	for i, part := range parts {
		if part == "." {
			parts[i] = last[i]
		}
	}
	return parts
}

// countedByFunction are the metrics that the function writes by itself, with their dimensions.
func countedByFunction() (names []string) {
	of := " " + metrics.FunctionName + " " + function
	for _, name := range []string{metrics.Requests, metrics.ColdStarts, metrics.DevicesReturned, metrics.StorePages, metrics.StoreAttempts, metrics.StoreLatency} {
		names = append(names, metrics.Namespace+" "+name+of)
	}
	for _, outcome := range []string{metrics.Answered, metrics.Denied, metrics.Refused, metrics.Failed} {
		names = append(names, metrics.Namespace+" "+metrics.Requests+of+" "+metrics.Outcome+" "+outcome)
	}
	return names
}

func checkDashboard(_ *testing.T, s stack) []string {
	var f faults
	for _, name := range s.of("AWS::CloudWatch::Dashboard") {
		var body struct {
			Widgets []struct {
				Type       string
				Properties struct {
					Title, Query string
					Alarms       []string
					Metrics      [][]any
				}
			}
		}
		if err := json.Unmarshal([]byte(text(s.at(name, "DashboardBody"))), &body); err != nil {
			f.addf("%s is no JSON: %v", name, err)
			continue
		}
		var titles []string
		for _, w := range body.Widgets {
			titles = append(titles, w.Properties.Title)
			if w.Type == "alarm" {
				var all []string
				for _, alarm := range s.of("AWS::CloudWatch::Alarm") {
					all = append(all, alarm+".Arn")
				}
				shown := slices.Clone(w.Properties.Alarms)
				slices.Sort(shown)
				f.want("the alarms of the dashboard", shown, all)
			}
			var last []string
			for _, m := range w.Properties.Metrics {
				if last = spellOut(m, last); len(last) == 0 || strings.HasPrefix(last[0], "AWS/") {
					continue
				}
				if shown := strings.Join(last, " "); !slices.Contains(append(s.counted(), countedByFunction()...), shown) {
					f.addf("the dashboard shows %s, which nobody counts", shown)
				}
			}
		}
		f.want("what the dashboard shows", titles, []string{
			"Alarms", "Requests by outcome", "Latency, ms", "Cold starts", "Devices returned", "4xx by reason", "Errors and throttles",
		})
	}
	f.want("the dashboards", s.of("AWS::CloudWatch::Dashboard"), []string{"Dashboard"})
	for _, name := range s.of("AWS::Logs::QueryDefinition") {
		for _, group := range items(s.at(name, "LogGroupNames")) {
			f.want("what the group of "+name+" is", s.resources[text(group)].Type, "AWS::Logs::LogGroup")
		}
	}
	f.want("the saved queries", s.of("AWS::Logs::QueryDefinition"), []string{
		"DenialsByPrincipalQuery", "FailuresQuery", "OneRequestQuery", "SlowestQuery", "WhoReadWhoseDevicesQuery",
	})
	return f
}
