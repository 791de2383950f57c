// Package identity is what the authorizer tells the function of the caller: the names and forms of the authorizer context
// (C-20). The authorizer writes it with [Context], the function reads it with [Parse], and neither spells a name itself.
//
// Begin with [Parse].
package identity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/ascii"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/strictjson"
)

// The names of the context, matched exactly (C-21). API Gateway adds the first by itself.
const (
	principalID       = "principalId"
	associateID       = "associateId"
	contextIdentifier = "contextIdentifier"
	canReadAll        = "canReadAll"
	authScheme        = "authScheme"
	exp               = "exp"
)

// A context may nest maxDepth deep and have maxNames names. API Gateway's own are flat and short; a Cognito context nests claims.
const (
	maxDepth = 8
	maxNames = 64
)

// ErrContext is wrapped by every error of [Parse].
var ErrContext = errors.New("the authorizer context is not valid")

// Context returns the context of caller, for an authorizer's answer; the principal goes beside it. It holds until expires, and for
// ever where that is zero.
func Context(caller pocket.Caller, expires time.Time) []apigateway.Member {
	members := []apigateway.Member{
		{Name: associateID, Value: caller.Associate.String()},
		{Name: contextIdentifier, Value: caller.ContextIdentifier},
		{Name: canReadAll, Value: strconv.FormatBool(caller.CanReadAll)},
		{Name: authScheme, Value: caller.Scheme},
	}
	if !expires.IsZero() {
		members = append(members, apigateway.Member{Name: exp, Value: strconv.FormatInt(expires.Unix(), 10)})
	}
	return members
}

// Parse reads the authorizer context of an event, a JSON object, and fails closed (C-21): whatever is missing, of another form, expired
// at now, or ambiguous is an error. Where ownContextIdentifier is not empty, the context must have exactly it. The error says which
// name was at fault and never what stood there.
func Parse(context []byte, ownContextIdentifier string, now time.Time) (pocket.Caller, error) {
	if context == nil {
		return pocket.Caller{}, fmt.Errorf("%w: there is none", ErrContext)
	}
	var caller pocket.Caller
	names := make([]string, 0, 8) // as many as there are, as a rule
	err := strictjson.Object(context, maxDepth, func(name string, value strictjson.Value) error {
		if len(names) == maxNames {
			return errors.New("it has too many names")
		}
		for _, other := range names {
			if strings.EqualFold(name, other) {
				return errors.New("two names differ only in case")
			}
		}
		names = append(names, name)
		if err := set(&caller, name, value, now); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	switch {
	case err != nil:
		return pocket.Caller{}, fmt.Errorf("%w: %w", ErrContext, err)
	case caller.Associate == 0:
		return pocket.Caller{}, fmt.Errorf("%w: %s is missing", ErrContext, associateID)
	case ownContextIdentifier != "" && caller.ContextIdentifier != ownContextIdentifier:
		return pocket.Caller{}, fmt.Errorf("%w: %s is missing, or another installation's", ErrContext, contextIdentifier)
	}
	return caller, nil
}

// set reads one member into caller. A name of no meaning here is left alone, whatever its value.
func set(caller *pocket.Caller, name string, value strictjson.Value, now time.Time) (err error) {
	switch name {
	case principalID:
		caller.Name, err = text(value)
	case contextIdentifier:
		caller.ContextIdentifier, err = text(value)
	case authScheme:
		caller.Scheme, err = text(value)
	case associateID:
		digits, ok := strictjson.TextOrNumber(value)
		if !ok {
			return errForm
		}
		caller.Associate, err = pocket.ParseAssociateID(digits)
	case canReadAll:
		caller.CanReadAll, err = boolean(value)
	case exp:
		digits, ok := strictjson.TextOrNumber(value)
		if !ok {
			return errForm
		}
		var seconds uint64
		if seconds, err = strconv.ParseUint(digits, 10, 62); err != nil {
			return errForm
		}
		if now.Unix() >= int64(seconds) {
			return errors.New("is past")
		}
	}
	return err
}

var errForm = errors.New("has another form than it must")

func text(value strictjson.Value) (string, error) {
	s, ok := strictjson.PlainText(value)
	if !ok {
		return "", errForm
	}
	return s, nil
}

func boolean(value strictjson.Value) (bool, error) {
	s, ok := strictjson.Text(value)
	switch {
	case ok && ascii.EqualFold(s, "true"):
		return true, nil
	case ok && ascii.EqualFold(s, "false"):
		return false, nil
	}
	return false, errForm
}
