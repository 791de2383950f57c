package installation_test

import (
	"testing"

	"go.uber.org/goleak"
)

// However an installation answers, nothing of it stays behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
