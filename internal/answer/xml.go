package answer

import (
	"unicode/utf8"

	"pocket-devices/internal/language"
	"pocket-devices/internal/pocket"
)

// appendXML appends the devices as one element, without the properties that reveal nothing (C-12). It has no declaration, which
// makes it XML 1.0 in UTF-8.
func appendXML(b []byte, devices []pocket.Device, properties []pocket.Property, in language.Language) []byte {
	b = append(b, "<ArrayOfPocketDeviceInfo>"...)
	for i := range devices {
		b = append(b, "<PocketDeviceInfo>"...)
		for _, p := range properties {
			text := p.Reveal(&devices[i])
			if text == nil {
				continue
			}
			b = append(append(append(b, '<'), p.Name...), '>')
			b = appendCharData(b, in.Text(*text))
			b = append(append(append(b, "</"...), p.Name...), '>')
		}
		b = append(b, "</PocketDeviceInfo>"...)
	}
	return append(b, "</ArrayOfPocketDeviceInfo>"...)
}

// appendCharData appends s as the content of an element. What XML 1.0 cannot carry, even escaped, becomes U+FFFD, and so does each
// byte that is not UTF-8. A carriage return is escaped because a parser would read it as a line feed; tabs and line feeds come
// through as they are.
func appendCharData(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '\r':
			b = append(b, "&#xD;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
