// Command get-registered-devices is the Lambda function behind POST /api/v1/Agents/Pocket/GetRegisteredDevices. See configure.go for the
// variables that it reads.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func main() {
	log := lambdacontext.NewLogger()
	slog.SetDefault(log) // for what aws-lambda-go prints through package log

	handler, err := configure(context.Background(), os.Getenv, log)
	if err != nil {
		log.Error("start", "cause", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}
