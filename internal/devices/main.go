// Command devices moves registered devices between a file and a stack's table. It is for developers and operators, and nothing that is
// deployed imports it.
//
//	devices import FILE TABLE   writes the devices of FILE into TABLE
//	devices export TABLE FILE   writes the devices of TABLE into FILE, a new one
//
// Begin with [command]; [bulk.Records] says what a file is. The SDK's own variables and profiles say whose table it is, and
// AWS_ENDPOINT_URL_DYNAMODB can name an engine on this machine. With SKIP_REFUSED=yes an import writes what it can; without, it writes
// nothing where it refuses anything. Import may be run again at will: a device that is there is replaced by the one of the file.
//
// A push handle is a secret (C-14). Nothing but the exported file, which only its owner can read, ever has one: what is
// refused is named by its line.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"pocket-devices/internal/bulk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Getenv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "devices:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: make import FILE=devices.json TABLE=name | make export TABLE=name FILE=devices.json")

// command is main, for tests to call. It tells of its progress on stderr.
func command(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	if len(args) != 3 || args[1] == "" || args[2] == "" {
		return errUsage
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryer(func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 8 }) // nobody waits for an answer, as a caller does
	}))
	if err != nil {
		return fmt.Errorf("reading the SDK's configuration: %w", err)
	}
	client := dynamodb.NewFromConfig(cfg)
	switch args[0] {
	case "import":
		return importFile(ctx, client, args[1], args[2], getenv("SKIP_REFUSED") == "yes", stderr)
	case "export":
		return exportFile(ctx, client, args[1], args[2], stderr)
	}
	return errUsage
}

// maxRefusals is how many refused records are told one by one.
const maxRefusals = 100

// importFile writes the records of a file into a table, all of which are read and checked first.
func importFile(ctx context.Context, client *dynamodb.Client, file, name string, skipRefused bool, stderr io.Writer) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var items []bulk.Item
	refused := 0
	for record := range bulk.Records(f) {
		if record.Err == nil {
			items = append(items, record.Item)
			continue
		}
		if refused++; refused <= maxRefusals {
			fmt.Fprintf(stderr, "%s:%d: %v\n", file, record.Line, record.Err)
		}
	}
	if refused > maxRefusals {
		fmt.Fprintf(stderr, "and %d more\n", refused-maxRefusals)
	}
	if refused > 0 && !skipRefused {
		return fmt.Errorf("%d of %d records are refused, so nothing was written: correct them, or write the others with SKIP_REFUSED=yes", refused, refused+len(items))
	}
	table := bulk.NewTable(client, name)
	if err := table.Check(ctx); err != nil {
		return err
	}
	if err := table.Put(ctx, items, func(written int) {
		if written == len(items) || written%1000 == 0 {
			fmt.Fprintf(stderr, "written %d of %d\n", written, len(items))
		}
	}); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%d devices are in the table %s; %d records were refused\n", len(items), name, refused)
	return nil
}

// exportFile writes the devices of a table into a new file, in lines that [bulk.Records] reads.
func exportFile(ctx context.Context, client *dynamodb.Client, name, file string, stderr io.Writer) (err error) {
	table := bulk.NewTable(client, name)
	if err := table.Check(ctx); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name a new file", file)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(file) // rather than to leave a part of a table that looks like all of it
		}
	}()
	w := bufio.NewWriter(f)
	total, others := 0, 0
	for page, err := range table.Pages(ctx) {
		if err != nil {
			return err
		}
		for _, it := range page {
			line, left, err := bulk.Encode(it)
			if err != nil {
				return err
			}
			if left > 0 {
				others++
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		total += len(page)
		fmt.Fprintf(stderr, "read %d\n", total)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if others > 0 {
		fmt.Fprintf(stderr, "%d of them have attributes that a device has not, which are left out\n", others)
	}
	fmt.Fprintf(stderr, "%d devices are in %s, with their push handles: keep it as you keep passwords\n", total, file)
	return nil
}
