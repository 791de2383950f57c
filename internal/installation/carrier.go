package installation

import (
	"errors"
	"fmt"
	"slices"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/principal"
	"pocket-devices/internal/strictjson"
)

// carrier is the members of SuperOffice's SoPrincipalCarrier, the answer of currentPrincipal, that matter here (C-31).
type carrier struct {
	associate         pocket.AssociateID // AssociateId
	name              string             // Associate: the name that the user signs in with
	userType          string             // UserType, such as InternalAssociate
	functionRights    []string           // FunctionRights, such as admin-all
	contextIdentifier string             // DatabaseContextIdentifier, such as Cust12345; empty where the installation names none
}

// The names of the members, each of which an answer may have once, in one spelling.
const (
	associateID               = "AssociateId"
	associate                 = "Associate"
	userType                  = "UserType"
	functionRights            = "FunctionRights"
	databaseContextIdentifier = "DatabaseContextIdentifier"
)

var members = []string{associateID, associate, userType, functionRights, databaseContextIdentifier}

// maxDepth is how deep an answer may nest. SuperOffice's nests five deep: a licence's field properties.
const maxDepth = 16

// parse reads the answer of currentPrincipal. An anonymous user is nobody: [principal.ErrUnknown]. What is missing, given twice or
// of the wrong type makes the answer no principal at all. Errors never hold what was answered.
func parse(body []byte) (principal.Principal, error) {
	var c carrier
	var seen []string
	err := strictjson.Object(body, maxDepth, func(name string, value strictjson.Value) error {
		i := slices.IndexFunc(members, func(m string) bool { return ascii.EqualFold(name, m) })
		if i < 0 {
			return nil
		}
		if slices.Contains(seen, members[i]) {
			return fmt.Errorf("%s is given twice", members[i])
		}
		seen = append(seen, members[i])
		if name != members[i] || !c.set(name, value) {
			return fmt.Errorf("%s has another form than it must", members[i])
		}
		return nil
	})
	switch {
	case err != nil:
		return principal.Principal{}, fmt.Errorf("the installation's answer is no principal: %w", err)
	case ascii.EqualFold(c.userType, "AnonymousAssociate"):
		return principal.Principal{}, fmt.Errorf("%w: an anonymous user", principal.ErrUnknown)
	case c.associate == 0 || c.name == "" || c.userType == "":
		return principal.Principal{}, errors.New("the installation's answer is no principal: AssociateId, Associate or UserType is missing")
	}
	return principal.Principal{
		Associate:         c.associate,
		Name:              c.name,
		ContextIdentifier: c.contextIdentifier,
		Administrator:     slices.Contains(c.functionRights, "admin-all"),
		SystemUser:        c.userType == "SystemUser" || c.userType == "SystemAssociate", // as SuperOffice's own client spells it
	}, nil
}

// set reads one member and reports whether it has the form that it must.
func (c *carrier) set(name string, value strictjson.Value) (ok bool) {
	isNull := value.Kind() == 'n'
	switch name {
	case associateID:
		if string(value) == "0" { // an anonymous user's; nobody else's is taken
			return true
		}
		var err error
		c.associate, err = pocket.ParseAssociateID(string(value))
		return err == nil
	case associate:
		c.name, ok = strictjson.PlainText(value)
	case userType:
		c.userType, ok = strictjson.PlainText(value)
	case databaseContextIdentifier:
		if ok = isNull; !ok {
			c.contextIdentifier, ok = strictjson.PlainText(value)
		}
	case functionRights:
		if ok = isNull; !ok {
			c.functionRights, ok = strictjson.Texts(value)
		}
	}
	return ok
}
