// Package problem holds the one list of what a caller can be told when a request fails: status, code and sentence (C-40, C-41).
//
// Code that knows what a caller is to be told returns one of the problems here, wrapped with what was found. Other code returns its own
// errors, and the endpoint has the table of what they mean. What is wrapped around a problem is for the log; only the problem itself
// reaches the caller, so nothing internal can.
//
// Begin with [Problem].
package problem

import "slices"

// Problem is one way in which a request fails, as the caller is told of it. There are only those listed here, so they are compared as
// pointers, and they never change.
type Problem struct {
	Status  int    // the HTTP status, 400 to 599
	Type    string // the stable code, ErrorType in the answer
	Message string // a sentence that helps the caller; never input, never a detail of ours
}

// Error returns the code, so that a problem can be returned and wrapped as an error.
func (p *Problem) Error() string { return p.Type }

// The problems, in the order of their status.
var (
	InvalidEvent = add(400, "InvalidEvent",
		"This is not a request that API Gateway passes on to this function.")
	InvalidHeader = add(400, "InvalidHeader",
		"The Content-Type header is ambiguous. Send it once.")
	InvalidBody = add(400, "InvalidBody",
		`The body must be one JSON object, XML document or form in UTF-8, such as {"AssociateId":117}.`)
	InvalidAssociateID = add(400, "InvalidAssociateId",
		"AssociateId must be given once, as an integer from 1 to 2147483647 in decimal digits.")
	InvalidSelect = add(400, "InvalidSelect",
		"$select must be given once, as property names with commas between them, in 1024 bytes at most.")
	Unauthorized = add(401, "Unauthorized",
		"It could not be established who is asking. Sign in and try again.")
	Forbidden = add(403, "Forbidden",
		"You may read the devices of your own associate only.")
	NotFound = add(404, "NotFound",
		"There is nothing at this path. The devices are at POST /api/v1/Agents/Pocket/GetRegisteredDevices.")
	MethodNotAllowed = add(405, "MethodNotAllowed",
		"Use POST.")
	BodyTooLarge = add(413, "BodyTooLarge",
		"The body must not be larger than 4096 bytes.")
	UnsupportedMediaType = add(415, "UnsupportedMediaType",
		"Send the body as application/json, application/xml or a form, in UTF-8 and without a Content-Encoding.")
	Internal = add(500, "InternalError",
		"Something is wrong with this service. Trying again will not help until it is mended.")
	AnswerTooLarge = add(500, "AnswerTooLarge",
		"This associate has more devices than one answer can carry.")
	Unavailable = add(503, "Unavailable",
		"The devices cannot be read just now. Try again in a moment.")
	Timeout = add(504, "Timeout",
		"The devices could not be read in time. Try again in a moment.")
)

var all []*Problem

// add makes a problem, and a part of the list.
func add(status int, code, message string) *Problem {
	p := &Problem{status, code, message}
	all = append(all, p)
	return p
}

// All lists every problem that the function can answer with, in the order of their status.
func All() []*Problem { return slices.Clone(all) }
