package installation

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pocket-devices/internal/principal"
)

// Whoever is taken for somebody is somebody, and the standard decoder reads the same associate and type.
func FuzzPrincipal(f *testing.F) {
	f.Add([]byte(`{"UserType":"InternalAssociate","Associate":"tje0","AssociateId":117,"FunctionRights":["admin-all"],"DatabaseContextIdentifier":"Cust12345"}`))
	f.Add([]byte(`{"UserType":"AnonymousAssociate","AssociateId":0,"Associate":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parse(body)
		if err != nil {
			if p.Associate != 0 {
				t.Errorf("beside the error %v there is %+v", err, p)
			}
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		var userType string
		if err := json.Unmarshal(want["UserType"], &userType); err != nil || strings.EqualFold(userType, "AnonymousAssociate") || p.SystemUser && !strings.HasPrefix(userType, "System") {
			t.Errorf("somebody of type %q is %+v", userType, p)
		}
		if p.Associate < 1 || string(want["AssociateId"]) != p.Associate.String() {
			t.Errorf("the associate is %s, not %v", want["AssociateId"], p.Associate)
		}
	})
}

func TestAnonymousIsNobodyWhateverElse(t *testing.T) {
	if _, err := parse([]byte(`{"UserType":"AnonymousAssociate","AssociateId":5,"Associate":""}`)); !errors.Is(err, principal.ErrUnknown) {
		t.Errorf("parse: %v", err)
	}
}
