// Package answer writes what a caller gets back: the devices, or the problem (C-9, C-12, C-40), and reads from a request how it
// would like the devices (C-7, C-11). It knows nothing of API Gateway.
//
// Begin with [Preferences] and [Devices].
package answer

import (
	"pocket-devices/internal/language"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/strictjson"
)

// Preferences are how a caller would like its devices. The zero Preferences are JSON, all properties, and texts as they are stored.
type Preferences struct {
	Format    Format            // of the answer (C-11)
	Selection Selection         // of properties (C-7)
	Language  language.Language // of texts that are stored in several (C-13)
}

// properties are what an answer says of a device, in the contract's order (C-9). Nothing else of a device ever passes.
var properties = pocket.Properties()

// Devices returns the devices as the caller would like them: an array of JSON objects (C-9) or an XML element of elements (C-12), on one
// line. No devices is an empty array, or an empty element.
func Devices(devices []pocket.Device, p Preferences) []byte {
	selected := p.Selection.properties
	if selected == nil {
		selected = properties
	}
	if p.Format.isXML() {
		return appendXML(make([]byte, 0, 64+384*len(devices)), devices, selected, p.Language)
	}
	return appendJSON(make([]byte, 0, 2+384*len(devices)), devices, selected, p.Language)
}

// Problem returns p, for the request of that id, in the form of the original's errors: JSON, whatever the caller accepts (C-40).
func Problem(p *problem.Problem, requestID string) []byte {
	b := append(make([]byte, 0, 256), `{"Error":true,"ErrorType":`...)
	b = strictjson.AppendQuote(b, p.Type)
	b = append(b, `,"Message":`...)
	b = strictjson.AppendQuote(b, p.Message)
	b = append(b, `,"RequestId":`...)
	b = strictjson.AppendQuote(b, requestID)
	return append(b, '}')
}
