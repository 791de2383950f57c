package answer

import (
	"strconv"
	"strings"

	"pocket-devices/internal/ascii"
)

// list is what is still to be read of one value of the Accept field: media ranges with commas between them (RFC 9110, 12.5.1).
type list struct{ rest string }

// next takes the first element off the list: a range without its parameters, and its q in thousandths. An element may be
// empty. Parameters other than q are read only to see where they end. It reports false where the element is malformed.
func (l *list) next() (mediaRange string, q int, ok bool) {
	l.space()
	if l.rest == "" || l.take(',') {
		return "", 0, true
	}
	start := l.rest
	if l.token() == "" || !l.take('/') || l.token() == "" {
		return "", 0, false
	}
	mediaRange = start[:len(start)-len(l.rest)]

	const absent = -1
	q = absent
	for l.space(); l.take(';'); l.space() {
		l.space()
		name := l.token()
		switch {
		case name == "": // nothing between two semicolons, which is allowed
		case !l.take('='):
			return "", 0, false
		case ascii.EqualFold(name, "q"): // wherever it stands among the parameters, but once
			w, ok := weight(l.token())
			if !ok || q != absent {
				return "", 0, false
			}
			q = w
		case l.token() == "" && !l.quoted():
			return "", 0, false
		}
	}
	if q == absent {
		q = 1000
	}
	return mediaRange, q, l.rest == "" || l.take(',')
}

// weight reads a qvalue, 0 to 1 with at most three decimals (RFC 9110, 12.4.2), in thousandths.
func weight(s string) (thousandths int, ok bool) {
	whole, decimals, _ := strings.Cut(s, ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	n, err := strconv.Atoi(whole + (decimals + "000")[:3])
	return n, err == nil && n <= 1000
}

// take takes the character c off the list and reports whether it was there.
func (l *list) take(c byte) bool {
	if l.rest == "" || l.rest[0] != c {
		return false
	}
	l.rest = l.rest[1:]
	return true
}

// space takes optional white space off the list.
func (l *list) space() { l.rest = strings.TrimLeft(l.rest, " \t") }

// token takes the longest token off the list, "" where there is none (RFC 9110, 5.6.2).
func (l *list) token() string {
	n := 0
	for n < len(l.rest) && l.rest[n] > ' ' && l.rest[n] <= '~' && strings.IndexByte(`"(),/:;<=>?@[\]{}`, l.rest[n]) < 0 {
		n++
	}
	token := l.rest[:n]
	l.rest = l.rest[n:]
	return token
}

// quoted takes a quoted string off the list and reports whether there was a whole one (RFC 9110, 5.6.4).
func (l *list) quoted() bool {
	if !l.take('"') {
		return false
	}
	for escaped := false; l.rest != ""; {
		c := l.rest[0]
		l.rest = l.rest[1:]
		switch {
		case c < ' ' && c != '\t' || c == 0x7f: // a control character
			return false
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return true
		}
	}
	return false
}
