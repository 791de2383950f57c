package pocket_test

import (
	"context"
	"fmt"
	"log/slog"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

// Each gets its own devices. Another's are for whoever can read all, and nobody else learns whether there are any.
func ExampleRegistry_Devices() {
	registry := pocket.NewRegistry(&pockettest.Store{Records: []pockettest.Record{
		{Associate: 117, Device: pocket.Device{DeviceIdentifier: new("a phone"), PNSHandle: pocket.NewPushHandle("secret")}},
	}})
	show := func(caller pocket.Caller, target pocket.AssociateID) {
		devices, err := registry.Devices(context.Background(), slog.New(slog.DiscardHandler), caller, target)
		for _, d := range devices {
			fmt.Println(caller.Name, *d.DeviceIdentifier, d.PNSHandle)
		}
		if err != nil {
			fmt.Println(caller.Name, err)
		}
	}
	show(pocket.Caller{Name: "its own", Associate: 117}, 117)
	show(pocket.Caller{Name: "another", Associate: 118}, 117)
	show(pocket.Caller{Name: "another", Associate: 118}, 119)
	show(pocket.Caller{Name: "administrator", Associate: 200, CanReadAll: true}, 117)
	// Output:
	// its own a phone [redacted]
	// another the caller may not read these devices
	// another the caller may not read these devices
	// administrator a phone [redacted]
}
