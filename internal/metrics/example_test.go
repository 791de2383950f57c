package metrics_test

import (
	"context"
	"fmt"

	"pocket-devices/internal/metrics"
)

// What reads the store counts in the request that the handler made, without being told of it.
func ExampleOf() {
	ctx, request := metrics.With(context.Background())
	metrics.Of(ctx).Pages++
	metrics.Of(context.Background()).Pages++ // nobody asked
	fmt.Println(request.Pages)
	// Output: 1
}
