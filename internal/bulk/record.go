// Package bulk is registered devices by the file and by the table: what a file of devices is, and how all of them get into a
// DynamoDB table and out of one. It is for developers and operators, and nothing that is deployed imports it.
//
// Begin with [Records], which says what a file is. A push handle is a secret (C-14): no error here has one, what is refused is named by
// its line.
package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/strictjson"
)

// Item is one device as DynamoDB stores it (C-50).
type Item = map[string]types.AttributeValue

// Record is one record of a file: an item, or why it is refused.
type Record struct {
	Line int  // where it begins; the first line is 1
	Item Item // nil where it is refused
	Err  error
}

const (
	maxIdentifier = 1024      // bytes of a sort key, which are DynamoDB's limit
	maxItem       = 400 << 10 // bytes of an item, likewise
)

// Records reads a file of devices: one JSON array of objects, or an object on each line. An object has AssociateId, an integer or its
// digits in a text, DeviceIdentifier, a text that is not empty, and what else a device has (C-9): texts, or null where there is none.
// ExpiresAt, in seconds since 1970, may be there too. Nothing else is taken: a misspelt name would lose what it names.
//
// The error of what is refused has nothing of the file's but names that are known here. An array that breaks off ends with an error.
func Records(file io.Reader) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		seen := map[string]int{} // the lines of the keys
		values(bufio.NewReader(file), func(line int, value []byte, err error) bool {
			var it Item
			if err == nil {
				it, err = parse(value)
			}
			if err == nil {
				it, err = once(seen, it, line)
			}
			return yield(Record{line, it, err})
		})
	}
}

// found is told where there is a value that should be a record, or why there is none, and reports whether to go on.
type found func(line int, value []byte, err error) bool

// values finds what should be the records of a file.
func values(r *bufio.Reader, yield found) {
	if bom, err := r.Peek(3); err == nil && bytes.Equal(bom, []byte("\ufeff")) {
		_, _ = r.Discard(3)
	}
	for line := 1; ; {
		c, err := r.ReadByte()
		switch {
		case err == io.EOF:
			return // an empty file has no records
		case err != nil:
			yield(line, nil, err)
			return
		case c == '\n':
			line++
			continue
		case c == ' ' || c == '\t' || c == '\r':
			continue
		}
		_ = r.UnreadByte()
		if c == '[' {
			array(r, line, yield)
		} else {
			lines(r, line, yield)
		}
		return
	}
}

// lines reads an object on each line, from the one with that number on. Empty lines are passed over.
func lines(r *bufio.Reader, line int, yield found) {
	for ; ; line++ {
		text, err := r.ReadBytes('\n')
		if text = bytes.TrimSpace(text); len(text) > 0 && !yield(line, text, nil) {
			return
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			yield(line, nil, err)
			return
		}
	}
}

// counter counts the lines of what is read through it.
type counter struct {
	r     io.Reader
	lines []int64 // the offsets at which lines end
	read  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.lines = append(c.lines, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// until returns how many lines end before an offset, and forgets them.
func (c *counter) until(offset int64) (n int) {
	for n < len(c.lines) && c.lines[n] < offset {
		n++
	}
	c.lines = c.lines[n:]
	return n
}

var errArray = errors.New("the JSON array breaks off here, or is none")

// array reads one JSON array, which begins on the line with that number.
func array(r io.Reader, line int, yield found) {
	c := &counter{r: r}
	d := jsontext.NewDecoder(c, jsontext.AllowDuplicateNames(true))
	_, err := d.ReadToken() // the bracket
	for err == nil && d.PeekKind() != ']' {
		var value jsontext.Value
		if value, err = d.ReadValue(); err != nil {
			break
		}
		line += c.until(d.InputOffset() - int64(len(value)))
		if !yield(line, value, nil) {
			return
		}
	}
	for range 2 { // the other bracket, and the end of the file
		if err == nil {
			_, err = d.ReadToken()
		}
	}
	if err != io.EOF {
		yield(line+c.until(d.InputOffset()), nil, errArray)
	}
}

// once refuses a device that the file has twice, because which of the two is meant cannot be known.
func once(seen map[string]int, it Item, line int) (Item, error) {
	key := number(it[devicetable.AssociateID]) + " " + text(it[devicetable.DeviceIdentifier])
	if first, ok := seen[key]; ok {
		return nil, fmt.Errorf("the same AssociateId and DeviceIdentifier as on line %d", first)
	}
	seen[key] = line
	return it, nil
}

// parse reads one record.
func parse(value []byte) (Item, error) {
	it := Item{}
	given := map[string]bool{}
	size := 0
	err := strictjson.Object(value, 1, func(name string, value strictjson.Value) error {
		if given[name] {
			return fmt.Errorf("%s is there twice", known(name))
		}
		given[name] = true
		attribute, err := parseMember(name, value)
		if err != nil {
			return err
		}
		if attribute != nil {
			it[name] = attribute
			size += len(name) + len(text(attribute)) + len(number(attribute))
		}
		return nil
	})
	switch identifier := text(it[devicetable.DeviceIdentifier]); {
	case errors.Is(err, strictjson.ErrSyntax):
		return nil, errors.New("not one JSON object in UTF-8")
	case errors.Is(err, strictjson.ErrDepth):
		return nil, errors.New("an object or an array where a text is wanted")
	case err != nil:
		return nil, err
	case it[devicetable.AssociateID] == nil:
		return nil, errors.New("AssociateId is missing")
	case identifier == "":
		return nil, errors.New("DeviceIdentifier is missing or empty")
	case len(identifier) > maxIdentifier:
		return nil, fmt.Errorf("DeviceIdentifier is longer than %d bytes", maxIdentifier)
	case size > maxItem:
		return nil, fmt.Errorf("the device is larger than %d bytes", maxItem)
	}
	return it, nil
}

// parseMember reads one member of a record; nil is null.
func parseMember(name string, value strictjson.Value) (types.AttributeValue, error) {
	switch {
	case name == devicetable.AssociateID:
		digits, ok := strictjson.TextOrNumber(value)
		if _, err := pocket.ParseAssociateID(digits); !ok || err != nil {
			return nil, errors.New("AssociateId must be an integer from 1 to 2147483647")
		}
		return &types.AttributeValueMemberN{Value: digits}, nil
	case name == devicetable.ExpiresAt:
		if value.Kind() == 'n' {
			return nil, nil
		}
		if _, err := strconv.ParseUint(string(value), 10, 53); err != nil {
			return nil, errors.New("ExpiresAt must be seconds since 1970, an integer")
		}
		return &types.AttributeValueMemberN{Value: string(value)}, nil
	case known(name) != name:
		return nil, fmt.Errorf("there is %s", known(name))
	case value.Kind() == 'n':
		return nil, nil
	}
	s, ok := strictjson.Text(value)
	if !ok {
		return nil, fmt.Errorf("%s must be a text or null", name)
	}
	return &types.AttributeValueMemberS{Value: s}, nil
}

// known returns a name that may be told of: one that a record can have. Every other may be anything, a handle too.
func known(name string) string {
	for _, n := range names() {
		switch {
		case n == name:
			return n
		case strings.EqualFold(n, name):
			return "a property that is almost " + n
		}
	}
	return "a property that a device has not"
}

// names are those of a record's properties, in the order in which they are exported.
func names() []string {
	names := []string{devicetable.AssociateID}
	for _, p := range pocket.Properties() {
		names = append(names, p.Name)
	}
	return append(names, devicetable.ExpiresAt)
}

// Encode returns an item as the line that [Records] reads, and how many of its attributes are none of a device's and so left out. An item
// that cannot be such a line is an error, so that nothing else is lost on the way.
func Encode(it Item) (line []byte, left int, err error) {
	b := bytes.NewBufferString("{")
	written := 0
	for _, name := range names() {
		value, ok := it[name]
		if !ok {
			continue
		}
		if written++; written > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:", name)
		switch v := value.(type) {
		case *types.AttributeValueMemberN:
			b.WriteString(v.Value)
		case *types.AttributeValueMemberS:
			e := json.NewEncoder(b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v.Value); err != nil {
				return nil, 0, err
			}
			b.Truncate(b.Len() - 1) // its newline
		default:
			return nil, 0, fmt.Errorf("a device of associate %s has a %s that is neither text nor number", number(it[devicetable.AssociateID]), name)
		}
	}
	b.WriteByte('}')
	if _, err := parse(b.Bytes()); err != nil {
		return nil, 0, fmt.Errorf("a device of associate %s could not be imported again: %w", number(it[devicetable.AssociateID]), err)
	}
	b.WriteByte('\n')
	return b.Bytes(), len(it) - written, nil
}

func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func number(v types.AttributeValue) string {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		return n.Value
	}
	return ""
}
