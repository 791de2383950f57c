package answer

import (
	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/language"
	"pocket-devices/internal/pocket"
)

// appendJSON appends the devices as an array of objects, null where a device lacks a property (C-9).
func appendJSON(b []byte, devices []pocket.Device, in language.Language) []byte {
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
				b = appendQuote(b, in.Text(*text))
			}
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendQuote appends s as a JSON string in which only quotes, backslashes and control characters are escaped; what is not UTF-8
// becomes U+FFFD, which is all that the error would say.
func appendQuote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
