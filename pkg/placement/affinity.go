package placement

import "slices"

// A label marks units that others keep away from. Apart is a matter of labels: a unit carries some and shuns some, and no node may
// hold a unit that shuns a label beside another that carries it.
type label int

// labels hands out labels for one request.
type labels struct {
	byKey map[any]label
}

// The keys of labels.
type (
	apartKey struct{ group int }
	pairKey  struct {
		from, to int
		back     bool
	}
	ruleKey struct{ rule string }
)

func (l *labels) of(key any) label {
	at, ok := l.byKey[key]
	if !ok {
		at = label(len(l.byKey))
		l.byKey[key] = at
	}
	return at
}

// A bond is how one demand lies to the others of its request.
type bond struct {
	carries, shuns []label
	with           []any // demands that share one of these lie together
}

// bonds returns the bond of every demand, and the number of labels.
func (x *Index) bonds(demands []Demand) ([]bond, int) {
	l := &labels{byKey: make(map[any]label)}
	bonds := make([]bond, len(demands))
	both := func(i int, at label) {
		bonds[i].carries, bonds[i].shuns = append(bonds[i].carries, at), append(bonds[i].shuns, at)
	}
	for i, d := range demands {
		switch d.Grouping {
		case Apart:
			both(i, l.of(apartKey{d.Group}))
		case Together:
			bonds[i].with = append(bonds[i].with, apartKey{d.Group})
		}
		for _, name := range d.HARules {
			rule, ok := x.roster.rules[name]
			switch {
			case !ok || rule.Disabled:
			case rule.Affinity == "negative":
				both(i, l.of(ruleKey{name}))
			case rule.Affinity == "positive":
				bonds[i].with = append(bonds[i].with, ruleKey{name})
			}
		}
		for _, other := range d.ApartGroups {
			if other == d.Group {
				continue
			}
			there, back := l.of(pairKey{d.Group, other, false}), l.of(pairKey{d.Group, other, true})
			bonds[i].carries, bonds[i].shuns = append(bonds[i].carries, there), append(bonds[i].shuns, back)
			for j := range demands {
				if demands[j].Group == other && !slices.Contains(bonds[j].carries, back) {
					bonds[j].carries, bonds[j].shuns = append(bonds[j].carries, back), append(bonds[j].shuns, there)
				}
			}
		}
	}
	return bonds, len(l.byKey)
}

// parts returns for every demand the first demand that it lies together with, itself when there is none before it.
func parts(demands []Demand, bonds []bond) []int {
	first := make([]int, len(demands))
	for i := range first {
		first[i] = i
	}
	root := func(i int) int {
		for first[i] != i {
			first[i] = first[first[i]]
			i = first[i]
		}
		return i
	}
	join := func(i, j int) {
		a, b := root(i), root(j)
		first[max(a, b)] = min(a, b)
	}
	seen := make(map[any]int)
	groups := make(map[int][]int)
	for i, d := range demands {
		groups[d.Group] = append(groups[d.Group], i)
		for _, key := range bonds[i].with {
			if j, ok := seen[key]; ok {
				join(i, j)
			} else {
				seen[key] = i
			}
		}
	}
	for i, d := range demands {
		for _, group := range d.NearGroups {
			for _, j := range groups[group] {
				join(i, j)
			}
		}
	}
	for i := range first {
		first[i] = root(i)
	}
	return first
}

// torn reports whether two members of one unit are to lie apart.
func torn(members []bond) bool {
	if len(members) < 2 {
		return false
	}
	carriers := make(map[label]int)
	for _, m := range members {
		for _, l := range m.carries {
			carriers[l]++
		}
	}
	return slices.ContainsFunc(members, func(m bond) bool {
		return slices.ContainsFunc(m.shuns, func(l label) bool {
			others := carriers[l]
			if slices.Contains(m.carries, l) {
				others--
			}
			return others > 0
		})
	})
}

// beside names the first thing about the guests that the cluster has that keeps a demand off node n.
func (x *Index) beside(d Demand, n int) hurdle {
	for _, reference := range slices.Concat(d.Near, d.Apart) {
		if len(x.roster.find(reference)) == 0 {
			return hurdle{NoSuchGuest, reference}
		}
	}
	for _, reference := range d.Near {
		for _, g := range x.roster.find(reference) {
			if x.at[g] != n {
				return hurdle{NotNear, reference}
			}
		}
	}
	for _, reference := range d.Apart {
		for _, g := range x.roster.find(reference) {
			if x.at[g] == n {
				return hurdle{NotApart, reference}
			}
		}
	}
	for _, name := range d.HARules {
		rule, ok := x.roster.rules[name]
		if !ok {
			return hurdle{NoSuchRule, name}
		}
		if rule.Disabled || rule.Affinity == "" {
			continue
		}
		for _, sid := range rule.Resources {
			g, ok := x.roster.ofSID(sid)
			switch {
			case !ok || x.at[g] < 0:
			case rule.Affinity == "positive" && x.at[g] != n:
				return hurdle{NotNear, x.roster.guests[g].label()}
			case rule.Affinity == "negative" && x.at[g] == n:
				return hurdle{NotApart, x.roster.guests[g].label()}
			}
		}
	}
	return hurdle{}
}

// label is what people call the guest.
func (r resident) label() string {
	if r.Name != "" {
		return r.Name
	}
	return r.sid()
}

// haNodes returns whether HA keeps the demand off node n, and how far down its list of nodes n comes: 0 is where HA would take it.
func (x *Index) haNodes(d Demand, n int) (outside bool, rank int) {
	look := func(nodes map[string]int, strict bool) {
		priority, member := nodes[x.nodes[n].name]
		best, any := 0, false
		for i := range x.nodes {
			if p, ok := nodes[x.nodes[i].name]; ok && x.nodes[i].open {
				best, any = max(best, p), true
			}
		}
		switch {
		case member:
			rank += max(0, best-priority)
		case strict:
			outside = true
			rank += best + 1
		case any:
			rank += best + 1
		}
	}
	if group, ok := x.roster.groups[d.HAGroup]; ok && d.HAGroup != "" {
		look(group.Nodes, group.Restricted)
	}
	for _, name := range d.HARules {
		if rule, ok := x.roster.rules[name]; ok && !rule.Disabled && rule.Type == "node-affinity" {
			look(rule.Nodes, rule.Strict)
		}
	}
	return outside, rank
}
