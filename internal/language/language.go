// Package language finds the language that a caller asks for and reads texts that are stored in several languages (C-13).
//
// Begin with [Preferred]. The package knows nothing of API Gateway or HTTP; it is given the values of header fields. Nothing in
// them is an error: what cannot be read asks for nothing. The work is linear in the length of what is given.
package language

import (
	"strconv"
	"strings"

	"pocket-devices/internal/ascii"
)

// Language is a language as the store names it, two upper case letters such as US, NO or SW. The zero Language means no
// translation.
type Language string

// fallback is the language that is taken where a value has no text in the one asked for.
const fallback Language = "US"

// Preferred returns the language that the values of the two header fields ask for, each nil where it was not sent.
//
// SO-Language overrides Accept-Language by being there: an empty one, or one that cannot be read, means no translation whatever
// Accept-Language says. Both are lists of ranges with weights (RFC 9110, section 12.5.4), and several values of one field are
// one list. The highest weight wins, the first on a tie; a weight of 0 says not wanted. A range that the store cannot have a
// name for is passed over, so that "fil, en;q=0.8" asks for US.
func Preferred(soLanguage, acceptLanguage []string) Language {
	values := acceptLanguage
	if len(soLanguage) > 0 {
		values = soLanguage
	}
	var preferred Language
	highest := 0.0
	for _, value := range values {
		for element := range strings.SplitSeq(value, ",") {
			tag, parameters, _ := strings.Cut(element, ";")
			if q := weight(parameters); q > highest {
				if language, ok := fromRange(trim(tag)); ok {
					preferred, highest = language, q
				}
			}
		}
	}
	return preferred
}

// weight returns the weight, 0 to 1, that stands behind the semicolon of a range. It is 1 where none stands there, also where
// something else does: the original's page writes "en-us; en-gb", of which the first counts. A weight that is no number from 0
// to 1 is taken for 0. Decimals beyond the RFC's three are read too: what they mean is plain.
func weight(parameters string) float64 {
	parameter, _, _ := strings.Cut(parameters, ";")
	name, value, ok := strings.Cut(trim(parameter), "=")
	if !ok || !ascii.EqualFold(name, "q") {
		return 1
	}
	if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
		return q
	}
	return 0
}

// fromRange returns what the store calls the language of a range; ok is false where it can have no name for it, which is where
// the first subtag is not two letters. The other subtags, region and script, are ignored, whatever they are, and so is case.
//
// The store's own codes need no rule beside the one for ISO's. US and GE are no ISO languages; NO and DA are the same language in
// both. SW is a clash, Swedish to the store and Swahili to ISO: the store has no Swahili, so it is Swedish. EN, NB, NN, SV and
// DE are always ISO's, as the store has other codes for these languages and none of these for another.
func fromRange(tag string) (language Language, ok bool) {
	switch tag {
	case "*", "-", "x", "X": // each asks for no translation
		return "", true
	}
	primary, _, _ := strings.Cut(tag, "-")
	if len(primary) != 2 {
		return "", false
	}
	code := [2]byte{primary[0] &^ 0x20, primary[1] &^ 0x20} // makes a letter upper case, and nothing else a letter
	if !isUpper(code[0]) || !isUpper(code[1]) {
		return "", false
	}
	switch string(code[:]) {
	case "EN":
		return "US", true
	case "NB", "NN":
		return "NO", true
	case "SV":
		return "SW", true
	case "DE":
		return "GE", true
	}
	return Language(code[:]), true
}

// Text returns what value says in the language. A value in the multi-language form, such as NO:"Leverandør";US:"Supplier",
// becomes the text for the language, else for US, else the first; an empty text is a text, and of two for one language the
// first counts. Every other value passes unchanged, and so does every value where no translation is asked for.
//
// The form is strict, so that nothing is translated by accident: entries of two upper case letters, a colon and a text in double
// quotes, a semicolon between them and perhaps one at the end, no space. There is no way to write a double quote inside a
// text, so a value with "" in the midst of one is not of the form.
func (l Language) Text(value string) string {
	if l == "" {
		return value
	}
	found, best := value, 0
	for rest := value; rest != ""; {
		language, text, after, ok := cutEntry(rest)
		if !ok {
			return value
		}
		if rank := l.rank(language); rank > best {
			found, best = text, rank
		}
		rest = after
	}
	return found
}

// rank returns how well a text in another language serves who asks for l, from 1.
func (l Language) rank(other Language) int {
	switch other {
	case l:
		return 3
	case fallback:
		return 2
	}
	return 1
}

// cutEntry cuts the first entry of the multi-language form, and the semicolon behind it, from s; ok is false where s begins with
// anything else.
func cutEntry(s string) (language Language, text, rest string, ok bool) {
	if len(s) < 4 || !isUpper(s[0]) || !isUpper(s[1]) || s[2:4] != `:"` {
		return "", "", "", false
	}
	language = Language(s[:2])
	if text, rest, ok = strings.Cut(s[4:], `"`); rest != "" {
		rest, ok = strings.CutPrefix(rest, ";")
	}
	return language, text, rest, ok
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// trim takes off the white space that RFC 9110 allows around the parts of a list.
func trim(s string) string { return strings.Trim(s, " \t") }
