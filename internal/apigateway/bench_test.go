package apigateway_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"pocket-devices/internal/apigateway"
)

// compact returns an event of events/ as API Gateway sends it, without the white space.
func compact(b *testing.B, name string) []byte {
	b.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "events", name))
	if err != nil {
		b.Fatal(err)
	}
	var event bytes.Buffer
	if err := json.Compact(&event, data); err != nil {
		b.Fatal(err)
	}
	return event.Bytes()
}

func BenchmarkDecodeRequest(b *testing.B) {
	for name, file := range map[string]string{"REST": "sample.json", "HTTP": "http-api.json"} {
		b.Run(name, func(b *testing.B) {
			event := compact(b, file)
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := apigateway.DecodeRequest(event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeAuthorizerRequest(b *testing.B) {
	event := compact(b, "authorizer-basic.json")
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apigateway.DecodeAuthorizerRequest(event); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	response := apigateway.Response{
		Status: 200,
		Header: []apigateway.Field{{Name: "Content-Type", Value: "application/json; charset=utf-8"}, {Name: "Cache-Control", Value: "no-store"}},
		Body:   bytes.Repeat([]byte(`{"DeviceName":"Schmeler Inc and Sons","PNSHandle":"et"},`), 20),
	}
	b.SetBytes(int64(len(response.Body)))
	b.ReportAllocs()
	for b.Loop() {
		response.Encode()
	}
}
