package understand

import (
	"net/netip"
	"slices"
)

// nth takes one machine out of the group spoken of, because something holds for it alone: "web1 and web2 with 4 cores, the second one with
// 16 GB". The last one that is left needs no group of its own.
func (a *assembler) nth(it item) {
	a.clause, a.all, a.tabled = a.clause[:0], false, false
	if a.cur == nil && len(a.ahead) > 0 {
		a.open(item{kind: itHead, start: a.ahead[0].start, end: a.ahead[0].start})
	}
	g := a.whole
	if g == nil || !slices.Contains(a.in.Groups, g) || a.cur != nil && !a.cur.special && a.cur != g {
		g = a.cur
		a.whole, a.wholeNames = g, nil
		if g != nil {
			a.wholeNames = slices.Clone(g.Names.V)
		}
	}
	if g == nil {
		return
	}
	k := it.n - 1
	if it.n < 0 {
		k = len(a.wholeNames) - 1
	}
	name := ""
	if k >= 0 && k < len(a.wholeNames) {
		name = a.wholeNames[k]
	}
	if g.count() < 2 || name != "" && slices.Equal(g.Names.V, []string{name}) {
		g.special = true
		a.cur = g
		return
	}
	one := g.clone()
	one.special, one.Count, one.Names = true, value(a, 1, it), Value[[]string]{}
	if name != "" {
		one.Name = Value[string]{V: name, Origin: g.Names.Origin, Text: g.Names.Text, Start: g.Names.Start, End: g.Names.End}
		g.Names.V = slices.DeleteFunc(slices.Clone(g.Names.V), func(n string) bool { return n == name })
		g.Count = Value[int]{}
	} else {
		g.Count.V--
	}
	a.handDown(g, one)
	a.in.Groups = append(a.in.Groups, one)
	a.cur = one
}

// consecutive takes a list of addresses that follow one another, one for each machine, as the first of them: the contract counts on.
func (g *Group) consecutive() {
	list := g.conflicts[fieldIPv4]
	if len(list) < 2 || len(list) != g.count() || len(g.NICs) != 1 {
		return
	}
	address := func(s string) netip.Addr {
		if p, err := netip.ParsePrefix(s); err == nil {
			return p.Addr()
		}
		a, _ := netip.ParseAddr(s)
		return a
	}
	for k := 1; k < len(list); k++ {
		if before := address(list[k-1]); !before.IsValid() || before.Next() != address(list[k]) {
			return
		}
	}
	delete(g.conflicts, fieldIPv4)
}
