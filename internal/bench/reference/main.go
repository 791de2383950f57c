// Command reference is the least that a Lambda function before DynamoDB can do: for each event one signed POST, whose answer it throws away. No
// function that asks DynamoDB can be much below it.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// query is what get-registered-devices asks, of any associate.
const query = `{"ConsistentRead":true,"ExpressionAttributeNames":{"#a":"AssociateId"},"ExpressionAttributeValues":{":a":{"N":"117"}},` +
	`"KeyConditionExpression":"#a = :a","TableName":"devices"}`

type handler struct {
	signer      *v4.Signer
	credentials aws.Credentials
	endpoint    string
}

func (h handler) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.endpoint, bytes.NewReader([]byte(query)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.Query")
	sum := sha256.Sum256([]byte(query))
	if err := h.signer.SignHTTP(ctx, h.credentials, req, hex.EncodeToString(sum[:]), "dynamodb", os.Getenv("AWS_REGION"), time.Now()); err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return []byte("null"), err
}

func main() {
	lambda.Start(handler{
		v4.NewSigner(),
		aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")},
		os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"),
	})
}
