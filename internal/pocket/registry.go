package pocket

import (
	"context"
	"fmt"
	"log/slog"
)

// Store holds the registered devices of one installation (C-25).
type Store interface {
	// Devices returns every device of the associate that has not expired, ordered by DeviceIdentifier, ascending by UTF-8
	// bytes. No devices is an empty slice and no error; part of the devices is an error. Errors wrap [ErrUnavailable],
	// [ErrDeadline], [ErrStore] or [ErrTooLarge].
	Devices(ctx context.Context, id AssociateID) ([]Device, error)
}

// Registry lets callers read devices, each as far as it may. It is safe for concurrent use where its store is.
type Registry struct{ store Store }

// NewRegistry returns a registry over store.
func NewRegistry(store Store) *Registry { return &Registry{store} }

// Devices returns the devices of target if caller may read them; the store is asked only then. Whatever the outcome, also where the store
// panics, it writes one audit line to log (C-44), in which count is how many devices were read. Errors wrap those
// of [Store], or are [ErrForbidden].
func (r *Registry) Devices(ctx context.Context, log *slog.Logger, caller Caller, target AssociateID) (devices []Device, err error) {
	outcome := "failed"
	defer func() { audit(ctx, log, caller, target, outcome, len(devices)) }()

	if !caller.MayRead(target) {
		outcome = "denied"
		return nil, ErrForbidden
	}
	devices, err = r.store.Devices(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("reading the devices of associate %d: %w", target, err)
	}
	outcome = "allowed"
	return devices, nil
}

// audit writes the line of one reading, or of one that was denied: who, whose, how it ended.
func audit(ctx context.Context, log *slog.Logger, caller Caller, target AssociateID, outcome string, count int) {
	scope := "own"
	if caller.Associate != target {
		scope = "all"
	}
	log.LogAttrs(ctx, slog.LevelInfo, "audit",
		slog.String("outcome", outcome),
		slog.String("principal", caller.Name),
		slog.Int64("actor", int64(caller.Associate)),
		slog.Int64("target", int64(target)),
		slog.String("scope", scope),
		slog.String("authScheme", caller.Scheme),
		slog.Int("count", count))
}
