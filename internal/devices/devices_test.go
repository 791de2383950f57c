package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/template"
)

// secret is the handle in everything that is refused here. It must come out nowhere.
const secret = "canary-handle"

// read returns what a file's records are: "LINE ASSOCIATE DEVICE", or "LINE: why it is refused".
func read(t testing.TB, file string) (got []string) {
	t.Helper()
	for line, r := range records(bufio.NewReader(strings.NewReader(file))) {
		if r.err != nil {
			got = append(got, fmt.Sprintf("%d: %v", line, r.err))
			continue
		}
		got = append(got, fmt.Sprintf("%d %s %s", line, number(r.item["AssociateId"]), text(r.item["DeviceIdentifier"])))
	}
	if strings.Contains(strings.Join(got, "\n"), secret) {
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
			if diff := gocmp.Diff(tt.want, read(t, tt.file)); diff != "" {
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
		`"AssociateId":"` + secret + `","DeviceIdentifier":"a"`:                                        "AssociateId must be an integer from 1",
		`"AssociateId":117`:                                                                            "DeviceIdentifier is missing or empty",
		`"AssociateId":117,"DeviceIdentifier":""`:                                                      "DeviceIdentifier is missing or empty",
		`"AssociateId":117,"DeviceIdentifier":null`:                                                    "DeviceIdentifier is missing or empty",
		`"AssociateId":117,"DeviceIdentifier":1`:                                                       "DeviceIdentifier must be a text or null",
		`"AssociateId":117,"DeviceIdentifier":"a","DeviceName":true`:                                   "DeviceName must be a text or null",
		`"AssociateId":117,"DeviceIdentifier":"a","DeviceName":["x"]`:                                  "an object or an array where a text is wanted",
		`"AssociateId":117,"DeviceIdentifier":"a","deviceName":"x"`:                                    "there is a property that is almost DeviceName",
		`"AssociateId":117,"DeviceIdentifier":"a","` + secret + `":"x"`:                                "there is a property that a device has not",
		`"AssociateId":117,"DeviceIdentifier":"a","PNSHandle":"x"`:                                     "PNSHandle is there twice",
		`"AssociateId":117,"DeviceIdentifier":"a","ExpiresAt":"1"`:                                     "ExpiresAt must be seconds since 1970",
		`"AssociateId":117,"DeviceIdentifier":"a","ExpiresAt":-1`:                                      "ExpiresAt must be seconds since 1970",
		`"AssociateId":117,"DeviceIdentifier":"a","ExpiresAt":1e9`:                                     "ExpiresAt must be seconds since 1970",
		`"AssociateId":117,"DeviceIdentifier":"` + strings.Repeat("x", 1025) + `"`:                     "DeviceIdentifier is longer than 1024 bytes",
		`"AssociateId":117,"DeviceIdentifier":"a","DeviceName":"` + strings.Repeat("x", 400<<10) + `"`: "the device is larger than 409600 bytes",
		"\"AssociateId\":117,\"DeviceIdentifier\":\"a\xff\"":                                           "not one JSON object in UTF-8",
	} {
		got := read(t, `{"PNSHandle":"`+secret+`",`+members+`}`)
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
		for line, r := range records(bufio.NewReader(strings.NewReader(file))) {
			if line < last || line > strings.Count(file, "\n")+1 {
				t.Fatalf("line %d after %d", line, last)
			}
			last = line
			if (r.err == nil) == (r.item == nil) {
				t.Fatalf("%v, %v", r.item, r.err)
			}
			if r.err != nil {
				continue
			}
			exported, left, err := encode(r.item)
			if err != nil || left != 0 || bytes.Count(exported, []byte("\n")) != 1 {
				t.Fatalf("encode(%v) = %q, %d, %v", r.item, exported, left, err)
			}
			again, err := parse(exported)
			if err != nil || fmt.Sprint(sorted(again)) != fmt.Sprint(sorted(r.item)) {
				t.Fatalf("%q is read as %v, %v", exported, again, err)
			}
		}
	})
}

// sorted returns an item's attributes as texts, in order.
func sorted(it item) (attributes []string) {
	for name, value := range it {
		attributes = append(attributes, fmt.Sprintf("%s %T %q%q", name, value, text(value), number(value)))
	}
	slices.Sort(attributes)
	return attributes
}

func TestEncodeRefuses(t *testing.T) {
	for want, change := range map[string]item{
		"neither text nor number":    {"PNSHandle": &types.AttributeValueMemberBOOL{Value: true}},
		"must be a text or null":     {"DeviceName": &types.AttributeValueMemberN{Value: "1"}},
		"ExpiresAt must be seconds":  {"ExpiresAt": &types.AttributeValueMemberN{Value: "1E+30"}},
		"DeviceIdentifier is longer": {"DeviceIdentifier": &types.AttributeValueMemberS{Value: strings.Repeat("x", 2000)}},
	} {
		it := device(117, "a")
		for name, value := range change {
			it[name] = value
		}
		if _, _, err := encode(it); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "handle-of") {
			t.Errorf("encode: %v, want %q", err, want)
		}
	}
}

func device(associate int, identifier string) item {
	return item{
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
		want    string // in the error
	}{
		{"all at once", func(_, n int) int { return n }, 60, 3, ""},
		{"one at a time", func(int, int) int { return 1 }, 60, 60, ""},
		{"nothing every other time", func(call, n int) int { return call % 2 * n }, 60, 6, ""},
		{"nothing any more", func(call, n int) int { return max(0, n-25*call) }, 25, 1 + maxAttempts, "the table devices takes no more: 25 of 60 devices are written"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &busy{takes: tt.takes, written: map[string]int{}}
			pauses := 0
			tb := table{client: b, name: "devices", backoff: func(int) time.Duration { pauses++; return 0 }}
			var items []item
			for i := range 60 {
				items = append(items, device(117, strconv.Itoa(i)))
			}
			last := 0
			err := tb.put(t.Context(), items, func(n int) { last = n })
			if tt.want == "" && (err != nil || last != 60) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("put: %v after %d, want %q", err, last, tt.want)
			}
			if len(b.written) != tt.written || b.calls != tt.calls || tt.calls > 3 && pauses == 0 {
				t.Errorf("%d devices in %d calls with %d pauses, want %d in %d", len(b.written), b.calls, pauses, tt.written, tt.calls)
			}
			for id, times := range b.written {
				if times != 1 {
					t.Errorf("%s is written %d times", id, times)
				}
			}
		})
	}
}

func TestPutEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &busy{takes: func(int, int) int { cancel(); return 0 }, written: map[string]int{}}
	err := table{client: b, name: "devices", backoff: func(int) time.Duration { return time.Hour }}.put(ctx, []item{device(117, "a")}, func(int) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	for attempt := range 40 {
		if d := backoff(attempt); d < 25*time.Millisecond || d > 5*time.Second {
			t.Errorf("backoff(%d) = %v", attempt, d)
		}
	}
}

// The command on the engine that ENGINE names: dynalite, or dynamodb-local.
func TestEngine(t *testing.T) {
	if testing.Short() { // needs Node; what needs Go alone is tested above
		return
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Start(t.Context(), engine.Kind(cmp.Or(os.Getenv("ENGINE"), string(engine.Dynalite))), "127.0.0.1", filepath.Join(root, ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	deployed, err := template.Read(filepath.Join(root, "template.yaml"), map[string]string{"InstallationUrl": "https://example.com"})
	if err != nil {
		t.Fatal(err)
	}
	environment := engine.Environment(e.URL)
	for name, value := range environment {
		t.Setenv(name, value)
	}
	client := engine.Client(environment)
	for _, name := range []string{"devices", "copy", "refused"} {
		tb := deployed.Tables[0]
		tb.Name = name
		if _, err := engine.CreateTable(t.Context(), client, tb); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	write := func(name, content string) (file string) {
		t.Helper()
		file = filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	run := func(t *testing.T, skip string, args ...string) (string, error) {
		t.Helper()
		var stderr bytes.Buffer
		err := command(t.Context(), args, func(string) string { return skip }, &stderr)
		if told := fmt.Sprint(stderr.String(), err); strings.Contains(told, secret) || strings.Contains(told, "handle-of") {
			t.Errorf("a handle is told: %s", told)
		}
		return stderr.String(), err
	}
	export := func(t *testing.T, table string) []string {
		t.Helper()
		file := filepath.Join(dir, t.Name()[strings.LastIndex(t.Name(), "/")+1:]+"-"+table)
		if _, err := run(t, "", "export", table, file); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", info.Mode(), err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		slices.Sort(lines)
		return lines
	}

	const many = 10_000
	var lines []string
	for i := range many {
		line, _, err := encode(device(1+i%500, fmt.Sprintf("device-%05d", i)))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(string(line)))
	}
	slices.Sort(lines)

	t.Run("ten thousand devices go in, and come out", func(t *testing.T) {
		file := write("devices.json", strings.Join(lines, "\n"))
		told, err := run(t, "", "import", file, "devices")
		if err != nil || !strings.Contains(told, "written 5000 of 10000\n") || !strings.HasSuffix(told, "10000 devices are in the table devices; 0 records were refused\n") {
			t.Fatalf("%s%v", told, err)
		}
		if got := export(t, "devices"); !slices.Equal(got, lines) {
			t.Errorf("%d devices come out, and not the same", len(got))
		}
	})
	t.Run("again, from an array, changes nothing", func(t *testing.T) {
		file := write("array.json", "["+strings.Join(lines[:1000], ",\n")+"]\n")
		if told, err := run(t, "", "import", file, "devices"); err != nil {
			t.Fatalf("%s%v", told, err)
		}
		if got := export(t, "devices"); !slices.Equal(got, lines) {
			t.Errorf("%d devices come out, and not the same", len(got))
		}
	})
	const bad = `{"AssociateId":0,"DeviceIdentifier":"x","PNSHandle":"` + secret + `"}`
	t.Run("nothing is written where anything is refused", func(t *testing.T) {
		told, err := run(t, "", "import", write("bad.json", lines[0]+"\n"+bad+"\n"+lines[1]), "refused")
		if err == nil || !strings.Contains(err.Error(), "1 of 3 records are refused, so nothing was written") || !strings.Contains(told, "bad.json:2: AssociateId must be") {
			t.Errorf("%s%v", told, err)
		}
		if got := export(t, "refused"); got[0] != "" {
			t.Errorf("the table has %v", got)
		}
	})
	t.Run("the others are written where that is asked for", func(t *testing.T) {
		told, err := run(t, "yes", "import", write("some.json", lines[0]+"\n"+bad+"\n"+lines[1]), "refused")
		if err != nil || !strings.HasSuffix(told, "2 devices are in the table refused; 1 records were refused\n") {
			t.Errorf("%s%v", told, err)
		}
		if got := export(t, "refused"); !slices.Equal(got, lines[:2]) {
			t.Errorf("the table has %v", got)
		}
	})
	t.Run("many refusals are told by their number", func(t *testing.T) {
		told, err := run(t, "", "import", write("very-bad.json", strings.Repeat(bad+"\n", 150)), "refused")
		if err == nil || strings.Count(told, "very-bad.json:") != maxRefusals || !strings.HasSuffix(told, "and 50 more\n") {
			t.Errorf("%s%v", told, err)
		}
	})
	t.Run("attributes that a device has not are told of and left out", func(t *testing.T) {
		it := device(117, "a")
		it["Note"] = &types.AttributeValueMemberS{Value: secret}
		if err := engine.Put(t.Context(), client, "copy", []item{it}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "copy")
		told, err := run(t, "", "export", "copy", file)
		if err != nil || !strings.Contains(told, "1 of them have attributes that a device has not") {
			t.Errorf("%s%v", told, err)
		}
		if data, err := os.ReadFile(file); err != nil || strings.Contains(string(data), "Note") {
			t.Errorf("%s %v", data, err)
		}
	})
	t.Run("an item that would be lost ends the export, and leaves no file", func(t *testing.T) {
		it := device(117, "b")
		it["PNSHandle"] = &types.AttributeValueMemberBOOL{Value: true}
		if err := engine.Put(t.Context(), client, "copy", []item{it}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "lost")
		if _, err := run(t, "", "export", "copy", file); err == nil {
			t.Error("there is no error")
		}
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the file is there: %v", err)
		}
	})
	t.Run("what cannot be done is told in a sentence", func(t *testing.T) {
		_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: aws.String("others"), BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: "HASH"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		there := write("there", "")
		for want, args := range map[string][]string{
			"usage: ":                     nil,
			"usage:  ":                    {"import", "", "devices"},
			"usage: make":                 {"delete", "devices", "devices"},
			"no such file":                {"import", filepath.Join(dir, "none"), "devices"},
			"looking at the table none":   {"import", there, "none"},
			"is not one of devices":       {"import", there, "others"},
			"is there already":            {"export", "devices", there},
			"looking at the table none: ": {"export", "none", filepath.Join(dir, "new")},
		} {
			if _, err := run(t, "", args...); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
				t.Errorf("%v: %v, want %q", args, err, want)
			}
		}
	})
}
