package answer_test

import (
	"fmt"
	"slices"
	"testing"

	"pocket-devices/internal/answer"
	"pocket-devices/internal/pocket"
)

func BenchmarkDevices(b *testing.B) {
	for name, preferences := range map[string]answer.Preferences{"JSON": asJSON, "XML": asXML} {
		for _, n := range []int{1, 5, 50, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				devices := slices.Repeat([]pocket.Device{sample}, n)
				b.SetBytes(int64(len(answer.Devices(devices, preferences))))
				b.ReportAllocs()
				for b.Loop() {
					answer.Devices(devices, preferences)
				}
			})
		}
	}
}

func BenchmarkNegotiate(b *testing.B) {
	for name, accept := range map[string][]string{
		"none":    nil,
		"sample":  {"application/json; charset=utf-8"},
		"browser": {"text/html, application/xhtml+xml, application/xml;q=0.9, image/avif, image/webp, */*;q=0.8"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer.Negotiate(accept, "application/json")
			}
		})
	}
}
