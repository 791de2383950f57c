package request_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pocket-devices/internal/pocket"
	"pocket-devices/internal/problem"
	"pocket-devices/internal/request"
)

const all = "DeviceName DeviceIdentifier PocketVersion Language PNSHandle Platform OSVersion"

// device returns one that has all seven properties.
func device() pocket.Device {
	text := func(s string) *string { return &s }
	return pocket.Device{
		DeviceName: text("Bobbys iPhone 5S"), DeviceIdentifier: text("8de8fc1f"), PocketVersion: text("8.0.37"), Language: text("GE"),
		PNSHandle: pocket.NewPushHandle("handle"), Platform: text("Apple"), OSVersion: text("iOS v10.2"),
	}
}

// kept returns the names of the properties that d has, in their order.
func kept(d pocket.Device) string {
	var names []string
	for _, p := range pocket.Properties() {
		if p.Reveal(&d) != nil {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, " ")
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
			s, err := request.ParseSelection([]string{tt.list})
			if err != nil {
				t.Fatal(err)
			}
			devices := []pocket.Device{device(), {}, device()}
			s.Apply(devices)
			for i, want := range []string{tt.want, "", tt.want} {
				if got := kept(devices[i]); got != want {
					t.Errorf("device %d keeps %q, want %q", i, got, want)
				}
			}
		})
	}
}

func TestSelectionOfAll(t *testing.T) {
	absent, err := request.ParseSelection(nil)
	checkProblem(t, err, nil)
	for name, s := range map[string]request.Selection{"the zero Selection": {}, "the absent parameter": absent} {
		devices := []pocket.Device{device()}
		if s.Apply(devices); kept(devices[0]) != all {
			t.Errorf("%s keeps %q", name, kept(devices[0]))
		}
	}
	absent.Apply(nil)
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
			_, err := request.ParseSelection(values)
			checkProblem(t, err, problem.InvalidSelect)
		})
	}
}

// A selection keeps what is named, as it was, and nothing else.
func TestSelectionKeepsWhatIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list, asked []string
		names := rapid.SampledFrom(append(strings.Fields(all), "name", "x y", "DeviceNam\u00e9"))
		for _, name := range rapid.SliceOfN(names, 1, 9).Draw(t, "names") {
			asked = append(asked, name)
			list = append(list, rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "space")+anyCase(t, name)+
				rapid.SampledFrom([]string{"", " ", "/x", " /Platform"}).Draw(t, "path"))
		}
		before := device()
		for _, p := range pocket.Properties() {
			if rapid.Bool().Draw(t, "null") {
				p.Clear(&before)
			}
		}
		s, err := request.ParseSelection([]string{strings.Join(list, ",")})
		if err != nil {
			t.Fatal(err)
		}
		devices := []pocket.Device{before}
		s.Apply(devices)
		for _, p := range pocket.Properties() {
			got, want := p.Reveal(&devices[0]), p.Reveal(&before)
			if !slices.Contains(asked, p.Name) {
				want = nil
			}
			if (got == nil) != (want == nil) || got != nil && *got != *want {
				t.Fatalf("$select=%q makes %s %v, want %v", list, p.Name, got, want)
			}
		}
	})
}

// The second reader cuts the list where a comma or the end stands, one property at a time.
func FuzzSelection(f *testing.F) {
	for _, seed := range []string{"", "name,department,category/id", " platform ,PNSHandle/x", ",,", strings.Repeat("x,", 600)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		s, err := request.ParseSelection([]string{list})
		if err != nil {
			checkProblem(t, err, problem.InvalidSelect)
			if len(list) <= 1024 {
				t.Fatal("a short list is refused")
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
		devices := []pocket.Device{device()}
		s.Apply(devices)
		if got := kept(devices[0]); got != strings.Join(want, " ") {
			t.Fatalf("kept %q, want %q", got, want)
		}
	})
}
