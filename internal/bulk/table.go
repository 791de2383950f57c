package bulk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"pocket-devices/internal/devicetable"
)

// client is what is asked of DynamoDB here.
type client interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

var _ client = (*dynamodb.Client)(nil)

// Table is one table of devices, as its owner sees it.
type Table struct {
	client client
	name   string
}

const (
	maxBatch    = 25 // items of one BatchWriteItem, which are DynamoDB's limit
	maxAttempts = 10 // answers in a row that leave everything of a batch undone
)

// NewTable returns the table of that name.
func NewTable(client *dynamodb.Client, name string) Table { return Table{client, name} }

// backoff returns how long to wait after so many answers that left everything of a batch undone. It doubles from 50 ms to 5 s, by chance
// less, so that two that write do not meet again.
func backoff(attempt int) time.Duration {
	longest := min(50*time.Millisecond<<min(attempt, maxAttempts), 5*time.Second)
	return longest/2 + rand.N(longest/2)
}

// Check makes sure that the table is one of devices, by its key.
func (t Table) Check(ctx context.Context) error {
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return fmt.Errorf("looking at the table %s: %w", t.name, err)
	}
	kinds := map[string]types.ScalarAttributeType{}
	for _, a := range out.Table.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	var key []string
	for _, k := range out.Table.KeySchema {
		name := aws.ToString(k.AttributeName)
		key = append(key, fmt.Sprint(name, " ", kinds[name], " ", k.KeyType))
	}
	if want := []string{devicetable.AssociateID + " N HASH", devicetable.DeviceIdentifier + " S RANGE"}; !slices.Equal(key, want) {
		return fmt.Errorf("the table %s is not one of devices: its key is %q, not %q", t.name, key, want)
	}
	return nil
}

// Put writes the items, and tells written, unless that is nil, after each batch how many are written. What DynamoDB leaves undone is
// written again after a pause, which grows while nothing gets done.
func (t Table) Put(ctx context.Context, items []Item, written func(int)) error {
	done := 0
	for batch := range slices.Chunk(items, maxBatch) {
		requests := make([]types.WriteRequest, len(batch))
		for i, it := range batch {
			requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}
		}
		for attempt := 0; len(requests) > 0; attempt++ {
			if attempt == maxAttempts {
				return fmt.Errorf("the table %s takes no more: %d of %d devices are written; run it again later", t.name, done, len(items))
			}
			if attempt > 0 {
				select {
				case <-time.After(backoff(attempt)):
				case <-ctx.Done():
					return fmt.Errorf("given up with %d of %d devices written: %w", done, len(items), ctx.Err())
				}
			}
			out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: requests}})
			if err != nil {
				return fmt.Errorf("with %d of %d devices written: %w", done, len(items), err)
			}
			left := out.UnprocessedItems[t.name]
			if n := len(requests) - len(left); n > 0 {
				done += n
				attempt = 0
			}
			requests = left
		}
		if written != nil {
			written(done)
		}
	}
	return nil
}

// Pages reads the whole table, page by page. A page that comes with an error is the last.
func (t Table) Pages(ctx context.Context) iter.Seq2[[]Item, error] {
	return func(yield func([]Item, error) bool) {
		input := &dynamodb.ScanInput{TableName: &t.name, ConsistentRead: aws.Bool(true)}
		for {
			out, err := t.client.Scan(ctx, input)
			if err == nil && int(out.Count) != len(out.Items) {
				err = errors.New("DynamoDB's answer is not whole")
			}
			if err != nil {
				yield(nil, fmt.Errorf("reading the table %s: %w", t.name, err))
				return
			}
			if !yield(out.Items, nil) || len(out.LastEvaluatedKey) == 0 {
				return
			}
			input.ExclusiveStartKey = out.LastEvaluatedKey
		}
	}
}
