package pve

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decodeRows is what the answer means.
func decodeRows(body []byte) ([]resourceRow, error) {
	var answer struct {
		Data []resourceRow `json:"data"`
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
			got, plain := scanRows([]byte(tc.body))
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
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\n-encoding/json, +scanRows:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestScanRowsOfALargeCluster(t *testing.T) {
	body := resources(4, 500)
	got, ok := scanRows(body)
	want, err := decodeRows(body)
	if err != nil || !ok {
		t.Fatalf("plain is %t, error %v", ok, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-encoding/json, +scanRows:\n%s", diff)
	}
}

// Whenever the fast way is taken it says what encoding/json says.
func FuzzScanRows(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"type":"qemu","vmid":100,"cpu":0.5,"name":"é","mem":null,"x":true},{}]}`, `{"data":[{"vmid":1e3,"maxcpu":"2"}]}`, `{"data":[]}`,
		`{"data":[{"pool":-0.1E+2,"name":"","tags":"a;b"}]} `, `{"data":[{"VMID":1}]}`, `{"data":[{"vmid":01}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := scanRows(body)
		if !ok {
			return
		}
		want, err := decodeRows(body)
		if err != nil {
			t.Fatalf("%q is taken although encoding/json refuses it: %v", body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -encoding/json, +scanRows:\n%s", body, diff)
		}
	})
}
