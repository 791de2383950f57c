package pockettest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pocket-devices/internal/pocket"
)

// TestStore checks that a store does what [pocket.Store] says. The function open returns a new store that holds the records.
func TestStore(t *testing.T, open func(*testing.T, []Record) pocket.Store) {
	const mine, another, nobody = 117, 118, 119
	now := time.Now()
	tests := []struct {
		name    string
		records []Record
		want    []pocket.Device
	}{
		{"nobody's devices are an empty slice", nil, []pocket.Device{}},
		{
			"every property comes back",
			[]Record{{Associate: mine, Device: Device("a")}},
			[]pocket.Device{Device("a")},
		},
		{
			"what is missing is nil and what is empty is empty",
			[]Record{{Associate: mine, Device: pocket.Device{DeviceIdentifier: new("a"), DeviceName: new(""), PNSHandle: pocket.NewPushHandle("")}}},
			[]pocket.Device{{DeviceIdentifier: new("a"), DeviceName: new(""), PNSHandle: pocket.NewPushHandle("")}},
		},
		{
			"texts of any script come back as they were",
			[]Record{{Associate: mine, Device: pocket.Device{DeviceIdentifier: new("a"), DeviceName: new("Pål's 📱 <&\"\\\t\u2028>")}}},
			[]pocket.Device{{DeviceIdentifier: new("a"), DeviceName: new("Pål's 📱 <&\"\\\t\u2028>")}},
		},
		{
			"the order is that of UTF-8 bytes",
			[]Record{
				{Associate: mine, Device: Device("\U0001f4f1")}, // after U+FF5E in UTF-8, before it in UTF-16
				{Associate: mine, Device: Device("b")},
				{Associate: mine, Device: Device("\uff5e")},
				{Associate: mine, Device: Device("Z")},
				{Associate: mine, Device: Device("a")},
				{Associate: mine, Device: Device("10")},
				{Associate: mine, Device: Device("9")},
			},
			[]pocket.Device{Device("10"), Device("9"), Device("Z"), Device("a"), Device("b"), Device("\uff5e"), Device("\U0001f4f1")},
		},
		{
			"another's devices stay another's, with the same identifier too",
			[]Record{{Associate: mine, Device: Device("a")}, {Associate: another, Device: Device("a")}, {Associate: another, Device: Device("b")}},
			[]pocket.Device{Device("a")},
		},
		{
			"an expired device is left out, one that will expire is not",
			[]Record{
				{Associate: mine, Device: Device("gone"), Expires: now.Add(-time.Minute)},
				{Associate: mine, Device: Device("here"), Expires: now.Add(time.Hour)},
			},
			[]pocket.Device{Device("here")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := open(t, tt.records)
			check(t, store, mine, tt.want)
			check(t, store, nobody, []pocket.Device{})
		})
	}

	t.Run("more than a page of devices comes whole", func(t *testing.T) {
		const devices, size = 60, 50_000 // three megabytes, three pages of DynamoDB's
		var records []Record
		var want []pocket.Device
		for i := range devices {
			d := Device(fmt.Sprintf("device-%03d", i))
			d.DeviceName = new(strings.Repeat("x", size))
			records = append(records, Record{Associate: mine, Device: d}, Record{Associate: another, Device: Device(fmt.Sprintf("device-%03d", i))})
			want = append(want, d)
		}
		check(t, open(t, records), mine, want)
	})
}

func check(t *testing.T, store pocket.Store, id pocket.AssociateID, want []pocket.Device) {
	t.Helper()
	got, err := store.Devices(t.Context(), id)
	if err != nil {
		t.Fatalf("Devices(%d): %v", id, err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(sameHandle)); diff != "" {
		t.Errorf("Devices(%d), -want +got:\n%s", id, diff)
	}
}

func sameHandle(a, b pocket.PushHandle) bool { return a == b }
