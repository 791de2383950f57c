package strictxml

import (
	"regexp"
	"sync"
)

// The grammar of XML 1.0 (fifth edition) and Namespaces in XML 1.0, as far as it is regular. A name has one colon at most, between
// two names without any. Nothing begins with "<!DOCTYPE", nor with "<?" but the declaration, so both are refused. What is not
// regular is seen to in strictxml.go: that end tags match, prefixes are declared, and references mean characters.
const (
	space     = `[ \t\r\n]`
	nameStart = `A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}` +
		`\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}`
	ncName   = `[` + nameStart + `][` + nameStart + `0-9.\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}-]*`
	qName    = `(?:` + ncName + `:)?` + ncName
	equals   = space + `*=` + space + `*`
	entity   = `&(?:lt|gt|amp|apos|quot|#[0-9]+|#x[0-9A-Fa-f]+);`
	quoted   = `(?:"(?:[^<&"]|` + entity + `)*"|'(?:[^<&']|` + entity + `)*')`
	comment  = `<!--(?:[^-]|-[^-])*-->`
	cdata    = `<!\[CDATA\[((?s:.*?))\]\]>`
	text     = `((?:[^<&]|` + entity + `)+)`
	encoding = `encoding` + equals + `(?i:"utf-8"|'utf-8')`
	alone    = `standalone` + equals + `(?:"yes"|'yes'|"no"|'no')`
)

// parts are what a document is made of, each found at the beginning of what is left of it, and what that is made of.
type parts struct {
	declaration, around, startTag, content, endTag *regexp.Regexp
	attribute, reference                           *regexp.Regexp
}

var (
	once     sync.Once
	compiled parts
)

// grammar returns the parts, compiled when the first document comes and not when the program starts: most callers never send one.
func grammar() *parts {
	once.Do(compile)
	return &compiled
}

func compile() {
	compiled = parts{
		declaration: regexp.MustCompile(`^<\?xml` + space + `+version` + equals + `(?:"1\.0"|'1\.0')` +
			`(?:` + space + `+` + encoding + `)?(?:` + space + `+` + alone + `)?` + space + `*\?>`),
		around:   regexp.MustCompile(`^(?:` + space + `|` + comment + `)*`),
		startTag: regexp.MustCompile(`^<(` + qName + `)((?:` + space + `+` + qName + equals + quoted + `)*)` + space + `*(/?)>`),
		content:  regexp.MustCompile(`^(?:` + comment + `|` + cdata + `|` + text + `)`),
		endTag:   regexp.MustCompile(`^</(` + qName + `)` + space + `*>`),

		attribute: regexp.MustCompile(`(` + qName + `)` + equals + `(` + quoted + `)`),
		reference: regexp.MustCompile(entity),
	}
}

// isNoChar reports whether r is no character of XML, which has no control characters but tab and line ends.
func isNoChar(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || 0xD800 <= r && r <= 0xDFFF || r == 0xFFFE || r == 0xFFFF || r > 0x10FFFF
}
