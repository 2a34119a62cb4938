package understand

import (
	"slices"
	"strings"
)

// guestPhrase reads what only containers, pools to create and Kubernetes clusters have.
func (p *parser) guestPhrase() bool {
	return p.systemWordPhrase() || p.platformProgram() || p.swapPhrase() || p.privilegePhrase() || p.nestingPhrase() || p.clusterPhrase() || p.newPoolPhrase() || p.imageReferencePhrase()
}

// swapPhrase reads "512 MB swap", "swap de 1 Go", "swap: 0".
func (p *parser) swapPhrase() bool {
	if mib, next, ok := p.size(p.i); ok {
		j := p.link(next)
		if !p.is(j, clSwap) || p.sizeAt(p.link(p.take(j, clSwap))) {
			return false
		}
		return p.emit(p.take(j, clSwap), item{kind: itSwap, n: mib})
	}
	if n, next, ok := p.integer(p.i); ok && p.is(next, clSwap) && p.toks[p.i].kind == tokNumber && !p.sizeAt(p.link(p.take(next, clSwap))) {
		return p.emit(p.take(next, clSwap), item{kind: itSwap, n: swapSize(n)})
	}
	if !p.is(p.i, clSwap) {
		return false
	}
	j := p.link(p.take(p.link(p.take(p.i, clSwap)), clWith))
	if mib, next, ok := p.size(j); ok {
		return p.emit(next, item{kind: itSwap, n: mib})
	}
	if n, next, ok := p.integer(j); ok && p.toks[j].kind == tokNumber && !p.measured(j) {
		n = swapSize(n)
		if _, isUnit := sizeUnits[p.foldAt(next)]; isUnit { // "0 MB", which is no size
			next++
		}
		return p.emit(next, item{kind: itSwap, n: n})
	}
	if on, next, ok := p.toggle(p.take(p.i, clSwap)); ok && !on {
		return p.emit(next, item{kind: itSwap})
	}
	return p.emit(p.take(p.i, clSwap), item{kind: itSignal, signal: clSwap})
}

// swapSize is a number of swap without unit in MiB.
func swapSize(n int) int {
	if n == 0 {
		return 0
	}
	return bareMemory(n)
}

// foldAt returns the folded text of token i, "" behind the end.
func (p *parser) foldAt(i int) string {
	if i >= len(p.toks) {
		return ""
	}
	return p.toks[i].fold
}

// privilegePhrase reads "unprivileged", "non privilégié", "privileged: no".
func (p *parser) privilegePhrase() bool {
	if !p.is(p.i, clPrivilege) {
		return false
	}
	it := p.privilege(p.i)
	next := p.take(p.i, clPrivilege)
	if on, after, ok := p.toggle(next); ok {
		next, it.on = after, it.on == on
	}
	return p.emit(next, it)
}

// privilege is what the word at i says of privileges.
func (p *parser) privilege(i int) item {
	return item{kind: itPrivilege, on: p.read[i].lex.val == "unprivileged", start: p.toks[i].start, end: p.toks[p.take(i, clPrivilege)-1].end}
}

// nestingPhrase reads "nesting", "nesting on", "nesting désactivé".
func (p *parser) nestingPhrase() bool {
	if !p.is(p.i, clNesting) {
		return false
	}
	it := item{kind: itNesting, on: true}
	next := p.takeAll(p.i, clNesting)
	if on, after, ok := p.toggle(next); ok {
		next, it.on = after, on
	}
	return p.emit(next, it)
}

// toggles are the words that switch something on or off.
var toggles = map[string]bool{"on": true, "yes": true, "true": true, "enabled": true, "1": true, "oui": true, "active": true, "activee": true, "vrai": true,
	"off": false, "no": false, "false": false, "disabled": false, "0": false, "non": false, "desactive": false, "desactivees": false, "desactivee": false, "faux": false, "inactive": false}

// toggle reads such a word at i. "on" and "no" are prepositions and negations where something follows them.
func (p *parser) toggle(i int) (on bool, next int, ok bool) {
	j, assigned := i, p.mark(i, ":=")
	if assigned {
		j++
	}
	j = p.link(j)
	if j >= len(p.toks) {
		return false, i, false
	}
	word := p.toks[j].fold
	if p.toks[j].kind == tokNumber {
		word = p.toks[j].raw
	}
	on, ok = toggles[word]
	if ok && assigned {
		return on, j + 1, true
	}
	if !ok || !p.listEnd(j+1) && (word == "on" || word == "no" || word == "non" || p.toks[j].kind == tokNumber && p.measured(j)) {
		return false, i, false
	}
	if p.is(j+1, clOn, clIn) && word == "no" {
		return false, i, false
	}
	return on, j + 1, true
}

// guestNoun says what the noun phrase from start to end calls its guests: their kind, whether that is a word for virtual machines
// in particular, and whether it leaves the kind of container open.
func (p *parser) guestNoun(it *item, start, end int) {
	for i := start; i < end; i += max(1, p.read[i].n) {
		if !p.is(i, clMachine) {
			continue
		}
		switch p.read[i].lex.val {
		case "lxc":
			it.guest, it.loose = GuestContainer, false
		case "container":
			if it.guest == GuestVM {
				it.guest, it.loose = GuestContainer, true
			}
		case "docker":
			it.guest, it.loose = GuestDocker, false
		default:
			it.vm = it.vm || slices.ContainsFunc(p.toks[i:p.take(i, clMachine)], func(t token) bool { return vmWords[t.fold] })
		}
	}
	it.vm = it.vm && it.guest == GuestVM
	it.within = p.after(start, clIn, clAs, clOn)
	it.byPurpose = p.after(start, clFor)
	for j := start - 1; it.byPurpose && j > 0 && start-j <= 4; j-- {
		it.oneFor = it.oneFor || p.is(j, clFor) && j+p.read[j].n == start && p.is(j-1, clOne)
	}
	it.joined = p.after(start, clAnd, clCreate) || start > 0 && (p.mark(start-1, ",;+.") || p.toks[start-1].kind == tokBreak)
}

// after reports whether a phrase of one of the classes ends directly before token i.
func (p *parser) after(i int, classes ...class) bool {
	for j := i - 1; j >= 0 && i-j <= 4; j-- {
		if p.read[j].n > 0 && j+p.read[j].n == i && p.is(j, classes...) {
			return true
		}
	}
	return false
}

// vmWords are the nouns that can only mean a virtual machine.
var vmWords = map[string]bool{"vm": true, "vms": true, "virtuelle": true, "virtuelles": true, "virtual": true, "qemu": true, "kvm": true, "vps": true, "mv": true, "v.m.": true, "m.v.": true}

// settleContainers decides what "a container" is when the rest of the text says it: where Docker is spoken of, it is one of Docker.
func (p *parser) settleContainers() {
	docker := false
	for i, t := range p.toks {
		docker = docker || t.kind == tokWord && (t.fold == "docker" || t.fold == "podman" || t.fold == "dockerfile") && !p.is(i, clNot)
	}
	lxc := slices.ContainsFunc(p.out.items, func(it item) bool {
		return it.kind == itPrivilege || it.kind == itNesting || it.kind == itSwap || it.kind == itSource && archive(it.source.Name) != ""
	})
	for k := range p.out.items {
		switch it := &p.out.items[k]; {
		case it.kind != itHead || !it.loose:
		case lxc: // what only those have
			it.loose = false
		case docker:
			it.guest, it.loose = GuestDocker, false
		}
	}
}

// ofRole passes the "de" between a container and its role: "un conteneur de base de données". Behind other nouns it begins something
// else; there, it is at or behind the adjectives, of which only those of machines are passed.
func (p *parser) ofRole(j, noun int) int {
	container := p.after(noun, clMachine) && slices.ContainsFunc(p.toks[max(0, noun-4):noun], func(t token) bool { return containerNouns[t.fold] })
	if !container {
		return p.takeAll(noun, clAdjective)
	}
	if p.is(j, clLink) && p.is(p.take(j, clLink), clRole, clSoftware) {
		return p.take(j, clLink)
	}
	return p.takeAll(noun, clAdjective)
}

// containerNouns are the words for containers.
var containerNouns = map[string]bool{"container": true, "containers": true, "conteneur": true, "conteneurs": true, "lxc": true, "ct": true}

// systemWordPhrase reads an operating system whose version is written on to it: "debian12", "ubuntu-24.04".
func (p *parser) systemWordPhrase() bool {
	if len(p.out.items) == 0 || p.is(p.i+1, clTemplate, clImage) || p.last == clNamed {
		return false
	}
	s, next := p.systemWord(p.i)
	return s.Kind == SourceSystem && p.emit(next, item{kind: itSource, source: s})
}

// systemWord reads such a word at i.
func (p *parser) systemWord(i int) (Source, int) {
	if p.toks[i].kind != tokWord || p.class(i) != clNone || p.things(i) != 0 {
		return Source{}, i
	}
	raw, next := p.run(i)
	name := strings.TrimRight(fold(raw), "0123456789.")
	if len(fold(raw)) != len(raw) || len(name) == len(raw) || raw[len(name)] == '.' {
		return Source{}, i
	}
	system := words().meaning(strings.TrimSuffix(name, "-"))
	if system.class != clOS || strings.Contains(system.val, " ") {
		return Source{}, i
	}
	return Source{Kind: SourceSystem, Name: system.val, Version: raw[len(name):]}, next
}

// privileged reports whether the word for privileges at i stands before the noun of what it is said of: "a privileged debian 12
// container".
func (p *parser) privileged(i int) bool {
	if !p.is(i, clPrivilege) {
		return false
	}
	j := p.takeAll(i, clPrivilege, clAdjective, clSoftware, clQuality)
	if k := p.take(j, clOS); k > j {
		if j = k; p.toksAt(j, tokNumber) {
			j++
		}
	}
	return p.is(j, clMachine, clRole)
}

// releases are the first and last release that a system can be asked for in, where releases are whole numbers.
var releases = map[string][2]int{"debian": {9, 14}, "fedora": {38, 46}, "rocky": {8, 10}, "alma": {8, 10}, "centos": {7, 10}, "rhel": {7, 10}, "suse": {12, 16}, "windows": {10, 11}}

// counting reports whether the number at i, behind a system, counts or measures something rather than being its release: in "a debian
// 12 container" it is the release.
func (p *parser) counting(system string, i int) bool {
	n, next, ok := p.integer(i)
	if r, known := releases[system]; ok && known && n >= r[0] && n <= r[1] && p.is(next, clMachine, clRole) {
		return false
	}
	return p.measured(i)
}
