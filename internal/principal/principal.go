// Package principal is whom the authorizer deals with: the credential that a caller shows, and the principal that a source knows by it.
//
// Begin with [ParseCredential]. Two packages are sources: installation, which passes a credential on, and openid, which verifies it.
package principal

import (
	"errors"
	"time"

	"pocket-devices/internal/pocket"
)

// ErrUnknown says that a source knows nobody by a credential: it is wrong, expired, or somebody's who is nobody here. The caller should
// sign in again (C-33). Every other error of a source says that it could not find out.
var ErrUnknown = errors.New("nobody is known by this credential")

// Principal is who somebody is, as far as it matters here (C-31, C-35).
type Principal struct {
	Associate         pocket.AssociateID
	Name              string    // to write into the audit line
	ContextIdentifier string    // of the installation, such as Cust12345; empty where the source names none
	Administrator     bool      // may administer the installation
	SystemUser        bool      // is a program
	Expires           time.Time // when it is no longer known by this credential; zero where the source does not say
}
