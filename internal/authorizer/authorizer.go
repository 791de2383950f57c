// Package authorizer decides who may call the API: the handler of the function authorizer, a REQUEST authorizer of API Gateway.
//
// Begin with [Authorizer.Invoke]. It takes the credential out of the request, asks a source whose it is, and answers with a policy
// for the one route and with what the function needs to know of the caller (C-36).
package authorizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"pocket-devices/internal/apigateway"
	"pocket-devices/internal/guard"
	"pocket-devices/internal/identity"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/principal"
	"pocket-devices/internal/request"
)

// Source says whose a credential is: an installation of package installation, or an issuer of package openid. It is safe for concurrent use.
type Source interface {
	// Principal returns who showed the credential. The error wraps [principal.ErrUnknown] where nobody is known by it; any other says that it
	// could not be found out (C-33). None holds a part of the credential.
	Principal(context.Context, principal.Credential) (principal.Principal, error)
	// WarmUp makes ready what the first question needs. An error says why it is not, and the first question then does it.
	WarmUp(context.Context) error
}

// Config is what an operator decides. At least one of the sources is set.
type Config struct {
	Installation          Source        // is asked about all but the issuer's tokens (INSTALLATION_URL)
	Issuer                Source        // is asked about bearer tokens that have the form of its own (OIDC_ISSUER)
	ContextIdentifier     string        // of the one installation whose callers are let in, such as Cust12345; empty is any (CONTEXT_IDENTIFIER)
	ReadAllAdministrators bool          // administrators may read everybody's devices (READ_ALL_ADMINISTRATORS, C-31)
	ReadAllSystemUsers    bool          // system users may (READ_ALL_SYSTEM_USERS, C-31)
	CacheSpan             time.Duration // how long a principal is kept, 0 to 60 s (PRINCIPAL_CACHE_SECONDS, C-34)
}

// Authorizer answers authorizer events. It is safe for concurrent use.
type Authorizer struct {
	config Config
	cache  *cache
	log    *slog.Logger
}

var _ lambda.Handler = (*Authorizer)(nil)

// New returns an authorizer as config describes it.
func New(config Config, log *slog.Logger) *Authorizer {
	return &Authorizer{config, newCache(config.CacheSpan), log}
}

// maxWarmUp bounds [Authorizer.WarmUp].
const maxWarmUp = time.Second

// WarmUp has the sources make ready what the first question needs, so that the first caller does not wait for a connection and for the root
// certificates, which costs sixty times as much as a decision. It takes a second at the most, and a failure changes nothing but that.
func (a *Authorizer) WarmUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, maxWarmUp)
	defer cancel()
	for _, source := range []Source{a.config.Installation, a.config.Issuer} {
		if source == nil {
			continue
		}
		if err := source.WarmUp(ctx); err != nil {
			a.log.WarnContext(ctx, "warm-up", "cause", err.Error())
		}
	}
}

// remainder is how long a principal must still be known when it is let in. If it expired on the way from here to the function, that would
// find its context not valid, and call the operator (C-21).
const remainder = 5 * time.Second

// The errors that API Gateway gets. It answers the first with 401, by its exact text, and every other with 500 (C-33). Lambda writes
// them into the log, so they tell nothing; the cause is in the audit line.
var (
	errUnauthorized = errors.New("Unauthorized") //nolint:staticcheck // the text is API Gateway's
	errFailure      = errors.New("the caller could not be established")
)

// Invoke answers one event with a policy that allows the route, or with an error. Whatever the outcome, it writes one audit line (C-44).
func (a *Authorizer) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	d := decision{received: time.Now()}
	answer, err := a.decide(ctx, payload, &d)
	d.report(ctx, a.log, err)
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, errUnauthorized):
		return nil, errUnauthorized
	}
	return nil, errFailure
}

// decide answers one event: route, credential, source, principal, caller, policy. An error wraps errUnauthorized where the caller is nobody
// that is known here; any other is a failure to find out. What becomes known on the way is noted in d, which nothing here reads.
func (a *Authorizer) decide(ctx context.Context, payload []byte, d *decision) (answer []byte, err error) {
	defer guard.Panic(&err)
	event, err := apigateway.DecodeAuthorizerRequest(payload)
	if err != nil {
		return nil, err
	}
	d.request = event.ID
	method, err := checkMethod(event.MethodARN)
	if err != nil {
		return nil, err
	}
	credential, err := principal.ParseCredential(event.Header)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnauthorized, err)
	}
	source, name, scheme := a.source(credential)
	d.source, d.caller.Scheme = name, scheme
	if source == nil {
		return nil, fmt.Errorf("%w: there is no installation to ask about this scheme", errUnauthorized)
	}
	p, cached, err := a.cache.principal(credential, func() (principal.Principal, error) { return source.Principal(ctx, credential) })
	d.cached = cached
	switch {
	case errors.Is(err, principal.ErrUnknown):
		return nil, fmt.Errorf("%w: %w", errUnauthorized, err)
	case err != nil:
		return nil, err
	}
	caller := a.caller(p, scheme)
	d.caller = caller
	if err := a.checkPrincipal(p, time.Now()); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnauthorized, err)
	}
	return apigateway.EncodeAllow(caller.Name, method, identity.Context(caller, p.Expires)), nil
}

// checkMethod reads what API Gateway asks about, which must be the one route (C-36). A slash behind the path is routed there too, and is in
// what is asked about, so refusing it would let anybody make the authorizer fail.
func checkMethod(arn string) (apigateway.MethodARN, error) {
	method, err := apigateway.ParseMethodARN(arn)
	if err != nil {
		return method, err
	}
	if method.Method != request.Method || strings.TrimSuffix(method.Path, "/") != request.Path {
		return method, errors.New("the methodArn is of another route")
	}
	return method, nil
}

// source returns the one source that the credential is for, the source's name in the audit line, and by which scheme it is asked; no source
// where there is none. There is no second try with the other: what the one refuses is refused.
func (a *Authorizer) source(c principal.Credential) (s Source, name, scheme string) {
	_, isJWT := c.JWT()
	switch {
	case isJWT && a.config.Issuer != nil:
		return a.config.Issuer, "oidc", "oidc" // it came as bearer, as the installation's own tokens do
	case a.config.Installation != nil:
		return a.config.Installation, "installation", c.Scheme
	}
	return nil, "", c.Scheme
}

// caller is what a principal is to the function. Who may read everybody's devices, the operator says (C-31).
func (a *Authorizer) caller(p principal.Principal, scheme string) pocket.Caller {
	return pocket.Caller{
		Name:              p.Name,
		Associate:         p.Associate,
		ContextIdentifier: p.ContextIdentifier,
		CanReadAll:        a.config.ReadAllAdministrators && p.Administrator || a.config.ReadAllSystemUsers && p.SystemUser,
		Scheme:            scheme,
	}
}

// checkPrincipal says why a principal that its source knows is nobody here at now.
func (a *Authorizer) checkPrincipal(p principal.Principal, now time.Time) error {
	switch {
	case a.config.ContextIdentifier != "" && p.ContextIdentifier != a.config.ContextIdentifier:
		return errors.New("a principal of another installation")
	case !p.Expires.IsZero() && !now.Add(remainder).Before(p.Expires):
		return errors.New("what the principal is known by has expired")
	}
	return nil
}

// decision is what has become known of one decision, for its audit line.
type decision struct {
	received time.Time
	request  string        // API Gateway's request id
	source   string        // the name of the source that the credential was for; empty where there was none
	cached   bool          // the source was not asked again
	caller   pocket.Caller // as far as it is known
}

// report writes the audit line. It holds no part of a credential, and no hash of one.
func (d *decision) report(ctx context.Context, log *slog.Logger, err error) {
	outcome, level := "authorized", slog.LevelInfo
	switch {
	case errors.Is(err, errUnauthorized):
		outcome = "unauthorized"
	case err != nil:
		outcome, level = "failed", slog.LevelError
	}
	attributes := []slog.Attr{
		slog.String("outcome", outcome),
		slog.String("source", d.source),
		slog.String("authScheme", d.caller.Scheme),
		slog.String("principal", d.caller.Name),
		slog.Int64("actor", int64(d.caller.Associate)),
		slog.String("contextIdentifier", d.caller.ContextIdentifier),
		slog.Bool("canReadAll", d.caller.CanReadAll),
		slog.Bool("cached", d.cached),
		slog.String("apiRequestId", d.request),
		slog.Float64("durationMs", float64(time.Since(d.received).Microseconds())/1000),
	}
	if err != nil {
		attributes = append(attributes, slog.String("cause", err.Error()))
	}
	log.LogAttrs(ctx, level, "audit", attributes...)
}
