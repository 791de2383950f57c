package principal_test

import (
	"fmt"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/principal"
)

func ExampleParseCredential() {
	for _, authorization := range []string{"SOTicket 7T:tje0", "Basic dGplMDpUamUw,Basic YWRtMDpBZG0w"} {
		event, err := apigateway.DecodeAuthorizerRequest([]byte(`{
			"type": "REQUEST", "methodArn": "arn:aws:execute-api:…", "requestContext": {}, "headers": {"Authorization": "` + authorization + `"}}`))
		if err != nil {
			panic(err)
		}
		if credential, err := principal.ParseCredential(event.Header); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(credential.Scheme, credential)
		}
	}
	// Output:
	// soticket [redacted]
	// a malformed Authorization header
}
