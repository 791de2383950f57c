// Package ascii compares names the way HTTP and the original service do: without regard to the case of the letters A to Z,
// and of no others. Unicode's own folding would make "A\u017f\u017fociateId" a second spelling of AssociateId (C-2).
//
// Begin with [EqualFold].
package ascii

import "strings"

// EqualFold reports whether s and name are equal without regard to the case of ASCII letters. The name must be ASCII.
//
// A rune beyond ASCII that folds to an ASCII letter takes more bytes than the letter, so equal lengths rule it out.
func EqualFold(s, name string) bool {
	return len(s) == len(name) && strings.EqualFold(s, name)
}

// Visible reports whether s holds only the characters that print: U+0021 to U+007E, no space.
func Visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
