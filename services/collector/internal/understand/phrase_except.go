package understand

import (
	"slices"
	"strings"
)

// gets are the verbs by which one of several machines is given something of its own.
var gets = map[string]bool{"gets": true, "get": true, "has": true, "needs": true, "should": true, "takes": true, "receives": true, "wants": true, "with": true, "only": true, "just": true, "which": true, "who": true, "to": true, "have": true, "having": true,
	"a": true, "droit": true, "aura": true, "ait": true, "recoit": true, "prend": true, "avec": true, "doit": true, "avoir": true, "en": true, "qui": true, "demande": true, "veut": true, "lui": true, "seulement": true, "besoin": true, "de": true, "must": true, "is": true, "be": true, "given": true}

// contrasts are the words before an exception.
var contrasts = map[string]bool{"but": true, "mais": true, "except": true, "sauf": true, "hormis": true, "excepte": true, "only": true, "seule": true, "seul": true, "however": true, "toutefois": true, "par": true, "contre": true, "while": true, "whereas": true, "tandis": true, "alors": true, "que": true}

// exceptionPhrase reads "but app3 gets 2 GB", "mais app3 a droit à 2 Go": one of several machines, by the name it was just given.
func (p *parser) exceptionPhrase() bool {
	i := p.i
	for i < p.i+4 && p.toksAt(i, tokWord) && contrasts[p.toks[i].fold] {
		i++
	}
	contrast := i > p.i
	if !contrast && !p.mark(i-1, ",;.") && !p.is(i-1, clAnd) || !p.toksAt(i, tokWord) {
		return false
	}
	i = p.takeAll(i, clFor, clThe, clMachine)
	n := p.placeOf(i)
	if n == 0 && !p.namedBefore(i) {
		return false
	}
	j := i + 1
	if p.mark(j, ",") && p.toksAt(j+1, tokWord) && (p.toks[j+1].fold == "which" || p.toks[j+1].fold == "qui" || p.toks[j+1].fold == "who") {
		j++
	}
	verb := j
	for j < len(p.toks) && j < verb+5 && p.toksAt(j, tokWord) && gets[p.toks[j].fold] {
		j++
	}
	if j == verb && !contrast && !p.is(j, clOn, clIn) || !p.measured(j) && !p.is(j, clOn, clIn, clHA, clNot) {
		return false
	}
	if p.is(j, clOn, clIn) && !contrast && p.things(p.takeAll(j, clOn, clIn, clThe, clNode))&aNode == 0 {
		return false
	}
	if n == 0 {
		return p.emit(j, item{kind: itMember, s: p.toks[i].raw})
	}
	return p.emit(j, item{kind: itNth, n: n})
}

// namedBefore reports whether the word at i is the name that one of several machines was given by itself.
func (p *parser) namedBefore(i int) bool {
	given, found := 0, false
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		if it := p.out.items[k]; it.kind == itNames && len(it.list) == 1 {
			given++
			found = found || p.toksAt(i, tokWord) && strings.EqualFold(it.list[0], p.toks[i].raw)
		}
	}
	return found && given > 1
}

// placeOf returns which of the names just listed stands at i, counted from 1; 0: none.
func (p *parser) placeOf(i int) int {
	if !p.toksAt(i, tokWord) {
		return 0
	}
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		it := p.out.items[k]
		if it.kind != itNames || len(it.list) < 2 {
			continue
		}
		for n, name := range it.list {
			if strings.EqualFold(name, p.toks[i].raw) {
				return n + 1
			}
		}
		return 0
	}
	return 0
}

// respective are the words by which several values belong to several machines in their order.
var respective = map[string]bool{"respectively": true, "respectivement": true}

// respectivePhrase reads "with respectively 1 and 2 cores", "1 and 2 cores respectively", "respectivement 1 et 2 Go de RAM": each value is of
// the machine in its place.
func (p *parser) respectivePhrase() bool {
	i := p.i
	first := p.toksAt(i, tokWord) && respective[p.toks[i].fold]
	if first {
		i++
	}
	var values []float64
	j := i
	for range lookAhead {
		n, next, ok := p.number(j)
		if !ok || n <= 0 {
			break
		}
		if p.sizeAt(j) || p.is(next, clCores) {
			values, j = append(values, n), next
			break
		}
		values, j = append(values, n), next
		for p.mark(j, ",") || p.is(j, clAnd) {
			j++
		}
	}
	if len(values) < 2 {
		return false
	}
	it := item{kind: itCores}
	scale := 1
	switch unit := ""; {
	case p.is(j, clCores):
		j = p.take(j, clCores)
	default:
		if p.toksAt(j, tokWord) {
			unit = p.toks[j].fold
		}
		mib, ok := sizeUnits[unit]
		if !ok {
			return false
		}
		scale, j = int(mib), j+1
		it.kind = itMemory
		switch k := p.link(j); {
		case p.is(k, clMemory):
			j = p.take(k, clMemory)
		case p.is(k, clDisk):
			it.kind, j = itDisk, p.take(k, clDisk)
		}
	}
	if k := j; p.mark(k, ",") && p.toksAt(k+1, tokWord) && respective[p.toks[k+1].fold] {
		j, first = k+2, true
	} else if p.toksAt(k, tokWord) && respective[p.toks[k].fold] {
		j, first = k+1, true
	}
	if !first {
		return false
	}
	named := 0
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		if p.out.items[k].kind == itNames {
			named = len(p.out.items[k].list)
			break
		}
	}
	if named != len(values) {
		return false
	}
	start, end := p.toks[p.i].start, p.toks[j-1].end
	for k, v := range values {
		it.n = int(v * float64(scale))
		it.start, it.end = start, end
		p.out.items = append(p.out.items, item{kind: itNth, n: k + 1, start: start, end: end}, it)
	}
	p.out.items = append(p.out.items, item{kind: itComma, start: end, end: end}, item{kind: itAll, start: end, end: end})
	p.i = j
	return true
}

// declinedPhrase passes a size that is not wanted beside one that is: "not 8 GB like the others, 2 GB is enough".
func (p *parser) declinedPhrase() bool {
	j := p.takeAll(p.i, clNot)
	if j == p.i {
		return false
	}
	j = p.takeAll(j, clThe, clFiller, clLink)
	unit, next := p.measure(j)
	if unit == clNone {
		return false
	}
	for k := next; k < min(len(p.toks), next+8) && p.toks[k].kind != tokBreak && !p.mark(k, ".;!?"); k++ {
		if u, _ := p.measure(k); u != clNone {
			if u != unit {
				return false
			}
			for p.mark(k-1, ",") || p.is(k-1, clBut) {
				k--
			}
			return p.emit(k, item{kind: itSignal, signal: clBut})
		}
	}
	return false
}

// measure returns what the value at i measures, memory for any size, and the token after it; clNone when no value stands there.
func (p *parser) measure(i int) (class, int) {
	if _, next, ok := p.size(i); ok {
		k := p.link(next)
		if p.is(k, clDisk, clStorage) {
			return clDisk, p.take(k, clDisk, clStorage)
		}
		return clMemory, max(next, p.take(k, clMemory))
	}
	if _, next, ok := p.integer(i); ok && p.is(next, clCores) {
		return clCores, p.take(next, clCores)
	}
	return clNone, i
}

// choices are the words before each of several values between which nobody has chosen.
var choices = map[string]bool{"either": true, "soit": true}

// choicePhrase reads "either 2 GB or 4 GB of RAM", "soit 2 Go soit 4 Go": all are kept, so that it is asked which.
func (p *parser) choicePhrase() bool {
	i := p.i
	if !p.toksAt(i, tokWord) || !choices[p.toks[i].fold] {
		return false
	}
	var items []item
	for i < len(p.toks) && len(items) < 4 {
		for i < len(p.toks) && (p.mark(i, ",") && len(items) > 0 || p.is(i, clOr, clOn, clIn, clOne, clThe) && !p.measured(i) || p.toksAt(i, tokWord) && choices[p.toks[i].fold]) {
			i++
		}
		it, next, ok := p.chosen(i)
		if !ok {
			break
		}
		it.start, it.end = p.toks[i].start, p.toks[next-1].end
		items, i = append(items, it), next
		k := i
		for p.mark(k, ",") {
			k++
		}
		if !p.is(k, clOr) && !(p.toksAt(k, tokWord) && choices[p.toks[k].fold]) {
			break
		}
	}
	if len(items) < 2 {
		return false
	}
	kind := itSize
	for _, it := range items {
		if it.kind != itSize {
			kind = it.kind
		}
	}
	for k := range items {
		switch {
		case items[k].kind == kind:
		case items[k].kind != itSize:
			return false
		case kind != itMemory && kind != itDisk && kind != itSize:
			return false
		}
		if items[k].kind = kind; kind == itSize {
			items[k].kind = itMemory
		}
	}
	if items[0].kind == itDisk {
		return false // several disks are no contradiction
	}
	p.out.items = append(p.out.items, items...)
	p.i = i
	return true
}

// chosen reads one of the values of a choice.
func (p *parser) chosen(i int) (item, int, bool) {
	if mib, next, ok := p.size(i); ok {
		switch k := p.link(next); {
		case p.is(k, clMemory):
			return item{kind: itMemory, n: mib}, p.take(k, clMemory), true
		case p.is(k, clDisk):
			return item{kind: itDisk, n: mib}, p.take(k, clDisk), true
		}
		return item{kind: itSize, n: mib}, next, true
	}
	if n, next, ok := p.integer(i); ok {
		if p.is(next, clCores) {
			return item{kind: itCores, n: n}, p.take(next, clCores), true
		}
		for k := next; k < min(len(p.toks), next+4); k++ { // "either 2 or 4 cores"
			if p.is(k, clCores) {
				return item{kind: itCores, n: n}, next, true
			}
			if _, after, ok := p.size(k); ok && after > k {
				mib, _, _ := p.size(k)
				if m, _, _ := p.number(k); m > 0 {
					return item{kind: itSize, n: int(float64(mib) * float64(n) / m)}, next, true
				}
			}
		}
		return item{}, i, false
	}
	if p.things(i)&aNode != 0 {
		return item{kind: itNodes, list: []string{p.toks[i].raw}}, i + 1, true
	}
	return item{}, i, false
}

// handDown gives a machine that is taken out of a group the sizes of the group of which it is not yet decided what they measure.
func (a *assembler) handDown(g, one *Group) {
	for _, l := range slices.Clone(a.loose) {
		if l.group == g {
			a.loose = append(a.loose, looseSize{group: one, it: l.it, inherited: true})
		}
	}
}

// replaces reports whether a size without a noun is what one machine has instead of what its group has: memory.
func (a *assembler) replaces(l looseSize) bool {
	return !l.inherited && l.group.special && slices.ContainsFunc(a.loose, func(o looseSize) bool { return o.group == l.group && o.inherited })
}

// namedMemory reports whether the memory of a group was given with its noun.
func (a *assembler) namedMemory(g *Group) bool {
	return g.MemoryMiB.Origin == a.origin && !slices.ContainsFunc(a.loose, func(o looseSize) bool { return o.group == g && o.it.n == g.MemoryMiB.V })
}
