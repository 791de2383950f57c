package pocket

// Property is one of the seven properties of a [Device].
type Property struct {
	Name   string                // in requests and answers
	Reveal func(*Device) *string // returns the text, nil for none, and the push handle's too: only what writes the answer may call it
}

// Properties lists the properties of a device in the order of an answer (C-9).
func Properties() []Property {
	return []Property{
		{"DeviceName", func(d *Device) *string { return d.DeviceName }},
		{"DeviceIdentifier", func(d *Device) *string { return d.DeviceIdentifier }},
		{"PocketVersion", func(d *Device) *string { return d.PocketVersion }},
		{"Language", func(d *Device) *string { return d.Language }},
		{"PNSHandle", func(d *Device) *string { return d.PNSHandle.text() }},
		{"Platform", func(d *Device) *string { return d.Platform }},
		{"OSVersion", func(d *Device) *string { return d.OSVersion }},
	}
}
