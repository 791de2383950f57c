package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"pocket-devices/internal/bulk"
	"pocket-devices/internal/local/engine"
	"pocket-devices/internal/local/template"
	"pocket-devices/internal/stricthttp"
)

// awsEnvironment returns the SDK's variables for the functions: made up for an engine of ours; where the user named an endpoint, the
// user's own as far as they are set. The endpoint itself is the template's to pass on.
func (s settings) awsEnvironment() map[string]string {
	environment := engine.Environment()
	if s.endpoint != "" {
		for _, e := range os.Environ() {
			if name, value, _ := strings.Cut(e, "="); strings.HasPrefix(name, "AWS_") && name != "AWS_ENDPOINT_URL_DYNAMODB" {
				environment[name] = value
			}
		}
	}
	return environment
}

// writes reports whether tables may be made and filled: nothing is ever written to an endpoint beyond this machine.
func (s settings) writes() bool {
	u, err := url.Parse(s.endpoint)
	return s.endpoint == "" || err == nil && stricthttp.IsThisMachine(u.Hostname())
}

// fill creates the tables in the engine at address and puts the sample devices into each. A table that was there before is used as it is.
func (s settings) fill(ctx context.Context, tables []template.Table, address string, environment map[string]string) error {
	devices, err := readDevices(filepath.Join(s.root, "events", "devices", "sample.json"))
	if err != nil {
		return err
	}
	client := engine.Client(address, environment)
	for _, table := range tables {
		created, err := engine.CreateTable(ctx, client, table)
		if err != nil {
			return fmt.Errorf("the engine at %s is of no use: %w", address, err)
		}
		if created {
			if err := bulk.NewTable(client, table.Name).Put(ctx, devices, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// readDevices reads a file of devices, none of which may be refused.
func readDevices(file string) (devices []bulk.Item, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for record := range bulk.Records(f) {
		if record.Err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, record.Line, record.Err)
		}
		devices = append(devices, record.Item)
	}
	return devices, nil
}
