// Command idiomatic is the endpoint as it is usually written first: the events' types, LoadDefaultConfig, the paginator and attributevalue. It
// does what get-registered-devices does for a request that is right, without its refusals. It is a module of its own, so that nothing
// of what it needs reaches the one that is deployed.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type device struct {
	DeviceName       string
	DeviceIdentifier string
	PocketVersion    string
	Language         string
	PNSHandle        string
	Platform         string
	OSVersion        string
	ExpiresAt        int64 `json:"-"`
}

type handler struct {
	client *dynamodb.Client
	table  string
}

func (h handler) handle(ctx context.Context, request events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	var asked struct{ AssociateId int }
	if err := json.Unmarshal([]byte(request.Body), &asked); err != nil {
		return refuse(http.StatusBadRequest)
	}
	caller := request.RequestContext.Authorizer
	if caller["associateId"] != strconv.Itoa(asked.AssociateId) && caller["canReadAll"] != "true" {
		return refuse(http.StatusForbidden)
	}
	pages := dynamodb.NewQueryPaginator(h.client, &dynamodb.QueryInput{
		TableName:              &h.table,
		KeyConditionExpression: aws.String("AssociateId = :associate"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":associate": &types.AttributeValueMemberN{Value: strconv.Itoa(asked.AssociateId)},
		},
		ConsistentRead: aws.Bool(true),
	})
	devices := []device{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return refuse(http.StatusInternalServerError)
		}
		var read []device
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &read); err != nil {
			return refuse(http.StatusInternalServerError)
		}
		for _, d := range read {
			if d.ExpiresAt == 0 || d.ExpiresAt > time.Now().Unix() {
				devices = append(devices, d)
			}
		}
	}
	body, err := json.Marshal(devices)
	if err != nil {
		return refuse(http.StatusInternalServerError)
	}
	log.Printf("%v reads %d devices of %d", caller["associateId"], len(devices), asked.AssociateId)
	return events.APIGatewayProxyResponse{
		StatusCode: http.StatusOK,
		Headers:    map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"},
		Body:       string(body),
	}, nil
}

func refuse(status int) (events.APIGatewayProxyResponse, error) {
	return events.APIGatewayProxyResponse{StatusCode: status, Body: fmt.Sprintf(`{"message":%q}`, http.StatusText(status))}, nil
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(handler{dynamodb.NewFromConfig(cfg), os.Getenv("DEVICES_TABLE")}.handle)
}
