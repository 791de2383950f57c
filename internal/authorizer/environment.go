package authorizer

import (
	"errors"
	"fmt"
	"log/slog"

	"pocket-devices/internal/installation"
)

// FromEnvironment returns the authorizer that the variables INSTALLATION_URL (required), CONTEXT_IDENTIFIER, READ_ALL_ADMINISTRATORS
// and READ_ALL_SYSTEM_USERS describe; an empty variable is one that is not set. The error names the variable that is at fault.
func FromEnvironment(getenv func(string) string, log *slog.Logger) (*Authorizer, error) {
	address := getenv("INSTALLATION_URL")
	if address == "" {
		return nil, errors.New("INSTALLATION_URL is not set: it is the address of the SuperOffice installation, such as https://sod.superoffice.com/Cust12345")
	}
	source, err := installation.New(address)
	if err != nil {
		return nil, fmt.Errorf("INSTALLATION_URL: %w", err)
	}
	config := Config{Installation: getenv("CONTEXT_IDENTIFIER")}
	if config.ReadAllAdministrators, err = boolean(getenv, "READ_ALL_ADMINISTRATORS"); err != nil {
		return nil, err
	}
	if config.ReadAllSystemUsers, err = boolean(getenv, "READ_ALL_SYSTEM_USERS"); err != nil {
		return nil, err
	}
	return New(source, config, log), nil
}

func boolean(getenv func(string) string, name string) (bool, error) {
	switch getenv(name) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	return false, fmt.Errorf("%s must be true or false", name)
}
