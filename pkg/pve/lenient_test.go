package pve

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumber(t *testing.T) {
	for in, want := range map[string]number{
		`12`: 12, `0.5`: 0.5, `"12"`: 12, `"0.25"`: 0.25, `null`: 0, `true`: 1, `false`: 0, `""`: 0, `-1`: -1, `9007199254740991`: 9007199254740991,
	} {
		var got number
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s reads as %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{`"lots"`, `"NaN"`, `"1e999"`, `{}`, `[1]`} {
		var got number
		if err := json.Unmarshal([]byte(in), &got); !errors.Is(err, errNumber) {
			t.Errorf("%s reads as %v, %v; want an error", in, got, err)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]text{
		`"a"`: "a", `""`: "", `"a\"b\u00e9"`: `a"bé`, `"é"`: "é", "\"\xff\"": "\uFFFD", `7`: "7", `true`: "1", `false`: "0", `null`: "", `[["a"]]`: "", `{"a":1}`: "",
	} {
		got := text("before")
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s reads as %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestSet(t *testing.T) {
	for in, want := range map[string]set{
		`"pmox01,pmox02:2"`: {"pmox01": 0, "pmox02": 2}, `"a b;c"`: {"a": 0, "b": 0, "c": 0}, `["a","b"]`: {"a": 0, "b": 0}, `{"a":"3","b":1}`: {"a": 3, "b": 1},
		`""`: nil, `null`: nil, `{}`: nil,
	} {
		var got set
		if err := json.Unmarshal([]byte(in), &got); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want, +got:\n%s", in, diff)
		}
	}
}
