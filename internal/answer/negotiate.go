package answer

import (
	"strings"

	"pocket-devices/internal/ascii"
)

// offered are the media types that answers come in. Between types that a caller likes equally, the earlier wins (C-11).
var offered = [...]string{
	"application/json", "text/json", "application/xml", "text/xml", "application/json-patch+json", "application/merge-patch+json",
}

// Format is one of the media types that answers come in. The zero Format is application/json, which problems always come in.
type Format struct{ index int } // in offered

// ContentType returns the value of the Content-Type field, such as "application/json; charset=utf-8".
func (f Format) ContentType() string { return offered[f.index] + "; charset=utf-8" }

func (f Format) isXML() bool { return strings.HasSuffix(offered[f.index], "/xml") }

// Negotiate returns the format for the values of the Accept field, nil where it was not sent, and the media type of the request's
// body in lower case (C-11).
//
// It follows RFC 9110, 12.5.1: each type offered has the q of the most specific range that takes it in, of the highest where ranges
// are equally specific, and the type with the highest q is chosen. So `*/*` means application/json, and `application/json;q=0, */*`
// the next in order, text/json. Where no type has a q above zero, an XML request gets XML of its own type and every other gets
// application/json: there is no 406. One malformed range makes the field malformed, which is as if it was not sent.
func Negotiate(accept []string, requestType string) Format {
	var ranks [len(offered)]int // the highest specificity and, in the low ten bits, the highest q at that; 0 where no range fits
	for _, value := range accept {
		l := list{value}
		for l.rest != "" {
			mediaRange, q, ok := l.next()
			if !ok {
				return fallback(requestType)
			}
			for i, mediaType := range offered {
				if s, ok := specificity(mediaRange, mediaType); ok {
					ranks[i] = max(ranks[i], s<<10|q)
				}
			}
		}
	}
	chosen, highest := fallback(requestType), 0
	for i, rank := range ranks {
		if q := rank & (1<<10 - 1); q > highest {
			chosen, highest = Format{i}, q
		}
	}
	return chosen
}

// fallback returns the format for a caller whose Accept field says nothing that helps.
func fallback(requestType string) Format {
	for i, mediaType := range offered {
		if f := (Format{i}); mediaType == requestType && f.isXML() {
			return f
		}
	}
	return Format{}
}

// specificity says how closely mediaRange names the type: by itself (2), by what is before the slash (1), or as anything (0). It
// reports false where mediaRange does not take the type in.
func specificity(mediaRange, mediaType string) (int, bool) {
	if mediaRange == "*/*" {
		return 0, true
	}
	if wanted, ok := strings.CutSuffix(mediaRange, "/*"); ok {
		major, _, _ := strings.Cut(mediaType, "/")
		return 1, ascii.EqualFold(wanted, major)
	}
	return 2, ascii.EqualFold(mediaRange, mediaType)
}
