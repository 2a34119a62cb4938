package understand

import (
	"strings"

	"proviso.dev/pkg/pve"
)

// idAt reports whether token i is an id of a guest: any after a noun, else one that exists, or stands where a guest must.
func (s *sentence) idAt(i int, afterNoun bool) bool {
	if !s.p.toksAt(i, tokNumber) || !afterNoun && s.p.is(i-1, clFrom) {
		return false
	}
	n, ok := whole(s.p.toks[i].num)
	if !ok || n < 100 || n > 999999999 || s.p.measured(i) || s.p.mark(i+1, "%") {
		return false
	}
	if afterNoun {
		return true
	}
	if s.x.snap == nil {
		return isVerb(s.actAt(i - 1))
	}
	_, exists := s.x.snap.Guest(n)
	return exists && (len(s.nouns) == 0 || s.p.is(i-1, clThe)) || isOperation(s.actAt(i-1)) || len(s.cur.guests) > 0 && s.cur.guests[len(s.cur.guests)-1].id > 0 && s.p.is(i-1, clAnd)
}

// familyOf returns the part that names of guests have for the plural of a role: "the worker nodes" are those with "worker-node".
func (s *sentence) familyOf(words string) string {
	if part, known := s.families[words]; known {
		return part
	}
	part := s.lookUpFamily(words)
	s.families[words] = part
	return part
}

func (s *sentence) lookUpFamily(words string) string {
	word := strings.TrimSuffix(fold(words), "s")
	word = strings.ReplaceAll(word, " ", "-")
	for _, w := range []string{word, strings.TrimPrefix(word, "noeuds-"), strings.TrimPrefix(word, "noeud-"), strings.TrimPrefix(word, "k3s-"), strings.Split(word, "-")[0]} {
		if w != "" && len(s.x.members(w)) > 0 {
			return w
		}
	}
	return ""
}

// members returns the ids of the guests whose names have a word as a part: "worker" is one of "worker-node-1".
func (x *index) members(word string) []int {
	if x.snap == nil || len(word) < 2 {
		return nil
	}
	word = strings.ToLower(word)
	var ids []int
	for _, g := range x.snap.Guests {
		if !g.Template && partOf(strings.ToLower(g.Name), word) {
			ids = append(ids, g.VMID)
		}
	}
	return ids
}

// partOf reports whether a word stands in a name between its ends and hyphens.
func partOf(name, word string) bool {
	return strings.Contains("-"+name+"-", "-"+word+"-")
}

// named returns the guests with this name, regardless of case.
func (x *index) named(name string) []pve.Guest {
	if x.snap == nil {
		return nil
	}
	if _, ok := x.guests[strings.ToLower(name)]; !ok {
		return nil
	}
	var found []pve.Guest
	for _, g := range x.snap.Guests {
		if strings.EqualFold(g.Name, name) {
			found = append(found, g)
		}
	}
	return found
}
