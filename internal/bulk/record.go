package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"pocket-devices/internal/devicetable"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/strictjson"
)

// Item is one device as DynamoDB stores it (C-50).
type Item = map[string]types.AttributeValue

const (
	maxIdentifier = 1024      // bytes of a sort key, which are DynamoDB's limit
	maxItem       = 400 << 10 // bytes of an item, likewise
)

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
