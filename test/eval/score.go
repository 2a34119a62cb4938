package eval

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Tally counts fields.
type Tally struct {
	TP int `json:"tp"` // expected and there with the right value, from words
	FP int `json:"fp"` // there with a wrong value, or claimed to be stated though no word says it
	FN int `json:"fn"` // expected and not there, or there with a wrong value, or only assumed
}

// Add sums two tallies.
func (t Tally) Add(o Tally) Tally { return Tally{t.TP + o.TP, t.FP + o.FP, t.FN + o.FN} }

// F1 is the harmonic mean of precision and recall; 1 when there was nothing to find and nothing was found.
func (t Tally) F1() float64 {
	if t.TP+t.FP+t.FN == 0 {
		return 1
	}
	return float64(t.TP) / t.trials()
}

// trials is the denominator of F1: the size of a sample of which TP is the successful part.
func (t Tally) trials() float64 { return float64(t.TP) + float64(t.FP+t.FN)/2 }

// Compare scores what was understood against what was expected, and says each difference in words.
func Compare(want, got []Group) (Tally, []string) {
	var sum Tally
	var diff []string
	left := slices.Clone(got)
	for _, w := range want {
		at, best := -1, -1
		for i, g := range left {
			if n := overlap(w, g); g.Kind == w.Kind && n > best {
				at, best = i, n
			}
		}
		g := Group{Kind: w.Kind, Fields: map[string]Value{}}
		if at >= 0 {
			g = left[at]
			left = slices.Delete(left, at, at+1)
		}
		t, d := compareGroup(w, g)
		sum, diff = sum.Add(t), append(diff, d...)
	}
	for _, g := range left { // nobody asked for these
		t, d := compareGroup(Group{Kind: g.Kind, Fields: map[string]Value{}}, g)
		t.FP++ // the group itself
		sum, diff = sum.Add(t), append(append(diff, g.Kind+": a group that nobody asked for"), d...)
	}
	return sum, diff
}

func overlap(w, g Group) int {
	n := 0
	for path, v := range w.Fields {
		if matches(path, v.Text, g.Fields[path].Text) {
			n++
		}
	}
	return n
}

func compareGroup(w, g Group) (Tally, []string) {
	var t Tally
	var diff []string
	for _, path := range slices.Sorted(maps.Keys(w.Fields)) {
		want, got := w.Fields[path], g.Fields[path]
		switch {
		case want.Text == optional:
			// The words allow it and do not ask for it.
		case path == fieldCount && number(want.Text) <= 1 && number(got.Text) <= 1:
			// One is what nobody needs to say.
		case matches(path, want.Text, got.Text) && got.Origin != "assumed":
			t.TP++
		case got.Text == "":
			t.FN++
			diff = append(diff, fmt.Sprintf("%s.%s: want %q, got nothing", w.Kind, path, want.Text))
		case matches(path, want.Text, got.Text):
			t.FN++
			diff = append(diff, fmt.Sprintf("%s.%s: %q is only assumed", w.Kind, path, got.Text))
		case got.Origin == "assumed":
			t.FN++
			diff = append(diff, fmt.Sprintf("%s.%s: want %q, got %q assumed", w.Kind, path, want.Text, got.Text))
		default:
			t.FP++
			t.FN++
			diff = append(diff, fmt.Sprintf("%s.%s: want %q, got %q", w.Kind, path, want.Text, got.Text))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(g.Fields)) {
		if _, ok := w.Fields[path]; ok || !claimed(g.Fields[path].Origin) || tolerated(path, w, g) {
			continue
		}
		t.FP++
		diff = append(diff, fmt.Sprintf("%s.%s: %q is said to be %s, no word says it", w.Kind, path, g.Fields[path].Text, g.Fields[path].Origin))
	}
	return t, diff
}

// claimed reports whether an origin claims that the requester said it.
func claimed(origin string) bool {
	return origin == "stated" || origin == "answered" || origin == "corrected"
}

// tolerated are claims that words do support although a case need not name them: a count of one, and a name that follows
// from a role ("serveur web").
func tolerated(path string, w, g Group) bool {
	switch path {
	case fieldCount:
		return number(g.Fields[path].Text) <= 1
	case fieldNames:
		return w.Fields["role"].Text != ""
	}
	return false
}

// optional is an expectation that accepts any value and none.
const optional = "?"

// matches compares one field. An image or volume may be named by a part of its name; "*" is any value; something expressly
// not wanted may as well be absent, where absent means no.
func matches(path, want, got string) bool {
	switch {
	case want == got:
		return true
	case want == "*":
		return got != ""
	case path == fieldSource && !strings.HasPrefix(want, "name:"):
		_, err := strconv.Atoi(want) // an id is the whole id
		return err != nil && got != "" && strings.Contains(strings.ToLower(got), strings.ToLower(want))
	case path == "image": // of a workload; a version may be chosen where none is said
		return strings.HasPrefix(got, want+":") && !strings.Contains(want, ":")
	case want == "false" && got == "":
		return slices.Contains([]string{"ha.enabled", "protection", "nesting"}, path)
	case path == fieldNames || path == "new_name":
		return strings.EqualFold(want, got)
	}
	return false
}

// Wilson is the interval of 95 % around a share of k in n.
func Wilson(k, n float64) (lo, hi float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p := k / n
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, centre-half), min(1, centre+half)
}
