// Command authorizer is the Lambda function that API Gateway asks who a caller is. See configure.go for the variables that it reads.
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"pocket-devices/internal/guard"
)

func main() {
	logger := lambdacontext.NewLogger()
	log.SetFlags(0)
	log.SetOutput(guard.Printed(logger)) // for what net/http and aws-lambda-go print

	handler, err := configure(context.Background(), os.Getenv, logger)
	if err != nil {
		logger.Error("start", "cause", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}
