package pocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

func TestParseAssociateID(t *testing.T) {
	for s, want := range map[string]pocket.AssociateID{"1": 1, "117": 117, "2147483647": 2147483647} {
		if got, err := pocket.ParseAssociateID(s); got != want || err != nil {
			t.Errorf("ParseAssociateID(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "-1", "+117", "0117", " 117", "117 ", "117.0", "1.17e2", "1e2", "2147483648", "99999999999999999999", "0x75", "1_000", "١١٧", "117\x00", "null"} {
		if got, err := pocket.ParseAssociateID(s); got != 0 || err == nil {
			t.Errorf("ParseAssociateID(%q) = %v, %v, want an error", s, got, err)
		} else if len(s) > 3 && strings.Contains(err.Error(), s) {
			t.Errorf("ParseAssociateID(%q): the error %q holds the input", s, err)
		}
	}
}

func TestAssociateIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := pocket.AssociateID(rapid.Int32Min(1).Draw(t, "id"))
		if got, err := pocket.ParseAssociateID(id.String()); got != id || err != nil {
			t.Fatalf("ParseAssociateID(%q) = %v, %v", id.String(), got, err)
		}
	})
}

// Who may read whose devices (C-22).
func TestMayRead(t *testing.T) {
	tests := []struct {
		name   string
		caller pocket.Caller
		target pocket.AssociateID
		want   bool
	}{
		{"own", pocket.Caller{Associate: 117}, 117, true},
		{"another's", pocket.Caller{Associate: 117}, 118, false},
		{"another's, as one who can read all", pocket.Caller{Associate: 200, CanReadAll: true}, 117, true},
		{"own, as one who can read all", pocket.Caller{Associate: 200, CanReadAll: true}, 200, true},
		{"nobody's own", pocket.Caller{}, 0, false},
		{"anybody's, as nobody", pocket.Caller{}, 117, false},
		{"anybody's, as nobody who can read all", pocket.Caller{CanReadAll: true}, 117, false},
		{"nobody's, as one who can read all", pocket.Caller{Associate: 200, CanReadAll: true}, 0, false},
		{"a negative one, its own", pocket.Caller{Associate: -1}, -1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.caller.MayRead(tt.target); got != tt.want {
				t.Errorf("MayRead = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRegistry(t *testing.T) {
	store := func(err error) *pockettest.Store {
		return &pockettest.Store{Err: err, Records: []pockettest.Record{
			{Associate: 117, Device: pockettest.Device("a")},
			{Associate: 118, Device: pockettest.Device("b")},
			{Associate: 118, Device: pockettest.Device("c")},
		}}
	}
	tje := pocket.Caller{Name: "tje0", Associate: 117, Scheme: "basic"}
	adm := pocket.Caller{Name: "adm0", Associate: 200, CanReadAll: true, Scheme: "bearer"}
	tests := []struct {
		name   string
		caller pocket.Caller
		target pocket.AssociateID
		store  *pockettest.Store
		count  int
		err    error
		asked  []pocket.AssociateID
		audit  string
	}{
		{
			"own", tje, 117, store(nil), 1, nil,
			[]pocket.AssociateID{117},
			`{"level":"INFO","msg":"audit","outcome":"allowed","principal":"tje0","actor":117,"target":117,"scope":"own","authScheme":"basic","count":1}`,
		},
		{
			"another's is not looked up", tje, 118, store(nil), 0, pocket.ErrForbidden, nil,
			`{"level":"INFO","msg":"audit","outcome":"denied","principal":"tje0","actor":117,"target":118,"scope":"all","authScheme":"basic","count":0}`,
		},
		{
			"another's, for one who can read all", adm, 118, store(nil), 2, nil,
			[]pocket.AssociateID{118},
			`{"level":"INFO","msg":"audit","outcome":"allowed","principal":"adm0","actor":200,"target":118,"scope":"all","authScheme":"bearer","count":2}`,
		},
		{
			"nobody's", adm, 1, store(nil), 0, nil,
			[]pocket.AssociateID{1},
			`{"level":"INFO","msg":"audit","outcome":"allowed","principal":"adm0","actor":200,"target":1,"scope":"all","authScheme":"bearer","count":0}`,
		},
		{
			"a store that fails", tje, 117, store(pocket.ErrUnavailable), 0, pocket.ErrUnavailable,
			[]pocket.AssociateID{117},
			`{"level":"INFO","msg":"audit","outcome":"failed","principal":"tje0","actor":117,"target":117,"scope":"own","authScheme":"basic","count":0}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lines bytes.Buffer
			log := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
			got, err := pocket.NewRegistry(tt.store).Devices(t.Context(), log, tt.caller, tt.target)
			if len(got) != tt.count || !errors.Is(err, tt.err) {
				t.Errorf("Devices = %d devices, %v, want %d, %v", len(got), err, tt.count, tt.err)
			}
			if diff := cmp.Diff(tt.asked, tt.store.Asked); diff != "" {
				t.Errorf("the store was asked, -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tt.audit+"\n", lines.String()); diff != "" {
				t.Errorf("the audit line, -want +got:\n%s", diff)
			}
		})
	}
}

// A store that panics is audited like one that fails. What becomes of the panic is for the caller to say.
func TestRegistryAuditsAPanic(t *testing.T) {
	var lines bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	func() {
		defer func() { _ = recover() }()
		_, _ = pocket.NewRegistry(panicking{}).Devices(t.Context(), log, pocket.Caller{Name: "tje0", Associate: 117, Scheme: "basic"}, 117)
		t.Error("the panic is gone")
	}()
	want := `{"level":"INFO","msg":"audit","outcome":"failed","principal":"tje0","actor":117,"target":117,"scope":"own","authScheme":"basic","count":0}`
	if diff := cmp.Diff(want+"\n", lines.String()); diff != "" {
		t.Errorf("the audit line, -want +got:\n%s", diff)
	}
}

type panicking struct{}

func (panicking) Devices(context.Context, pocket.AssociateID) ([]pocket.Device, error) {
	panic("canary")
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// However a handle is printed, logged or encoded, alone or inside something else, it does not show (C-44).
func TestPushHandleIsNeverPrinted(t *testing.T) {
	const secret = "canary"
	handle := pocket.NewPushHandle(secret)
	device := pockettest.Device("a")
	device.PNSHandle = handle
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
		for _, v := range []any{handle, *handle, device, &device, []pocket.Device{device}, struct{ H pocket.PushHandle }{*handle}} {
			fmt.Fprintf(&out, verb, v)
		}
	}
	for _, v := range []any{handle, *handle, device, map[string]any{"h": handle}} {
		if b, err := json.Marshal(v); err != nil {
			t.Error(err)
		} else {
			out.Write(b)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	}
	if b, err := xml.Marshal(device); err != nil {
		t.Error(err)
	} else {
		out.Write(b)
	}
	for _, shown := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprint([]byte(secret))} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("the handle shows as %q", shown)
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("nothing was printed")
	}
}
