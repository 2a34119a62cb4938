package understand

import "slices"

// memberOf reads one or several of the machines just counted, which are described each by itself: "one on pmox01 and two on pmox02",
// "le premier avec 4 cœurs, le second avec 8".
func (p *parser) memberOf() bool {
	i := p.i
	var n int
	kind := itRow
	switch {
	case p.is(i, clOrdinal), p.is(i, clThe) && p.is(p.take(i, clThe), clOrdinal):
		i = p.take(i, clThe)
		n, kind = p.read[i].lex.n, itNth
		i = p.take(i, clOrdinal)
		if i < len(p.toks) && p.toks[i].fold == "one" {
			i++
		}
		if j := p.takeAll(i, clFiller, clLink); p.is(j, clNamed) || j > i && p.measured(j) && p.is(i, clFiller) { // "the first is named lion", "the second has 4 GB"
			if p.lastCounted() == itHead {
				return p.emit(j, item{kind: kind, n: n})
			}
			return false
		}
	case p.theOther(i) > i:
		n, i = 1, p.theOther(i)
	case p.is(i, clOne, clNumber), p.toksAt(i, tokNumber):
		v, next, ok := p.integer(i)
		if !ok || v < 1 || p.measured(i) || p.is(i, clOne) && !alone[p.toks[i].fold] {
			return false
		}
		n, i = v, next
	default:
		return false
	}
	if !p.is(i, clOn, clWith) {
		return false
	}
	switch p.lastCounted() {
	case itHead:
		return p.emit(i, item{kind: kind, n: n})
	case itNetwork, itDisk:
		return p.emit(i, item{kind: itComma}) // "two network cards, one on mainvnet and one on vmbr0"
	}
	return false
}

// theOther passes "the other", "l'autre", of two machines the one that is left.
func (p *parser) theOther(i int) int {
	if i+1 >= len(p.toks) || p.toks[i].fold != "the" && p.toks[i].fold != "l'" && p.toks[i].fold != "l’" {
		return i
	}
	switch p.toks[i+1].fold {
	case "other", "autre":
		if i+2 < len(p.toks) && p.toks[i+2].fold == "one" {
			return i + 3
		}
		return i + 2
	}
	return i
}

// alone are the articles that can stand for a noun.
var alone = map[string]bool{"one": true, "un": true, "une": true, "l'un": true, "l'une": true}

// lastCounted returns what was counted last, machines, disks or network cards; itUnknown when nothing was.
func (p *parser) lastCounted() itemKind {
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		switch it := p.out.items[k]; {
		case it.kind == itHead && it.n > 1, it.kind == itRow, it.kind == itNth, it.kind == itNames && len(it.list) > 1:
			return itHead
		case it.kind == itHead:
			return itUnknown
		case it.kind == itNetwork, it.kind == itDisk:
			if !slices.ContainsFunc(p.out.items[max(0, k-lookBack):k], func(it item) bool { return it.kind == itRow || it.kind == itNth }) {
				return it.kind
			}
		}
	}
	return itUnknown
}

// lookBack bounds how many items a phrase goes back.
const lookBack = 24
