package placement

import "slices"

// withBundles adds the guests that positive affinity keeps with these; nil when one of them cannot move.
func (x *Index) withBundles(guests []int) []int {
	var all []int
	for _, g := range guests {
		for _, member := range x.bundle(g) {
			r := x.roster.guests[member]
			if r.pinned() || x.at[member] < 0 || !x.nodes[x.at[member]].online {
				return nil
			}
			if !slices.Contains(all, member) {
				all = append(all, member)
			}
		}
	}
	return all
}

// bundle returns a guest with all that positive affinity keeps on its node, in order of the roster.
func (x *Index) bundle(g int) []int {
	members := []int{g}
	for k := 0; k < len(members); k++ {
		for _, name := range x.roster.rulesOf[x.roster.guests[members[k]].sid()] {
			rule := x.roster.rules[name]
			if rule.Affinity != "positive" {
				continue
			}
			for _, sid := range rule.Resources {
				if other, ok := x.roster.ofSID(sid); ok && x.at[other] == x.at[g] && !slices.Contains(members, other) {
					members = append(members, other)
				}
			}
		}
	}
	slices.Sort(members)
	return members
}

// scattered reports whether positive affinity wants the guest near others that are elsewhere now: HA is about to bring them together.
func (x *Index) scattered(g int) bool {
	for _, name := range x.roster.rulesOf[x.roster.guests[g].sid()] {
		for _, sid := range x.roster.rules[name].Resources {
			other, ok := x.roster.ofSID(sid)
			if ok && x.roster.rules[name].Affinity == "positive" && x.at[other] != x.at[g] {
				return true
			}
		}
	}
	return false
}
