package identity_test

import (
	"fmt"
	"time"

	"pocket-devices/internal/identity"
)

func ExampleParse() {
	context := []byte(`{"principalId":"tje0","associateId":"117","contextIdentifier":"Cust12345","canReadAll":"false","authScheme":"basic"}`)
	caller, err := identity.Parse(context, "Cust12345", time.Now())
	fmt.Println(caller.Associate, caller.CanReadAll, err)

	_, err = identity.Parse(context, "Cust54321", time.Now())
	fmt.Println(err)
	// Output:
	// 117 false <nil>
	// the authorizer context is not valid: contextIdentifier is missing, or another installation's
}
