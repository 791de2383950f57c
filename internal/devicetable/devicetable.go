// Package devicetable is the DynamoDB table of the registered devices (C-50). It implements [pocket.Store].
//
// Begin with [Table.Devices]: one Query, every page of it, and nothing believed that was not checked.
package devicetable

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"pocket-devices/internal/metrics"
	"pocket-devices/internal/pocket"
)

// The attributes of an item. The names of all but the first and last are the property names of the answer (C-9).
const (
	AssociateID      = "AssociateId"      // N, the partition key
	DeviceIdentifier = "DeviceIdentifier" // S, the sort key
	DeviceName       = "DeviceName"       // S, as all that follow but the last
	PocketVersion    = "PocketVersion"
	Language         = "Language"
	PNSHandle        = "PNSHandle"
	Platform         = "Platform"
	OSVersion        = "OSVersion"
	ExpiresAt        = "ExpiresAt" // N, seconds since 1970, the table's TTL; an item without it stays
)

// What is the same in every query.
var (
	keyCondition = aws.String(AssociateID + " = :a")
	projection   = aws.String(AssociateID + "," + DeviceIdentifier + "," + DeviceName + "," + PocketVersion + ",#l," + PNSHandle + "," + Platform + "," + OSVersion + "," + ExpiresAt)

	attributeNames = map[string]string{"#l": Language} // the one name that is a reserved word of DynamoDB
	consistent     = aws.Bool(true)
)

// maxPages bounds one reading. A page is 1 MB, an answer 5 MiB (C-42).
const maxPages = 20

// Querier is the one call of the DynamoDB client that is made here (C-51). It is safe for concurrent use.
type Querier interface {
	// Query returns one page. Errors are the SDK's, and tell what of DynamoDB's answer there was: a status, a code, or none.
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

var _ Querier = (*dynamodb.Client)(nil)

// Table reads one table. It is safe for concurrent use.
type Table struct {
	client Querier
	name   string
}

var _ pocket.Store = (*Table)(nil)

// New returns the table of that name, read through client; see [NewClient] for one that retries as it should.
func New(client Querier, name string) *Table {
	return &Table{client, name}
}

// Devices implements [pocket.Store]: a strongly consistent Query over every page, 20 at the most (C-42, C-50). It counts what that took in the
// [metrics.Request] of ctx.
func (t *Table) Devices(ctx context.Context, id pocket.AssociateID) ([]pocket.Device, error) {
	input := t.query(id)
	counted, start := metrics.Of(ctx), time.Now()
	defer func() { counted.StoreLatency = time.Since(start) }()
	devices := []pocket.Device{}
	for range maxPages {
		page, err := t.client.Query(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("query: %w", classify(ctx, err))
		}
		counted.Pages++
		if page.Items == nil || int(page.Count) != len(page.Items) { // which the SDK takes for success (C-42)
			return nil, fmt.Errorf("query: %d items with a Count of %d: %w", len(page.Items), page.Count, pocket.ErrUnavailable)
		}
		if devices, err = appendDevices(devices, page.Items, id, time.Now()); err != nil {
			return nil, err
		}
		if len(page.LastEvaluatedKey) == 0 {
			sortByIdentifier(devices)
			return devices, nil
		}
		input.ExclusiveStartKey = page.LastEvaluatedKey
	}
	return nil, fmt.Errorf("more than %d pages: %w", maxPages, pocket.ErrTooLarge)
}

// query is what is asked of DynamoDB (C-50).
func (t *Table) query(id pocket.AssociateID) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &t.name,
		KeyConditionExpression:    keyCondition,
		ProjectionExpression:      projection,
		ExpressionAttributeNames:  attributeNames,
		ExpressionAttributeValues: map[string]types.AttributeValue{":a": &types.AttributeValueMemberN{Value: id.String()}},
		ConsistentRead:            consistent,
	}
}

// maxWarmUp bounds [Table.WarmUp].
const maxWarmUp = time.Second

// WarmUp asks once for the devices of nobody, so that the first caller finds the connection, the root certificates and the SDK's caches
// ready: without it the first request costs thirty times as much as those that follow, and in a small function that is a quarter of a
// second. It takes a second at the most. What becomes of it changes nothing but that.
func (t *Table) WarmUp(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(maxWarmUp, cancel).Stop() // rather than a deadline, of which an attempt would get its share only
	input := t.query(0)                            // no associate
	input.Limit = aws.Int32(1)
	if _, err := t.client.Query(ctx, input, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }); err != nil {
		return fmt.Errorf("warming up: %w", err)
	}
	return nil
}

// sortByIdentifier puts devices into the order of C-9. DynamoDB sorts so already; this makes it a fact of ours.
func sortByIdentifier(devices []pocket.Device) {
	slices.SortFunc(devices, func(a, b pocket.Device) int { return cmp.Compare(*a.DeviceIdentifier, *b.DeviceIdentifier) })
}

// appendDevices appends the devices of a page that have not expired at now.
func appendDevices(devices []pocket.Device, items []map[string]types.AttributeValue, id pocket.AssociateID, now time.Time) ([]pocket.Device, error) {
	devices = slices.Grow(devices, len(items))
	handles := make([]pocket.PushHandle, len(items)) // in one piece
	digits := id.String()
	for i, item := range items {
		r := reader{item: item}
		owner := r.number(AssociateID)
		expiresAt := r.number(ExpiresAt)
		device := pocket.Device{
			DeviceName:       r.text(DeviceName),
			DeviceIdentifier: r.text(DeviceIdentifier),
			PocketVersion:    r.text(PocketVersion),
			Language:         r.text(Language),
			Platform:         r.text(Platform),
			OSVersion:        r.text(OSVersion),
		}
		if handle := r.text(PNSHandle); handle != nil {
			handles[i] = *pocket.NewPushHandle(*handle)
			device.PNSHandle = &handles[i]
		}
		switch {
		case r.err != nil:
			return nil, r.err
		// An item that is not of this associate would be somebody else's device. DynamoDB does not send one, but an answer that
		// strayed from another request over a shared connection would be just this.
		case owner == nil, *owner != digits:
			return nil, fmt.Errorf("an item that belongs to another associate: %w", pocket.ErrStore)
		case device.DeviceIdentifier == nil:
			return nil, fmt.Errorf("an item without %s: %w", DeviceIdentifier, pocket.ErrStore)
		}
		expired, err := isPast(expiresAt, now)
		if err != nil {
			return nil, err
		}
		if !expired {
			devices = append(devices, device)
		}
	}
	return devices, nil
}

// isPast compares an ExpiresAt, in seconds, with now. DynamoDB writes a number of up to 38 digits, also as 1E+30 or with a
// fraction; a float64 is exact for every second that matters.
func isPast(expiresAt *string, now time.Time) (bool, error) {
	if expiresAt == nil {
		return false, nil
	}
	seconds, err := strconv.ParseFloat(*expiresAt, 64)
	if err != nil {
		return false, fmt.Errorf("%s is not a number: %w", ExpiresAt, pocket.ErrStore)
	}
	return float64(now.Unix()) >= seconds, nil
}

// reader takes attributes out of an item by their exact names and remembers the first of a wrong type: NULL is one (C-42).
type reader struct {
	item map[string]types.AttributeValue
	err  error
}

func (r *reader) text(name string) *string {
	value, ok := r.item[name]
	if s, isText := value.(*types.AttributeValueMemberS); isText {
		return &s.Value
	}
	if ok {
		r.wrongType(name)
	}
	return nil
}

func (r *reader) number(name string) *string {
	value, ok := r.item[name]
	if n, isNumber := value.(*types.AttributeValueMemberN); isNumber {
		return &n.Value
	}
	if ok {
		r.wrongType(name)
	}
	return nil
}

func (r *reader) wrongType(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %s has type %s: %w", name, typeName(r.item[name]), pocket.ErrStore)
	}
}

// typeName returns the type of an attribute and nothing of its value.
func typeName(v types.AttributeValue) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", v), "*types.AttributeValueMember")
}

// classify finds which error of the domain an error of the client is (C-41). Its text is the SDK's and goes to the log; it holds
// codes, addresses and request ids, and nothing of an item.
func classify(ctx context.Context, err error) error {
	var unreadable *smithy.DeserializationError
	if errors.As(err, &unreadable) {
		unreadable.Err = nil // what was found in place of what was expected: it may be a handle
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", pocket.ErrDeadline, err)
	}
	class := pocket.ErrStore // what was never sent: no credentials, no region
	var response *smithyhttp.ResponseError
	switch {
	case errors.Is(err, errNoAnswer):
		class = pocket.ErrUnavailable
	case errors.As(err, &response) && !isRefusal(response):
		class = pocket.ErrUnavailable // a 5xx, or a 200 that is not DynamoDB's
	}
	return fmt.Errorf("%w: %w", class, err)
}

// isRefusal reports whether DynamoDB refuses the call for good: denied, no such table, credentials that have expired. Throttling
// has the same status, and passes.
func isRefusal(response *smithyhttp.ResponseError) bool {
	if status := response.HTTPStatusCode(); status/100 != 4 || status == http.StatusTooManyRequests {
		return false
	}
	var api smithy.APIError
	if !errors.As(response, &api) {
		return true
	}
	_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	return !throttled
}
