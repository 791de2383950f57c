package devicetable

import "time"

// A machine that is busy with other tests may hold an answer up for longer than DynamoDB ever does.
func init() { maxAttempt = 30 * time.Second }
