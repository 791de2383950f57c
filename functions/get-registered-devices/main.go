// Command get-registered-devices is the Lambda function behind POST /api/v1/Agents/Pocket/GetRegisteredDevices.
//
// DEVICES_TABLE names the DynamoDB table and is required. CONTEXT_IDENTIFIER names the installation whose callers are answered; empty
// is any. ALLOWED_ORIGINS lists the origins whose pages may call from a browser; empty is none. The AWS SDK reads its own variables, AWS_ENDPOINT_URL_DYNAMODB among them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"pocket-devices/internal/cors"
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
	origins, err := cors.Parse(os.Getenv("ALLOWED_ORIGINS"))
	if err != nil {
		return nil, fmt.Errorf("ALLOWED_ORIGINS: %w", err)
	}
	client, err := devicetable.NewClient(ctx, log)
	if err != nil {
		return nil, err
	}
	store := devicetable.New(client, table)
	if err := store.WarmUp(ctx); err != nil {
		log.Warn("warm-up", "cause", err.Error())
	}
	return endpoint.New(pocket.NewRegistry(store), endpoint.Config{
		Installation: os.Getenv("CONTEXT_IDENTIFIER"),
		Origins:      origins,
	}, log, os.Stdout), nil
}
