// Package bulk is registered devices by the file and by the table: what a file of devices is, and how all of them get into a
// DynamoDB table and out of one. It is for developers and operators, and nothing that is deployed imports it.
//
// Begin with [Records], which says what a file is. A push handle is a secret (C-14): no error here has one, what is refused is named by
// its line.
package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"pocket-devices/internal/devicetable"
)

// Record is one record of a file: an item, or why it is refused.
type Record struct {
	Line int  // where it begins; the first line is 1
	Item Item // nil where it is refused
	Err  error
}

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
