package knowledge

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseLeanings(t *testing.T) {
	got := parseLeanings("*\t-1.0\t0.5\nlist\t2.0\t\ncook\t\t-3.0\n")
	want := bothLeanings{
		existing: leanings{leaningBias: -1, "list": 2},
		answered: leanings{leaningBias: 0.5, "cook": -3},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(bothLeanings{})); diff != "" {
		t.Errorf("a weight that is left out is nought (-want +got):\n%s", diff)
	}
}

func TestOdds(t *testing.T) {
	l := leanings{leaningBias: -1, "list": 2, "all": 1}
	tests := map[string]struct {
		reason string
		traits []string
		want   float64
	}{
		"Nothing": {reason: "The bias alone.", want: -1},
		"Unknown": {reason: "An unknown trait says nothing.", traits: []string{"disk"}, want: -1},
		"One":     {reason: "One trait counts whole.", traits: []string{"list"}, want: 1},
		"Many":    {reason: "Four traits count half of their sum.", traits: []string{"list", "all", "vm", "disk"}, want: 0.5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := l.odds(tt.traits); math.Abs(got-tt.want) > 1e-9 {
				t.Errorf("%s want %v, got %v", tt.reason, tt.want, got)
			}
		})
	}
}

// Words, their neighbours, meanings and signs, each once; accents and endings do not matter.
func TestTraits(t *testing.T) {
	question := "Lister les VM, les VM ?"
	got := traits(question, words(question), intentOf(question))
	for _, want := range []string{"list", "^ list", "les", "list les", "les vm", "vm $", "?", "#vm", "@reads", "@only-reads", "@lists"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	slices.Sort(got)
	if once := slices.Compact(slices.Clone(got)); len(once) != len(got) {
		t.Errorf("a trait stands twice: %q", got)
	}
}

// The file that ships leans the way that people would: it could be written anew from questions that do not.
func TestShippedLeanings(t *testing.T) {
	ix := New(nil)
	for question, reads := range map[string]bool{
		"which storages exist on this node, just to look": true,
		"quels sont les groupes existants ?":              true,
		"create a bridge with an address":                 false,
		"ajouter un disque de 100 Go":                     false,
	} {
		if p := ix.leaningOf(question).reading; p > 0.5 != reads {
			t.Errorf("%q: wants to read with probability %.2f, want above a half: %t", question, p, reads)
		}
	}
}
