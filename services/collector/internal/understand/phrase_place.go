package understand

// placementPhrase reads wishes about nodes: "on pmox02", "pas sur pmox01", "on different nodes", "least loaded".
func (p *parser) placementPhrase() bool {
	i := p.i
	j := p.takeAll(i, clOn, clIn)
	j = p.takeAll(j, clThe)
	if not := p.takeAll(i, clNot); not > i && p.is(p.takeAll(not, clOn, clIn, clThe, clFiller), clTogether) { // "not on the same node"
		return p.emit(p.takeAll(p.takeAll(not, clOn, clIn, clThe, clFiller), clTogether, clNode), item{kind: itGrouping, s: "apart"})
	}
	switch {
	case p.is(j, clApart) && !p.attributive(j):
		return p.emit(p.takeAll(j, clApart, clNode), item{kind: itGrouping, s: "apart"})
	case p.is(j, clNear):
		return p.emit(p.take(j, clNear), item{kind: itNear, list: []string{"ceph"}})
	case p.is(j, clTogether):
		return p.emit(p.takeAll(j, clTogether, clNode), item{kind: itGrouping, s: "together"})
	case p.is(j, clLeastLoaded):
		return p.emit(p.takeAll(j, clLeastLoaded, clNode), item{kind: itObjective, s: "balance"})
	case p.is(j, clMostLoaded):
		return p.emit(p.takeAll(j, clMostLoaded, clNode), item{kind: itObjective, s: "pack"})
	case p.is(j, clAnywhere):
		return p.emit(p.take(j, clAnywhere), item{kind: itNodes, clear: true})
	case p.is(j, clNode) && p.is(p.take(j, clNode), clLeastLoaded):
		return p.emit(p.takeAll(p.take(j, clNode), clLeastLoaded), item{kind: itObjective, s: "balance"})
	case p.is(j, clNode) && p.is(p.take(j, clNode), clMostLoaded):
		return p.emit(p.takeAll(p.take(j, clNode), clMostLoaded), item{kind: itObjective, s: "pack"})
	}
	if n, next, ok := p.integer(j); ok && n >= 2 && j > i { // "on three nodes", "sur trois nœuds différents"
		next = p.takeAll(next, clAdjective)
		if p.is(next, clNode) || p.is(next, clApart) {
			return p.emit(p.takeAll(next, clNode, clApart, clAdjective), item{kind: itGrouping, s: "apart"})
		}
	}
	not := p.negation(i)
	j = p.takeAll(not, clOn, clIn)
	prefixed := j > not
	j = p.link(j)
	node := p.takeAll(j, clNode)
	k := node
	if node > j {
		k = p.reference(p.link(node))
	}
	list, next := p.list(k, func(m int) (string, int, bool) {
		if m != k {
			m = p.link(p.takeAll(p.link(p.takeAll(m, clOn)), clNode))
			if p.things(m)&aNode == 0 && p.describes(m+1) {
				return "", m, false // "t1 on pmox01 and t2 on pmox02"
			}
		}
		return p.nodeName(m, node > j, prefixed || not > i)
	})
	if len(list) == 0 {
		return false
	}
	next = p.take(next, clNode)
	if not > i {
		return p.emit(next, item{kind: itAvoid, list: list})
	}
	return p.emit(next, item{kind: itNodes, list: list})
}

// negation passes a negation and what may stand between it and "on".
func (p *parser) negation(i int) int {
	j := p.takeAll(i, clNot)
	if j == i {
		return i
	}
	j = p.takeAll(j, clFiller, clLink, clThe, clThey, clBoot, clLifecycle, clCreate, clNot)
	for k := j; k < min(j+3, len(p.toks)) && p.toks[k].kind == tokWord; k++ { // "must not run on", "ne doit pas tourner sur"
		if p.is(k, clOn, clIn) {
			return k
		}
	}
	return j
}

// nodeName reads the name of a node: a known one; after the noun any; after "on" one that is nearly known, or one that
// looks like a machine's and names nothing else.
func (p *parser) nodeName(i int, noun, prefixed bool) (string, int, bool) {
	if i >= len(p.toks) || p.toks[i].kind != tokWord && p.toks[i].kind != tokQuoted {
		return "", i, false
	}
	t := p.things(i)
	switch {
	case t&aNode != 0 && (p.class(i) == clNone || noun || identifier(p.toks[i].raw) || prefixed && t == aNode && p.named(i)):
	case t != 0 && !noun:
		return "", i, false
	case noun && p.free(i) && p.nodeLike(i, prefixed):
	case prefixed && p.free(i) && p.toks[i].kind == tokWord && p.names.near(p.toks[i].fold) == aNode:
	case prefixed && p.free(i) && p.toks[i].kind == tokWord && identifier(p.toks[i].raw) && !p.viaIn(i) && p.names.near(p.toks[i].fold) == 0 && validLabel(p.toks[i].raw):
	default:
		return "", i, false
	}
	raw, next := p.run(i)
	return raw, next, true
}

// negatedPhrase reads what is expressly unwanted: "no HA", "sans tags", "ne pas démarrer au boot", "remove the pool",
// and the half of a correction that is taken back: "not 2 cores but 4".
func (p *parser) negatedPhrase() bool {
	j := p.takeAll(p.i, clNot, clRemove, clDisable)
	if j == p.i {
		return false
	}
	kept := p.doubled(p.i, j) // "don't disable HA"
	j = p.takeAll(p.link(j), clOne, clNot, clFiller)
	j = p.link(j)
	if j >= len(p.toks) {
		return false
	}
	if n, next, ok := p.number(j); ok && n > 0 {
		if _, after, isSize := p.size(j); isSize {
			next = after
		}
		next = p.takeAll(next, clCores, clMemory, clDisk, clLink, clMachine)
		for p.mark(next, ",") {
			next++
		}
		if p.is(next, clBut) {
			return p.emit(next, item{kind: itSignal, signal: clBut})
		}
		return false
	}
	if p.toksAt(j, tokWord) && startVerbs[p.toks[j].fold] && p.byItself(j+1) > j+1 { // "must not start by itself"
		return p.emit(p.byItself(j+1), item{kind: itBoot})
	}
	it, ok := unwanted(p.class(j))
	if !ok {
		return false
	}
	it.on = it.on != (kept && !it.clear)
	p.emit(p.takeAll(j, p.class(j)), it)
	for p.is(p.i, clOr) { // "sans pool ni HA"
		j := p.link(p.take(p.i, clOr))
		it, ok := unwanted(p.class(j))
		if !ok {
			break
		}
		p.emit(p.takeAll(j, p.class(j)), it)
	}
	return true
}

// doubled reports whether a negation and a verb that switches off stand between two tokens: "don't disable", "ne désactive pas".
func (p *parser) doubled(i, end int) bool {
	not, off := false, false
	for ; i < end; i += max(1, p.read[i].n) {
		not, off = not || p.is(i, clNot), off || p.is(i, clDisable)
	}
	return not && off
}

// unwanted returns the item that says that something is expressly unwanted.
func unwanted(c class) (item, bool) {
	switch c {
	case clHA:
		return item{kind: itHA}, true
	case clBoot:
		return item{kind: itBoot}, true
	case clBackup:
		return item{kind: itBackup}, true
	case clProtected:
		return item{kind: itProtection}, true
	case clAgent:
		return item{kind: itAgent}, true
	case clStarted:
		return item{kind: itStarted}, true
	case clFullClone:
		return item{kind: itClone}, true
	case clLinkedClone:
		return item{kind: itClone, on: true}, true
	case clSwap:
		return item{kind: itSwap}, true
	case clNesting:
		return item{kind: itNesting}, true
	case clSecurity, clBalancing, clSoftware, clPlatform:
		return item{kind: itSignal, signal: clNot}, true
	}
	kinds := map[class]itemKind{clPool: itPool, clTags: itTags, clDescription: itDescription, clDNS: itDNS, clKey: itKey, clVLAN: itVLAN,
		clGateway: itGateway, clDomain: itDomain, clUser: itUser, clHAGroup: itHAGroup}
	kind, ok := kinds[c]
	return item{kind: kind, clear: true}, ok
}

// haPhrase reads "HA", "haute disponibilité", "HA group mainHA", "dans le groupe HA mainHA".
func (p *parser) haPhrase() bool {
	j := p.link(p.takeAll(p.i, clIn, clOn, clWith))
	start := j
	hasHA := false
	if p.is(j, clHA) {
		j, hasHA = p.take(j, clHA), true
	}
	k := p.link(p.takeAll(j, clIn, clWith))
	if p.mark(k, "(") {
		k++
	}
	group := p.take(p.link(k), clHAGroup)
	if group > p.link(k) {
		m := p.reference(p.link(group))
		if m < len(p.toks) && (p.things(m)&anHAGroup != 0 || p.free(m) && (hasHA || p.haWord(p.link(k), group))) {
			raw, next := p.run(m)
			return p.emit(next, item{kind: itHAGroup, s: raw})
		}
		if hasHA || p.haWord(p.link(k), group) && p.things(m)&anHAGroup == 0 {
			end := group
			if hasHA {
				end = j // "HA", and a group that is not of its concern
			}
			return p.emit(end, item{kind: itHA, on: true})
		}
		return false
	}
	if k < len(p.toks) && p.things(k)&anHAGroup != 0 && p.class(k) == clNone {
		raw, next := p.run(k)
		return p.emit(p.takeAll(next, clHAGroup, clHA), item{kind: itHAGroup, s: raw})
	}
	if !hasHA {
		return false
	}
	on, next := p.switched(p.takeAll(start, clHA))
	return p.emit(next, item{kind: itHA, on: on})
}

// haWord reports whether the words from i to end speak of high availability, not of just any group.
func (p *parser) haWord(i, end int) bool {
	for ; i < end; i++ {
		switch p.toks[i].fold {
		case "ha", "ha-group", "hagroup", "availability", "disponibilite":
			return true
		}
	}
	return false
}

// poolPhrase reads "in pool X", "pool de ressources X", "the X pool".
func (p *parser) poolPhrase() bool {
	j := p.link(p.takeAll(p.i, clIn, clOn))
	if p.is(j, clPool) {
		k := p.reference(p.link(p.take(j, clPool)))
		if k >= len(p.toks) || p.toks[k].kind != tokWord && p.toks[k].kind != tokQuoted {
			return false
		}
		if p.things(k)&aPool == 0 && p.things(k)&aStorage != 0 {
			raw, next := p.run(k)
			return p.emit(next, item{kind: itStorage, s: raw})
		}
		if p.things(k)&aPool == 0 && !p.free(k) && !p.nameLike(k) {
			return false
		}
		raw, next := p.run(k)
		return p.emit(next, item{kind: itPool, s: raw})
	}
	if j < len(p.toks) && p.things(j)&aPool != 0 && (identifier(p.toks[j].raw) || p.is(j+1, clPool)) {
		raw, next := p.run(j)
		return p.emit(p.take(next, clPool), item{kind: itPool, s: raw})
	}
	return false
}
