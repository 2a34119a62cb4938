package placement

import (
	"cmp"
	"slices"
)

// impossible proves that the units do not all fit, whatever the order: each proof leaves conditions out, so that what it refuses, the
// whole refuses. It is cheap, and finds none when none is simple enough. The search must be empty.
func (p *search) impossible() bool {
	allowed := make([][]bool, len(p.units))
	sets := make(map[string][]int) // units by the nodes that take them when they are alone
	var keys []string
	for i := range p.units {
		allowed[i] = make([]bool, len(p.nodes))
		key := make([]byte, len(p.nodes))
		any := false
		for n := range p.nodes {
			if allowed[i][n] = p.obstacle(i, n) == NoCause; allowed[i][n] {
				key[n], any = 1, true
			}
		}
		if !any {
			return true
		}
		if _, ok := sets[string(key)]; !ok {
			keys = append(keys, string(key))
		}
		sets[string(key)] = append(sets[string(key)], i)
	}
	for _, key := range keys {
		var nodes, within []int
		for n := range p.nodes {
			if key[n] == 1 {
				nodes = append(nodes, n)
			}
		}
		for _, other := range keys {
			if contains(key, other) {
				within = append(within, sets[other]...)
			}
		}
		if p.tooMuch(within, nodes) || p.tooMany(within, nodes) {
			return true
		}
	}
	all, everywhere := make([]int, len(p.units)), make([]int, len(p.nodes))
	for i := range all {
		all[i] = i
	}
	for n := range everywhere {
		everywhere[n] = n
	}
	return p.tooMuch(all, everywhere) || p.tooMany(all, everywhere) || p.tooCrowded(allowed)
}

// contains reports whether every node of inner is one of outer.
func contains(outer, inner string) bool {
	for n := range inner {
		if inner[n] > outer[n] {
			return false
		}
	}
	return true
}

// tooMuch reports whether units that may lie on those nodes only ask for more than the nodes have together.
func (p *search) tooMuch(units, nodes []int) bool {
	var memory int64
	vcpus := 0
	least := make(map[int]int64) // per stock
	for _, i := range units {
		u := p.units[i]
		memory, vcpus = memory+u.memory, vcpus+u.vcpus
		// A stock that all nodes share is asked by whichever takes the unit.
		for _, c := range u.claims[nodes[0]] {
			everywhere := true
			for _, n := range nodes {
				everywhere = everywhere && slices.Contains(u.claims[n], c)
			}
			if everywhere {
				least[c.stock] += c.amount
			}
		}
	}
	for _, n := range nodes {
		memory, vcpus = memory-max(0, p.state.free[n]), vcpus-max(0, p.nodes[n].limit-p.state.vcpus[n])
	}
	for stock, amount := range least {
		if amount > p.state.left[stock] {
			return true
		}
	}
	return memory > 0 || vcpus > 0
}

// tooMany reports whether there are more units of some size than the nodes can hold of that size. For equal units it is exact as far as
// memory and vCPUs go.
func (p *search) tooMany(units, nodes []int) bool {
	bySize := slices.Clone(units)
	slices.SortFunc(bySize, func(a, b int) int { return cmp.Compare(p.units[b].memory, p.units[a].memory) })
	vcpus := 0
	for k, i := range bySize {
		u := p.units[i]
		if k == 0 || u.vcpus < vcpus {
			vcpus = u.vcpus
		}
		if k+1 < len(bySize) && p.units[bySize[k+1]].memory == u.memory {
			continue
		}
		places := 0
		for _, n := range nodes {
			places += p.places(u.memory, vcpus, n, k+1)
		}
		if places < k+1 {
			return true
		}
	}
	return false
}

// places is how often such a unit fits on node n, most at most.
func (p *search) places(memory int64, vcpus, n, most int) int {
	places := most
	if memory > 0 {
		places = min(places, int(max(0, p.state.free[n])/memory))
	}
	if vcpus > 0 {
		places = min(places, max(0, p.nodes[n].limit-p.state.vcpus[n])/vcpus)
	}
	return places
}

// tooCrowded reports whether units that all keep away from one another are more than nodes can be found for, one each.
func (p *search) tooCrowded(allowed [][]bool) bool {
	apart := make(map[label][]int)
	var order []label
	for i, u := range p.units {
		for _, l := range u.shuns {
			if slices.Contains(u.carries, l) && !slices.Contains(apart[l], i) {
				if len(apart[l]) == 0 {
					order = append(order, l)
				}
				apart[l] = append(apart[l], i)
			}
		}
	}
	for _, l := range order {
		if len(apart[l]) > len(p.nodes) || !matches(apart[l], allowed) {
			return true
		}
	}
	return false
}

// matches finds a node of its own for every unit, by augmenting paths.
func matches(units []int, allowed [][]bool) bool {
	holder := make(map[int]int) // unit by node
	var seen []bool
	var augment func(i int) bool
	augment = func(i int) bool {
		for n, ok := range allowed[i] {
			if !ok || seen[n] {
				continue
			}
			seen[n] = true
			if other, taken := holder[n]; !taken || augment(other) {
				holder[n] = i
				return true
			}
		}
		return false
	}
	for _, i := range units {
		seen = make([]bool, len(allowed[i]))
		if !augment(i) {
			return false
		}
	}
	return true
}
