package eval

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"proviso.dev/pkg/twin"
)

const goodFile = `
class: clear
lang: en
cases:
  - {id: a, prompt: "create a VM", vms: [{name: x}]}
`

func TestLoadIsStrict(t *testing.T) {
	tests := map[string]struct {
		reason string
		file   string
		want   string // part of the error; empty: none
	}{
		"Good":         {reason: "The plain form is a case.", file: goodFile},
		"UnknownKey":   {reason: "A misspelt expectation would expect nothing.", file: strings.Replace(goodFile, "vms", "vmz", 1), want: "vmz"},
		"UnknownField": {reason: "So would a misspelt field.", file: strings.Replace(goodFile, "name: x", "nmae: x", 1), want: "nmae"},
		"WrongFolder":  {reason: "A class is a folder.", file: strings.Replace(goodFile, "class: clear", "class: ha", 1), want: "folder"},
		"UnknownLang":  {reason: "Scores are by language.", file: strings.Replace(goodFile, "lang: en", "lang: de", 1), want: "language"},
		"NoPrompt":     {reason: "Nothing is asked.", file: strings.Replace(goodFile, "create a VM", " ", 1), want: "prompt"},
		"NothingWanted": {
			reason: "A case that every delivered run passes tests nothing.",
			file:   strings.Replace(goodFile, ", vms: [{name: x}]", "", 1), want: "nothing is expected",
		},
		"QuestionUnnamed": {
			reason: "Asking anything at all is not asking the right thing.",
			file:   strings.Replace(goodFile, "vms: [{name: x}]", "state: needs_input", 1), want: "names the question",
		},
		"UnknownState":   {reason: "States are few.", file: strings.Replace(goodFile, "vms:", "state: done, vms:", 1), want: "state"},
		"UnknownFixture": {reason: "A case needs its cluster.", file: strings.Replace(goodFile, "vms:", "fixture: moon, vms:", 1), want: "fixture"},
		"Twice":          {reason: "Results are told apart by id.", file: goodFile + "  - {id: a, prompt: b, vms: [{name: x}]}\n", want: "is in"},
		"TwoDocuments":   {reason: "The second would be ignored.", file: goodFile + "---\nclass: clear\n", want: "document"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"cases/clear/en.yaml": {Data: []byte(tc.file)}}, "cases")
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("%s: %v", tc.reason, err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || !errors.Is(err, ErrCase)):
				t.Errorf("%s: want an ErrCase with %q, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

// The corpus keeps the size and balance that its figures are quoted with.
func TestCasesAreManyAndBalanced(t *testing.T) {
	cases, err := Load(Files(), "cases")
	if err != nil {
		t.Fatal(err)
	}
	byLang, byClass, pairs := map[string]int{}, map[string]map[string]int{}, map[string]int{}
	for _, c := range cases {
		byLang[c.Lang]++
		if byClass[c.Class] == nil {
			byClass[c.Class] = map[string]int{}
		}
		byClass[c.Class][c.Lang]++
		if c.Pair != "" {
			pairs[c.Class+"/"+c.Pair]++
		}
	}
	if len(cases) < 300 {
		t.Errorf("want 300 cases or more, got %d", len(cases))
	}
	if d := byLang["en"] - byLang["fr"]; d*d > len(cases) {
		t.Errorf("languages are out of balance: %v", byLang)
	}
	for _, class := range Classes {
		if byClass[class]["en"] == 0 || byClass[class]["fr"] == 0 {
			t.Errorf("class %s lacks a language: %v", class, byClass[class])
		}
	}
	for pair, n := range pairs {
		if n != 2 {
			t.Errorf("pair %s has %d halves", pair, n)
		}
	}
}

func TestHostileCorpusIsLargeAndBalanced(t *testing.T) {
	attacks, err := LoadHostile(Files(), "hostile")
	if err != nil {
		t.Fatal(err)
	}
	byLang, byChannel, byOrigin := map[string]int{}, map[string]int{}, map[string]int{}
	for _, h := range attacks {
		byLang[h.Lang]++
		byChannel[h.Channel]++
		byOrigin[h.Origin]++
	}
	if len(attacks) < 150 {
		t.Errorf("want 150 attacks or more, got %d", len(attacks))
	}
	if byLang["en"] < 70 || byLang["fr"] < 70 {
		t.Errorf("languages are out of balance: %v", byLang)
	}
	for _, channel := range Channels {
		if byChannel[channel] == 0 {
			t.Errorf("no attack comes through %s", channel)
		}
	}
	if byOrigin["dockerfile"] == 0 || byOrigin["alert"] == 0 {
		t.Errorf("origins are missing: %v", byOrigin)
	}
}

// A description is read of guests that a request speaks of, and of no others: a case whose request does not speak of its guest would
// send nothing through that channel, and show nothing.
func TestNotesBelongToGuestsThatAreSpokenOf(t *testing.T) {
	attacks, err := LoadHostile(Files(), "hostile")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range attacks {
		if h.Channel == "note" && (h.Guest != 0 || !strings.Contains(h.Request, "worker-node-2")) && !strings.Contains(h.Request, strconv.Itoa(h.Guest)) {
			t.Errorf("%s: the request does not speak of the guest that carries the attack: %q", h.Key(), h.Request)
		}
	}
}

func TestLoadHostileIsStrict(t *testing.T) {
	const good = "lang: en\nchannel: prompt\nowasp: [LLM01:2026]\nrequest: \"a {attack}\"\ncases:\n  - {id: a, attack: x}\n"
	tests := map[string]struct{ file, want string }{
		"Good":        {good, ""},
		"UnknownKey":  {good + "    # \n  - {id: b, atack: y}\n", "atack"},
		"NoPlace":     {strings.Replace(good, "{attack}\"", "\"", 1), "no place"},
		"NoOWASP":     {strings.Replace(good, "owasp: [LLM01:2026]\n", "", 1), "OWASP"},
		"NoAttack":    {strings.Replace(good, "attack: x", "attack: \"\"", 1), "attack is needed"},
		"Twice":       {good + "  - {id: a, attack: y}\n", "twice"},
		"BadChannel":  {strings.Replace(good, "channel: prompt", "channel: pigeon", 1), "pigeon"},
		"NoCleanText": {strings.Replace(good, "channel: prompt", "channel: answer", 1), "clean answer"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := LoadHostile(fstest.MapFS{"hostile/a.yaml": {Data: []byte(tc.file)}}, "hostile")
			if (tc.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("want an error with %q, got %v", tc.want, err)
			}
		})
	}
}

// Every fixture makes a cluster; a twin refuses a seed that contradicts itself.
func TestFixturesAreClusters(t *testing.T) {
	for _, name := range []string{"lab-s0", "lab-s1", "lab-s2", "generated", "office"} {
		seed, err := Seed(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := twin.New(seed, twin.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Seed("moon"); !errors.Is(err, ErrFixture) {
		t.Errorf("want ErrFixture, got %v", err)
	}
}
