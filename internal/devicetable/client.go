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
	"github.com/aws/smithy-go/middleware"

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
// It tries each call up to three times, bounds each attempt by itself, and tries again what came torn. It makes no call of its own.
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
	if cfg.HTTPClient == nil { // else it has been set up for AWS_CA_BUNDLE
		cfg.HTTPClient = awshttp.NewBuildableClient()
	}
	cfg.HTTPClient = wholeClient{cfg.HTTPClient}
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.RetryMaxAttempts = maxAttempts // AWS_MAX_ATTEMPTS would override the retryer's
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("pocket:Attempt", attempt), "Retry", middleware.After)
		})
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

// attempt is the SDK's middleware around a single attempt. It gives it a time limit of its own, so that a connection that hangs
// leaves time for another.
func attempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	metrics.Of(ctx).Attempts++
	limit := maxAttempt
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/maxAttempts)
	}
	attemptCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, metadata, err := next.HandleFinalize(attemptCtx, in)
	if err != nil && attemptCtx.Err() != nil && ctx.Err() == nil {
		err = noAnswer{fmt.Sprintf("none within %v", limit.Round(time.Millisecond))}
	}
	return out, metadata, err
}

// wholeClient is the SDK's HTTP client, made to read an answer whole before the SDK sees it. The SDK reads while it decodes, does
// not try a torn answer again, decodes the next attempt into what the last one left, and ignores a wrong checksum.
type wholeClient struct{ client aws.HTTPClient }

func (c wholeClient) Do(req *http.Request) (*http.Response, error) {
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, noAnswer{err.Error()}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	_ = resp.Body.Close()
	switch {
	case err != nil:
		return nil, noAnswer{err.Error()}
	case len(body) > maxResponse:
		return nil, noAnswer{"it is longer than any page"}
	}
	if sum := resp.Header.Get("X-Amz-Crc32"); sum != "" && sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) {
		return nil, noAnswer{"its checksum is wrong"}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
