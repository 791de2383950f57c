package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"pocket-devices/internal/cors"
	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/endpoint"
	"pocket-devices/internal/pocket"
)

// configure returns the handler that the variables describe, with a connection to DynamoDB where one could be had; an empty variable is
// one that is not set. The error names the variable that is at fault, or says that the SDK's configuration is.
//
// Lambda, too, drops the lines that are below AWS_LAMBDA_LOG_LEVEL, so a level that would lose the audit lines is an error (C-44).
//
// DEVICES_TABLE names the DynamoDB table and is required. CONTEXT_IDENTIFIER is that of the installation whose callers are answered;
// empty is any. ALLOWED_ORIGINS lists the origins whose pages may call from a browser; empty is none. The AWS SDK reads its own variables from
// the process, AWS_ENDPOINT_URL_DYNAMODB among them.
func configure(ctx context.Context, getenv func(string) string, log *slog.Logger) (*endpoint.Endpoint, error) {
	switch level := getenv("AWS_LAMBDA_LOG_LEVEL"); level {
	case "", "TRACE", "DEBUG", "INFO":
	default:
		return nil, fmt.Errorf("AWS_LAMBDA_LOG_LEVEL must be INFO at the most, the level of the audit lines, and is %s", level)
	}
	table := getenv("DEVICES_TABLE")
	if table == "" {
		return nil, errors.New("DEVICES_TABLE is not set: it is the name of the DynamoDB table of the devices")
	}
	origins, err := cors.Parse(getenv("ALLOWED_ORIGINS"))
	if err != nil {
		return nil, fmt.Errorf("ALLOWED_ORIGINS: %w", err)
	}
	client, err := devicetable.NewClient(ctx, log)
	if err != nil {
		return nil, err
	}
	store := devicetable.New(client, table)
	if err := store.WarmUp(ctx); err != nil {
		log.WarnContext(ctx, "warm-up", "cause", err.Error())
	}
	return endpoint.New(pocket.NewRegistry(store), endpoint.Config{
		ContextIdentifier: getenv("CONTEXT_IDENTIFIER"),
		Origins:           origins,
	}, log, os.Stdout), nil
}
