package understand

import (
	"slices"

	"proviso.dev/pkg/pve"
)

// flagPhrase reads properties that are there or not.
func (p *parser) flagPhrase() bool {
	var it item
	switch c := p.class(p.i); c {
	case clBoot:
		it = item{kind: itBoot, on: p.read[p.i].lex.val != "no"}
	case clStarted:
		it = item{kind: itStarted, on: true}
		if j := p.take(p.i, clStarted); p.is(j, clFirst) { // "à démarrer en premier"
			return p.emit(p.take(j, clFirst), item{kind: itOrder, n: 1})
		}
	case clStopped:
		it = item{kind: itStarted}
		if j := p.take(p.i, clStopped); p.is(p.link(j), clBoot) { // "ne pas démarrer au boot"
			return p.emit(p.take(p.link(j), clBoot), item{kind: itBoot})
		} else if next := p.byItself(j); next > j {
			return p.emit(next, item{kind: itBoot})
		}
	case clLinkedClone:
		return p.cloneOf(item{kind: itClone})
	case clFullClone:
		return p.cloneOf(item{kind: itClone, on: true})
	case clProtected:
		it = item{kind: itProtection, on: true}
	case clAgent:
		it = item{kind: itAgent, on: true}
	case clBackup:
		it = item{kind: itBackup, on: p.read[p.i].lex.val != "no"}
	case clBalancing:
		it = item{kind: itOmission, s: "load-balancer"}
	case clSecurity:
		it = item{kind: itOmission, s: "security-policy"}
	case clRedundant:
		it = item{kind: itGrouping, s: "redundant"}
	default:
		return false
	}
	next := p.takeAll(p.i, p.class(p.i))
	if c := p.class(p.i); it.on && (c == clBoot || c == clProtected || c == clAgent || c == clBackup) {
		it.on, next = p.switched(next)
	}
	return p.emit(next, it)
}

// byItself passes "toute seule", "by itself", "automatically" behind a verb of starting.
func (p *parser) byItself(i int) int {
	if i >= len(p.toks) || p.toks[i].kind != tokWord {
		return i
	}
	second := func(words ...string) int {
		if i+1 < len(p.toks) && slices.Contains(words, p.toks[i+1].fold) {
			return i + 2
		}
		return i
	}
	switch p.toks[i].fold {
	case "automatically", "automatiquement":
		return i + 1
	case "toute", "tout", "toutes", "tous":
		return second("seule", "seul", "seules", "seuls")
	case "by":
		return second("itself", "themselves")
	case "on":
		if j := second("its", "their"); j > i && j < len(p.toks) && p.toks[j].fold == "own" {
			return j + 1
		}
	}
	return i
}

// cloneOf reads "linked clone", and what it is a clone of: "linked clone of 100".
func (p *parser) cloneOf(it item) bool {
	p.emit(p.takeAll(p.i, p.class(p.i)), it)
	before, j := p.i, p.link(p.takeAll(p.i, clFrom))
	if j == before || j >= len(p.toks) {
		return true
	}
	if p.is(j, clTemplate) && p.templateNoun(j) || !p.is(j, clTemplate) && p.sourceReference(j, false) {
		return true
	}
	p.i = before
	return true
}

// idPhrase reads "with id 125", "vmid 125".
func (p *parser) idPhrase() bool {
	if !p.is(p.i, clID) {
		return false
	}
	j := p.link(p.takeAll(p.link(p.take(p.i, clID)), clID))
	n, next, ok := p.integer(j)
	if !ok || p.toks[j].kind != tokNumber || p.measured(j) {
		return false
	}
	if p.templateAt(n) { // "the k3s template, number 100"
		return p.emit(next, item{kind: itSource, source: Source{Kind: SourceTemplate, VMID: n}})
	}
	return p.emit(next, item{kind: itVMID, n: n})
}

// templateAt reports whether a number is the id of a template, and a template is what was spoken of last: no new machine can have it.
func (p *parser) templateAt(id int) bool {
	if !slices.ContainsFunc(p.names.templates, func(t pve.Guest) bool { return t.VMID == id }) {
		return false
	}
	for _, it := range slices.Backward(p.out.items[max(0, len(p.out.items)-lookBack):]) {
		switch it.kind {
		case itComma:
		case itSource:
			return it.source.Kind == SourceNone || it.source.Kind == SourceTemplate
		default:
			return false
		}
	}
	return p.reply
}

// mentionPhrase notes a guest that exists. What the request wants of it is for the router.
func (p *parser) mentionPhrase() bool {
	if p.things(p.i)&aGuest == 0 || p.class(p.i) != clNone {
		return false
	}
	p.out.known = append(p.out.known, p.toks[p.i].raw)
	p.out.content++
	p.out.domain++
	return p.emit(p.i+1, item{kind: itSignal, signal: clNone, s: p.toks[p.i].raw})
}

// separatorPhrase reads what ends a clause, and what widens its scope.
func (p *parser) separatorPhrase() bool {
	switch {
	case p.is(p.i, clAll):
		return p.emit(p.take(p.i, clAll), item{kind: itAll})
	case p.is(p.i, clThey) && plural[p.toks[p.i].fold]:
		return p.emit(p.take(p.i, clThey), item{kind: itAll})
	case p.mark(p.i, ","):
		return p.emit(p.i+1, item{kind: itComma})
	case p.mark(p.i, ".;!?"), p.toks[p.i].kind == tokBreak:
		return p.emit(p.i+1, item{kind: itStop})
	}
	return false
}

// plural are the pronouns that speak of all machines.
var plural = map[string]bool{"they": true, "them": true, "elles": true, "ils": true, "eux": true}

// signalClasses decide the kind of a request.
var signalClasses = map[class]bool{clCreate: true, clClone: true, clChange: true, clLifecycle: true, clRemove: true, clAsk: true, clTell: true,
	clSomething: true, clWorkload: true, clDevice: true, clPhysical: true, clPlatform: true, clImport: true, clTemplate: true, clImage: true}

// signalPhrase reads the words that decide what kind of request this is, programs, and counts of copies.
func (p *parser) signalPhrase() bool {
	if n, next, ok := p.integer(p.i); ok && p.is(p.take(next, clAdjective), clTimes) && n >= 1 {
		return p.emit(p.take(p.take(next, clAdjective), clTimes), item{kind: itCount, n: n})
	}
	c := p.class(p.i)
	switch {
	case c == clIn && p.toks[p.i].fold == "ajoute" && p.out.first == clNone: // "ajoute au cluster …": the verb
		return p.emit(p.take(p.i, clIn), item{kind: itSignal, signal: clCreate, s: "add"})
	case c == clPair && p.read[p.i].lex.n > 1:
		return p.emit(p.take(p.i, clPair), item{kind: itCount, n: p.read[p.i].lex.n})
	case c == clSoftware:
		next := p.take(p.i, clSoftware)
		return p.emit(next, item{kind: itSoftware, s: p.text[p.toks[p.i].start:p.toks[next-1].end], role: p.read[p.i].lex.val})
	case c == clScratch, c == clDisk, c == clMemory, c == clCores, c == clNetwork, c == clIP, c == clVLAN, c == clGateway, c == clDNS,
		c == clStorage, c == clNode, c == clTags, c == clPool, c == clHAGroup, c == clUser, c == clDomain, c == clDescription, c == clSockets,
		c == clCPUType, c == clID, c == clName, c == clNamed:
		return p.emit(p.take(p.i, c), item{kind: itSignal, signal: c})
	case c == clLifecycle && p.introduced(item{signal: clLifecycle}):
		return false // of a machine that is yet to be made: shown as not understood
	case signalClasses[c]:
		return p.emit(p.take(p.i, c), item{kind: itSignal, signal: c, s: p.read[p.i].lex.val})
	}
	return false
}
