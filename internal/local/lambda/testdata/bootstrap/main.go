// Command bootstrap is a Lambda function that does what its event says.
package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	if os.Getenv("FAIL_AT_START") != "" {
		os.Exit(3)
	}
	lambda.Start(func(ctx context.Context, event string) (map[string]any, error) {
		switch event {
		case "fail":
			return nil, errors.New("as told")
		case "exit":
			os.Exit(4)
		case "panic":
			panic("as told")
		case "sleep":
			time.Sleep(time.Minute)
		case "nap":
			time.Sleep(300 * time.Millisecond)
		case "ask": // and wait for the answer
			resp, err := http.Get(os.Getenv("ASKED"))
			if err != nil {
				return nil, err
			}
			_ = resp.Body.Close()
		}
		deadline, _ := ctx.Deadline()
		return map[string]any{
			"pid": os.Getpid(), "left": time.Until(deadline).Seconds(), "environment": os.Environ(),
		}, nil
	})
}
