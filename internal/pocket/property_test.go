package pocket_test

import (
	"reflect"
	"testing"

	"pocket-devices/internal/pocket"
)

// The properties are the fields of a device, in the same order, each under its own name.
func TestProperties(t *testing.T) {
	properties, fields := pocket.Properties(), reflect.TypeFor[pocket.Device]()
	if len(properties) != fields.NumField() {
		t.Fatalf("there are %d properties, and %d fields", len(properties), fields.NumField())
	}
	for i, p := range properties {
		if want := fields.Field(i).Name; p.Name != want {
			t.Errorf("property %d is %s, want %s", i, p.Name, want)
		}
		text := "text"
		var device pocket.Device
		value := reflect.ValueOf(&text)
		if p.Name == "PNSHandle" {
			value = reflect.ValueOf(pocket.NewPushHandle(text))
		}
		if got := p.Reveal(&device); got != nil {
			t.Errorf("%s of nothing is %q", p.Name, *got)
		}
		reflect.ValueOf(&device).Elem().Field(i).Set(value)
		if got := p.Reveal(&device); got == nil || *got != text {
			t.Errorf("%s is not what it was set to", p.Name)
		}
	}
}
