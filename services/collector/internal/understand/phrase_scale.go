package understand

import "strings"

// scalePhrase reads how many machines a series is to have: "scale the workers to 4", "passe les workers à 5", "increase the
// number of web servers from 2 to 5", "scale worker-node by 2".
func (p *parser) scalePhrase() bool {
	if !p.is(p.i, clChange, clCreate) || p.fewer() {
		return false
	}
	i := p.scaleLead(p.take(p.i, clChange, clCreate))
	if n, next, ok := p.integer(i); ok && n > 0 && p.read[p.i].lex.val == "add" { // "add 2 nodes to the k3s cluster"
		if next = p.takeAll(next, clExtra, clAdjective); p.is(next, clNode) {
			j := p.takeAll(p.takeAll(p.take(next, clNode), clAdjective, clExtra), clIn, clTo, clThe, clLink, clFiller, clFor)
			if p.isTo(j) {
				j = p.takeAll(j+1, clThe, clLink, clFiller)
			}
			if p.is(j, clKubernetes) {
				return p.emit(p.take(j, clKubernetes), item{kind: itScale, n: n, role: "k3s-worker"})
			}
		}
	}
	if n, next, ok := p.scaleTarget(i); ok { // "passe à 5 workers"
		next = p.takeAll(next, clAdjective)
		if role, base, after, ok := p.series(p.takeAll(next, clLink)); ok && p.is(p.i, clChange) {
			return p.emit(after, item{kind: itScale, n: n, on: true, role: role, s: base})
		}
		return false
	}
	role, base, after, ok := p.series(i)
	if !ok {
		return false
	}
	after = p.groupWords(p.takeAll(after, clFiller))
	if n, next, ok := p.scaleTarget(after); ok && !p.otherMeasure(next) {
		return p.emit(p.takeAll(next, clMachine, clNode, clTimes), item{kind: itScale, n: n, on: true, role: role, s: base})
	}
	by := after < len(p.toks) && (p.toks[after].fold == "by" || p.toks[after].fold == "de" || p.toks[after].fold == "d'")
	if by && p.is(p.i, clChange) {
		if n, next, ok := p.integer(after + 1); ok && n > 0 && !p.otherMeasure(next) {
			return p.emit(p.takeAll(next, clMachine, clNode, clTimes), item{kind: itScale, n: n, role: role, s: base})
		}
	}
	return false
}

// groups are the nouns for machines of a kind taken together, and what else may stand between them and their number.
var groups = map[string]bool{"tier": true, "pool": true, "fleet": true, "group": true, "groupe": true, "count": true, "farm": true, "ferme": true, "series": true, "serie": true,
	"set": true, "out": true, "up": true, "layer": true, "couche": true, "parc": true, "number": true}

// groupWords passes such nouns.
func (p *parser) groupWords(i int) int {
	for i < len(p.toks) && p.toks[i].kind == tokWord && groups[p.toks[i].fold] {
		i = p.takeAll(i+1, clLink, clFiller)
	}
	return i
}

// fewer reports whether the verb at hand asks for fewer machines: nothing is created then.
func (p *parser) fewer() bool {
	for k := p.i; k < p.i+max(1, p.read[p.i].n); k++ {
		switch f := p.toks[k].fold; {
		case f == "down", f == "shrink", f == "halve", strings.HasPrefix(f, "reduc"), strings.HasPrefix(f, "redui"), strings.HasPrefix(f, "decreas"), strings.HasPrefix(f, "diminu"), strings.HasPrefix(f, "downgrad"):
			return true
		}
	}
	return false
}

// scaleLead passes "the number of", "le nombre de".
func (p *parser) scaleLead(i int) int {
	for range lookAhead {
		j := p.takeAll(i, clThe, clLink, clFiller, clAll)
		if j < len(p.toks) && (p.toks[j].fold == "number" || p.toks[j].fold == "nombre" || p.toks[j].fold == "count" || p.toks[j].fold == "fleet" || p.toks[j].fold == "up" || p.toks[j].fold == "out") {
			j++
		}
		if j == i {
			return i
		}
		i = j
	}
	return i
}

// scaleTarget reads "to 4", "à 5", "from 3 to 5", "jusqu'à 4": how many there are to be.
func (p *parser) scaleTarget(i int) (n, next int, ok bool) {
	if j := p.take(i, clFrom, clLink); j > i {
		if _, after, ok := p.integer(j); ok && p.isTo(after) {
			i = after
		}
	}
	if !p.isTo(i) {
		return 0, i, false
	}
	j := p.takeAll(i+max(1, p.read[i].n), clFiller)
	n, next, ok = p.integer(j)
	if !ok || n < 1 || p.sizeAt(j) {
		return 0, i, false
	}
	return n, next, true
}

// otherMeasure reports whether what stands at i makes the number before it a measure of something else than machines.
func (p *parser) otherMeasure(i int) bool {
	return p.is(i, clCores, clSockets, clMemory, clDisk, clNetwork) || i < len(p.toks) && p.toks[i].glued && p.toks[i].kind == tokWord
}

// series reads the name of a series of machines: by role, "the workers", or by the name they have in common, "worker-node".
func (p *parser) series(i int) (role, base string, next int, ok bool) {
	i = p.groupWords(p.takeAll(i, clThe, clLink))
	if p.is(i, clMachine) && p.read[i].lex.val == "" {
		if j := p.take(i, clMachine); p.is(j, clRole) {
			i = j
		}
	}
	if i >= len(p.toks) {
		return "", "", i, false
	}
	if s := p.seriesAt(i); s != nil {
		next, role = p.takeAll(i+1, clMachine, clNode), s.role
		if p.is(i, clRole) && p.read[i].n == 1 {
			role = p.read[i].lex.val
		}
		return role, p.toks[i].raw, next, true
	}
	if !p.is(i, clRole) {
		return "", "", i, false
	}
	role = p.read[i].lex.val
	return role, "", p.takeAll(p.take(i, clRole), clMachine, clNode), true
}

// seriesAt returns the series that is called by the word at i, nil when it is the beginning of a longer noun.
func (p *parser) seriesAt(i int) *series {
	if p.toks[i].kind != tokWord || p.is(i, clRole) && p.read[i].n > 1 {
		return nil
	}
	return p.names.seriesOf(p.toks[i].fold)
}
