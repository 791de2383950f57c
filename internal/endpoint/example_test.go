package endpoint_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"pocket-devices/internal/endpoint"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
)

// An event of API Gateway becomes what API Gateway answers with. Who asks, the authorizer said, and the request's header only how it would
// like its answer.
func ExampleEndpoint_Invoke() {
	registry := pocket.NewRegistry(&pockettest.Store{Records: []pockettest.Record{{Associate: 117, Device: pockettest.Device("a")}}})
	e := endpoint.New(registry, endpoint.Config{ContextIdentifier: "Cust12345"}, slog.New(slog.DiscardHandler), io.Discard)
	response, err := e.Invoke(context.Background(), []byte(`{
		"resource": "/api/v1/Agents/Pocket/GetRegisteredDevices",
		"httpMethod": "POST",
		"headers": {"Content-Type": "application/json", "Accept": "application/xml"},
		"queryStringParameters": {"$select": "DeviceName"},
		"requestContext": {
			"requestId": "c6af9ac6-7b61",
			"authorizer": {"associateId": "117", "contextIdentifier": "Cust12345"}
		},
		"body": "{\"AssociateId\":117}"
	}`))
	fmt.Printf("%s %v", response, err)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"application/xml; charset=utf-8","Cache-Control":"no-store","X-Content-Type-Options":"nosniff","X-Request-Id":"c6af9ac6-7b61"},"body":"<ArrayOfPocketDeviceInfo><PocketDeviceInfo><DeviceName>name of a</DeviceName></PocketDeviceInfo></ArrayOfPocketDeviceInfo>","isBase64Encoded":false} <nil>
}
