package endpoint_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// How the caller would like its answer: the format, the properties, the language (C-7, C-11, C-13).
func TestPreferences(t *testing.T) {
	type event = events.APIGatewayProxyRequest
	query := func(name string, values ...string) func(*event) {
		return func(e *event) {
			e.QueryStringParameters = map[string]string{name: values[len(values)-1]}
			e.MultiValueQueryStringParameters = map[string][]string{name: values}
		}
	}
	header := func(pairs ...string) func(*event) {
		return func(e *event) {
			for i := 0; i < len(pairs); i += 2 {
				setHeader(e, pairs[i], strings.Split(pairs[i+1], "|")...)
			}
		}
	}
	const (
		isJSON = "application/json; charset=utf-8"
		isXML  = "application/xml; charset=utf-8"
		null   = `[{"DeviceName":null,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":null,"OSVersion":null}]`
		xml    = "<ArrayOfPocketDeviceInfo><PocketDeviceInfo><DeviceName>"
	)
	tests := []struct {
		name        string
		change      func(*event)
		contentType string
		want        string // in the body
	}{
		{"XML", header("Accept", "application/xml"), isXML, xml},
		{"XML for XML", func(e *event) {
			setHeader(e, "Accept")
			setHeader(e, "Content-Type", "text/xml")
			e.Body = "<request><AssociateId>117</AssociateId></request>"
		}, "text/xml; charset=utf-8", xml},
		{"JSON for a form", func(e *event) {
			setHeader(e, "Accept")
			setHeader(e, "Content-Type", "application/x-www-form-urlencoded")
			e.Body = "associateid=117"
		}, isJSON, `[{"DeviceName":`},
		{"nothing that is offered", header("Accept", "image/png"), isJSON, `[{"DeviceName":`},
		{"an Accept that the maps disagree on", func(e *event) { e.Headers["Accept"] = "application/xml" }, isJSON, `[{"DeviceName":`},
		{
			"two properties", query("$select", "devicename, Platform/x"), isJSON,
			`[{"DeviceName":"NO:\"Min\";US:\"Mine\"","DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":"Apple","OSVersion":null}]`,
		},
		{"two properties, otherwise spelled", query("%24select", "Platform"), isJSON, `"PNSHandle":null,"Platform":"Apple"`},
		{"the page's properties", query("$select", "name,department,category/id"), isJSON, null},
		{
			"no property in XML", func(e *event) { query("$select", "x")(e); header("Accept", "text/xml")(e) }, "text/xml; charset=utf-8",
			"<ArrayOfPocketDeviceInfo><PocketDeviceInfo></PocketDeviceInfo></ArrayOfPocketDeviceInfo>",
		},
		{"no language", header(), isJSON, `"DeviceName":"NO:\"Min\";US:\"Mine\""`},
		{"a language", header("Accept-Language", "nb-NO,en;q=0.5"), isJSON, `"DeviceName":"Min"`},
		{"SuperOffice's language before it", header("Accept-Language", "nb", "SO-Language", "en"), isJSON, `"DeviceName":"Mine"`},
		{"a language in XML", header("Accept-Language", "nb", "Accept", "application/xml"), isXML, "<DeviceName>Min</DeviceName>"},
		{"a culture and a time zone", header("SO-Culture", "nb-NO", "SO-TimeZone", "nowhere", "SO-Browser-TZ-Offset", "x"), isJSON, `"DeviceName":"NO:`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := sample(t)
			setHeader(&e, "Accept-Language")
			tt.change(&e)
			store := newStore()
			store.Records[0].Device.DeviceName = new(`NO:"Min";US:"Mine"`)
			got := invoke(t, store, marshal(t, e))
			if got.status != 200 || got.header["Content-Type"] != tt.contentType || !strings.Contains(got.body, tt.want) {
				t.Errorf("answered with %d %s %s, log %s", got.status, got.header["Content-Type"], got.body, got.logs)
			}
		})
	}
}
