package pocket

import (
	"encoding"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what stands for a secret wherever it is printed, logged or marshalled (C-44).
const Redacted = "[redacted]"

// PushHandle is the secret that a push service addresses a device by: whoever holds it can be pushed as (C-14, C-44).
// Printed, logged or marshalled it reads [Redacted]; the one way to the text is [Property.Reveal].
type PushHandle struct{ secret string }

var (
	_ fmt.Formatter          = PushHandle{}
	_ slog.LogValuer         = PushHandle{}
	_ encoding.TextMarshaler = PushHandle{}
)

// NewPushHandle wraps the text of a handle.
func NewPushHandle(secret string) *PushHandle { return &PushHandle{secret} }

// text returns the handle's text, nil for nil.
func (h *PushHandle) text() *string {
	if h == nil {
		return nil
	}
	return &h.secret
}

// Format writes [Redacted] for every verb.
func (PushHandle) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue returns [Redacted].
func (PushHandle) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns [Redacted], for JSON and every other encoding that asks for text.
func (PushHandle) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
