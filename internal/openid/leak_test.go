package openid

import (
	"testing"

	"go.uber.org/goleak"
)

// However an issuer answers, nothing of it stays behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
