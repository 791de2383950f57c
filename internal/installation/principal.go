package installation

import (
	"errors"
	"fmt"
	"slices"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/strictjson"
)

// Principal is who the installation says a caller is, as far as it matters here (C-31).
type Principal struct {
	Associate         pocket.AssociateID // AssociateId
	Name              string             // Associate: the name that the user signs in with
	UserType          string             // UserType, such as InternalAssociate
	FunctionRights    []string           // FunctionRights, such as admin-all
	ContextIdentifier string             // DatabaseContextIdentifier, such as Cust12345; empty where the installation names none
}

// IsAdministrator reports whether the principal may administer the installation.
func (p Principal) IsAdministrator() bool { return slices.Contains(p.FunctionRights, "admin-all") }

// IsSystemUser reports whether the principal is a program. SuperOffice's own client spells the type SystemAssociate.
func (p Principal) IsSystemUser() bool {
	return p.UserType == "SystemUser" || p.UserType == "SystemAssociate"
}

// maxDepth is how deep an answer may nest. SuperOffice's nests five deep: a licence's field properties.
const maxDepth = 16

// The members that are read, each of which an answer may have once, in one spelling.
const (
	associateID               = "AssociateId"
	associate                 = "Associate"
	userType                  = "UserType"
	functionRights            = "FunctionRights"
	databaseContextIdentifier = "DatabaseContextIdentifier"
)

var members = []string{associateID, associate, userType, functionRights, databaseContextIdentifier}

// parsePrincipal reads the answer of currentPrincipal. An anonymous user is nobody: [ErrUnauthorized]. What is missing, given twice or
// of the wrong type makes the answer no principal at all. Errors never hold what was answered.
func parsePrincipal(body []byte) (Principal, error) {
	var p Principal
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
		if name != members[i] || !p.set(name, value) {
			return fmt.Errorf("%s has another form than it must", members[i])
		}
		return nil
	})
	switch {
	case err != nil:
		return Principal{}, fmt.Errorf("the installation's answer is no principal: %w", err)
	case ascii.EqualFold(p.UserType, "AnonymousAssociate"):
		return Principal{}, ErrUnauthorized
	case p.Associate == 0 || p.Name == "" || p.UserType == "":
		return Principal{}, errors.New("the installation's answer is no principal: AssociateId, Associate or UserType is missing")
	}
	return p, nil
}

// set reads one member and reports whether it has the form that it must.
func (p *Principal) set(name string, value strictjson.Value) (ok bool) {
	isNull := value.Kind() == 'n'
	switch name {
	case associateID:
		if string(value) == "0" { // an anonymous user's; nobody else's is taken
			return true
		}
		var err error
		p.Associate, err = pocket.ParseAssociateID(string(value))
		return err == nil
	case associate:
		p.Name, ok = strictjson.PlainText(value)
	case userType:
		p.UserType, ok = strictjson.PlainText(value)
	case databaseContextIdentifier:
		if ok = isNull; !ok {
			p.ContextIdentifier, ok = strictjson.PlainText(value)
		}
	case functionRights:
		if ok = isNull; !ok {
			p.FunctionRights, ok = strictjson.Texts(value)
		}
	}
	return ok
}
