package answer_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pocket-devices/internal/answer"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

// What answers are written as, and nothing else that a caller would like.
var (
	asJSON = answer.Preferences{}
	asXML  = answer.Preferences{Format: answer.Negotiate(nil, "application/xml")}
)

// sample is the device of the endpoint's public page (C-15).
var sample = pocket.Device{
	DeviceName:       new("Schmeler Inc and Sons"),
	DeviceIdentifier: new("ullam"),
	PocketVersion:    new("adipisci"),
	Language:         new("nostrum"),
	PNSHandle:        pocket.NewPushHandle("et"),
	Platform:         new("Apple"),
	OSVersion:        new("expedita"),
}

// The two forms that devices are written in, JSON (C-9) and XML (C-12).
func TestDevices(t *testing.T) {
	named := func(name string) []pocket.Device { return []pocket.Device{{DeviceName: &name}} }
	const (
		nulls     = `,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":null,"OSVersion":null}`
		sampleXML = "<PocketDeviceInfo><DeviceName>Schmeler Inc and Sons</DeviceName><DeviceIdentifier>ullam</DeviceIdentifier>" +
			"<PocketVersion>adipisci</PocketVersion><Language>nostrum</Language><PNSHandle>et</PNSHandle><Platform>Apple</Platform>" +
			"<OSVersion>expedita</OSVersion></PocketDeviceInfo>"
	)
	tests := []struct {
		name      string
		devices   []pocket.Device
		json, xml string // within the array, within ArrayOfPocketDeviceInfo
	}{
		{
			"the page's sample",
			[]pocket.Device{sample},
			`{"DeviceName":"Schmeler Inc and Sons","DeviceIdentifier":"ullam","PocketVersion":"adipisci","Language":"nostrum",` +
				`"PNSHandle":"et","Platform":"Apple","OSVersion":"expedita"}`,
			sampleXML,
		},
		{"none, nil", nil, "", ""},
		{"none, not nil", []pocket.Device{}, "", ""},
		{
			"null where there is no property", make([]pocket.Device, 2),
			`{"DeviceName":null` + nulls + `,{"DeviceName":null` + nulls,
			"<PocketDeviceInfo></PocketDeviceInfo><PocketDeviceInfo></PocketDeviceInfo>",
		},
		{
			"an empty property is not null",
			[]pocket.Device{{DeviceName: new(""), PNSHandle: pocket.NewPushHandle("")}},
			`{"DeviceName":"","DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":"",` +
				`"Platform":null,"OSVersion":null}`,
			"<PocketDeviceInfo><DeviceName></DeviceName><PNSHandle></PNSHandle></PocketDeviceInfo>",
		},
		{
			"a handle is written whole",
			[]pocket.Device{{PNSHandle: pocket.NewPushHandle(`"<&>"`)}},
			`{"DeviceName":null,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":"\"<&>\"",` +
				`"Platform":null,"OSVersion":null}`,
			`<PocketDeviceInfo><PNSHandle>"&lt;&amp;&gt;"</PNSHandle></PocketDeviceInfo>`,
		},
		{
			"markup", named(`<b>&amp;</b> ]]> '"/\`),
			`{"DeviceName":"<b>&amp;</b> ]]> '\"/\\"` + nulls,
			`<PocketDeviceInfo><DeviceName>&lt;b&gt;&amp;amp;&lt;/b&gt; ]]&gt; '"/\</DeviceName></PocketDeviceInfo>`,
		},
		{
			"beyond ASCII", named("Leverandør \u2028\u2029\u0085\ufeff 日本 \U0001f4f1"),
			`{"DeviceName":"Leverandør ` + "\u2028\u2029\u0085\ufeff" + ` 日本 ` + "\U0001f4f1" + `"` + nulls,
			"<PocketDeviceInfo><DeviceName>Leverandør \u2028\u2029\u0085\ufeff 日本 \U0001f4f1</DeviceName></PocketDeviceInfo>",
		},
		{
			"white space", named(" \t\n\r\n "),
			`{"DeviceName":" \t\n\r\n "` + nulls,
			"<PocketDeviceInfo><DeviceName> \t\n&#xD;\n </DeviceName></PocketDeviceInfo>",
		},
		{
			"what XML cannot carry", named("\x00\x1b\x1f\x7f\ufffe\uffff\ufffd"),
			`{"DeviceName":"\u0000\u001b\u001f` + "\x7f\ufffe\uffff\ufffd" + `"` + nulls,
			"<PocketDeviceInfo><DeviceName>\ufffd\ufffd\ufffd\x7f\ufffd\ufffd\ufffd</DeviceName></PocketDeviceInfo>",
		},
		{
			"what is not UTF-8", named("a\xffb\xed\xa0\x80c\xe2\x82"), // a stray byte, half a surrogate pair, a rune cut short
			"{\"DeviceName\":\"a\ufffdb\ufffd\ufffd\ufffdc\ufffd\ufffd\"" + nulls,
			"<PocketDeviceInfo><DeviceName>a\ufffdb\ufffd\ufffd\ufffdc\ufffd\ufffd</DeviceName></PocketDeviceInfo>",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantJSON, wantXML := "["+tt.json+"]", "<ArrayOfPocketDeviceInfo>"+tt.xml+"</ArrayOfPocketDeviceInfo>"
			if got := string(answer.Devices(tt.devices, asJSON)); got != wantJSON {
				t.Errorf("JSON:\n got %s\nwant %s", got, wantJSON)
			}
			if got := string(answer.Devices(tt.devices, asXML)); got != wantXML {
				t.Errorf("XML:\n got %s\nwant %s", got, wantXML)
			}
		})
	}
}

// A Content-Type that says xml is on XML, and every one that says json is on JSON.
func TestDevicesAreAsTheirContentTypeSays(t *testing.T) {
	for _, mediaType := range []string{
		"application/json", "text/json", "application/xml", "text/xml", "application/json-patch+json", "application/merge-patch+json",
	} {
		f := answer.Negotiate([]string{mediaType}, "")
		want := answer.Devices([]pocket.Device{sample}, asJSON)
		if strings.Contains(mediaType, "xml") {
			want = answer.Devices([]pocket.Device{sample}, asXML)
		}
		if got := answer.Devices([]pocket.Device{sample}, answer.Preferences{Format: f}); !bytes.Equal(got, want) {
			t.Errorf("as %s: got %s, want %s", f.ContentType(), got, want)
		}
	}
}

// info is a device as a client reads it, without regard to how it is written here.
type info struct {
	DeviceName, DeviceIdentifier, PocketVersion, Language, PNSHandle, Platform, OSVersion *string
}

// infos returns what a client should read of the devices where the format carries strings as carried says.
func infos(devices []pocket.Device, carried func(string) string) []info {
	text := func(s *string) *string {
		if s == nil {
			return nil
		}
		return new(carried(*s))
	}
	list := []info{}
	for _, d := range devices {
		handle := pocket.Properties()[4].Reveal(&d)
		list = append(list, info{
			text(d.DeviceName), text(d.DeviceIdentifier), text(d.PocketVersion), text(d.Language), text(handle),
			text(d.Platform), text(d.OSVersion),
		})
	}
	return list
}

// utf8Text replaces each byte that is not UTF-8, which is what a conversion to runes does.
func utf8Text(s string) string { return string([]rune(s)) }

// notXML is all but the production Char of XML 1.0, section 2.2.
var notXML = regexp.MustCompile(`[^\x{9}\x{A}\x{D}\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]`)

func xmlText(s string) string { return notXML.ReplaceAllString(utf8Text(s), "\ufffd") }

// devices generates devices with any strings: those that escaping is about, others, and bytes that are none.
func devices() *rapid.Generator[[]pocket.Device] {
	text := rapid.Ptr(rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.RuneFrom([]rune("a<>&'\"\\/]\r\n\t\x00\x1f\x7f\u0085\u2028\ufeff\ufffd\ufffe\uffff\U0001f4f1"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	), true)
	return rapid.SliceOf(rapid.Custom(func(t *rapid.T) pocket.Device {
		d := pocket.Device{
			DeviceName:       text.Draw(t, "DeviceName"),
			DeviceIdentifier: text.Draw(t, "DeviceIdentifier"),
			PocketVersion:    text.Draw(t, "PocketVersion"),
			Language:         text.Draw(t, "Language"),
			Platform:         text.Draw(t, "Platform"),
			OSVersion:        text.Draw(t, "OSVersion"),
		}
		if handle := text.Draw(t, "PNSHandle"); handle != nil {
			d.PNSHandle = pocket.NewPushHandle(*handle)
		}
		return d
	}))
}

// Whatever is stored passes as it is, a Platform that nobody knows too (C-10).
func TestJSONReadsAsWhatWentIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		devices := devices().Draw(t, "devices")
		body := answer.Devices(devices, asJSON)

		var got []info
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Fatalf("%v in %q", err, body)
		}
		if diff := cmp.Diff(infos(devices, utf8Text), got); diff != "" {
			t.Fatalf("%q does not read as what went in (-want +got):\n%s", body, diff)
		}
		if bytes.ContainsAny(body, "\r\n") {
			t.Fatalf("%q is not on one line", body)
		}
	})
}

func TestXMLReadsAsWhatWentIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		devices := devices().Draw(t, "devices")
		body := answer.Devices(devices, asXML)

		got := struct {
			XMLName xml.Name `xml:"ArrayOfPocketDeviceInfo"`
			Devices []info   `xml:"PocketDeviceInfo"`
		}{Devices: []info{}}
		if err := xml.Unmarshal(body, &got); err != nil {
			t.Fatalf("%v in %q", err, body)
		}
		if diff := cmp.Diff(infos(devices, xmlText), got.Devices); diff != "" {
			t.Fatalf("%q does not read as what went in (-want +got):\n%s", body, diff)
		}
	})
}

func TestProblem(t *testing.T) {
	tests := []struct {
		name      string
		problem   *problem.Problem
		requestID string
		want      string
	}{
		{
			"the original's spelling", problem.Forbidden, "5d9dc9f8-1818-4811-892f-902bd23f0824",
			`{"Error":true,"ErrorType":"Forbidden","Message":"You may read the devices of your own associate only.",` +
				`"RequestId":"5d9dc9f8-1818-4811-892f-902bd23f0824"}`,
		},
		{
			"no request id", problem.MethodNotAllowed, "",
			`{"Error":true,"ErrorType":"MethodNotAllowed","Message":"Use POST.","RequestId":""}`,
		},
		{
			"quotes", &problem.Problem{Status: 400, Type: "A", Message: `Send {"a":"<b>"}.`}, "\"\x01\xff",
			`{"Error":true,"ErrorType":"A","Message":"Send {\"a\":\"<b>\"}.","RequestId":"\"\u0001` + "\ufffd\"}",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(answer.Problem(tt.problem, tt.requestID)); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestEveryProblemIsSmallAndReadsAsItself(t *testing.T) {
	type fields struct {
		Error                         bool
		ErrorType, Message, RequestId string
	}
	requestID := strings.Repeat("x", 128) // API Gateway's are 36 characters
	for _, p := range problem.All() {
		body := answer.Problem(p, requestID)
		if len(body) > 2<<10 {
			t.Errorf("%s: %d bytes, want 2048 at most", p.Type, len(body))
		}
		var got fields
		if err := json.Unmarshal(body, &got); err != nil {
			t.Errorf("%s: %v in %s", p.Type, err, body)
		}
		if want := (fields{true, p.Type, p.Message, requestID}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
