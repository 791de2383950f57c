package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"pocket-devices/internal/local/template"
)

// Environment is the SDK's own variables, but for the address, for an engine of this machine. Engines take any credentials; DynamoDB Local
// wants letters and digits only.
func Environment() map[string]string {
	return map[string]string{
		"AWS_REGION":            "eu-west-1",
		"AWS_ACCESS_KEY_ID":     "local",
		"AWS_SECRET_ACCESS_KEY": "local",
	}
}

// Client returns a client of the engine at url with what is set in the environment.
func Client(url string, environment map[string]string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       environment["AWS_REGION"],
		BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider(
			environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"]),
	})
}

// CreateTable creates the table as the template describes it and waits until it can be used. It reports whether there was none.
func CreateTable(ctx context.Context, client *dynamodb.Client, table template.Table) (created bool, err error) {
	input := &dynamodb.CreateTableInput{TableName: &table.Name, BillingMode: types.BillingModePayPerRequest}
	for _, a := range table.Attributes {
		input.AttributeDefinitions = append(input.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &a.Name, AttributeType: types.ScalarAttributeType(a.Type)})
	}
	for _, k := range table.Keys {
		input.KeySchema = append(input.KeySchema, types.KeySchemaElement{AttributeName: &k.Name, KeyType: types.KeyType(k.Type)})
	}
	_, err = client.CreateTable(ctx, input)
	var exists *types.ResourceInUseException
	switch {
	case errors.As(err, &exists):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("creating the table %s: %w", table.Name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 20 * time.Millisecond })
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &table.Name}, startTimeout); err != nil {
		return true, fmt.Errorf("creating the table %s: %w", table.Name, err)
	}
	return true, nil
}
