package request_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/request"
)

var isJSON = []string{"application/json"}

func TestAssociateID(t *testing.T) {
	tests := map[string]string{
		"the page's spelling":       `{"AssociateId":117}`,
		"the client's spelling":     `{"associateId":117}`,
		"any case":                  `{"aSSOCIATEiD":117}`,
		"an escaped name":           `{"\u0041ssociateId":117}`,
		"a string":                  `{"AssociateId":"117"}`,
		"an escaped string":         `{"AssociateId":"\u003117"}`,
		"white space":               " {\n \"AssociateId\" : 117 } \r\n",
		"a byte order mark":         "\ufeff" + `{"AssociateId":117}`,
		"members that nobody knows": `{"Associate":118,"x":{"AssociateId":118},"AssociateId":117,"y":[118]}`,
		"an unknown member twice":   `{"x":1,"x":2,"AssociateId":117}`,
		"a name that almost folds":  `{"A\u017f\u017fociateId":118,"AssociateId":117}`,
		"as deep as it may be":      `{"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `,"AssociateId":117}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := request.AssociateID(isJSON, nil, []byte(body)); got != 117 || err != nil {
				t.Errorf("AssociateID = %v, %v", got, err)
			}
		})
	}
}

func TestAssociateIDRefuses(t *testing.T) {
	tests := []struct {
		name, body string
		want       *problem.Problem
	}{
		{"nothing", ``, problem.InvalidBody},
		{"a byte order mark alone", "\ufeff", problem.InvalidBody},
		{"two byte order marks", "\ufeff\ufeff" + `{"AssociateId":117}`, problem.InvalidBody},
		{"null", `null`, problem.InvalidBody},
		{"a number", `117`, problem.InvalidBody},
		{"an array", `[{"AssociateId":117}]`, problem.InvalidBody},
		{"half an object", `{"AssociateId":117`, problem.InvalidBody},
		{"an object and more", `{"AssociateId":117}{}`, problem.InvalidBody},
		{"garbage after it", `{"AssociateId":117}x`, problem.InvalidBody},
		{"a NUL after it", "{\"AssociateId\":117}\x00", problem.InvalidBody},
		{"not UTF-8", "{\"AssociateId\":117,\"x\":\"\xe5\"}", problem.InvalidBody},
		{"UTF-16", "\xff\xfe{\x00}\x00", problem.InvalidBody},
		{"nested too deeply", `{"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `,"AssociateId":117}`, problem.InvalidBody},

		{"an empty object", `{}`, problem.InvalidAssociateID},
		{"another name", `{"Associate":117}`, problem.InvalidAssociateID},
		{"a name that almost folds", `{"A\u017f\u017fociateId":117}`, problem.InvalidAssociateID},
		{"given deeper down", `{"request":{"AssociateId":117}}`, problem.InvalidAssociateID},
		{"given twice", `{"AssociateId":117,"AssociateId":117}`, problem.InvalidAssociateID},
		{"given twice, otherwise spelled", `{"AssociateId":117,"associateID":118}`, problem.InvalidAssociateID},
		{"null in it", `{"AssociateId":null}`, problem.InvalidAssociateID},
		{"true in it", `{"AssociateId":true}`, problem.InvalidAssociateID},
		{"an array in it", `{"AssociateId":[117]}`, problem.InvalidAssociateID},
		{"an object in it", `{"AssociateId":{}}`, problem.InvalidAssociateID},
		{"zero", `{"AssociateId":0}`, problem.InvalidAssociateID},
		{"negative", `{"AssociateId":-1}`, problem.InvalidAssociateID},
		{"a fraction", `{"AssociateId":117.0}`, problem.InvalidAssociateID},
		{"an exponent", `{"AssociateId":1.17e2}`, problem.InvalidAssociateID},
		{"too large", `{"AssociateId":2147483648}`, problem.InvalidAssociateID},
		{"far too large", `{"AssociateId":` + strings.Repeat("9", 1000) + `}`, problem.InvalidAssociateID},
		{"padded with a zero", `{"AssociateId":"0117"}`, problem.InvalidAssociateID},
		{"padded with a space", `{"AssociateId":" 117"}`, problem.InvalidAssociateID},
		{"signed", `{"AssociateId":"+117"}`, problem.InvalidAssociateID},
		{"an empty string", `{"AssociateId":""}`, problem.InvalidAssociateID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := request.AssociateID(isJSON, nil, []byte(tt.body))
			if !errors.Is(err, tt.want) || got != 0 {
				t.Errorf("AssociateID = %v, %v, want %v", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "999") {
				t.Errorf("the error tells what was read: %v", err)
			}
		})
	}
}

func TestContentType(t *testing.T) {
	tests := []struct {
		contentType, contentEncoding []string
		want                         *problem.Problem
	}{
		{[]string{"application/json"}, nil, nil},
		{[]string{"text/json"}, nil, nil},
		{[]string{"application/json-patch+json"}, nil, nil},
		{[]string{"application/merge-patch+json"}, nil, nil},
		{[]string{"application/json; charset=utf-8"}, nil, nil},
		{[]string{`APPLICATION/JSON ; CHARSET="UTF-8"; x=y`}, nil, nil},
		{[]string{"application/json", "application/json"}, nil, nil},
		{nil, nil, problem.UnsupportedMediaType},
		{[]string{""}, nil, problem.UnsupportedMediaType},
		{[]string{"text/plain"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/jsonp"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/json; charset=utf-16"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/json; charset=utf-8; charset=utf-16"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/json; charset"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/json, text/json"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/json", "text/json"}, nil, problem.UnsupportedMediaType},
		{[]string{"application/json"}, []string{"gzip"}, problem.UnsupportedMediaType},
		{[]string{"application/json"}, []string{""}, problem.UnsupportedMediaType},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.contentType, tt.contentEncoding), func(t *testing.T) {
			_, err := request.AssociateID(tt.contentType, tt.contentEncoding, []byte(`{"AssociateId":117}`))
			if tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("AssociateID: %v, want %v", err, tt.want)
			}
		})
	}
}

// A body that is taken names its associate to a second reading too, and to no reading another one.
func FuzzJSON(f *testing.F) {
	f.Add(`{"AssociateId":117}`)
	f.Add(`{"associateId":"117","x":[{"AssociateId":1}]}`)
	f.Add("\ufeff{}")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := request.AssociateID(isJSON, nil, []byte(body))
		if err != nil {
			return
		}
		var members map[string]any
		d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
		d.UseNumber()
		if err := d.Decode(&members); err != nil {
			t.Fatal(err)
		}
		for name, value := range members {
			if strings.ToLower(name) == "associateid" && fmt.Sprint(value) != got.String() {
				t.Errorf("%s has %v, not %v", name, value, got)
			}
		}
		if got < 1 || got != pocket.AssociateID(int32(got)) {
			t.Errorf("the associate is %d", got)
		}
	})
}
