package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"pocket-devices/internal/authorizer"
	"pocket-devices/internal/installation"
	"pocket-devices/internal/openid"
)

// configure returns the handler that the variables describe, with connections to its sources where they could be had; an empty variable is
// one that is not set. Their names stand beside the fields of [authorizer.Config] and of [openid.Config]. The error names the variable that is
// at fault, in one sentence.
//
// Lambda, too, drops the lines that are below AWS_LAMBDA_LOG_LEVEL, so a level that would lose the audit lines is an error (C-44).
//
// An issuer may sign for many installations, and an associate's number means nothing outside its own (C-25): with OIDC_ISSUER,
// CONTEXT_IDENTIFIER is required.
func configure(ctx context.Context, getenv func(string) string, log *slog.Logger) (*authorizer.Authorizer, error) {
	switch level := getenv("AWS_LAMBDA_LOG_LEVEL"); level {
	case "", "TRACE", "DEBUG", "INFO":
	default:
		return nil, fmt.Errorf("AWS_LAMBDA_LOG_LEVEL must be INFO at the most, the level of the audit lines, and is %s", level)
	}
	e := environment{get: getenv}
	config := authorizer.Config{
		ContextIdentifier:     getenv("CONTEXT_IDENTIFIER"),
		ReadAllAdministrators: e.boolean("READ_ALL_ADMINISTRATORS"),
		ReadAllSystemUsers:    e.boolean("READ_ALL_SYSTEM_USERS"),
		CacheSpan:             e.seconds("PRINCIPAL_CACHE_SECONDS", authorizer.MaxCacheSpan),
	}
	if address := getenv("INSTALLATION_URL"); address != "" {
		source, err := installation.New(address)
		if err != nil {
			e.fault(fmt.Errorf("INSTALLATION_URL: %w", err))
		}
		config.Installation = source
	}
	if e.hasIssuer() {
		issuer, err := openid.New(openid.Config{
			Issuer:             getenv("OIDC_ISSUER"),
			Audience:           getenv("OIDC_AUDIENCE"),
			MetadataURL:        getenv("OIDC_METADATA_URL"),
			AssociateClaim:     getenv("OIDC_ASSOCIATE_CLAIM"),
			ContextClaim:       getenv("OIDC_CONTEXT_CLAIM"),
			AdministratorClaim: getenv("OIDC_ADMINISTRATOR_CLAIM"),
		})
		if err != nil {
			e.fault(err)
		}
		if config.ContextIdentifier == "" {
			e.fault(errors.New("CONTEXT_IDENTIFIER is not set: OIDC_ISSUER needs it, as an issuer may sign for callers of other installations too"))
		}
		config.Issuer = issuer
	}
	if config.Installation == nil && config.Issuer == nil {
		e.fault(errors.New("neither INSTALLATION_URL nor OIDC_ISSUER is set: " +
			"one must say who can tell who a caller is, such as https://sod.superoffice.com/Cust12345"))
	}
	if e.err != nil {
		return nil, e.err
	}
	handler := authorizer.New(config, log)
	handler.WarmUp(ctx)
	return handler, nil
}

// environment reads variables and remembers the first that is at fault.
type environment struct {
	get func(string) string
	err error
}

func (e *environment) fault(err error) {
	if e.err == nil {
		e.err = err
	}
}

// hasIssuer reports whether there is to be an issuer. What else is said of one, without naming it, is a fault: it would be left unread.
func (e *environment) hasIssuer() bool {
	if e.get("OIDC_ISSUER") != "" {
		return true
	}
	for _, name := range []string{"OIDC_AUDIENCE", "OIDC_METADATA_URL", "OIDC_ASSOCIATE_CLAIM", "OIDC_CONTEXT_CLAIM", "OIDC_ADMINISTRATOR_CLAIM"} {
		if e.get(name) != "" {
			e.fault(fmt.Errorf("%s is set without OIDC_ISSUER, which names whose tokens it is about", name))
		}
	}
	return false
}

func (e *environment) boolean(name string) bool {
	switch e.get(name) {
	case "true":
		return true
	case "false", "":
	default:
		e.fault(fmt.Errorf("%s must be true or false", name))
	}
	return false
}

// seconds reads a whole number of seconds up to longest; none is 0.
func (e *environment) seconds(name string, longest time.Duration) time.Duration {
	text := e.get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 16)
	span := time.Duration(n) * time.Second
	if err != nil || span > longest {
		e.fault(fmt.Errorf("%s must be a whole number from 0 to %d", name, int(longest.Seconds())))
		return 0
	}
	return span
}
