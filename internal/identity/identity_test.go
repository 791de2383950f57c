package identity_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pocket-devices/internal/identity"
	"pocket-devices/internal/pocket"
)

var now = time.Unix(1_795_428_929, 0)

func TestParse(t *testing.T) {
	tests := []struct {
		name, context string
		want          pocket.Caller
	}{
		{
			"as API Gateway passes it on",
			`{"principalId":"tje0","associateId":"117","contextIdentifier":"Cust12345","canReadAll":"false","authScheme":"basic","integrationLatency":41}`,
			pocket.Caller{Name: "tje0", Associate: 117, ContextIdentifier: "Cust12345", Scheme: "basic"},
		},
		{"the least", `{"associateId":"117","contextIdentifier":"Cust12345"}`, pocket.Caller{Associate: 117, ContextIdentifier: "Cust12345"}},
		{"a number", `{"associateId":117,"contextIdentifier":"Cust12345"}`, pocket.Caller{Associate: 117, ContextIdentifier: "Cust12345"}},
		{"the largest", `{"associateId":"2147483647","contextIdentifier":"Cust12345"}`, pocket.Caller{Associate: 2147483647, ContextIdentifier: "Cust12345"}},
		{"reads all", `{"associateId":"1","contextIdentifier":"Cust12345","canReadAll":"TRUE"}`, pocket.Caller{Associate: 1, ContextIdentifier: "Cust12345", CanReadAll: true}},
		{"reads its own", `{"associateId":"1","contextIdentifier":"Cust12345","canReadAll":"False"}`, pocket.Caller{Associate: 1, ContextIdentifier: "Cust12345"}},
		{"has not expired", `{"associateId":"1","contextIdentifier":"Cust12345","exp":"1795428930"}`, pocket.Caller{Associate: 1, ContextIdentifier: "Cust12345"}},
		{"expires at a number", `{"associateId":"1","contextIdentifier":"Cust12345","exp":1795428930}`, pocket.Caller{Associate: 1, ContextIdentifier: "Cust12345"}},
		{"names of no meaning here", `{"associateId":"1","contextIdentifier":"Cust12345","claims":{"sub":["x"]},"Exp":"1"}`, pocket.Caller{Associate: 1, ContextIdentifier: "Cust12345"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := identity.Parse([]byte(tt.context), "Cust12345", now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever is not exactly a context lets nobody in (C-21).
func TestParseFailsClosed(t *testing.T) {
	with := func(members string) string { return `{"contextIdentifier":"Cust12345",` + members + `}` }
	tests := map[string]string{
		"null":                              `null`,
		"an empty object":                   `{}`,
		"an array":                          `[{"associateId":"117"}]`,
		"a string":                          `"117"`,
		"half an object":                    `{"associateId":"117"`,
		"no associate":                      `{"contextIdentifier":"Cust12345"}`,
		"another case of the name":          with(`"AssociateID":"117"`),
		"another case of the name, lower":   with(`"associateid":"117"`),
		"a letter that folds":               with(`"a\u017fsociateId":"117"`),
		"no digits":                         with(`"associateId":""`),
		"zero":                              with(`"associateId":"0"`),
		"signed":                            with(`"associateId":"+117"`),
		"negative":                          with(`"associateId":"-117"`),
		"padded with zeros":                 with(`"associateId":"0117"`),
		"padded with spaces":                with(`"associateId":" 117"`),
		"a list":                            with(`"associateId":"117,118"`),
		"a fraction":                        with(`"associateId":117.0`),
		"an exponent":                       with(`"associateId":1e2`),
		"too large":                         with(`"associateId":"2147483648"`),
		"an associate that is null":         with(`"associateId":null`),
		"an associate that is true":         with(`"associateId":true`),
		"an associate in an array":          with(`"associateId":["117"]`),
		"an associate in an object":         with(`"associateId":{"N":"117"}`),
		"two associates":                    with(`"associateId":"117","associateId":"118"`),
		"two equal associates":              with(`"associateId":"117","associateId":"117"`),
		"two cases of one name":             with(`"associateId":"117","AssociateId":"118"`),
		"two cases of a name of no meaning": with(`"associateId":"117","x":"1","X":"1"`),
		"an odd right":                      with(`"associateId":"117","canReadAll":"yes"`),
		"an empty right":                    with(`"associateId":"117","canReadAll":""`),
		"a padded right":                    with(`"associateId":"117","canReadAll":"true "`),
		"a right that is a number":          with(`"associateId":"117","canReadAll":1`),
		"a right that is no text":           with(`"associateId":"117","canReadAll":true`),
		"a right that is null":              with(`"associateId":"117","canReadAll":null`),
		"expired":                           with(`"associateId":"117","exp":"1795428928"`),
		"expired just now":                  with(`"associateId":"117","exp":"1795428929"`),
		"an odd time":                       with(`"associateId":"117","exp":"tomorrow"`),
		"a negative time":                   with(`"associateId":"117","exp":"-1"`),
		"a time beyond all":                 with(`"associateId":"117","exp":"9999999999999999999999"`),
		"a time that is null":               with(`"associateId":"117","exp":null`),
		"no context identifier":             `{"associateId":"117"}`,
		"an empty context identifier":       `{"associateId":"117","contextIdentifier":""}`,
		"another installation":              `{"associateId":"117","contextIdentifier":"Cust54321"}`,
		"another case of the identifier":    `{"associateId":"117","contextIdentifier":"cust12345"}`,
		"an identifier that is a number":    `{"associateId":"117","contextIdentifier":12345}`,
		"a line break in the principal":     with(`"associateId":"117","principalId":"a\nb"`),
		"a NUL in the scheme":               with(`"associateId":"117","authScheme":"a\u0000"`),
		"a control character beyond ASCII":  with(`"associateId":"117","principalId":"\u0085"`),
		"a principal that is no text":       with(`"associateId":"117","principalId":{}`),
		"too many names":                    with(`"associateId":"117"` + manyNames(64)),
		"nested too deeply":                 with(`"associateId":"117","x":` + strings.Repeat("[", 9) + strings.Repeat("]", 9)),
		"something after it":                with(`"associateId":"117"`) + `{}`,
		"a context of Cognito":              `{"claims":{"sub":"117","cognito:username":"tje0"}}`,
		"a context of an IAM identity":      `{"iam":{"accessKey":"AKIA","userArn":"arn:aws:iam::1:user/x"}}`,
		"a context of a JWT":                `{"jwt":{"claims":{"associateId":"117"},"scopes":null}}`,
	}
	for name, context := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := identity.Parse([]byte(context), "Cust12345", now)
			if !errors.Is(err, identity.ErrContext) {
				t.Fatalf("Parse = %+v, %v, want an error", got, err)
			}
			if got != (pocket.Caller{}) {
				t.Errorf("beside the error there is the caller %+v", got)
			}
		})
	}
	if got, err := identity.Parse(nil, "", now); !errors.Is(err, identity.ErrContext) {
		t.Errorf("no context: Parse = %+v, %v, want an error", got, err)
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"x%d":1`, i)
	}
	return b.String()
}

func TestParseOfAnyInstallation(t *testing.T) {
	for _, context := range []string{`{"associateId":"117"}`, `{"associateId":"117","contextIdentifier":"Cust54321"}`} {
		if _, err := identity.Parse([]byte(context), "", now); err != nil {
			t.Errorf("Parse(%s): %v", context, err)
		}
	}
}

// What the authorizer writes, the function reads, for as long as it holds: after API Gateway has put the principal beside it (C-20).
func TestContextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringMatching(`[^\p{Cc}]*`)
		want := pocket.Caller{
			Name:              plain.Draw(t, "principal"),
			Associate:         pocket.AssociateID(rapid.Int32Min(1).Draw(t, "associate")),
			ContextIdentifier: plain.Draw(t, "contextIdentifier"),
			CanReadAll:        rapid.Bool().Draw(t, "canReadAll"),
			Scheme:            plain.Draw(t, "scheme"),
		}
		var expires time.Time
		if rapid.Bool().Draw(t, "expires") {
			expires = now.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "seconds")) * time.Second)
		}
		context := map[string]string{"principalId": want.Name}
		for _, m := range identity.Context(want, expires) {
			context[m.Name] = m.Value
		}
		data, err := json.Marshal(context)
		if err != nil {
			t.Fatal(err)
		}
		got, err := identity.Parse(data, want.ContextIdentifier, now)
		if !expires.IsZero() && !now.Before(expires) {
			want = pocket.Caller{}
		}
		if (err == nil) != (want.Associate != 0) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// Whoever is let in is somebody, and the standard decoder reads the same associate.
func FuzzParse(f *testing.F) {
	f.Add(`{"principalId":"tje0","associateId":"117","contextIdentifier":"Cust12345","canReadAll":"false","authScheme":"basic","integrationLatency":41}`)
	f.Add(`{"associateId":117,"exp":9999999999}`)
	f.Fuzz(func(t *testing.T, context string) {
		caller, err := identity.Parse([]byte(context), "", now)
		if err != nil {
			return
		}
		var want map[string]any
		d := json.NewDecoder(strings.NewReader(context))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(want["associateId"]); caller.Associate < 1 || got != caller.Associate.String() {
			t.Errorf("the associate is %v, not %v", got, caller.Associate)
		}
		if caller.CanReadAll && !strings.EqualFold(fmt.Sprint(want["canReadAll"]), "true") {
			t.Errorf("%v reads all", want)
		}
	})
}
