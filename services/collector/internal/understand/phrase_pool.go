package understand

import "slices"

// newPoolPhrase reads a pool that is to be created: "create a resource pool named prod", "crée un pool dev", "in a new pool dev".
func (p *parser) newPoolPhrase() bool {
	if p.out.pools && p.poolMembers() {
		return true
	}
	after, within, ok := p.poolNoun()
	if !ok {
		return false
	}
	list, next := p.poolNames(after)
	if k := p.link(after); len(list) == 0 && k < len(p.toks) && p.things(k)&aStorage != 0 {
		return false // a pool of storage
	}
	p.out.pools = true
	return p.emit(next, item{kind: itNewPool, list: list, on: within})
}

// poolNoun passes the noun of a pool that is not there yet. Within: the machines of the request join it.
func (p *parser) poolNoun() (after int, within, ok bool) {
	j := p.takeAll(p.i, clIn, clOn)
	within = j > p.i
	article := p.is(j, clOne, clSome, clNumber) || p.is(j, clPool) && p.foldAt(j) == "a" || p.toksAt(j, tokNumber)
	if !article && (within || p.last != clCreate) {
		return 0, false, false
	}
	k := p.takeAll(j, clOne, clSome, clNumber)
	if k == j && p.toksAt(j, tokNumber) {
		k++
	}
	k = p.takeAll(p.takeAll(k, clThe), clAdjective)
	backup := !within && p.is(k, clBackup) && slices.Contains(partsOf(p.text[p.toks[k].start:p.toks[p.take(k, clBackup)-1].end]), "pool")
	if !p.is(k, clPool) && !backup {
		return 0, false, false
	}
	after = p.take(k, clPool, clBackup)
	if of := p.take(after, clLink); of > after && (p.is(of, clMachine, clRole, clNumber, clSoftware, clOne) || p.toksAt(of, tokNumber)) {
		return 0, false, false // "a pool of three VMs"
	}
	return after, within, true
}

// poolNames reads the names behind the noun; the next token is the noun's when there are none.
func (p *parser) poolNames(after int) (list []string, next int) {
	named := p.link(p.link(p.take(p.link(after), clNamed, clName)))
	if named < len(p.toks) && p.things(named)&aStorage != 0 && p.things(named)&aPool == 0 {
		return nil, after
	}
	if list, next = p.nameList(named, named > after && p.is(named-1, clNamed, clName)); len(list) > 0 {
		return list, next
	}
	if p.things(named)&aPool != 0 {
		raw, end := p.run(named)
		return []string{raw}, end
	}
	if f := p.foldAt(after); f == "lab" || f == "labo" { // filler elsewhere
		return []string{p.toks[after].raw}, after + 1
	}
	return nil, after
}

// poolMembers reads the words that put machines into the pool just spoken of, "mets-y", or say that there are none.
func (p *parser) poolMembers() bool {
	if k := p.take(p.i, clNot); k > p.i && p.is(k, clMachine) { // "a pool without machines"
		return p.emit(p.take(k, clMachine), item{kind: itSignal, signal: clNot})
	}
	j := p.takeAll(p.i, clIn, clOn)
	if k := p.takeAll(p.link(j), clPool, clInPool); k > p.link(j) && (p.is(p.i, clInPool) || j > p.i && !p.poolNamed(k)) {
		return p.emit(k, item{kind: itInPool})
	}
	return false
}

// poolNamed reports whether the name of a pool may stand at i, so that "dans le pool" belongs to it.
func (p *parser) poolNamed(i int) bool {
	k := p.reference(p.link(i))
	return k < len(p.toks) && p.toks[k].kind != tokMark && (p.free(k) || p.things(k)&aPool != 0 || p.toks[k].kind == tokQuoted)
}
