package cors_test

import (
	"fmt"

	"pocket-devices/internal/cors"
)

func ExampleOrigins_Answer() {
	origins, err := cors.Parse("https://app.example.com, https://test.example.com:8443")
	if err != nil {
		panic(err)
	}
	fmt.Println(origins.Answer([]string{"https://app.example.com"})[1])
	fmt.Println(origins.Answer([]string{"https://evil.example.com"}))
	// Output:
	// {Access-Control-Allow-Origin https://app.example.com}
	// [{Vary Origin}]
}
