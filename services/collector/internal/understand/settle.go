package understand

import (
	"slices"
	"strconv"
	"strings"
)

// settleSizes decides for each size without a noun whether memory or disk is meant: the first is memory unless memory is
// known or the size can only be a disk's.
func (a *assembler) settleSizes() {
	for _, l := range a.loose {
		g, it := l.group, l.it
		const terabyte = 1 << 20
		boot := len(g.Disks) > 0 && !g.Disks[0].extra && g.Disks[0].MiB.Has()
		switch {
		case it.n >= terabyte && !boot:
			it.kind = itDisk
		case !g.MemoryMiB.Has(), a.replaces(l):
			it.kind = itMemory
		case it.n < g.MemoryMiB.V && a.namedMemory(g):
			it.kind = itMemory // less than the memory is no disk: a contradiction, to be asked about
		case !boot:
			it.kind = itDisk
		default:
			it.kind = itMemory // a contradiction, to be asked about
		}
		a.apply(g, it)
	}
	// "50 GB, 8 GB": nobody wants more memory than disk, and says so in this order.
	for _, g := range a.in.Groups {
		n := 0
		for _, l := range a.loose {
			if l.group == g {
				n++
			}
		}
		if n == 2 && len(g.Disks) > 0 && g.Disks[0].MiB.Has() && g.MemoryMiB.V > g.Disks[0].MiB.V {
			g.MemoryMiB, g.Disks[0].MiB = g.Disks[0].MiB, g.MemoryMiB
		}
	}
}

// dropUmbrella removes a group that only announced the others: "two VMs: a database and a web server".
func (a *assembler) dropUmbrella() {
	if len(a.in.Groups) < 2 {
		return
	}
	first, n := a.in.Groups[0], 0
	for _, g := range a.in.Groups[1:] {
		n += g.count()
	}
	if a.in.Groups[1].ofThem && n < first.Count.V { // "three machines, one of them a database": two others are left
		first.Count.V -= n
		a.inherit(first)
		return
	}
	if slices.Contains(a.members, first) { // itself one of those that were announced
		return
	}
	if a.wholeApplication(first) {
		if first.Name.Has() {
			a.in.NotUnderstood = append(a.in.NotUnderstood, clip(first.Name.Text, 500)) // the name of a whole: no machine has it
		}
		a.inherit(first)
		a.in.Groups = a.in.Groups[1:]
		return
	}
	if first.Role.Has() || first.Name.Has() || first.Names.Has() || !first.Count.Has() || first.Count.V != n || n < 2 {
		return
	}
	a.inherit(first)
	a.in.Groups = a.in.Groups[1:]
}

// wholeApplication reports whether the first group is an application as a whole, whose machines are the groups after it:
// "an application with two web servers and a database". "An app and a database" are two machines, and so is "an app server with ...".
func (a *assembler) wholeApplication(first *Group) bool {
	second := a.in.Groups[1]
	if len(a.in.Groups) < 3 || first.Role.V != applicationServer || first.count() != 1 || first.at < 0 || second.at <= first.at || second.at > len(a.text) {
		return false
	}
	between := speaking(flatten(a.text[first.at:second.at]))
	return between.of("application|app|appli") && !between.of("server|serveur|applicatif|vm|container|conteneur|machine|and|et|then|puis") &&
		(strings.Contains(a.text[first.at:second.at], ":") || between.of("with|of|comprising|avec|composee de|composee d|comprenant|constituee de|constituee d|formee de"))
}

// inherit gives the other groups what the first, which announced them, has and they lack.
func (a *assembler) inherit(first *Group) {
	for _, g := range a.in.Groups[1:] {
		if !g.Source.Has() {
			g.Source = first.Source
		}
		if !g.Cores.Has() {
			g.Cores = first.Cores
		}
		if !g.MemoryMiB.Has() {
			g.MemoryMiB = first.MemoryMiB
		}
		if !g.Grouping.Has() {
			g.Grouping = first.Grouping
		}
		if len(g.NICs) == 0 {
			g.NICs = slices.Clone(first.NICs)
		}
	}
}

// settle makes a group consistent.
func (a *assembler) settle(g *Group) {
	if g.Names.Has() && g.Count.Has() && g.Count.V == 1 && g.Count.Origin == Stated && len(g.Names.V) > 1 {
		g.Count = Value[int]{} // "a web server and …": the list counts
	}
	g.consecutive()
	if g.Names.Has() && !g.Count.Has() {
		g.Count = g.NamesCount()
	}
	if g.Names.Has() && g.Count.Has() && g.Count.V != len(g.Names.V) && a.origin == Stated {
		g.conflict(fieldCount, strconv.Itoa(g.Count.V), strconv.Itoa(len(g.Names.V)))
	}
}

// NamesCount returns the number of names as a count with the same evidence.
func (g *Group) NamesCount() Value[int] {
	return Value[int]{V: len(g.Names.V), Origin: g.Names.Origin, Text: g.Names.Text, Start: g.Names.Start, End: g.Names.End}
}
