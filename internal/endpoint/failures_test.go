package endpoint_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pocket-devices/internal/metrics"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/pocket/pockettest"
	"pocket-devices/internal/problem"
)

// How the store fails, and what the caller is told (C-41).
func TestStoreFailures(t *testing.T) {
	tests := []struct {
		err        error
		want       *problem.Problem
		retryAfter string
	}{
		{pocket.ErrUnavailable, problem.Unavailable, "1"},
		{pocket.ErrDeadline, problem.Timeout, ""},
		{pocket.ErrStore, problem.Internal, ""},
		{pocket.ErrTooLarge, problem.AnswerTooLarge, ""},
		{errors.New("arn:aws:dynamodb:eu-west-1:123456789012:table/x is secret"), problem.Internal, ""},
	}
	for _, tt := range tests {
		t.Run(tt.want.Type, func(t *testing.T) {
			got := invoke(t, &pockettest.Store{Err: tt.err}, marshal(t, sample(t)))
			if got.status != tt.want.Status || !strings.Contains(got.body, `"ErrorType":"`+tt.want.Type+`"`) || got.header["Retry-After"] != tt.retryAfter {
				t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
			}
			if strings.Contains(got.body, "arn:") {
				t.Errorf("the cause reaches the caller: %s", got.body)
			}
			if !strings.Contains(got.logs, `"level":"ERROR","msg":"failed"`) || !strings.Contains(got.logs, `"outcome":"failed"`) {
				t.Errorf("the log is %s", got.logs)
			}
		})
	}
}

// A panic is a 500, and what it holds stays inside (C-43).
func TestPanic(t *testing.T) {
	store := storeFunc(func(context.Context, pocket.AssociateID) ([]pocket.Device, error) { panic(canary) })
	got := invoke(t, store, marshal(t, sample(t)))
	if got.status != 500 || !strings.Contains(got.body, "InternalError") {
		t.Errorf("answered with %d %s", got.status, got.body)
	}
	if strings.Contains(got.body+got.logs, canary) || !strings.Contains(got.logs, "panic of type string") {
		t.Errorf("the log is %s", got.logs)
	}
}

// The store must be done 250 ms before the invocation's end (C-43).
func TestDeadline(t *testing.T) {
	var left time.Duration
	store := storeFunc(func(ctx context.Context, _ pocket.AssociateID) ([]pocket.Device, error) {
		deadline, ok := ctx.Deadline()
		if !ok {
			t.Error("there is no deadline")
		}
		left = time.Until(deadline)
		return nil, nil
	})
	invoke(t, store, marshal(t, sample(t))) // which has 10 s
	if left <= 0 || left > 9750*time.Millisecond {
		t.Errorf("the store has %v", left)
	}
}

type storeFunc func(context.Context, pocket.AssociateID) ([]pocket.Device, error)

func (f storeFunc) Devices(ctx context.Context, id pocket.AssociateID) ([]pocket.Device, error) {
	return f(ctx, id)
}

// An answer that Lambda would not pass on is an error of ours: by its size, and by its size once it is escaped (C-43).
func TestLargeAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		name   string
		status int
	}{
		"fits":                {strings.Repeat("x", 4<<20), 200},
		"is too large":        {strings.Repeat("x", 5<<20), 500},
		"is escaped too much": {strings.Repeat("\n", 2<<20), 500}, // \n in the body, \\n in the event
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			store.Records[0].Device.DeviceName = &tt.name
			got := invoke(t, timed{store}, marshal(t, sample(t)))
			if got.status != tt.status || tt.status == 500 && !strings.Contains(got.body, "AnswerTooLarge") {
				t.Errorf("answered with %d %.100s", got.status, got.body)
			}
			returned := map[int]string{200: `"DevicesReturned":1,`, 500: `"DevicesReturned":0,`}[tt.status] // as those who get an error get no device
			if !strings.Contains(got.logs, returned) {
				t.Errorf("the log of a %d lacks %s", tt.status, returned)
			}
		})
	}
}

// timed is a store that counts, as one before DynamoDB does, how long it was asked.
type timed struct{ pocket.Store }

func (t timed) Devices(ctx context.Context, id pocket.AssociateID) ([]pocket.Device, error) {
	metrics.Of(ctx).StoreLatency = time.Millisecond
	return t.Store.Devices(ctx, id)
}
