package answer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pocket-devices/internal/answer"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

func TestDevices(t *testing.T) {
	tests := []struct {
		name    string
		devices []pocket.Device
		want    string
	}{
		{"none", nil, `[]`},
		{"the sample", []pocket.Device{{
			DeviceName: new("Schmeler Inc and Sons"), DeviceIdentifier: new("ullam"), PocketVersion: new("adipisci"), Language: new("nostrum"),
			PNSHandle: pocket.NewPushHandle("et"), Platform: new("Apple"), OSVersion: new("expedita"),
		}}, `[{"DeviceName":"Schmeler Inc and Sons","DeviceIdentifier":"ullam","PocketVersion":"adipisci","Language":"nostrum","PNSHandle":"et","Platform":"Apple","OSVersion":"expedita"}]`},
		{
			"what is missing is null and what is empty is empty",
			[]pocket.Device{{DeviceName: new("")}, {PNSHandle: pocket.NewPushHandle("")}},
			`[{"DeviceName":"","DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":null,"OSVersion":null},` +
				`{"DeviceName":null,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":"","Platform":null,"OSVersion":null}]`,
		},
		{
			"only what must be is escaped",
			[]pocket.Device{{DeviceName: new("<&> Pål 📱 \u2028 \" \\ \n \x01 \xff")}},
			`[{"DeviceName":"<&> Pål 📱 ` + "\u2028" + ` \" \\ \n \u0001 ` + "\ufffd" + `","DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":null,"OSVersion":null}]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(answer.Devices(tt.devices))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever the texts are, they are decoded to what went in.
func TestDevicesRoundTrip(t *testing.T) {
	type device struct{ DeviceName, DeviceIdentifier, PocketVersion, Language, PNSHandle, Platform, OSVersion *string }
	text := rapid.Ptr(rapid.String(), true)
	rapid.Check(t, func(t *rapid.T) {
		var devices []pocket.Device
		want := []device{}
		for range rapid.IntRange(0, 3).Draw(t, "devices") {
			d := pocket.Device{
				DeviceName: text.Draw(t, "a"), DeviceIdentifier: text.Draw(t, "b"), PocketVersion: text.Draw(t, "c"), Language: text.Draw(t, "d"),
				Platform: text.Draw(t, "e"), OSVersion: text.Draw(t, "f"),
			}
			handle := text.Draw(t, "g")
			if handle != nil {
				d.PNSHandle = pocket.NewPushHandle(*handle)
			}
			devices = append(devices, d)
			want = append(want, device{d.DeviceName, d.DeviceIdentifier, d.PocketVersion, d.Language, handle, d.Platform, d.OSVersion})
		}
		var got []device
		if err := json.Unmarshal(answer.Devices(devices), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// Every problem has the form of C-40, and fits into 2 KiB with the longest id.
func TestProblem(t *testing.T) {
	const want = `{"Error":true,"ErrorType":"Forbidden","Message":"You may read the devices of your own associate only.","RequestId":"the-request"}`
	if got := string(answer.Problem(problem.Forbidden, "the-request")); got != want {
		t.Errorf("Problem = %s", got)
	}
	for _, p := range problem.All() {
		b := answer.Problem(p, strings.Repeat("x", 128))
		if len(b) > 2048 || !json.Valid(b) {
			t.Errorf("%v: %d bytes: %s", p, len(b), b)
		}
	}
}
