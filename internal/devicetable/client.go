package devicetable

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"

	"pocket-devices/internal/guard"
	"pocket-devices/internal/metrics"
)

const (
	maxAttempts = 3                      // for each page (C-43)
	maxBackoff  = 100 * time.Millisecond // the longest pause between two attempts
	maxResponse = 16 << 20               // bytes; a page holds 1 MB of items, which escaped as JSON are 6 MB at the most
)

// maxAttempt is the longest that one attempt may take. It is a variable for the tests, which a busy machine may hold up for longer.
var maxAttempt = time.Second

// NewClient returns a DynamoDB client as the SDK's own variables and files configure it (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, …).
// It tries each call up to three times, bounds each attempt by itself, and tries again what came torn (C-43). It makes no call of its own.
// The error says what the SDK cannot read of its configuration; warnings of the SDK go to log.
func NewClient(ctx context.Context, log *slog.Logger) (*dynamodb.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithLogger(sdkLogger(log)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = maxAttempts
				o.MaxBackoff = maxBackoff
			})
		}))
	if err != nil {
		return nil, fmt.Errorf("reading the SDK's configuration: %w", err)
	}
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient) // which has been set up for AWS_CA_BUNDLE
	if !ok {
		client = awshttp.NewBuildableClient()
	}
	cfg.HTTPClient = wholeClient{client.GetTransport()}
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.RetryMaxAttempts = maxAttempts         // AWS_MAX_ATTEMPTS would override the retryer's
		o.DisableValidateResponseChecksum = true // wholeClient does
	}), nil
}

// sdkLogger writes what the SDK has to say, which is little, as lines of log.
func sdkLogger(log *slog.Logger) logging.Logger {
	return logging.LoggerFunc(func(class logging.Classification, format string, v ...any) {
		level := slog.LevelDebug
		if class == logging.Warn {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, "sdk", "text", fmt.Sprintf(format, v...))
	})
}

// errNoAnswer says that DynamoDB was asked and did not answer, or not whole. Another attempt may do better.
var errNoAnswer = errors.New("no whole answer")

// noAnswer makes the SDK's retryer try again. It does not unwrap to its cause: the retryer takes an attempt that ran out of its
// own time for a caller that gave up.
type noAnswer struct{ cause string }

func (e noAnswer) Error() string      { return errNoAnswer.Error() + ": " + e.cause }
func (noAnswer) Is(target error) bool { return target == errNoAnswer }
func (noAnswer) RetryableError() bool { return true }

// wholeClient is the SDK's HTTP client, made to send a request and to read an answer as a whole, each time within [maxAttempt].
//
// The SDK reads while it decodes, does not try a torn answer again, decodes the next attempt into what the last one left, and only logs
// a wrong checksum. Its requests have a body that net/http does not know, which therefore goes out in a packet of its own after the
// header, and cannot be sent again over a new connection where DynamoDB has closed the old one in the meantime.
type wholeClient struct{ transport http.RoundTripper }

func (c wholeClient) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		sent, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("reading the request: %w", err)
		}
		req.Body = io.NopCloser(bytes.NewReader(sent))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(sent)), nil }
	}
	metrics.Of(req.Context()).Attempts++
	ctx, cancel, limit := attempt(req.Context())
	defer cancel()
	resp, err := c.exchange(req.WithContext(ctx))
	switch {
	case err == nil:
		return resp, nil
	case ctx.Err() != nil && req.Context().Err() == nil:
		return nil, noAnswer{fmt.Sprintf("none within %v", limit.Round(time.Millisecond))}
	}
	return nil, noAnswer{guard.Unquoted(err.Error())}
}

// attempt returns the context of a single attempt. It has a time limit of its own, so that a connection that hangs leaves time for
// another.
func attempt(ctx context.Context) (context.Context, context.CancelFunc, time.Duration) {
	limit := maxAttempt
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/maxAttempts)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, cancel, limit
}

// exchange sends the request and reads the answer.
func (c wholeClient) exchange(req *http.Request) (*http.Response, error) {
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := readWhole(resp)
	if err != nil {
		return nil, err
	}
	if sum := resp.Header.Get("X-Amz-Crc32"); sum != "" && sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) {
		return nil, errors.New("its checksum is wrong")
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// readWhole reads and closes the body of an answer.
func readWhole(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.ContentLength > maxResponse {
		return nil, errTooLong
	}
	if resp.ContentLength >= 0 { // as DynamoDB's answers say
		body := make([]byte, resp.ContentLength)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if len(body) > maxResponse {
		return nil, errTooLong
	}
	return body, err
}

var errTooLong = errors.New("it is longer than any page")
