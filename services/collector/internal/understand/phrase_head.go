package understand

import (
	"strconv"
	"strings"
)

// headPhrase reads a noun phrase that speaks of machines: "three redundant web servers", "une base de données",
// "la VM", "2x vm", "trois instances".
func (p *parser) headPhrase() bool {
	i := p.i
	if p.compared(i) {
		return false
	}
	it := item{kind: itHead, n: 1}
	redundant := false
	byFor := p.last == clFor || p.last == clAs
	var qualities []item
	if p.is(i, clSame) && p.toks[i].fold == "encore" { // "encore deux serveurs web"
		i, it.extra = p.take(i, clSame), true
	}
	afterWith := p.last == clWith || p.last == clIn || p.last == clRedundant
	for moved, steps := true, 0; moved && steps < lookAhead; steps++ {
		moved = false
		if n, next := p.coreAdjective(i); n > 0 {
			qualities = append(qualities, item{kind: itCores, n: n, start: p.toks[i].start, end: p.toks[next-1].end})
			i, moved = next, true
			continue
		}
		if n, next, ok := p.integer(i); ok && !p.sizeAt(i) {
			it.extra = it.extra || p.is(i, clOne) && p.read[i].lex.val == "another"
			if p.toks[i].kind == tokNumber || p.is(i, clNumber) || it.det == detNone {
				it.n, it.counted = n, true
			}
			if it.det == detNone {
				it.det = detNew
			}
			i, moved = p.takeAll(next, clTimes), true
			continue
		}
		switch {
		case p.is(i, clHA) && it.det != detNone && p.is(p.takeAll(p.take(i, clHA), clAdjective, clQuality), clMachine, clRole): // "two highly available VMs"
			qualities = append(qualities, item{kind: itHA, on: true, start: p.toks[i].start, end: p.toks[p.take(i, clHA)-1].end})
		case p.is(i, clApart) && it.det != detNone && p.attributive(i) && p.is(i+1, clRole, clMachine): // "three distributed databases"
			qualities = append(qualities, item{kind: itUnknown, start: p.toks[i].start, end: p.toks[i].end})
		case p.is(i, clPair):
			it.n, it.counted, it.det = p.read[i].lex.n, true, detNew
		case p.is(i, clSome):
			it.det, it.several = detNew, p.several(i)
		case p.is(i, clThe):
			it.det = detKnown
		case p.is(i, clAll):
			it.det = detAll
		case p.is(i, clRedundant):
			redundant = true
		case p.is(i, clQuality) && (it.det != detNone || p.is(p.take(i, clQuality), clMachine, clRole)):
			qualities = append(qualities, item{kind: itUnknown, start: p.toks[i].start, end: p.toks[p.take(i, clQuality)-1].end})
		case p.is(i, clOrdinal) && it.det != detNone && p.is(p.takeAll(i, clOrdinal, clAdjective), clMachine, clRole): // "a second web server"
			it.extra = it.extra || p.read[i].lex.n > 1
		case p.privileged(i):
			qualities = append(qualities, p.privilege(i))
		case p.is(i, clExtra) && it.det != detNone:
			it.extra = true
		case it.det == detNew && p.toksAt(i, tokWord) && (p.toks[i].fold == "autres" || p.toks[i].fold == "other") && p.class(i) == clNone:
			it.extra, moved = true, true
			i++
			continue
		case p.is(i, clAdjective):
		case p.is(i, clHAGroup) && it.det == detNew && p.is(i+1, clLink) && !p.haWord(i, i+1): // "a group of"
			it.counted = false
			i++
		case p.is(i, clLink) && it.det != detNone && p.toks[i].fold == "de": // "trois de ces VM"
		case p.is(i, clKubernetes) && p.is(p.take(i, clKubernetes), clRole):
		case p.is(i, clSoftware) && p.is(p.take(i, clSoftware), clMachine, clRole):
			if it.role == "" {
				it.role = p.read[i].lex.val
			}
			it.s = p.text[p.toks[i].start:p.toks[p.take(i, clSoftware)-1].end]
		case p.is(i, clOS):
			system, version, _ := strings.Cut(p.read[i].lex.val, " ")
			next := p.take(i, clOS)
			if p.toksAt(next, tokNumber) && !p.counting(system, next) {
				version, next = p.toks[next].raw, next+1
			}
			if !p.is(next, clMachine, clRole) {
				if it.det != detNew || p.toks[p.take(i, clOS)-1].fold != "server" {
					return false
				}
				it.machine = true // "an ubuntu server"
			}
			it.source = Source{Kind: SourceSystem, Name: system, Version: version}
			i, moved = next, true
			continue
		default:
			continue
		}
		i, moved = i+p.read[i].n, true
	}
	if i >= len(p.toks) && !it.machine {
		return false
	}
	coreAt := i
	software := it.s
	switch {
	case it.machine:
	case it.det == detNew && p.class(i) == clNone && p.toksAt(i, tokWord) && (p.toks[i].fold == "base" || p.toks[i].fold == "bases"): // "une base"
		it.role = "database"
		i++
	case p.is(i, clRole):
		it.role = p.read[i].lex.val
		i = p.take(i, clRole)
		it.machine = p.is(i, clMachine)
		i = p.take(i, clMachine)
	case p.is(i, clMachine):
		it.instance = p.read[i].lex.val == "instance"
		it.machine = !it.instance
		i = p.take(i, clMachine)
		j := p.ofRole(p.takeAll(i, clAdjective, clPrivilege), i)
		if k := p.typeOf(j); k > j && p.is(k, clRole, clSoftware) && !(p.things(k)&aGuest != 0 && identifier(p.toks[k].raw)) {
			j = k
		}
		switch {
		case p.is(j, clRole) && !p.bareRoleIsName(j):
			it.role = p.read[j].lex.val
			i = p.take(j, clRole)
		case p.is(j, clSoftware) && j == i && p.softName(j): // "VM vault from 100"
		case p.is(j, clSoftware):
			if it.role == "" {
				it.role = p.read[j].lex.val
			}
			i = p.take(j, clSoftware)
			software = p.text[p.toks[j].start:p.toks[i-1].end]
		}
	case p.is(i, clSoftware) && p.read[i].lex.val != "" && (it.det == detNew || p.last == clCreate || byFor):
		it.role = p.read[i].lex.val
		i = p.take(i, clSoftware)
		software = p.text[p.toks[coreAt].start:p.toks[i-1].end]
	default:
		return false
	}
	if n, next := p.coreAdjective(i); n > 0 { // "deux VM mono-cœur"
		qualities = append(qualities, item{kind: itCores, n: n, start: p.toks[i].start, end: p.toks[next-1].end})
		i = next
	}
	for p.is(i, clAdjective, clRedundant, clPrivilege) || p.is(i, clExtra) && it.det == detNew { // "deux serveurs web de plus"
		redundant, it.extra = redundant || p.is(i, clRedundant), it.extra || p.is(i, clExtra)
		if p.is(i, clPrivilege) {
			qualities = append(qualities, p.privilege(i))
		}
		i = p.take(i, clAdjective, clRedundant, clExtra, clPrivilege)
	}
	if i == coreAt+1 && it.det == detNone && p.things(coreAt)&aGuest != 0 {
		p.out.known = append(p.out.known, p.toks[coreAt].raw)
	}
	it.byFor = byFor && it.role != ""
	p.guestNoun(&it, p.i, i)
	it.instance = it.instance && afterWith
	source := it.source
	it.source, it.s = Source{}, ""
	it.part = it.counted && p.partOf(p.i)
	start, head := p.i, len(p.out.items)
	p.emit(i, it)
	if it.det == detAll {
		p.out.items = append(p.out.items, item{kind: itAll, start: p.toks[start].start, end: p.toks[i-1].end})
	}
	if redundant {
		p.out.items = append(p.out.items, item{kind: itGrouping, s: "redundant", start: p.toks[start].start, end: p.toks[i-1].end})
	}
	if source.Kind != 0 {
		p.out.items = append(p.out.items, item{kind: itSource, source: source, start: p.toks[start].start, end: p.toks[i-1].end})
	}
	p.out.items = append(p.out.items, qualities...)
	if software != "" {
		p.out.items = append(p.out.items, item{kind: itSoftware, s: software, start: p.toks[start].start, end: p.toks[i-1].end})
	}
	before := len(p.out.items)
	p.afterHead(it)
	p.out.items[head].named = len(p.out.items) > before && p.out.items[before].kind == itNames
	return true
}

// typeOf passes "de type", "type", "for" between a machine and its role.
func (p *parser) typeOf(i int) int {
	j := p.takeAll(i, clFor, clAs)
	if j == i {
		return i
	}
	return p.takeAll(j, clOne, clSome, clThe)
}

// bareRoleIsName reports whether the word of a role after "vm" is the first of a list of names: "VMs web, db et cache".
func (p *parser) bareRoleIsName(i int) bool {
	next := i + p.read[i].n
	return p.read[i].n == 1 && p.isTo(next)
}

// afterHead reads what may follow a noun directly: its number ("vm 125", "vm id 125") or its names ("vm web01",
// "VMs : web1, web2 et db1").
func (p *parser) afterHead(head item) {
	i := p.i
	if k := p.takeAll(i, clID); k < len(p.toks) && p.toks[k].kind == tokNumber && head.n == 1 && (k > i || head.machine && head.role == "") {
		if n, next, ok := p.integer(k); ok && n >= 100 && !p.measured(k) {
			p.emit(next, item{kind: itVMID, n: n})
			return
		}
	}
	// "web server x3"; in "a VM x9" the article has said how many
	if i < len(p.toks) && p.toks[i].kind == tokWord && p.toks[i].fold[0] == 'x' && len(p.toks[i].fold) <= 4 && !head.counted {
		if n, err := strconv.Atoi(p.toks[i].fold[1:]); err == nil && n > 0 && head.n == 1 {
			p.emit(i+1, item{kind: itCount, n: n})
			return
		}
	}
	j := i
	if p.mark(j, ":(") {
		j++
	}
	if j >= len(p.toks) || p.toks[j].kind == tokBreak {
		return
	}
	t := p.toks[j]
	if alreadyThere[strings.TrimSuffix(t.fold, "s")] {
		return // "des VM existantes"
	}
	if s, _ := p.systemWord(j); s.Kind == SourceSystem && strings.Contains(s.Version, ".") {
		return // "VM ubuntu24.04"
	}
	if after := j + 1; j > i && head.n > 1 && (p.is(after, clWith) || p.mark(after, ":(") || p.measured(after)) {
		return // members, each described by itself
	}
	named := t.kind == tokQuoted && j == i || !stateWords[t.fold] && t.kind == tokWord && p.things(j)&(aNode|aNetwork|aStorage|aPool|anHAGroup|aTemplate) == 0 &&
		((p.class(j) == clNone || j == i && p.softName(j)) && (identifier(t.raw) || head.role == "" && p.vmWord(i-1)) || p.is(j, clRole) && p.bareRoleIsName(j))
	if !named || !validLabel(t.raw) && t.kind != tokQuoted && !identifier(t.raw) && j != i {
		return
	}
	list, next := p.nameList(j, false)
	if len(list) == 0 && (p.is(j, clRole) || p.softName(j)) {
		list, next = p.nameList(j, true)
	}
	if len(list) > 0 && (j == i || len(list) > 1 || head.n == 1) {
		p.emit(next, item{kind: itNames, list: list})
		if p.mark(p.i, ")") && j > i {
			p.i++
		}
	}
}

// partOf reports whether what begins at i is a part of the machines spoken of before: "dont une base", "one of them a database".
func (p *parser) partOf(i int) bool {
	before := func(k int) string {
		if k < 0 || p.toks[k].kind != tokWord {
			return ""
		}
		return p.toks[k].fold
	}
	for i > 0 && (p.is(i-1, clAs, clFor) || before(i-1) == "being" || before(i-1) == "is" || before(i-1) == "est" || before(i-1) == "sera") {
		i--
	}
	switch f := before(i - 1); f {
	case "dont", "including", "lesquelles", "lesquels":
		return true
	case "them", "which", "these", "those", "elles", "eux":
		return before(i-2) == "of" || before(i-2) == "among" || before(i-2) == "d'" || before(i-2) == "entre" || before(i-2) == "parmi"
	}
	return false
}

// softName reports whether the word at i, a program that makes a machine nothing in particular, is the name of the machine before it.
func (p *parser) softName(i int) bool {
	return p.is(i, clSoftware) && p.read[i].lex.val == "" && p.read[i].n == 1 && p.vmWord(i-1) && p.listEnd(i+1) && p.is(i+1, clFrom, clWith, clOn)
}

// vmWord reports whether token i is a word for a virtual machine after which a plain word is its name: "vm toto". After
// "serveur" it more likely is an adjective.
func (p *parser) vmWord(i int) bool {
	switch p.toks[i].fold {
	case "vm", "vms", "virtuelle", "virtuelles", "machine", "machines", "lxc", "ct", "conteneur", "conteneurs", "container", "containers":
		return true
	}
	return false
}
