package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"pocket-devices/internal/bulk"
	"pocket-devices/internal/local/engine/enginetest"
)

// canary begins the handle of every device here. It must come out nowhere but in the exported file.
const canary = "canary-handle"

// The command on the engine that ENGINE names: dynalite, or dynamodb-local.
func TestEngine(t *testing.T) {
	if testing.Short() { // needs Node; what needs Go alone is tested in internal/bulk
		return
	}
	e := enginetest.Start(t, filepath.Join("..", ".."))
	for _, name := range []string{"devices", "copy", "refused"} {
		e.CreateTable(t, name)
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
		if told := fmt.Sprint(stderr.String(), err); strings.Contains(told, canary) {
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
		lines = append(lines, fmt.Sprintf(`{"AssociateId":%d,"DeviceIdentifier":"device-%05d","PNSHandle":"%s-%[2]d","Platform":"Apple <\"&\u2028>"}`, 1+i%500, i, canary))
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
	const bad = `{"AssociateId":0,"DeviceIdentifier":"x","PNSHandle":"` + canary + `"}`
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
		put(t, e.Client, bulk.Item{"Note": &types.AttributeValueMemberS{Value: canary}})
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
		put(t, e.Client, bulk.Item{"PNSHandle": &types.AttributeValueMemberBOOL{Value: true}})
		file := filepath.Join(dir, "lost")
		if _, err := run(t, "", "export", "copy", file); err == nil {
			t.Error("there is no error")
		}
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the file is there: %v", err)
		}
	})
	t.Run("what cannot be done is told in a sentence", func(t *testing.T) {
		_, err := e.Client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
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

// put puts a device with further attributes into the table copy.
func put(t *testing.T, client *dynamodb.Client, device bulk.Item) {
	t.Helper()
	device["AssociateId"] = &types.AttributeValueMemberN{Value: "117"}
	device["DeviceIdentifier"] = &types.AttributeValueMemberS{Value: "a"}
	if err := bulk.NewTable(client, "copy").Put(t.Context(), []bulk.Item{device}, nil); err != nil {
		t.Fatal(err)
	}
}
