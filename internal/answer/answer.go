// Package answer writes what a caller gets back: the devices, or the problem (C-9, C-40). It knows nothing of API Gateway.
package answer

import (
	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

// ContentType is the media type of every answer written here.
const ContentType = "application/json; charset=utf-8"

// Devices returns the devices as a JSON array on one line: seven properties each, in the contract's order, null where a device has
// none (C-9). No devices is an empty array.
func Devices(devices []pocket.Device) []byte {
	b := make([]byte, 0, 2+256*len(devices))
	b = append(b, '[')
	for i := range devices {
		if i > 0 {
			b = append(b, ',')
		}
		d := &devices[i]
		b = appendText(append(b, `{"DeviceName":`...), d.DeviceName)
		b = appendText(append(b, `,"DeviceIdentifier":`...), d.DeviceIdentifier)
		b = appendText(append(b, `,"PocketVersion":`...), d.PocketVersion)
		b = appendText(append(b, `,"Language":`...), d.Language)
		b = appendHandle(append(b, `,"PNSHandle":`...), d.PNSHandle)
		b = appendText(append(b, `,"Platform":`...), d.Platform)
		b = appendText(append(b, `,"OSVersion":`...), d.OSVersion)
		b = append(b, '}')
	}
	return append(b, ']')
}

// Problem returns p in the form of the original's errors (C-40), for the request of that id.
func Problem(p *problem.Problem, requestID string) []byte {
	b := append(make([]byte, 0, 256), `{"Error":true,"ErrorType":`...)
	b = appendQuote(b, p.Type)
	b = append(b, `,"Message":`...)
	b = appendQuote(b, p.Message)
	b = append(b, `,"RequestId":`...)
	b = appendQuote(b, requestID)
	return append(b, '}')
}

func appendText(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return appendQuote(b, *s)
}

// appendHandle is the one place where a push handle becomes text (C-44).
func appendHandle(b []byte, h *pocket.PushHandle) []byte {
	if h == nil {
		return append(b, "null"...)
	}
	return appendQuote(b, h.Reveal())
}

// appendQuote appends s as a JSON string in which only quotes, backslashes and control characters are escaped; what is not UTF-8
// becomes U+FFFD, which is all that the error would say.
func appendQuote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
