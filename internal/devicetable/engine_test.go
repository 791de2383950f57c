package devicetable_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"pocket-devices/internal/bulk"
	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/local/engine/enginetest"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

// TestEngine runs what only a real engine can show, on the one that ENGINE names: dynalite, or dynamodb-local. With -short, which needs
// nothing but Go, the fake in pockettest passes the same contract instead, and the canned answers in faults_test.go are all there is.
func TestEngine(t *testing.T) {
	if testing.Short() {
		return
	}
	e := enginetest.Start(t, filepath.Join("..", ".."))
	tables := 0
	newTable := func(t *testing.T) (name string) {
		t.Helper()
		tables++
		name = fmt.Sprintf("devices-%d", tables)
		e.CreateTable(t, name)
		return name
	}
	put := func(t *testing.T, table string, items ...bulk.Item) {
		t.Helper()
		if err := bulk.NewTable(e.Client, table).Put(t.Context(), items, nil); err != nil {
			t.Fatal(err)
		}
	}
	open := func(t *testing.T, table string) *devicetable.Table {
		t.Helper()
		client, err := devicetable.NewClient(t.Context(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return devicetable.New(client, table)
	}

	t.Run("contract", func(t *testing.T) {
		pockettest.TestStore(t, func(t *testing.T, records []pockettest.Record) pocket.Store {
			table := newTable(t)
			var items []bulk.Item
			for _, r := range records {
				items = append(items, itemOf(r))
			}
			put(t, table, items...)
			return open(t, table)
		})
	})

	t.Run("what an item has beside its properties does not come out", func(t *testing.T) {
		table := newTable(t)
		item := itemOf(pockettest.Record{Associate: 117, Device: pocket.Device{DeviceIdentifier: new("a")}})
		item["devicename"] = &types.AttributeValueMemberS{Value: "not the property: names match exactly"}
		item["Password"] = &types.AttributeValueMemberS{Value: "secret"}
		put(t, table, item)
		devices, err := open(t, table).Devices(t.Context(), 117)
		if err != nil || len(devices) != 1 || devices[0] != (pocket.Device{DeviceIdentifier: devices[0].DeviceIdentifier}) {
			t.Errorf("Devices = %+v, %v", devices, err)
		}
	})

	wrongTypes := map[string]types.AttributeValue{
		"NULL": &types.AttributeValueMemberNULL{Value: true},
		"N":    &types.AttributeValueMemberN{Value: "1"},
		"BOOL": &types.AttributeValueMemberBOOL{Value: true},
		"B":    &types.AttributeValueMemberB{Value: []byte("x")},
		"SS":   &types.AttributeValueMemberSS{Value: []string{"x"}},
		"NS":   &types.AttributeValueMemberNS{Value: []string{"1"}},
		"BS":   &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"L":    &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		"M":    &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}},
	}
	t.Run("an attribute of a wrong type is an error", func(t *testing.T) {
		table := newTable(t)
		id := 0
		for _, name := range []string{devicetable.DeviceName, devicetable.PNSHandle, devicetable.ExpiresAt} {
			for kind, value := range wrongTypes {
				if name == devicetable.ExpiresAt && kind == "N" {
					kind, value = "S", &types.AttributeValueMemberS{Value: "1"}
				}
				id++
				item := itemOf(pockettest.Record{Associate: pocket.AssociateID(id), Device: pockettest.Device("a")})
				item[name] = value
				put(t, table, item)
				if devices, err := open(t, table).Devices(t.Context(), pocket.AssociateID(id)); !errors.Is(err, pocket.ErrStore) || devices != nil {
					t.Errorf("%s of type %s: Devices = %v, %v, want %v", name, kind, devices, err, pocket.ErrStore)
				}
			}
		}
	})

	t.Run("more pages than an answer can be made of is an error", func(t *testing.T) {
		table := newTable(t)
		var items []bulk.Item
		name := strings.Repeat("x", 380<<10)
		for i := range 70 { // three of which exceed a page
			d := pocket.Device{DeviceIdentifier: new(strconv.Itoa(i)), DeviceName: &name}
			items = append(items, itemOf(pockettest.Record{Associate: 117, Device: d}))
		}
		put(t, table, items...)
		if devices, err := open(t, table).Devices(t.Context(), 117); !errors.Is(err, pocket.ErrTooLarge) || devices != nil {
			t.Errorf("Devices = %d devices, %v, want %v", len(devices), err, pocket.ErrTooLarge)
		}
	})

	t.Run("a table that there is not is an error", func(t *testing.T) {
		if _, err := open(t, "no-such-table").Devices(t.Context(), 117); !errors.Is(err, pocket.ErrStore) {
			t.Errorf("Devices: %v, want %v", err, pocket.ErrStore)
		}
	})
}

// itemOf returns the item that DynamoDB keeps of a record.
func itemOf(r pockettest.Record) bulk.Item {
	item := bulk.Item{devicetable.AssociateID: &types.AttributeValueMemberN{Value: r.Associate.String()}}
	for _, p := range pocket.Properties() { // by whose names the attributes go
		if text := p.Reveal(&r.Device); text != nil {
			item[p.Name] = &types.AttributeValueMemberS{Value: *text}
		}
	}
	if !r.Expires.IsZero() {
		item[devicetable.ExpiresAt] = &types.AttributeValueMemberN{Value: strconv.FormatInt(r.Expires.Unix(), 10)}
	}
	return item
}
