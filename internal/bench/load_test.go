package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadResults(t *testing.T) {
	hundred := ""
	for i := range 100 {
		hundred += fmt.Sprintf(`{"code":200,"latency":%d,"error":""}`+"\n", 100-i)
	}
	for _, tt := range []struct {
		name, results string
		want          load
	}{
		{"no request", "", load{Status: map[string]int{}}},
		{"one answer", `{"code":200,"latency":7}`, load{Requests: 1, P50: 7, P99: 7, Max: 7, Status: map[string]int{"200": 1}}},
		{"a hundred answers", hundred, load{Requests: 100, P50: 50, P99: 99, Max: 100, Status: map[string]int{"200": 100}}},
		{"a refusal, which counts but takes no time", `{"code":200,"latency":7}{"code":500,"latency":9,"error":"500 Internal Server Error"}`, load{
			Requests: 2, P50: 7, P99: 7, Max: 7, Status: map[string]int{"200": 1, "500": 1},
		}},
		{"connections that break in the same way", `{"code":0,"error":"Post \"http://x\": read tcp 127.0.0.1:1->127.0.0.1:9: connection reset by peer"}` +
			`{"code":0,"error":"Post \"http://x\": read tcp 127.0.0.1:2->127.0.0.1:9: connection reset by peer"}`, load{
			Requests: 2, Status: map[string]int{"connection reset by peer": 2},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readResults(strings.NewReader(tt.results))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if _, err := readResults(strings.NewReader(`{"code":200`)); err == nil {
		t.Error("half a line is no error")
	}
}

func TestPercentile(t *testing.T) {
	for count, want := range map[int][2]time.Duration{1: {1, 1}, 2: {1, 2}, 3: {2, 3}, 99: {50, 99}, 101: {51, 100}, 1000: {500, 990}} {
		var sorted []time.Duration
		for i := range count {
			sorted = append(sorted, time.Duration(i+1))
		}
		if got := [2]time.Duration{percentile(sorted, 50), percentile(sorted, 99)}; got != want {
			t.Errorf("of %d: %v, want %v", count, got, want)
		}
	}
}
