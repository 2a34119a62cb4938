package contract_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/proto"
	"proviso.dev/test/contract"
)

// received are the messages that others send us. Ours may narrow as we like, theirs may not.
var received = []string{"ProvisionIntent", "StartRun", "AnswerRun", "CancelRun"}

// TestReceivedMessagesDoNotNarrow compares the schemas with those of the main branch, or of the first commit where there is no
// main branch to compare with.
func TestReceivedMessagesDoNotNarrow(t *testing.T) {
	base := git("rev-parse", "--verify", "--quiet", "origin/main")
	if base == "" {
		base, _, _ = strings.Cut(git("rev-list", "--max-parents=0", "HEAD"), "\n")
	}
	if base == "" {
		t.Skip("not a git checkout: there is nothing to compare with")
	}
	for _, name := range received {
		path := "schema/proviso.v1." + name + ".schema.strict.bundle.json"
		before := git("show", base+":proto/"+path)
		if before == "" {
			t.Logf("%s is new since %s", name, base)
			continue
		}
		after, err := proto.Schemas.ReadFile(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, n := range contract.Narrowings(schema(t, before), schema(t, string(after))) {
			t.Errorf("%s%s", name, n)
		}
	}
}

// git returns what a command prints, nothing when it fails.
func git(args ...string) string {
	out, err := exec.Command("git", append([]string{"-C", "../.."}, args...)...).Output()
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(out))
}

func schema(t *testing.T, text string) contract.Schema {
	t.Helper()
	var s contract.Schema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNarrowings(t *testing.T) {
	const base = `{"properties":{"name":{"type":"string","maxLength":63},"kind":{"enum":["a","b"]},"n":{"minimum":1}},"required":["name"]}`
	tests := map[string]struct {
		reason string
		after  string
		want   []string
	}{
		"Same":     {reason: "Nothing changed.", after: base},
		"Wider":    {reason: "Taking more refuses nobody.", after: `{"properties":{"name":{"maxLength":64},"kind":{"enum":["a","b","c"]},"n":{"minimum":0},"more":{}}}`},
		"Required": {reason: "A message without n was right.", after: strings.Replace(base, `["name"]`, `["name","n"]`, 1), want: []string{": n became required"}},
		"Enum":     {reason: "A message with b was right.", after: strings.Replace(base, `"a","b"`, `"a"`, 1), want: []string{"/kind: b left the closed set"}},
		"Bound":    {reason: "A name of 63 was right.", after: strings.Replace(base, `63`, `62`, 1), want: []string{"/name: maxLength 63 became 62"}},
		"NewBound": {reason: "Any n above 0 was right.", after: strings.Replace(base, `"minimum":1`, `"minimum":1,"maximum":9`, 1), want: []string{"/n: maximum 9 is new"}},
		"Pattern":  {reason: "Any name was right.", after: strings.Replace(base, `"maxLength"`, `"pattern":"^a","maxLength"`, 1), want: []string{"/name: pattern <nil> became ^a"}},
		"Gone":     {reason: "An unknown field is refused.", after: strings.Replace(base, `"n":{"minimum":1}`, `"m":{}`, 1), want: []string{"/n: is gone"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := contract.Narrowings(schema(t, base), schema(t, tc.after))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}
