package understand

import (
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// Phrases that halve and double what a guest has without a verb: "half the memory", "deux fois plus de mémoire".
const (
	halfWords  = "half the|half as much|half as many|half of the|moitie moins|moitie moins de|deux fois moins|la moitie de la|la moitie de sa|la moitie des|in half|by half|de moitie|par moitie|par deux"
	twiceWords = "twice the|twice as much|twice as many|deux fois plus|le double de|double the"
)

// exceptions are the words after which guests are left out. "But" does so only after "all".
var exceptions = map[string]bool{"except": true, "excepting": true, "excluding": true, "sauf": true, "hormis": true, "excepte": true, "hors": true, "exception": true, "but": true, "save": true}

// exceptWord takes "except", "sauf", "à l'exception de": the guests that follow are left out of those named as a whole.
func (s *sentence) exceptWord() bool {
	t := s.p.toks[s.i]
	word := strings.TrimPrefix(t.fold, "l'")
	if t.kind != tokWord || !exceptions[word] || s.p.things(s.i)&aGuest != 0 {
		return false
	}
	if !slices.ContainsFunc(s.cur.guests, func(g guestRef) bool { return g.family || g.every }) {
		return false
	}
	s.excluding = true
	s.i++
	return true
}

// leaveOut takes a guest that is named after "except" out of those that the clause names as a whole; it reports false when nothing
// is being left out.
func (s *sentence) leaveOut(ref guestRef) bool {
	if !s.excluding {
		return false
	}
	word := ref.word
	switch {
	case ref.id > 0:
		word = strconv.Itoa(ref.id)
	case ref.family:
		word = "~" + ref.word
	}
	for i := range s.cur.guests {
		if g := &s.cur.guests[i]; (g.family || g.every) && len(g.except) < 1000 {
			g.except = strings.TrimSpace(g.except + " " + strings.ToLower(word))
		}
	}
	return true
}

// without removes the guests that are left out. It reports false when nobody is left, and when one that is left out is unknown:
// a misspelt exception must not become a change of the guest that was meant.
func (x *index) without(found []pve.Guest, except string) ([]pve.Guest, bool) {
	for word := range strings.FieldsSeq(except) {
		n := len(found)
		found = slices.DeleteFunc(found, func(g pve.Guest) bool {
			part, family := strings.CutPrefix(word, "~")
			return family && partOf(strings.ToLower(g.Name), part) || strings.EqualFold(g.Name, word) || strconv.Itoa(g.VMID) == word
		})
		if _, exists := x.find(word, aGuest|aTemplate); len(found) == n && !exists {
			return found, false
		}
	}
	return found, len(found) > 0
}

// withNode returns how many tokens "with its node", "avec son nœud" has at the current one, 0 when it is not there.
func (s *sentence) withNode() int {
	p, i := s.p, s.i
	if !p.is(i, clWith) || i+2 >= len(p.toks) {
		return 0
	}
	owner := p.toks[i+1].fold
	if p.is(i+2, clNode) && slices.Contains([]string{"its", "the", "their", "son", "le", "leur"}, owner) {
		return 3
	}
	return 0
}

// existingWord passes "existing" behind a noun: "conteneur existant dns".
func (p *parser) existingWord(i int) int {
	if i < len(p.toks) && slices.Contains([]string{"existing", "existant", "existante", "existants", "existantes"}, p.toks[i].fold) {
		return i + 1
	}
	return i
}

// soleGuest returns the name of the guest that is called by the words of a role: "the AI server" is AI-server. Empty: none is.
func (s *sentence) soleGuest(i int) string {
	if s.words[clCreate] || s.words[clClone] || s.x.snap == nil {
		return ""
	}
	end := i + s.p.read[i].n
	words := strings.Fields(fold(s.p.text[s.p.toks[i].start:s.p.toks[end-1].end]))
	for _, joint := range []string{"-", ""} {
		if name := strings.Join(words, joint); len(s.x.named(name)) == 1 {
			return name
		}
	}
	return ""
}

// relative reports whether a clause names a guest that exists and a figure beside what it has: "two more cores for db1".
func (s *sentence) relative() bool {
	for _, c := range s.clauses {
		if !slices.ContainsFunc(c.guests, func(ref guestRef) bool { found, _ := s.x.resolveRef(ref); return len(found) > 0 }) {
			continue
		}
		if slices.ContainsFunc(c.wishes, func(w wish) bool {
			return w.mode == amountAdd || w.mode == amountTake || w.mode == amountTimes || w.mode == amountShare
		}) {
			return true
		}
	}
	return false
}

// resizes reports whether guests that exist shall get another size, where a scaling of their number was read: "réduis la mémoire
// des workers à 4 Go".
func (s *sentence) resizes(p parsed) bool {
	if slices.ContainsFunc(p.items, func(it item) bool { return it.kind == itScale }) || len(s.verbs) == 0 || !slices.Contains([]class{acSet, acGrow, acShrink}, s.verbs[0]) {
		return false
	}
	c := s.clauses[0]
	return len(c.guests) > 0 && slices.ContainsFunc(c.wishes, func(w wish) bool {
		return w.n > 0 && (w.field == fieldMemory || w.field == fieldCores || w.field == fieldDisk)
	})
}

// changeTable recognises a table or list whose every row names a guest that exists and gives it a size, without a word for creating
// or a source: those are changes.
func (s *sentence) changeTable(text string, p parsed, decided route) (task, bool) {
	if decided.code != "" || s.x.snap == nil || s.words[clCreate] || s.words[clClone] || !strings.ContainsAny(strings.TrimSpace(text), "\n") || s.fromSource(p) {
		return task{}, false
	}
	var changes []*Change
	for _, g := range assemble(text, p.items, Stated).Groups {
		if len(s.x.named(g.Name.V)) != 1 || g.Source.Has() || g.Like.Has() || g.Count.V > 1 || len(g.NICs) > 0 {
			return task{}, false
		}
		c := &Change{ref: guestRef{word: g.Name.V, start: g.Name.Start, end: g.Name.End}, Cores: quantity{Value: g.Cores}, MemoryMiB: quantity{Value: g.MemoryMiB}}
		if len(g.Disks) > 0 {
			c.DiskMiB = quantity{Value: g.Disks[0].MiB}
		}
		if c.empty() {
			return task{}, false
		}
		changes = append(changes, c)
	}
	return task{changes: changes}, len(changes) > 0
}
