// Command authorizer is the Lambda function that API Gateway asks who a caller is. See configure.go for the variables that it reads.
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
	slog.SetDefault(log) // aws-lambda-go prints the errors that it returns, each 401 among them, through package log

	handler, err := configure(context.Background(), os.Getenv, log)
	if err != nil {
		log.Error("start", "cause", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}
