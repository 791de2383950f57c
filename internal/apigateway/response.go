package apigateway

import (
	"strconv"

	"pocket-devices/internal/strictjson"
)

// MaxResponse is the largest encoded [Response], in bytes, that Lambda passes on. It is Lambda's own limit of 6 MB (6 291 556 bytes)
// less room for what the runtime adds.
const MaxResponse = 6<<20 - 4096

// Response is the answer to a proxy event.
type Response struct {
	Status int     // 200 to 599
	Header []Field // in the order in which they are to be sent
	Body   []byte  // text in UTF-8
}

// Field is one header field. Name and value are ASCII.
type Field struct{ Name, Value string }

// Encode returns the response in the form that a Lambda proxy integration takes.
func (r Response) Encode() []byte {
	b := make([]byte, 0, 512+len(r.Body)+len(r.Body)/4)
	b = append(b, `{"statusCode":`...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, `,"headers":{`...)
	for i, f := range r.Header {
		if i > 0 {
			b = append(b, ',')
		}
		b = strictjson.AppendQuote(b, f.Name)
		b = append(b, ':')
		b = strictjson.AppendQuote(b, f.Value)
	}
	b = append(b, `},"body":`...)
	b = strictjson.AppendQuote(b, r.Body)
	return append(b, `,"isBase64Encoded":false}`...)
}
