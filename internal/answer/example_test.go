package answer_test

import (
	"fmt"

	"pocket-devices/internal/answer"
)

func ExampleNegotiate() {
	for _, accept := range []string{"application/json; charset=utf-8", "text/*", "application/json;q=0.5, text/xml", "image/png"} {
		fmt.Println(answer.Negotiate([]string{accept}, "application/json").ContentType())
	}
	fmt.Println(answer.Negotiate(nil, "application/xml").ContentType()) // as the request came
	// Output:
	// application/json; charset=utf-8
	// text/json; charset=utf-8
	// text/xml; charset=utf-8
	// application/json; charset=utf-8
	// application/xml; charset=utf-8
}
