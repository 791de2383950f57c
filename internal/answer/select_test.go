package answer_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pocket-devices/internal/answer"
	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
)

const all = "DeviceName DeviceIdentifier PocketVersion Language PNSHandle Platform OSVersion"

// device returns one that has the named properties, each with a text of its own.
func device(names ...string) (d pocket.Device) {
	for _, name := range names {
		if text := "text of " + name; name == "PNSHandle" {
			d.PNSHandle = pocket.NewPushHandle(text)
		} else {
			reflect.ValueOf(&d).Elem().FieldByName(name).Set(reflect.ValueOf(&text))
		}
	}
	return d
}

// checkSelection checks that of devices which have properties, an answer tells what it would of those which have only told.
func checkSelection(t rapid.TB, s answer.Selection, properties, told []string) {
	t.Helper()
	devices := []pocket.Device{device(properties...), {}, device(properties...)}
	want := []pocket.Device{device(told...), {}, device(told...)}
	for _, p := range []answer.Preferences{asJSON, asXML} {
		want := string(answer.Devices(want, p))
		p.Selection = s
		if got := string(answer.Devices(devices, p)); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

func TestSelection(t *testing.T) {
	tests := []struct {
		name string
		list string
		want string
	}{
		{"empty", "", all},
		{"white space", "   ", all},
		{"empty names only", " , ,", all},
		{"a path without a name", "/id", all},
		{"one", "Platform", "Platform"},
		{"the order of the answer stays", "OSVersion,DeviceName", "DeviceName OSVersion"},
		{"all", strings.ReplaceAll(all, " ", ","), all},
		{"any case", "pnshandle,OSVERSION", "PNSHandle OSVersion"},
		{"trimmed", " DeviceName ,\tLanguage\n", "DeviceName Language"},
		{"a path", "Platform/Name/First, Language /x", "Language Platform"},
		{"only the first of a path", "name/Platform", ""},
		{"the same twice", "Platform,platform", "Platform"},
		{"an empty name among others", "Platform,,", "Platform"},
		{"an unknown name among others", "nothing,Platform", "Platform"},
		{"the page's example", "name,department,category/id", ""},
		{"part of a name", "Device,DeviceNam,DeviceNames", ""},
		{"not joined by commas", "Platform;Language", ""},
		{"an asterisk is no name", "*", ""},
		{"long s is not s", "O\u017fVersion,O\u017fVer\u017fion", ""},
		{"the Kelvin sign is not k", "Toolang\u212a", ""},
		{"not UTF-8", "\xff,Platform", "Platform"},
		{"1 KiB", strings.Repeat("x", 1024-len(",Platform")) + ",Platform", "Platform"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := answer.ParseSelection([]string{tt.list})
			if err != nil {
				t.Fatal(err)
			}
			checkSelection(t, s, strings.Fields(all), strings.Fields(tt.want))
		})
	}
}

func TestSelectionOfAll(t *testing.T) {
	absent, err := answer.ParseSelection(nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSelection(t, absent, strings.Fields(all), strings.Fields(all))
}

func TestSelectionRefused(t *testing.T) {
	for name, values := range map[string][]string{
		"twice":                 {"Platform", "Language"},
		"twice the same":        {"Platform", "Platform"},
		"twice empty":           {"", ""},
		"over 1 KiB":            {strings.Repeat("x", 1025)},
		"over 1 KiB of spaces":  {strings.Repeat(" ", 1025)},
		"over 1 KiB, not runes": {strings.Repeat("å", 513)},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := answer.ParseSelection(values); !isRefusal(err) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// isRefusal reports whether err refuses a selection and holds nothing of it.
func isRefusal(err error) bool {
	texts := []string{"$select is given twice: InvalidSelect", "$select is too long: InvalidSelect"}
	return errors.Is(err, problem.InvalidSelect) && slices.Contains(texts, err.Error())
}

// A selection tells what is named, as it is, and nothing else.
func TestSelectionTellsWhatIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list, asked []string
		names := rapid.SampledFrom(append(strings.Fields(all), "name", "x y", "DeviceNam\u00e9"))
		for _, name := range rapid.SliceOfN(names, 1, 9).Draw(t, "names") {
			asked = append(asked, name)
			list = append(list, rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "space")+anyCase(t, name)+
				rapid.SampledFrom([]string{"", " ", "/x", " /Platform"}).Draw(t, "path"))
		}
		var properties, told []string
		for _, name := range strings.Fields(all) {
			if rapid.Bool().Draw(t, "null") {
				continue
			}
			properties = append(properties, name)
			if slices.Contains(asked, name) {
				told = append(told, name)
			}
		}
		s, err := answer.ParseSelection([]string{strings.Join(list, ",")})
		if err != nil {
			t.Fatal(err)
		}
		checkSelection(t, s, properties, told)
	})
}

func anyCase(t *rapid.T, name string) string {
	if rapid.Bool().Draw(t, "upper") {
		return strings.ToUpper(name)
	}
	return strings.ToLower(name)
}

// The second reader cuts the list where a comma or the end stands, one property at a time.
func FuzzSelection(f *testing.F) {
	for _, seed := range []string{"", "name,department,category/id", " platform ,PNSHandle/x", ",,", strings.Repeat("x,", 600)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		s, err := answer.ParseSelection([]string{list})
		if err != nil {
			if len(list) <= 1024 || !isRefusal(err) {
				t.Fatalf("a list of %d bytes is refused with %v", len(list), err)
			}
			return
		}
		var want []string
		named := false
		for _, path := range strings.Split(list, ",") {
			named = named || strings.TrimSpace(strings.Split(path, "/")[0]) != ""
		}
		for _, name := range strings.Fields(all) {
			for _, path := range strings.Split(list, ",") {
				if first := strings.TrimSpace(strings.Split(path, "/")[0]); len(first) == len(name) && strings.EqualFold(first, name) {
					want = append(want, name)
					break
				}
			}
		}
		if !named {
			want = strings.Fields(all)
		}
		checkSelection(t, s, strings.Fields(all), want)
	})
}
