package understand

import "slices"

// share lets groups have what the sentence says once for all of them. "Three web servers and a database from template
// 100 on mainvnet" speaks of one source and one network; sizes and nodes belong to the machines they stand beside.
func share(in *Intent, reason string) {
	n := len(in.Groups)
	if n < 2 {
		return
	}
	last := in.Groups[n-1]
	before := slices.DeleteFunc(slices.Clone(in.Groups[:n-1]), func(g *Group) bool { return g.closed })
	source := last.Source.Has() && none(before, func(g *Group) bool { return g.Source.Has() })
	network := len(last.NICs) > 0 && !static(last) && none(before, func(g *Group) bool { return len(g.NICs) > 0 })
	for _, g := range before {
		if source && counts(g, last) {
			g.Source = last.Source
		}
		if network {
			g.NICs = slices.Clone(last.NICs)
		}
	}
	same := slices.DeleteFunc(slices.Clone(before), func(g *Group) bool { return !counts(g, last) })
	inherit(same, last, func(g *Group) *Value[string] { return &g.User })
	inherit(before, last, func(g *Group) *Value[[]string] { return &g.Keys })
	inherit(before, last, func(g *Group) *Value[[]string] { return &g.DNS })
	inherit(before, last, func(g *Group) *Value[string] { return &g.Domain })
	inherit(before, last, func(g *Group) *Value[string] { return &g.Pool })
	inherit(same, last, func(g *Group) *Value[bool] { return &g.FullClone })
	inherit(same, last, func(g *Group) *Value[string] { return &g.CPUType })
	// A source that only an earlier group has is taken for the rest, and marked: asking would be needless, silence a guess.
	for k, g := range in.Groups[1:] {
		if before := sourceBefore(in.Groups[:k+1], g); !g.Source.Has() && before.Has() {
			g.Source = Value[Source]{V: before.V, Origin: Derived, Reason: reason}
		}
	}
}

// none reports whether no group has something.
func none(groups []*Group, has func(*Group) bool) bool { return !slices.ContainsFunc(groups, has) }

// static reports whether a group has an address of its own, which no other can share.
func static(g *Group) bool {
	for _, n := range g.NICs {
		if n.IPv4.V != "" && n.IPv4.V != "dhcp" {
			return true
		}
	}
	return false
}

// inherit gives the last group's value to the groups before it when none of them has one.
func inherit[T any](before []*Group, last *Group, of func(*Group) *Value[T]) {
	if !of(last).Has() || !none(before, func(g *Group) bool { return of(g).Has() }) {
		return
	}
	for _, g := range before {
		*of(g) = *of(last)
	}
}

// sourceBefore returns the source of the group of the same kind before another.
func sourceBefore(before []*Group, of *Group) Value[Source] {
	for _, g := range slices.Backward(before) {
		if counts(g, of) {
			return g.Source
		}
	}
	return Value[Source]{}
}
