package pocket

// Property is one of the seven properties of a [Device].
type Property struct {
	Name   string                // in requests and answers
	Reveal func(*Device) *string // returns the text, the push handle's too: only what writes the answer may call it
	Clear  func(*Device)         // makes it nil
}

// Properties lists the properties of a device in the order of an answer (C-9).
func Properties() []Property {
	return []Property{
		{"DeviceName", func(d *Device) *string { return d.DeviceName }, func(d *Device) { d.DeviceName = nil }},
		{"DeviceIdentifier", func(d *Device) *string { return d.DeviceIdentifier }, func(d *Device) { d.DeviceIdentifier = nil }},
		{"PocketVersion", func(d *Device) *string { return d.PocketVersion }, func(d *Device) { d.PocketVersion = nil }},
		{"Language", func(d *Device) *string { return d.Language }, func(d *Device) { d.Language = nil }},
		{"PNSHandle", func(d *Device) *string { return d.PNSHandle.text() }, func(d *Device) { d.PNSHandle = nil }},
		{"Platform", func(d *Device) *string { return d.Platform }, func(d *Device) { d.Platform = nil }},
		{"OSVersion", func(d *Device) *string { return d.OSVersion }, func(d *Device) { d.OSVersion = nil }},
	}
}
