package pockettest_test

import (
	"testing"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

func TestStoreInMemory(t *testing.T) {
	pockettest.TestStore(t, func(_ *testing.T, records []pockettest.Record) pocket.Store {
		return &pockettest.Store{Records: records}
	})
}
