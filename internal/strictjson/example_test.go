package strictjson_test

import (
	"fmt"

	"pocket-devices/internal/strictjson"
)

// Which of two spellings counts, and whether any does, is for the caller to say.
func ExampleObject() {
	show := func(name string, value strictjson.Value) error {
		fmt.Println(name, value)
		return nil
	}
	fmt.Println(strictjson.Object([]byte(`{"AssociateId": 117, "associateId": "118"}`), 32, show))
	fmt.Println(strictjson.Object([]byte(`{} {"AssociateId": 117}`), 32, show))
	// Output:
	// AssociateId 117
	// associateId "118"
	// <nil>
	// not one JSON object in UTF-8
}
