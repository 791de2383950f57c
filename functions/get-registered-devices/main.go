// Command get-registered-devices is the Lambda function behind POST /api/v1/Agents/Pocket/GetRegisteredDevices.
//
// DEVICES_TABLE names the DynamoDB table and is required. CONTEXT_IDENTIFIER names the installation whose callers are answered; empty
// is any. The AWS SDK reads its own variables, AWS_ENDPOINT_URL_DYNAMODB among them.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/endpoint"
	"pocket-devices/internal/pocket"
)

func main() {
	log := lambdacontext.NewLogger()
	slog.SetDefault(log) // for what aws-lambda-go prints through package log

	handler, err := configure(context.Background(), log)
	if err != nil {
		log.Error("start", "cause", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}

func configure(ctx context.Context, log *slog.Logger) (*endpoint.Endpoint, error) {
	table := os.Getenv("DEVICES_TABLE")
	if table == "" {
		return nil, errors.New("DEVICES_TABLE is not set: it is the name of the DynamoDB table of the devices")
	}
	client, err := devicetable.NewClient(ctx, log)
	if err != nil {
		return nil, err
	}
	return endpoint.New(pocket.NewRegistry(devicetable.New(client, table)), os.Getenv("CONTEXT_IDENTIFIER"), log), nil
}
