package ascii_test

import (
	"fmt"

	"pocket-devices/internal/ascii"
)

func ExampleEqualFold() {
	fmt.Println(ascii.EqualFold("associateid", "AssociateId"))
	fmt.Println(ascii.EqualFold("a\u017f\u017fociateId", "AssociateId"))
	// Output:
	// true
	// false
}
