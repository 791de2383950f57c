package answer

import (
	"pocket-devices/internal/language"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/strictjson"
)

// appendJSON appends the devices as an array of objects, null where a property reveals nothing (C-9).
func appendJSON(b []byte, devices []pocket.Device, properties []pocket.Property, in language.Language) []byte {
	b = append(b, '[')
	for i := range devices {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		for j, p := range properties {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), p.Name...), `":`...)
			if text := p.Reveal(&devices[i]); text == nil {
				b = append(b, "null"...)
			} else {
				b = strictjson.AppendQuote(b, in.Text(*text))
			}
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
