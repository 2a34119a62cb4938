package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Items of 6, 5, 4, 3 and 2 fill two bins of 10.
const fiveItems = "1\n10\n5\n6 1\n5 1\n4 1\n3 1\n2 1\n"

func vbpFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "items.vbp")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Scripts get one object with exactly these names, whatever is searched and wherever the items come from.
func TestPlaceVBPForScripts(t *testing.T) {
	file := vbpFile(t, fiveItems)
	empty := vbpFile(t, "2\n10 10\n0\n")
	tests := map[string]struct {
		reason string
		typed  string
		args   []string
		bins   int
		items  int
	}{
		"File":   {reason: "a file", args: []string{"--vbp", file, "--seconds", "1", "--seed", "1"}, bins: 2, items: 5},
		"Greedy": {reason: "no search", args: []string{"--vbp", file, "--seconds", "0"}, bins: 2, items: 5},
		"Stdin":  {reason: "standard input", typed: fiveItems, args: []string{"--vbp", "-"}, bins: 2, items: 5},
		"Empty":  {reason: "no items are a list without bins, not null", args: []string{"--vbp", empty}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := run(t, nil, strings.NewReader(tt.typed), append([]string{"place", "--json"}, tt.args...)...)
			if c.code != exitDelivered || c.stderr != "" {
				t.Fatalf("code %d, stderr %q", c.code, c.stderr)
			}
			var names map[string]json.RawMessage
			var got struct {
				Bins       [][]int `json:"bins"`
				LowerBound int     `json:"lower_bound"`
			}
			if err := json.Unmarshal([]byte(c.stdout), &names); err != nil || len(names) != 2 {
				t.Fatalf("%v: %s", err, c.stdout)
			}
			if err := json.Unmarshal([]byte(c.stdout), &got); err != nil || got.Bins == nil {
				t.Fatalf("%v: %s", err, c.stdout)
			}
			seen := map[int]bool{}
			for _, bin := range got.Bins {
				for _, i := range bin {
					seen[i] = true
				}
			}
			if len(got.Bins) != tt.bins || got.LowerBound != tt.bins || len(seen) != tt.items {
				t.Errorf("%s: %s", tt.reason, c.stdout)
			}
		})
	}
}

func TestPlaceVBPForPeople(t *testing.T) {
	file := vbpFile(t, fiveItems)
	for lang, want := range map[string]string{
		"en_GB.UTF-8": "Items: 5. Bins: 2; proven minimum: 2.\n",
		"fr_FR.UTF-8": "Éléments : 5. Boîtes : 2 ; minimum démontré : 2.\n",
	} {
		c := run(t, map[string]string{"LANG": lang}, nil, "place", "--vbp", file)
		if diff := cmp.Diff(call{stdout: want}, c, cmp.AllowUnexported(call{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

// What is wrong with a file is said in one sentence that names the line.
func TestPlaceVBPRefuses(t *testing.T) {
	tests := map[string]struct {
		text string
		args []string // instead of a file with the text
		lang string
		code int
		says string
	}{
		"TooLarge":  {text: "1 10 1\n11 1", code: exitRefused, says: "cannot be packed: on line 2, the size 11 is larger than a bin."},
		"Negative":  {text: "1 10 1\n-1 1", code: exitRefused, says: "on line 2, -1 is below zero."},
		"Truncated": {text: "1 10 2\n1 1\n", code: exitRefused, says: "on line 3, the file ends before its last number."},
		"Overlong":  {text: "1 10 1\n1 1 1", code: exitRefused, says: `on line 2, "1" follows the last number of the file.`},
		"Word":      {text: "1 ten", code: exitRefused, lang: "fr", says: ": à la ligne 1, « ten » n'est pas un nombre entier."},
		"Limit":     {text: "1 10 20001", code: exitRefused, says: "20001 is out of range here (1 to 64 dimensions, at most 20000 items, sizes up to 2^40)."},
		"Escape":    {text: "1 \x1b[31m", code: exitRefused, says: "is no whole number"},
		"Stdin":     {args: []string{"--vbp", "-"}, code: exitRefused, says: "proviso: Standard input cannot be packed: on line 1, the file ends"},
		"Missing":   {args: []string{"--vbp", filepath.Join(t.TempDir(), "gone")}, code: exitFailed, says: "gone"},
		"NoFile":    {code: exitUsage, args: []string{"--seconds", "2"}, says: "--vbp FILE"},
		"Below":     {code: exitUsage, args: []string{"--vbp", "-", "--seconds=-1"}, says: "0 to 3600"},
		"NaN":       {code: exitUsage, args: []string{"--vbp", "-", "--seconds=NaN"}, says: "0 to 3600"},
		"Seed":      {code: exitUsage, args: []string{"--vbp", "-", "--seed=-1"}, says: "seed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			args := tt.args
			if args == nil {
				args = []string{"--vbp", vbpFile(t, tt.text)}
			}
			c := run(t, map[string]string{"LANG": tt.lang}, nil, append([]string{"place"}, args...)...)
			if c.code != tt.code || !strings.Contains(c.stderr, tt.says) || c.stdout != "" || strings.Count(c.stderr, "\n") != 1 || strings.Contains(c.stderr, "\x1b") {
				t.Errorf("code %d, stdout %q, stderr %q", c.code, c.stdout, c.stderr)
			}
		})
	}
}

// The age of a process is what the system says, unless its two clocks cannot belong together.
func TestAgeOfAProcess(t *testing.T) {
	stat := "42 (odd ) name) S 1 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0"
	tests := map[string]struct {
		reason string
		stat   string
		uptime string
		want   time.Duration
		ok     bool
	}{
		"Young":    {reason: "started at 123.45 s", stat: stat, uptime: "123.52 99.0\n", want: 70 * time.Millisecond, ok: true},
		"SameTick": {reason: "uptime is rounded down", stat: stat, uptime: "123.44 99.0\n", ok: true},
		"Foreign":  {reason: "a container's own uptime", stat: stat, uptime: "3.00 1.0\n"},
		"Old":      {reason: "no process loads for a minute", stat: stat, uptime: "183.45 1.0\n", want: time.Minute},
		"Short":    {reason: "too few fields", stat: "42 (x) S 1", uptime: "1 1"},
		"Empty":    {reason: "no content"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := ageOf([]byte(tt.stat), []byte(tt.uptime))
			if ok != tt.ok || ok && (got-tt.want).Abs() > time.Microsecond {
				t.Errorf("%s: want %v %v, got %v %v", tt.reason, tt.want, tt.ok, got, ok)
			}
		})
	}
}
