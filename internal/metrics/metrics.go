// Package metrics counts what an operator watches, request by request, and writes it in CloudWatch's embedded metric format: a line of the log
// out of which CloudWatch makes metrics. It costs no call of its own.
//
// Begin with [With] and [Request.Write]. Where there is something to count, [Of] finds the request.
package metrics

import (
	"context"
	"io"
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
	Outcome      string        // one of the four
	ColdStart    bool          // it is the first of its process
	Devices      int           // how many the answer has
	Pages        int           // how many were read whole
	Attempts     int           // how many calls DynamoDB got, those that failed too
	StoreLatency time.Duration // how long the store was asked, all pages and attempts; 0 where it was not
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

// Write writes the line of the request to w, in one piece; function is the name of the Lambda function. What has to do with the store is left
// out where StoreLatency is 0, and an error of w is ignored. It writes by itself rather than through the log, which would parse the
// constant part of the line each time: that is one instruction in thirty of a whole request.
func (r *Request) Write(w io.Writer, function string) {
	b := append(make([]byte, 0, 1024), `{"msg":"metrics","_aws":{"Timestamp":`...)
	b = strconv.AppendInt(b, time.Now().UnixMilli(), 10)
	b = append(b, `,"CloudWatchMetrics":[`+requests+","+process...)
	if r.StoreLatency > 0 {
		b = append(b, store...)
	}
	b = append(b, `]}]},"`+FunctionName+`":"`...)
	b = append(b, function...)
	b = append(b, `","`+Outcome+`":"`...)
	b = append(b, r.Outcome...)
	b = append(b, '"')
	b = appendMetric(b, Requests, 1)
	b = appendMetric(b, ColdStarts, count(r.ColdStart))
	if r.StoreLatency > 0 {
		b = appendMetric(b, DevicesReturned, r.Devices)
		b = appendMetric(b, StorePages, r.Pages)
		b = appendMetric(b, StoreAttempts, r.Attempts)
		b = append(b, `,"`+StoreLatency+`":`...)
		b = strconv.AppendFloat(b, float64(r.StoreLatency.Microseconds())/1000, 'f', -1, 64)
	}
	_, _ = w.Write(append(b, "}\n"...)) // a request is answered also where nobody can be told of it
}

func appendMetric(b []byte, name string, value int) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	return strconv.AppendInt(b, int64(value), 10)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The directives say which members of the line are metrics, by which dimensions, and in which units. Every metric that they name must be a
// member of the line.
const (
	requests = `{"Namespace":"` + Namespace + `","Dimensions":[["` + FunctionName + `"],["` + FunctionName + `","` + Outcome + `"]],` +
		`"Metrics":[{"Name":"` + Requests + `","Unit":"Count"}]}`
	process = `{"Namespace":"` + Namespace + `","Dimensions":[["` + FunctionName + `"]],"Metrics":[{"Name":"` + ColdStarts + `","Unit":"Count"}`
	store   = `,{"Name":"` + DevicesReturned + `","Unit":"Count"},{"Name":"` + StorePages + `","Unit":"Count"},` +
		`{"Name":"` + StoreAttempts + `","Unit":"Count"},{"Name":"` + StoreLatency + `","Unit":"Milliseconds"}`
)
