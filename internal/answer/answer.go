// Package answer writes what a caller gets back: the devices, or the problem (C-9, C-12, C-40), and reads from a request in which
// format it wants the devices (C-11). It knows nothing of API Gateway.
//
// Begin with [Negotiate] and [Devices].
package answer

import (
	"pocket-devices/internal/language"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/strictjson"
)

// Devices returns the devices in the format: an array of JSON objects (C-9) or an XML element of elements (C-12), on one line. No
// devices is an empty array. Texts that are stored in several languages are given in the one (C-13).
func Devices(devices []pocket.Device, f Format, in language.Language) []byte {
	if f.isXML() {
		return appendXML(make([]byte, 0, 64+384*len(devices)), devices, in)
	}
	return appendJSON(make([]byte, 0, 2+384*len(devices)), devices, in)
}

// properties are what an answer says of a device, in the contract's order (C-9). Nothing else of a device ever passes.
var properties = pocket.Properties()

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
