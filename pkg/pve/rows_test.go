package pve

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decodeRows is what the answer means.
func decodeRows(body []byte) ([]*resourceRow, error) {
	var answer struct {
		Data []*resourceRow `json:"data"`
	}
	err := json.Unmarshal(body, &answer)
	return answer.Data, err
}

func TestScanRows(t *testing.T) {
	tests := map[string]struct {
		reason string
		body   string
		plain  bool // whether the fast way is taken
	}{
		"Row": {"Every key of a guest.", `{"data":[{"id":"qemu/100","type":"qemu","vmid":100,"node":"a","status":"running","name":"w é","template":0,"uptime":5,
			"maxcpu":0.5,"cpu":1.2e-05,"maxmem":"4096","mem":null,"maxdisk":10,"disk":-1,"pool":"p","tags":"a;b","hastate":"started","lock":true}]}`, true},
		"Storage":      {"Every key of a storage.", `{"data":[{"type":"storage","storage":"s","plugintype":"dir","shared":1,"content":"iso,images"}]}`, true},
		"Blank":        {"White space may stand anywhere.", " {\n\"data\" : [ { \"vmid\" : 1 ,\r\t\"name\" : \"x\" } , { } ] }\n", true},
		"NoRows":       {"An empty list is a list.", `{"data":[]}`, true},
		"Twice":        {"The last of two equal keys counts.", `{"data":[{"vmid":1,"vmid":2}]}`, true},
		"NotText":      {"Perl makes numbers of names.", `{"data":[{"name":7,"pool":null,"status":false}]}`, true},
		"Escape":       {"Escapes are left to encoding/json.", `{"data":[{"name":"a\"b\u00e9"}]}`, false},
		"Nested":       {"Nested values are left to encoding/json.", `{"data":[{"name":{"a":1},"x":[1,2]}]}`, false},
		"UpperCase":    {"encoding/json ignores the case of keys.", `{"data":[{"VMID":7}]}`, false},
		"MoreKeys":     {"Other keys beside data.", `{"data":[{"vmid":1}],"total":1}`, false},
		"OtherFirst":   {"Other keys before data.", `{"total":1,"data":[{"vmid":1}]}`, false},
		"Null":         {"No data.", `{"data":null}`, false},
		"BadNumber":    {"A figure that is none.", `{"data":[{"vmid":"x"}]}`, false},
		"LeadingZero":  {"No number of JSON.", `{"data":[{"vmid":01}]}`, false},
		"Bare":         {"No value of JSON.", `{"data":[{"name":abc}]}`, false},
		"CommaFirst":   {"No list of JSON.", `{"data":[,{"vmid":1}]}`, false},
		"CommaLast":    {"No list of JSON.", `{"data":[{"vmid":1},]}`, false},
		"CommaInRow":   {"No object of JSON.", `{"data":[{"vmid":1,}]}`, false},
		"Unterminated": {"The answer broke off.", `{"data":[{"vmid":1`, false},
		"Trailing":     {"Something follows.", `{"data":[]}]`, false},
		"Control":      {"No string of JSON.", "{\"data\":[{\"name\":\"a\nb\"}]}", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, plain := scanRows([]byte(tc.body), nil)
			if plain != tc.plain {
				t.Fatalf("%s\nplain is %t, want %t", tc.reason, plain, tc.plain)
			}
			if !plain {
				return
			}
			want, err := decodeRows([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got.rows); diff != "" {
				t.Errorf("%s\n-encoding/json, +scanRows:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestScanRowsOfALargeCluster(t *testing.T) {
	body := resources(4, 500)
	got, ok := scanRows(body, nil)
	want, err := decodeRows(body)
	if err != nil || !ok {
		t.Fatalf("plain is %t, error %v", ok, err)
	}
	if diff := cmp.Diff(want, got.rows); diff != "" {
		t.Errorf("-encoding/json, +scanRows:\n%s", diff)
	}
}

// A list read after another one says what it says alone, whatever came, went, changed or moved in between.
func TestScanRowsAfterOthers(t *testing.T) {
	line := func(id, uptime int) string {
		return fmt.Sprintf(`{"id":"qemu/%d","type":"qemu","vmid":%d,"node":"a","uptime":%d}`, id, id, uptime)
	}
	const rows = 60
	var ids, uptimes []int
	for id := range rows {
		ids, uptimes = append(ids, 100+id), append(uptimes, id)
	}
	body := func() []byte {
		var lines []string
		for i, id := range ids {
			lines = append(lines, line(id, uptimes[i]))
		}
		return []byte(`{"data":[` + strings.Join(lines, ",") + `]}`)
	}
	last, ok := scanRows(body(), nil)
	if !ok {
		t.Fatal("the plain form is not recognised")
	}
	tests := []struct {
		reason string
		change func()
		read   int // rows that must be read, the others being known
	}{
		{"nothing changed", func() {}, 0},
		{"three changed", func() { uptimes[0], uptimes[30], uptimes[len(ids)-1] = 9000, 9000, 9000 }, 3},
		{"one went", func() { ids, uptimes = slices.Delete(ids, 5, 6), slices.Delete(uptimes, 5, 6) }, 0},
		{"five went: the first row behind them is found again by its id", func() { ids, uptimes = slices.Delete(ids, 10, 15), slices.Delete(uptimes, 10, 15) }, 1},
		{"two came", func() { ids, uptimes = slices.Insert(ids, 20, 900, 901), slices.Insert(uptimes, 20, 1, 2) }, 2},
		{"two came at the end", func() { ids, uptimes = append(ids, 902, 903), append(uptimes, 3, 4) }, 2},
		{"the first went", func() { ids, uptimes = ids[1:], uptimes[1:] }, 0},
		{"all went but one", func() { ids, uptimes = ids[40:41], uptimes[40:41] }, 1},
	}
	for _, tc := range tests {
		tc.change()
		got, ok := scanRows(body(), last)
		if !ok {
			t.Fatalf("%s: the plain form is not recognised", tc.reason)
		}
		want, err := decodeRows(body())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.rows); diff != "" {
			t.Errorf("%s: -encoding/json, +scanRows:\n%s", tc.reason, diff)
		}
		if got.read != tc.read {
			t.Errorf("%s: %d rows were read, want %d", tc.reason, got.read, tc.read)
		}
		last = got
	}
}

// Whenever the fast way is taken it says what encoding/json says, whatever list came before.
func FuzzScanRows(f *testing.F) {
	seeds := []string{
		`{"data":[{"type":"qemu","vmid":100,"cpu":0.5,"name":"é","mem":null,"x":true},{}]}`, `{"data":[{"vmid":1e3,"maxcpu":"2"}]}`, `{"data":[]}`,
		`{"data":[{"pool":-0.1E+2,"name":"","tags":"a;b"}]} `, `{"data":[{"VMID":1}]}`, `{"data":[{"vmid":01}]}`,
		`{"data":[{"type":"lxc","vmid":1},{"type":"lxc","vmid":2},{"type":"lxc","vmid":3}]}`, `{"data":[{"type":"lxc","vmid":3},{"type":"lxc","vmid":1,"node":"a"}]}`,
		`{"data":[{"name":"}"}]}`, `{"data":[{"name":"}`,
	}
	for i, seed := range seeds {
		f.Add([]byte(seed), []byte(seeds[(i+1)%len(seeds)]))
		f.Add([]byte(seed), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, body, before []byte) {
		last, known := scanRows(before, nil)
		if !known {
			last = nil
		}
		got, ok := scanRows(body, last)
		if !ok {
			return
		}
		want, err := decodeRows(body)
		if err != nil {
			t.Fatalf("%q is taken although encoding/json refuses it: %v", body, err)
		}
		if diff := cmp.Diff(want, got.rows); diff != "" {
			t.Errorf("%q after %q: -encoding/json, +scanRows:\n%s", body, before, diff)
		}
	})
}
