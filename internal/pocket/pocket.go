// Package pocket is the domain of this project: the devices that associates sign in on, and the rule who may read whose.
// It knows nothing of HTTP, AWS or JSON.
//
// Begin with [Registry.Devices]. It is the only way to a device, it decides before it reads, and it leaves an audit line.
package pocket

import (
	"errors"
	"strconv"
)

// AssociateID identifies an associate, a user of the CRM, within one installation (C-25). It ranges from 1 to 2147483647.
type AssociateID int32

var errAssociateID = errors.New("not an integer from 1 to 2147483647 in canonical decimal digits")

// ParseAssociateID reads canonical decimal digits: no sign, no space, no leading zero (C-3, C-20). The error never holds s.
func ParseAssociateID(s string) (AssociateID, error) {
	if s == "" || s[0] < '1' || s[0] > '9' { // ParseInt would take a sign or a leading zero
		return 0, errAssociateID
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, errAssociateID
	}
	return AssociateID(n), nil
}

// String returns the form that [ParseAssociateID] reads.
func (id AssociateID) String() string { return strconv.FormatInt(int64(id), 10) }

// Device is one phone or tablet that an associate has signed in on. A nil property is one that the store does not have;
// it is not the same as an empty one (C-9).
type Device struct {
	DeviceName       *string     // a name to show, such as "Bobbys iPhone 5S"
	DeviceIdentifier *string     // unique among the devices of one associate
	PocketVersion    *string     // the app's version, such as "8.0.37"
	Language         *string     // the language that notifications are translated into
	PNSHandle        *PushHandle // what a push service addresses the device by
	Platform         *string     // Apple, Google, Microsoft, AppleDeveloper, AppleAdHoc or GoogleDeveloper (C-10)
	OSVersion        *string     // such as "iOS v10.2"
}

// Caller is who asks, as the authorizer established it (C-20). The zero Caller may read nothing.
type Caller struct {
	Name              string      // to write into the audit line; may be empty
	Associate         AssociateID // who it is
	ContextIdentifier string      // of the installation, such as Cust12345; may be empty
	CanReadAll        bool        // may read every associate's devices
	Scheme            string      // how the caller showed who it is, such as basic; may be empty
}

// MayRead reports whether c may see the devices of target: its own, or anybody's if it can read all (C-22).
func (c Caller) MayRead(target AssociateID) bool {
	return c.Associate > 0 && target > 0 && (c.CanReadAll || c.Associate == target)
}
