package apigateway_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

// unknown are the members of requestContext that API Gateway sends, and that not every type of aws-lambda-go has.
var unknown = []string{
	".requestContext.deploymentId", ".requestContext.domainName", ".requestContext.domainPrefix", ".requestContext.extendedRequestId",
	".requestContext.identity.userAgent", ".requestContext.protocol", ".requestContext.requestTime", ".requestContext.requestTimeEpoch",
}

// A sample event is as API Gateway sends it: read into its type of aws-lambda-go and written again it has every member and every value that it
// had, but for what the type does not know.
func TestSamplesRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../../events/*.json")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var sample map[string]any
			if err := json.Unmarshal(data, &sample); err != nil {
				t.Fatal(err)
			}
			var typed any = &events.APIGatewayProxyRequest{}
			switch {
			case sample["type"] == "REQUEST":
				typed = &events.APIGatewayCustomAuthorizerRequestTypeRequest{}
			case sample["version"] == "2.0":
				typed = &events.APIGatewayV2HTTPRequest{}
			}
			if err := json.Unmarshal(data, typed); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(typed)
			if err != nil {
				t.Fatal(err)
			}
			var written map[string]any
			if err := json.Unmarshal(again, &written); err != nil {
				t.Fatal(err)
			}
			got, want := leaves("", written), leaves("", sample)
			for path, value := range want {
				if _, ok := got[path]; !ok && slices.Contains(unknown, path) {
					got[path] = value
				}
			}
			maps.DeleteFunc(got, func(path string, value any) bool { return value == "" && want[path] == nil }) // which some types do not leave out
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-sample +written again:\n%s", diff)
			}
		})
	}
}

// leaves returns what a JSON value holds that is no object, by its path, but for null and false, which the types leave out.
func leaves(path string, value any) map[string]any {
	all := map[string]any{}
	object, ok := value.(map[string]any)
	if !ok && value != nil && value != false {
		all[path] = value
	}
	for name, member := range object {
		maps.Copy(all, leaves(path+"."+name, member))
	}
	return all
}
