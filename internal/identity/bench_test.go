package identity_test

import (
	"io"
	"log/slog"
	"testing"

	"pocket-devices/internal/identity"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

// BenchmarkAuthorize is what it costs to know a caller from its context, to decide, and to leave the audit line, before a store that costs next to
// nothing.
func BenchmarkAuthorize(b *testing.B) {
	context := []byte(`{"principalId":"tje0","associateId":"117","contextIdentifier":"Cust12345","canReadAll":"false","authScheme":"basic","integrationLatency":41}`)
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	for name, target := range map[string]pocket.AssociateID{"own": 117, "another's": 118} {
		b.Run(name, func(b *testing.B) {
			store := &pockettest.Store{}
			registry := pocket.NewRegistry(store)
			b.ReportAllocs()
			for b.Loop() {
				caller, err := identity.Parse(context, "Cust12345", now)
				if err != nil {
					b.Fatal(err)
				}
				store.Asked = store.Asked[:0]
				if _, err := registry.Devices(b.Context(), log, caller, target); (err == nil) != (target == 117) {
					b.Fatal(err)
				}
			}
		})
	}
}
