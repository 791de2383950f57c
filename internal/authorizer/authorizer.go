// Package authorizer decides who may call the API: the handler of the function authorizer, a REQUEST authorizer of API Gateway.
//
// Begin with [Authorizer.Invoke]. It takes the credentials out of the request, asks the installation whose they are, and
// answers with a policy for the one route and with what the function needs to know of the caller (C-36).
package authorizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/identity"
	"pocket-devices/internal/installation"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/request"
)

// Source says whose credentials are. [installation.Installation] is one.
type Source interface {
	// Principal returns who showed the credentials, or an error: [installation.ErrUnauthorized] where nobody is known by them.
	Principal(context.Context, installation.Credentials) (installation.Principal, error)
}

var _ Source = (*installation.Installation)(nil)

// Config is what an operator decides.
type Config struct {
	Installation          string // the installation's own name, such as Cust12345; empty takes every one's (CONTEXT_IDENTIFIER)
	ReadAllAdministrators bool   // administrators may read everybody's devices (READ_ALL_ADMINISTRATORS, C-31)
	ReadAllSystemUsers    bool   // system users may (READ_ALL_SYSTEM_USERS, C-31)
}

// Authorizer answers authorizer events.
type Authorizer struct {
	source Source
	config Config
	log    *slog.Logger
}

var _ lambda.Handler = (*Authorizer)(nil)

// New returns an authorizer that asks source.
func New(source Source, config Config, log *slog.Logger) *Authorizer {
	return &Authorizer{source, config, log}
}

// The errors that API Gateway gets. It answers the first with 401, by its exact text, and every other with 500 (C-33). Lambda writes
// them into the log, so they tell nothing; the cause is in a line of our own.
var (
	errUnauthorized = errors.New("Unauthorized") //nolint:staticcheck // the text is API Gateway's
	errFailure      = errors.New("the caller could not be established")
)

// Invoke answers one event with a policy that allows the route, or with an error. A panic is an error too: the runtime would write what it
// holds into the log, which may be a credential.
func (a *Authorizer) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			stack := debug.Stack()
			a.log.ErrorContext(ctx, "failed", "cause", fmt.Sprintf("panic of type %T at %s", v, stack[:min(len(stack), 2048)]))
			answer, err = nil, errFailure
		}
	}()
	event, err := apigateway.DecodeAuthorizerRequest(payload)
	if err != nil {
		a.log.ErrorContext(ctx, "failed", "cause", err.Error())
		return nil, errFailure
	}
	log := a.log.With("apiRequestId", event.ID)
	method, err := checkMethod(event.MethodARN)
	if err != nil {
		log.ErrorContext(ctx, "failed", "cause", err.Error())
		return nil, errFailure
	}
	caller, err := a.caller(ctx, event.Header)
	switch {
	case errors.Is(err, errUnauthorized):
		log.InfoContext(ctx, "audit", "outcome", "unauthorized", "authScheme", caller.Scheme, "cause", err.Error())
		return nil, errUnauthorized
	case err != nil:
		log.ErrorContext(ctx, "audit", "outcome", "failed", "authScheme", caller.Scheme, "cause", err.Error())
		return nil, errFailure
	}
	log.InfoContext(ctx, "audit", "outcome", "authorized", "authScheme", caller.Scheme, "principal", caller.Principal,
		"actor", int64(caller.Associate), "contextIdentifier", caller.Context, "canReadAll", caller.CanReadAll)
	return apigateway.EncodeAllow(caller.Principal, method, identity.Context(caller)), nil
}

// checkMethod reads what API Gateway asks about, which must be the one route (C-36).
func checkMethod(arn string) (apigateway.MethodARN, error) {
	method, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		return method, err
	}
	if method.Method != request.Method || method.Path != request.Path {
		return method, errors.New("the methodArn is of another route")
	}
	return method, nil
}

// caller establishes who sent a request with that header. Errors are wrapped around errUnauthorized where it was nobody that is
// known. The scheme is set as soon as it is known, also beside an error.
func (a *Authorizer) caller(ctx context.Context, header apigateway.Header) (pocket.Caller, error) {
	c, scheme, err := credentials(header)
	if err != nil {
		return pocket.Caller{}, fmt.Errorf("%w: %w", errUnauthorized, err)
	}
	p, err := a.source.Principal(ctx, c)
	switch {
	case errors.Is(err, installation.ErrUnauthorized):
		return pocket.Caller{Scheme: scheme}, fmt.Errorf("%w: %w", errUnauthorized, err)
	case err != nil:
		return pocket.Caller{Scheme: scheme}, err
	case a.config.Installation != "" && p.ContextIdentifier != a.config.Installation:
		return pocket.Caller{Scheme: scheme}, fmt.Errorf("%w: a principal of another installation", errUnauthorized)
	}
	return pocket.Caller{
		Principal:  p.Name,
		Associate:  p.Associate,
		Context:    p.ContextIdentifier,
		CanReadAll: a.config.ReadAllAdministrators && p.IsAdministrator() || a.config.ReadAllSystemUsers && p.IsSystemUser(),
		Scheme:     scheme,
	}, nil
}
