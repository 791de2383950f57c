// Package enginetest gives a test a DynamoDB engine of its own, or answers as one does. Begin with [Start].
package enginetest

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/template"
)

// Engine is a running engine, which ends with the test.
type Engine struct {
	URL    string
	Client *dynamodb.Client

	table template.Table // the template's
}

// Start starts the engine that ENGINE names: dynalite, which it is where ENGINE is not set, or dynamodb-local. The SDK's own variables say
// that DynamoDB is there. Root is the folder of the repository.
func Start(t *testing.T, root string) *Engine {
	t.Helper()
	e, err := engine.Start(t.Context(), cmp.Or(engine.Kind(os.Getenv("ENGINE")), engine.Dynalite), "127.0.0.1", filepath.Join(root, ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	deployed, err := template.Read(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	Setenv(t, e.URL)
	return &Engine{e.URL, engine.Client(e.URL, engine.Environment()), deployed.Tables[0]}
}

// CreateTable creates a table of that name, with the key of the template's.
func (e *Engine) CreateTable(t *testing.T, name string) {
	t.Helper()
	table := e.table
	table.Name = name
	if created, err := engine.CreateTable(t.Context(), e.Client, table); err != nil || !created {
		t.Fatal(created, err)
	}
}

// Answer answers a call with status and body, and with the body's checksum, as DynamoDB does.
func Answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(body))))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// Setenv has the SDK's own variables say, for the time of the test, that DynamoDB is at that address.
func Setenv(t *testing.T, url string) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
	for name, value := range engine.Environment() {
		t.Setenv(name, value)
	}
}
