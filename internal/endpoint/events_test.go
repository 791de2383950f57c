package endpoint_test

import (
	"strings"
	"testing"
)

// Something that is no event of an API gets an answer all the same, whatever else reaches Lambda functions (C-45).
func TestNoEvent(t *testing.T) {
	tests := map[string]string{
		"nothing":       "",
		"null":          "null",
		"an object":     "{}",
		"an array":      "[]",
		"a number":      "1",
		"a text":        `"x"`,
		"half an event": "{",
		"two events":    "{}{}",
		"not UTF-8":     "{\"resource\":\"\xff\"}",
		"a warm-up":     `{"source":"serverless-plugin-warmup"}`,
		"a ping":        `{"ping":true}`,
		"a test event":  `{"key1":"value1","key2":"value2","key3":"value3"}`,
		"SQS": `{"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a","body":"{\"AssociateId\":118}",
			"attributes":{"ApproximateReceiveCount":"1"},"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q","awsRegion":"eu-west-1"}]}`,
		"SNS": `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:eu-west-1:123456789012:t:1","Sns":{"Type":"Notification","Message":"{\"AssociateId\":118}"}}]}`,
		"S3":  `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k","size":1}}}]}`,
		"EventBridge": `{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012",
			"time":"2026-11-23T10:15:29Z","region":"eu-west-1","resources":["arn:aws:events:eu-west-1:123456789012:rule/r"],"detail":{}}`,
		"a stream of DynamoDB's": `{"Records":[{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"AssociateId":{"N":"118"}},"NewImage":{"PNSHandle":{"S":"x"}}}}]}`,
		"Kinesis":                `{"Records":[{"kinesis":{"partitionKey":"k","data":"e30="},"eventSource":"aws:kinesis"}]}`,
		"CloudWatch Logs":        `{"awslogs":{"data":"H4sIAAAAAAAA"}}`,
		"a load balancer": `{"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1"}},"httpMethod":"POST",
			"path":"/api/v1/Agents/Pocket/GetRegisteredDevices","queryStringParameters":{},"headers":{"content-type":"application/json"},"body":"{\"AssociateId\":118}","isBase64Encoded":false}`,
		"a WebSocket":      `{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":"c","authorizer":{"associateId":"118"},"requestId":"r"},"body":"{\"AssociateId\":118}","isBase64Encoded":false}`,
		"the authorizer's": `{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/x","headers":{},"requestContext":{"requestId":"r"}}`,
		"6 MB":             `{"Records":["` + strings.Repeat("x", 6<<20) + `"]}`,
		"a million levels": strings.Repeat("[", 1_000_000),
	}
	for name, payload := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			got := invoke(t, store, []byte(payload))
			if got.status != 400 || !strings.Contains(got.body, `"ErrorType":"InvalidEvent"`) || got.header["X-Request-Id"] != "lambda-request" {
				t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
			}
			if len(store.Asked) > 0 {
				t.Error("it reached the store")
			}
		})
	}
}

// An event that is almost the sample, or of an API without an authorizer, lets nobody in: not by another case of a name, nor by a name that
// is there twice, nor by what stands beside it (C-21, C-23).
func TestAmbiguousEvents(t *testing.T) {
	const path = "/api/v1/Agents/Pocket/GetRegisteredDevices"
	event := string(marshal(t, sample(t)))
	replace := func(old, new string) string {
		changed := strings.Replace(event, old, new, 1)
		if changed == event {
			t.Fatalf("%s is not in the event", old)
		}
		return changed
	}
	const another = `{"associateId":"118","contextIdentifier":"Cust12345"}`
	tests := map[string]struct {
		payload string
		status  int
	}{
		"two authorizers":                  {replace(`"authorizer":{`, `"authorizer":`+another+`,"authorizer":{`), 400},
		"two authorizers, the second null": {replace(`"requestContext":{`, `"requestContext":{"authorizer":null,`), 400},
		"two contexts":                     {replace(`"requestContext":{`, `"requestContext":{},"requestContext":{`), 400},
		"two bodies":                       {replace(`"body":`, `"body":"{\"AssociateId\":118}","body":`), 400},
		"two routes":                       {replace(`"resource":`, `"resource":"/x","resource":`), 400},
		"two associates":                   {replace(`"associateId":"117"`, `"associateId":"117","associateId":"118"`), 401},
		"two cases of the associate":       {replace(`"associateId":"117"`, `"associateId":"117","AssociateID":"118"`), 401},
		"an associate in another case":     {replace(`"associateId":`, `"AssociateId":`), 401},
		"an authorizer in another case":    {replace(`"authorizer":{`, `"Authorizer":{`), 401},
		"a context in another case":        {replace(`"requestContext":{`, `"RequestContext":{`), 400},
		"an authorizer outside":            {replace(`"requestContext":{`, `"authorizer":`+another+`,"requestContext":{`), 200},
		"an authorizer of null":            {replace(`"authorizer":{`, `"authorizer":null,"x":{`), 401},
		"an authorizer in an array":        {replace(`"authorizer":{`, `"authorizer":[`+another+`],"x":{`), 401},
		"a context of null":                {`{"resource":"` + path + `","httpMethod":"POST","requestContext":null}`, 400},
		"a function URL": {`{"version":"2.0","routeKey":"$default","rawPath":"` + path + `","rawQueryString":"","headers":{"content-type":"application/json"},
			"requestContext":{"accountId":"anonymous","apiId":"u","http":{"method":"POST","path":"` + path + `"},"requestId":"r","routeKey":"$default","stage":"$default"},
			"body":"{\"AssociateId\":117}","isBase64Encoded":false}`, 401},
		"a function URL with an IAM identity": {`{"version":"2.0","routeKey":"$default","rawPath":"` + path + `","rawQueryString":"","headers":{"content-type":"application/json"},
			"requestContext":{"authorizer":{"iam":{"userArn":"arn:aws:iam::123456789012:user/x"}},"http":{"method":"POST","path":"` + path + `"},"requestId":"r"},
			"body":"{\"AssociateId\":117}"}`, 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			got := invoke(t, store, []byte(tt.payload))
			if got.status != tt.status || strings.Contains(got.body, canary+"b") {
				t.Errorf("answered with %d %s", got.status, got.body)
			}
			if asked := len(store.Asked) > 0; asked != (tt.status == 200) {
				t.Errorf("the store was asked for %v", store.Asked)
			}
		})
	}
}

// An HTTP API's event, payload format 2.0, is answered as a REST API's is (C-23).
func TestHTTPAPI(t *testing.T) {
	event := func(authorizer string) []byte {
		return []byte(`{"version":"2.0","routeKey":"POST /api/v1/Agents/Pocket/GetRegisteredDevices","rawQueryString":"%24select=Platform",` +
			`"headers":{"content-type":"application/json","accept":"application/json"},"requestContext":{"requestId":"the-request",` +
			`"http":{"method":"POST"},"authorizer":` + authorizer + `},"body":"eyJBc3NvY2lhdGVJZCI6MTE3fQ==","isBase64Encoded":true}`)
	}
	got := invoke(t, newStore(), event(`{"lambda":{"associateId":"117","contextIdentifier":"Cust12345"}}`))
	if got.status != 200 || !strings.Contains(got.body, `"PNSHandle":null,"Platform":"Apple"`) || got.header["X-Request-Id"] != "the-request" {
		t.Errorf("answered with %d %s %v", got.status, got.body, got.header)
	}
	for _, authorizer := range []string{`null`, `{"jwt":{"claims":{"associateId":"117"}}}`, `{"iam":{"userId":"117"}}`, `{"associateId":"117","contextIdentifier":"Cust12345"}`} {
		store := newStore()
		if got := invoke(t, store, event(authorizer)); got.status != 401 || len(store.Asked) > 0 {
			t.Errorf("with the authorizer %s, answered with %d %s", authorizer, got.status, got.body)
		}
	}
}
