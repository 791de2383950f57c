package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/request"
)

// welcome makes the sample request and prints it with its answer, so that what is printed is what works.
func welcome(ctx context.Context, st *stack, base, samEnvironment string, stdout io.Writer) error {
	status, answer, err := sample.Ask(ctx, base)
	if err != nil {
		return fmt.Errorf("the API does not answer: %w", err)
	}
	var curl strings.Builder
	for _, h := range sample.Header {
		fmt.Fprintf(&curl, " \\\n    -H '%s: %s'", h[0], h[1])
	}
	page := "Its reference, to read and to try out, is at " + base + "/"
	if st.noPage != nil {
		page = fmt.Sprintf("Its reference page is missing, as %v.", st.noPage)
	}
	fmt.Fprintf(stdout, `
pocket-devices serves %[1]s%[2]s
%[3]s
The sample request

  curl %[1]s%[2]s%[4]s \
    -d '%[5]s'

is answered with %[6]d

  %[7]s

DynamoDB is at %[8]s, the installation's stand-in at %[9]s%[10]s; it gives tokens at %[9]s%[11]s.
For sam local there is --env-vars %[12]s. Ctrl-C ends everything.

`, base, request.Path, page, curl.String(), sample.Body, status, answer, st.dynamodb, st.standin, standin.Path, standin.TokenPath, samEnvironment)
	return nil
}
