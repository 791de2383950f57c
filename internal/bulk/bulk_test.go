package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// canary is the handle in everything that is refused here. It must come out nowhere.
const canary = "canary-handle"

// read returns what a file's records are: "LINE ASSOCIATE DEVICE", or "LINE: why it is refused".
func read(t testing.TB, file string) (got []string) {
	t.Helper()
	for r := range Records(strings.NewReader(file)) {
		if r.Err != nil {
			got = append(got, fmt.Sprintf("%d: %v", r.Line, r.Err))
			continue
		}
		got = append(got, fmt.Sprintf("%d %s %s", r.Line, number(r.Item["AssociateId"]), text(r.Item["DeviceIdentifier"])))
	}
	if strings.Contains(strings.Join(got, "\n"), canary) {
		t.Errorf("a handle is told: %q", got)
	}
	return got
}

func TestRecords(t *testing.T) {
	tests := []struct {
		name string
		file string
		want []string
	}{
		{"nothing", "", nil},
		{"empty lines", "\n \r\n\t\n", nil},
		{"no records", " [ ]\n", nil},
		{"an array", "\n[\n  {\"AssociateId\":117,\n   \"DeviceIdentifier\":\"a\"},\n\n  {\"AssociateId\":118,\"DeviceIdentifier\":\"b\"}]\n", []string{"3 117 a", "6 118 b"}},
		{"lines", "{\"AssociateId\":117,\"DeviceIdentifier\":\"a\"}\n\n{\"AssociateId\":\"118\",\"DeviceIdentifier\":\"b\"}", []string{"1 117 a", "3 118 b"}},
		{"a byte order mark", "\ufeff{\"AssociateId\":117,\"DeviceIdentifier\":\"a\"}\r\n", []string{"1 117 a"}},
		{
			"a line that is none does not hide the next", "{\n[]\nnull\n{\"AssociateId\":117,\"DeviceIdentifier\":\"a\"}",
			[]string{"1: not one JSON object in UTF-8", "2: not one JSON object in UTF-8", "3: not one JSON object in UTF-8", "4 117 a"},
		},
		{
			"two on a line", `{"AssociateId":117,"DeviceIdentifier":"a"} {"AssociateId":117,"DeviceIdentifier":"b"}`,
			[]string{"1: not one JSON object in UTF-8"},
		},
		{"an array that breaks off", "[{\"AssociateId\":117,\"DeviceIdentifier\":\"a\"},\n{\"AssociateId\":", []string{"1 117 a", "1: the JSON array breaks off here, or is none"}},
		{"an array and more", "[]\n[]", []string{"2: the JSON array breaks off here, or is none"}},
		{"no objects", "[1,\n\"x\"]", []string{"1: not one JSON object in UTF-8", "2: not one JSON object in UTF-8"}},
		{
			"the same device twice", "{\"AssociateId\":117,\"DeviceIdentifier\":\"a\"}\n{\"AssociateId\":\"117\",\"DeviceIdentifier\":\"a\"}",
			[]string{"1 117 a", "2: the same AssociateId and DeviceIdentifier as on line 1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, read(t, tt.file)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Each thing that a record can be refused for, in a record that has a handle.
func TestRecordsRefuse(t *testing.T) {
	for members, want := range map[string]string{
		`"DeviceIdentifier":"a"`:                                                                       "AssociateId is missing",
		`"AssociateId":null,"DeviceIdentifier":"a"`:                                                    "AssociateId must be an integer from 1",
		`"AssociateId":0,"DeviceIdentifier":"a"`:                                                       "AssociateId must be an integer from 1",
		`"AssociateId":2147483648,"DeviceIdentifier":"a"`:                                              "AssociateId must be an integer from 1",
		`"AssociateId":1.0,"DeviceIdentifier":"a"`:                                                     "AssociateId must be an integer from 1",
		`"AssociateId":"0117","DeviceIdentifier":"a"`:                                                  "AssociateId must be an integer from 1",
		`"AssociateId":"` + canary + `","DeviceIdentifier":"a"`:                                        "AssociateId must be an integer from 1",
		`"AssociateId":117`:                                                                            "DeviceIdentifier is missing or empty",
		`"AssociateId":117,"DeviceIdentifier":""`:                                                      "DeviceIdentifier is missing or empty",
		`"AssociateId":117,"DeviceIdentifier":null`:                                                    "DeviceIdentifier is missing or empty",
		`"AssociateId":117,"DeviceIdentifier":1`:                                                       "DeviceIdentifier must be a text or null",
		`"AssociateId":117,"DeviceIdentifier":"a","DeviceName":true`:                                   "DeviceName must be a text or null",
		`"AssociateId":117,"DeviceIdentifier":"a","DeviceName":["x"]`:                                  "an object or an array where a text is wanted",
		`"AssociateId":117,"DeviceIdentifier":"a","deviceName":"x"`:                                    "there is a property that is almost DeviceName",
		`"AssociateId":117,"DeviceIdentifier":"a","` + canary + `":"x"`:                                "there is a property that a device has not",
		`"AssociateId":117,"DeviceIdentifier":"a","PNSHandle":"x"`:                                     "PNSHandle is there twice",
		`"AssociateId":117,"DeviceIdentifier":"a","ExpiresAt":"1"`:                                     "ExpiresAt must be seconds since 1970",
		`"AssociateId":117,"DeviceIdentifier":"a","ExpiresAt":-1`:                                      "ExpiresAt must be seconds since 1970",
		`"AssociateId":117,"DeviceIdentifier":"a","ExpiresAt":1e9`:                                     "ExpiresAt must be seconds since 1970",
		`"AssociateId":117,"DeviceIdentifier":"` + strings.Repeat("x", 1025) + `"`:                     "DeviceIdentifier is longer than 1024 bytes",
		`"AssociateId":117,"DeviceIdentifier":"a","DeviceName":"` + strings.Repeat("x", 400<<10) + `"`: "the device is larger than 409600 bytes",
		"\"AssociateId\":117,\"DeviceIdentifier\":\"a\xff\"":                                           "not one JSON object in UTF-8",
	} {
		got := read(t, `{"PNSHandle":"`+canary+`",`+members+`}`)
		if len(got) != 1 || !strings.HasPrefix(got[0], "1: "+want) {
			t.Errorf("%.80s is %q, want %q", members, got, want)
		}
	}
}

func TestRecordsTakeNullForNone(t *testing.T) {
	it, err := parse([]byte(`{"AssociateId":117,"DeviceIdentifier":"a","PNSHandle":null,"DeviceName":"","ExpiresAt":null}`))
	if err != nil || len(it) != 3 || it["DeviceName"] == nil {
		t.Errorf("parse = %v, %v", it, err)
	}
}

// Whatever a file holds, its records are items that can be exported, and what is exported is read as the same item again.
func FuzzRecords(f *testing.F) {
	sample, err := os.ReadFile(filepath.Join("..", "..", "events", "devices", "sample.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Add(`{"AssociateId":"117","DeviceIdentifier":"a","PNSHandle":"<\u2028\ud83d\udcf1>","ExpiresAt":1795428929}` + "\n[")
	f.Add("[\n{},{\"AssociateId\":1}")
	f.Fuzz(func(t *testing.T, file string) {
		last := 1
		for r := range Records(strings.NewReader(file)) {
			if r.Line < last || r.Line > strings.Count(file, "\n")+1 {
				t.Fatalf("line %d after %d", r.Line, last)
			}
			last = r.Line
			if (r.Err == nil) == (r.Item == nil) {
				t.Fatalf("%v, %v", r.Item, r.Err)
			}
			if r.Err != nil {
				continue
			}
			exported, left, err := Encode(r.Item)
			if err != nil || left != 0 || bytes.Count(exported, []byte("\n")) != 1 {
				t.Fatalf("Encode(%v) = %q, %d, %v", r.Item, exported, left, err)
			}
			again, err := parse(exported)
			if err != nil || !reflect.DeepEqual(again, r.Item) {
				t.Fatalf("%q is read as %v, %v", exported, again, err)
			}
		}
	})
}

func TestEncodeRefuses(t *testing.T) {
	for want, change := range map[string]Item{
		"neither text nor number":    {"PNSHandle": &types.AttributeValueMemberBOOL{Value: true}},
		"must be a text or null":     {"DeviceName": &types.AttributeValueMemberN{Value: "1"}},
		"ExpiresAt must be seconds":  {"ExpiresAt": &types.AttributeValueMemberN{Value: "1E+30"}},
		"DeviceIdentifier is longer": {"DeviceIdentifier": &types.AttributeValueMemberS{Value: strings.Repeat("x", 2000)}},
	} {
		it := device(117, "a")
		for name, value := range change {
			it[name] = value
		}
		if _, _, err := Encode(it); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "handle-of") {
			t.Errorf("Encode: %v, want %q", err, want)
		}
	}
}

func device(associate int, identifier string) Item {
	return Item{
		"AssociateId":      &types.AttributeValueMemberN{Value: strconv.Itoa(associate)},
		"DeviceIdentifier": &types.AttributeValueMemberS{Value: identifier},
		"PNSHandle":        &types.AttributeValueMemberS{Value: "handle-of-" + identifier},
		"Platform":         &types.AttributeValueMemberS{Value: "Apple <\"&\u2028>"},
	}
}

// busy is a DynamoDB that leaves part of each batch undone.
type busy struct {
	client
	takes   func(call, requests int) int // how many requests of a call it carries out
	calls   int
	written map[string]int
}

func (b *busy) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	requests := in.RequestItems["devices"]
	n := b.takes(b.calls, len(requests))
	b.calls++
	for _, r := range requests[:n] {
		b.written[text(r.PutRequest.Item["DeviceIdentifier"])]++
	}
	out := &dynamodb.BatchWriteItemOutput{}
	if n < len(requests) {
		out.UnprocessedItems = map[string][]types.WriteRequest{"devices": requests[n:]}
	}
	return out, nil
}

// What DynamoDB leaves undone is written again, each device once, until nothing gets done for too long.
func TestPutUnprocessed(t *testing.T) {
	tests := []struct {
		name    string
		takes   func(call, requests int) int
		written int
		calls   int
		pauses  bool
		want    string // in the error
	}{
		{"all at once", func(_, n int) int { return n }, 60, 3, false, ""},
		{"one at a time", func(int, int) int { return 1 }, 60, 60, true, ""},
		{"nothing every other time", func(call, n int) int { return call % 2 * n }, 60, 6, true, ""},
		{"nothing any more", func(call, n int) int { return max(0, n-25*call) }, 25, 1 + maxAttempts, true, "the table devices takes no more: 25 of 60 devices are written"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &busy{takes: tt.takes, written: map[string]int{}}
				var items []Item
				for i := range 60 {
					items = append(items, device(117, strconv.Itoa(i)))
				}
				last, start := 0, time.Now()
				err := Table{b, "devices"}.Put(t.Context(), items, func(n int) { last = n })
				if tt.want == "" && (err != nil || last != 60) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("Put: %v after %d, want %q", err, last, tt.want)
				}
				if paused := time.Since(start) > 0; len(b.written) != tt.written || b.calls != tt.calls || paused != tt.pauses {
					t.Errorf("%d devices in %d calls, paused: %v, want %d in %d", len(b.written), b.calls, paused, tt.written, tt.calls)
				}
				for id, times := range b.written {
					if times != 1 {
						t.Errorf("%s is written %d times", id, times)
					}
				}
			})
		})
	}
}

func TestPutEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &busy{takes: func(int, int) int { cancel(); return 0 }}
	if err := (Table{b, "devices"}).Put(ctx, []Item{device(117, "a")}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	for attempt := range 40 {
		if d := backoff(attempt); d < 25*time.Millisecond || d > 5*time.Second {
			t.Errorf("backoff(%d) = %v", attempt, d)
		}
	}
}
