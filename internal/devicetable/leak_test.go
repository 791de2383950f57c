package devicetable_test

import (
	"testing"

	"go.uber.org/goleak"
)

// However a call to DynamoDB ends, nothing of it stays behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
