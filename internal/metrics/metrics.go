// Package metrics counts what an operator watches, request by request, and writes it in CloudWatch's embedded metric format: a line of the log
// out of which CloudWatch makes metrics. It costs no call of its own.
//
// Begin with [With] and [Request.Write]. Where there is something to count, [Of] finds the request.
package metrics

import (
	"context"
	"log/slog"
	"strconv"
	"time"
)

// Namespace is where CloudWatch shows the metrics.
const Namespace = "PocketDevices"

// The dimensions by which CloudWatch keeps the metrics apart: all by the function's name, the requests by their outcome too.
const (
	FunctionName = "FunctionName"
	Outcome      = "Outcome"
)

// The metrics, each with one value a request. What has to do with the store is there only where it was asked.
const (
	Requests        = "Requests"        // 1
	ColdStarts      = "ColdStarts"      // 1 for the first request of a process, else 0
	DevicesReturned = "DevicesReturned" // how many devices the answer has
	StorePages      = "StorePages"      // how many pages were read
	StoreAttempts   = "StoreAttempts"   // how many calls DynamoDB got for them
	StoreLatency    = "StoreLatency"    // how long that took, in milliseconds
)

// The outcomes.
const (
	Answered = "answered" // 2xx
	Denied   = "denied"   // 403: somebody else's devices
	Refused  = "refused"  // another 4xx
	Failed   = "failed"   // 5xx
)

// Request is what is counted of one request. Only its own goroutine may use it.
type Request struct {
	Outcome   string
	ColdStart bool
	Devices   int
	Pages     int
	Attempts  int
	Store     time.Duration // how long the store was asked; 0 where it was not
}

type key struct{}

// With returns a context with a request to count in.
func With(ctx context.Context) (context.Context, *Request) {
	r := &Request{}
	return context.WithValue(ctx, key{}, r), r
}

// Of returns the request of the context, and where there is none, one that nobody writes.
func Of(ctx context.Context) *Request {
	if r, ok := ctx.Value(key{}).(*Request); ok {
		return r
	}
	return &Request{}
}

// Write writes the line of the request of function.
func (r *Request) Write(ctx context.Context, log *slog.Logger, function string) {
	attributes := append(make([]slog.Attr, 0, 10),
		slog.String(FunctionName, function),
		slog.String(Outcome, r.Outcome),
		slog.Int(Requests, 1),
		slog.Int(ColdStarts, count(r.ColdStart)))
	d := withoutStore
	if r.Store > 0 {
		d = withStore
		attributes = append(attributes,
			slog.Int(DevicesReturned, r.Devices),
			slog.Int(StorePages, r.Pages),
			slog.Int(StoreAttempts, r.Attempts),
			slog.Float64(StoreLatency, float64(r.Store.Microseconds())/1000))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "metrics", append(attributes, slog.Any("_aws", line{d, time.Now()}))...)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// directives say which members of a line are metrics, by which dimensions, and in which units.
type directives string

// The directives of the two kinds of line. Every metric that a directive names must be a member of the line.
const (
	requests = `{"Namespace":"` + Namespace + `","Dimensions":[["` + FunctionName + `"],["` + FunctionName + `","` + Outcome + `"]],` +
		`"Metrics":[{"Name":"` + Requests + `","Unit":"Count"}]}`
	process = `{"Namespace":"` + Namespace + `","Dimensions":[["` + FunctionName + `"]],"Metrics":[{"Name":"` + ColdStarts + `","Unit":"Count"}`
	store   = `,{"Name":"` + DevicesReturned + `","Unit":"Count"},{"Name":"` + StorePages + `","Unit":"Count"},` +
		`{"Name":"` + StoreAttempts + `","Unit":"Count"},{"Name":"` + StoreLatency + `","Unit":"Milliseconds"}`

	withoutStore directives = requests + "," + process + "]}"
	withStore    directives = requests + "," + process + store + "]}"
)

// line is the member _aws of a line, by which CloudWatch knows what to make of the others.
type line struct {
	directives directives
	at         time.Time
}

// MarshalJSON writes the line's time, in milliseconds since 1970, and its directives.
func (l line) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 512), `{"Timestamp":`...)
	b = strconv.AppendInt(b, l.at.UnixMilli(), 10)
	b = append(b, `,"CloudWatchMetrics":[`...)
	b = append(b, l.directives...)
	return append(b, `]}`...), nil
}
