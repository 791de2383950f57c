package request

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"pocket-devices/internal/ascii"
	"pocket-devices/internal/problem"
)

// readForm reads fields joined by "&", the property among them (C-5). A ";" must be escaped: it once joined fields as well.
func readForm(body []byte) (values []string, err error) {
	for field := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(field, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil || !utf8.ValidString(name) || !utf8.ValidString(value) || strings.Contains(field, ";") {
			return nil, fmt.Errorf("the body is not a form in UTF-8: %w", problem.InvalidBody)
		}
		if ascii.EqualFold(name, property) {
			values = append(values, value)
		}
	}
	return values, nil
}
