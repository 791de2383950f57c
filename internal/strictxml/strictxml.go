// Package strictxml reads XML documents where a guess would be dangerous, as package strictjson reads JSON objects.
//
// The standard decoder takes DTDs, anything around the root, prefixes that nobody declared, an attribute given twice, names such
// as ":a", and references to characters that there are not. Here a document is what XML 1.0 and Namespaces in XML 1.0 call
// well-formed, in UTF-8, less DOCTYPEs and processing instructions: who reads a document for its properties follows no
// instructions in it. Errors never hold what was read.
//
// Begin with [Parse]. The grammar is in grammar.go.
package strictxml

import (
	"errors"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The errors of [Parse].
var (
	errSyntax = errors.New("not one XML document in UTF-8 without a DOCTYPE and processing instructions")
	errDepth  = errors.New("nested too deeply")
)

// Element is one element. White space in it, line ends too, is as it was written.
type Element struct {
	Name       Name
	Attributes map[Name]string // namespace declarations among them
	Children   []Element
	Text       string // what stands in the element itself: character data with references resolved, and CDATA; no comments
}

// Name is a local name and the namespace that it is in, empty for none.
type Name struct{ Space, Local string }

// The namespaces of the two prefixes that need no declaration. No other prefix can have them.
const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

// Parse reads data as one document whose elements nest at most depth deep, the root counted, and returns the root. The error says whether
// the document is none, or nests too deeply.
func Parse(data []byte, depth int) (Element, error) {
	s := scanner{rest: string(data)}
	if !utf8.Valid(data) || strings.ContainsFunc(s.rest, isNoChar) {
		s.fail(errSyntax)
	}
	s.take(grammar().declaration)
	s.take(grammar().around)
	root := s.element(depth, scope{"": "", "xml": xmlSpace, "xmlns": xmlnsSpace})
	s.take(grammar().around)
	if s.rest != "" {
		s.fail(errSyntax)
	}
	if s.err != nil {
		return Element{}, s.err
	}
	return root, nil
}

// scanner takes a document apart from its beginning. After a failure there is nothing left to take.
type scanner struct {
	rest string
	err  error
}

// scope has the namespaces of the prefixes that can be used in an element, and under "" that of elements without a prefix.
type scope map[string]string

func (s *scanner) fail(err error) {
	if s.err == nil {
		s.rest, s.err = "", err
	}
}

// take takes what matches, if it stands next, and returns the groups of the match; nil if it does not.
func (s *scanner) take(what *regexp.Regexp) []string {
	groups := what.FindStringSubmatch(s.rest)
	if groups != nil {
		s.rest = s.rest[len(groups[0]):]
	}
	return groups
}

// element takes an element that stands in outer.
func (s *scanner) element(depth int, outer scope) Element {
	tag := s.take(grammar().startTag)
	if tag == nil {
		s.fail(errSyntax)
		return Element{}
	}
	if depth == 0 {
		s.fail(errDepth)
	}
	name, attributes, empty := tag[1], tag[2], tag[3] != ""
	e, inner := s.open(name, attributes, outer)
	if empty {
		return e
	}
	end := s.take(grammar().endTag)
	for ; end == nil && s.err == nil; end = s.take(grammar().endTag) {
		part := s.take(grammar().content)
		if part == nil {
			e.Children = append(e.Children, s.element(depth-1, inner))
			continue
		}
		cdata, text := part[1], part[2]
		if strings.Contains(text, "]]>") {
			s.fail(errSyntax)
		}
		e.Text += cdata + s.unescape(text)
	}
	if s.err == nil && end[1] != name {
		s.fail(errSyntax)
	}
	return e
}

// open returns the element that a start tag in outer opens, as yet empty, and the scope inside it.
func (s *scanner) open(name, attributes string, outer scope) (Element, scope) {
	list := grammar().attribute.FindAllStringSubmatch(attributes, -1)
	inner := maps.Clone(outer)
	for _, a := range list {
		a[2] = s.unescape(a[2][1 : len(a[2])-1])
		switch prefix, local := split(a[1]); {
		case a[1] == "xmlns":
			s.declare("", a[2], inner)
		case prefix == "xmlns":
			s.declare(local, a[2], inner)
		}
	}
	e := Element{Name: s.expand(name, inner), Attributes: make(map[Name]string, len(list))}
	if e.Name.Space == xmlnsSpace {
		s.fail(errSyntax)
	}
	for _, a := range list {
		name := Name{"", a[1]} // the namespace of elements without a prefix is not theirs
		if strings.Contains(a[1], ":") {
			name = s.expand(a[1], inner)
		}
		if _, twice := e.Attributes[name]; twice {
			s.fail(errSyntax)
		}
		e.Attributes[name] = a[2]
	}
	return e, inner
}

// declare adds a namespace to a scope. Those of xml and xmlns are fixed, and only the one without a prefix can be made empty.
func (s *scanner) declare(prefix, space string, to scope) {
	if prefix == "xmlns" || space == xmlnsSpace || (prefix == "xml") != (space == xmlSpace) || prefix != "" && space == "" {
		s.fail(errSyntax)
	}
	to[prefix] = space
}

// expand replaces a prefix, which must be declared, by its namespace.
func (s *scanner) expand(name string, in scope) Name {
	prefix, local := split(name)
	space, declared := in[prefix]
	if !declared {
		s.fail(errSyntax)
	}
	return Name{space, local}
}

func split(name string) (prefix, local string) {
	if prefix, local, ok := strings.Cut(name, ":"); ok {
		return prefix, local
	}
	return "", name
}

var predefined = map[string]string{"&lt;": "<", "&gt;": ">", "&amp;": "&", "&apos;": "'", "&quot;": `"`}

// unescape replaces the references in text.
func (s *scanner) unescape(text string) string {
	return grammar().reference.ReplaceAllStringFunc(text, func(ref string) string {
		if c, ok := predefined[ref]; ok {
			return c
		}
		digits, base := ref[len("&#"):len(ref)-len(";")], 10
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			digits, base = hex, 16
		}
		r, err := strconv.ParseUint(digits, base, 21) // as many bits as Unicode has
		if err != nil || isNoChar(rune(r)) {
			s.fail(errSyntax)
		}
		return string(rune(r))
	})
}
