package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"pocket-devices/internal/local/template"
)

// Environment is the SDK's own variables for an engine of this machine. Engines take any credentials; DynamoDB Local wants letters and
// digits only.
func Environment(url string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": url,
		"AWS_REGION":                "eu-west-1",
		"AWS_ACCESS_KEY_ID":         "local",
		"AWS_SECRET_ACCESS_KEY":     "local",
	}
}

// Client returns a client with what is set in the environment.
func Client(environment map[string]string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       environment["AWS_REGION"],
		BaseEndpoint: aws.String(environment["AWS_ENDPOINT_URL_DYNAMODB"]),
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

// Item is one item as DynamoDB stores it.
type Item = map[string]types.AttributeValue

// ReadItems reads a file with a JSON array of items. Their members are attributes: a JSON string is an S, a JSON number an N; nothing
// else is taken.
func ReadItems(file string) ([]Item, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var records []map[string]json.RawMessage
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, fmt.Errorf("%s is not a JSON array of objects: %w", file, err)
	}
	items := make([]Item, len(records))
	for i, record := range records {
		items[i] = Item{}
		for name, value := range record {
			var text string
			var number json.Number
			switch {
			case json.Unmarshal(value, &text) == nil && string(value) != "null":
				items[i][name] = &types.AttributeValueMemberS{Value: text}
			case json.Unmarshal(value, &number) == nil && string(value) != "null":
				items[i][name] = &types.AttributeValueMemberN{Value: number.String()}
			default:
				return nil, fmt.Errorf("%s: %s of record %d is neither a string nor a number", file, name, i+1)
			}
		}
	}
	return items, nil
}

// Put writes the items into the table, as many in one request as DynamoDB takes.
func Put(ctx context.Context, client *dynamodb.Client, table string, items []Item) error {
	for batch := range slices.Chunk(items, 25) {
		requests := make([]types.WriteRequest, len(batch))
		for i, item := range batch {
			requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
		}
		for len(requests) > 0 {
			out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: requests}})
			if err != nil {
				return fmt.Errorf("writing into the table %s: %w", table, err)
			}
			requests = out.UnprocessedItems[table]
		}
	}
	return nil
}
