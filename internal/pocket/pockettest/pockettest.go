// Package pockettest helps to test what stands on package pocket: a store in memory, and the one test that every store must pass.
package pockettest

import (
	"context"
	"slices"
	"strings"
	"time"

	"pocket-devices/internal/pocket"
)

// Record is one registered device as a store keeps it.
type Record struct {
	Associate pocket.AssociateID
	Device    pocket.Device
	Expires   time.Time // when the device is no longer shown; zero is never
}

// Device returns a device with every property set, made up from its identifier.
func Device(identifier string) pocket.Device {
	text := func(property string) *string { return new(property + " of " + identifier) }
	return pocket.Device{
		DeviceName:       text("name"),
		DeviceIdentifier: &identifier,
		PocketVersion:    text("version"),
		Language:         text("language"),
		PNSHandle:        pocket.NewPushHandle("handle of " + identifier),
		Platform:         new("Apple"),
		OSVersion:        text("system"),
	}
}

// Store is a [pocket.Store] in memory. [TestStore] holds it to what the real one does.
type Store struct {
	Records []Record
	Err     error                // returned by every call where it is set
	Asked   []pocket.AssociateID // whose devices were asked for, in order
}

var _ pocket.Store = (*Store)(nil)

// Devices implements [pocket.Store].
func (s *Store) Devices(_ context.Context, id pocket.AssociateID) ([]pocket.Device, error) {
	s.Asked = append(s.Asked, id)
	if s.Err != nil {
		return nil, s.Err
	}
	devices := []pocket.Device{}
	for _, r := range s.Records {
		if r.Associate == id && (r.Expires.IsZero() || time.Now().Before(r.Expires)) {
			devices = append(devices, r.Device)
		}
	}
	slices.SortFunc(devices, func(a, b pocket.Device) int { return strings.Compare(*a.DeviceIdentifier, *b.DeviceIdentifier) })
	return devices, nil
}
