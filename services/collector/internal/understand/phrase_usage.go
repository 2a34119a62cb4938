package understand

import (
	"net/netip"
	"strings"
)

// settleOff decides what each "off" means that belongs to no phrase: what something is made from ("off template 100"), or a machine that
// is switched off (", off at the end"). After anything else it means nothing.
func (p *parser) settleOff() {
	for i, t := range p.toks {
		if t.kind != tokWord || t.fold != "off" || p.read[i].n > 0 {
			continue
		}
		j := p.takeAll(i+1, clThe, clLink, clFiller)
		switch {
		case p.is(j, clTemplate, clImage, clOS), p.things(j)&(aTemplate|anImage) != 0, p.templateWord(j), j == i+1 && p.toksAt(j, tokNumber) && p.toks[j].num >= 100 && !p.measured(j):
			p.read[i] = reading{lex: lexeme{class: clFrom}, n: 1}
		case i > 0 && p.listEnd(i+1) && !p.is(i+1, clOn, clIn, clFrom) && p.mark(i-1, ",") || i > 0 && p.listEnd(i+1) && p.is(i-1, clBut, clAnd, clStopped):
			p.read[i] = reading{lex: lexeme{class: clStopped}, n: 1}
		}
	}
}

// templateWord reports whether a word and a noun for templates stand at i: "the k3s template".
func (p *parser) templateWord(i int) bool {
	return i+1 < len(p.toks) && p.toksAt(i, tokWord) && p.is(i+max(1, p.read[i].n), clTemplate, clImage)
}

// offPhrase reads "keep it off", "leave them off", of which the lexicon takes a part for "stay away from".
func (p *parser) offPhrase() bool {
	if !p.is(p.i, clNot) {
		return false
	}
	next := p.take(p.i, clNot)
	if p.toks[next-1].fold != "off" || !p.listEnd(next) || p.is(next, clOn, clIn, clFrom) {
		return false
	}
	return p.emit(next, item{kind: itStarted})
}

// switched reads the "off", "no", "false" behind a property, and says whether the property is wanted.
func (p *parser) switched(next int) (on bool, after int) {
	if on, after, ok := p.toggle(next); ok {
		return on, after
	}
	j := p.link(next)
	if p.is(j, clStopped) && p.toks[p.take(j, clStopped)-1].fold == "off" { // "turned off"
		return false, p.take(j, clStopped)
	}
	if p.toksAt(j, tokWord) && cut[p.toks[j].fold] {
		return false, j + 1
	}
	return true, next
}

// cut are further words for a property that is switched off.
var cut = map[string]bool{"coupe": true, "coupee": true, "deactivated": true, "inactif": true, "interdite": true, "arretee": true}

// balloonPhrase reads the memory that a machine may be brought down to: "ballooning down to 2 GB", "minimum 2 GB", "2 GB minimum" after
// its memory.
func (p *parser) balloonPhrase() bool {
	if p.is(p.i, clBalloon) {
		j := p.takeAll(p.i, clBalloon)
		for range 3 {
			j = p.link(p.takeAll(p.link(j), clBalloon, clTo, clWith, clIn, clOne, clBut))
			if p.mark(j, "(") {
				j++
			}
		}
		mib, next, ok := p.size(j)
		if !ok {
			return false
		}
		if m := p.take(p.link(next), clMemory); m > p.link(next) {
			next = m
		}
		if given := p.memoryGiven(); given > 0 && mib > given {
			return p.emit(next, item{kind: itUnknown}) // no machine shrinks to more than it has
		}
		return p.emit(next, item{kind: itMemoryMin, n: mib})
	}
	if mib, next, ok := p.between(p.i); ok {
		return p.emit(next, item{kind: itMemoryMin, n: mib})
	}
	given := p.memoryGiven()
	if given == 0 {
		return false
	}
	if j := p.takeAll(p.i, clOne, clWith); j < len(p.toks) && least[p.toks[j].fold] {
		if mib, next, ok := p.size(p.link(j)); ok && mib < given && !p.is(p.link(next), clDisk, clStorage, clSwap) {
			return p.emit(p.take(next, clMemory), item{kind: itMemoryMin, n: mib})
		}
	}
	if mib, next, ok := p.size(p.i); ok && mib < given {
		if j := p.takeAll(next, clIn); j < len(p.toks) && least[p.toks[j].fold] && !p.is(p.link(j), clDisk, clStorage, clSwap) && !p.sizeAt(p.link(j)) {
			return p.emit(j+1, item{kind: itMemoryMin, n: mib})
		}
	}
	return false
}

// between reads "min 2 GB and" before "max 8 GB of memory".
func (p *parser) between(i int) (mib, next int, ok bool) {
	bound := func(i int, words map[string]bool, second string) int {
		switch {
		case !p.toksAt(i, tokWord):
			return i
		case words[p.toks[i].fold]:
			return i + 1
		case (p.toks[i].fold == "at" || p.toks[i].fold == "au") && p.toksAt(i+1, tokWord) && strings.HasPrefix(second, p.toks[i].fold+p.toks[i+1].fold) || p.toksAt(i+1, tokWord) && strings.HasSuffix(second, p.toks[i].fold+p.toks[i+1].fold):
			return i + 2
		}
		return i
	}
	j := bound(i, least, "atleast aumoins")
	if j == i {
		return 0, i, false
	}
	low, after, ok := p.size(p.link(j))
	if !ok {
		return 0, i, false
	}
	k := after
	for p.mark(k, ",") || p.is(k, clAnd) || p.is(k, clMemory) {
		k++
	}
	m := bound(k, most, "atmost auplus")
	if m == k {
		return 0, i, false
	}
	high, end, ok := p.size(p.link(m))
	if !ok || high <= low || p.is(p.link(end), clDisk, clStorage, clSwap) {
		return 0, i, false
	}
	return low, k, true
}

// most are the words for an upper bound.
var most = map[string]bool{"maximum": true, "max": true, "maximal": true, "maximale": true}

// least are the words for a lower bound.
var least = map[string]bool{"minimum": true, "min": true, "minimal": true, "minimale": true}

// memoryGiven returns the memory in MiB that the machine just spoken of was given in this sentence, 0 when none.
func (p *parser) memoryGiven() int {
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		switch it := p.out.items[k]; it.kind {
		case itMemory, itSize:
			return it.n
		case itHead, itStop, itRow, itMember:
			return 0
		}
	}
	return 0
}

// maskedAddress reads what follows an address: "netmask 255.255.0.0", "masque 255.255.255.0", "/24" set off by a blank. It returns the
// address with its prefix length.
func (p *parser) maskedAddress(i int) (string, int, bool) {
	a := p.toks[i].raw
	if strings.Contains(a, "/") {
		return a, i + 1, false
	}
	j := i + 1
	if p.mark(j, ",;(/") {
		j++
	}
	slash := p.mark(j-1, "/")
	k := p.takeAll(j, clAnd, clWith, clThe, clOne)
	named := p.is(k, clMask)
	if named {
		k = p.link(p.takeAll(k, clMask))
	}
	if p.toksAt(k, tokNumber) && (named || slash) && !p.measured(k) {
		if n, ok := whole(p.toks[k].num); ok && n >= 1 && n <= 32 {
			return a + "/" + p.toks[k].raw, k + 1, true
		}
	}
	if !p.toksAt(k, tokAddress) || !named && (k != i+1 || !strings.HasPrefix(p.toks[k].raw, "255.")) {
		return a, i + 1, false
	}
	if bits, ok := maskBits(p.toks[k].raw); ok {
		return a + "/" + bits, k + 1, true
	}
	return a, i + 1, false
}

// maskBits returns the prefix length of a netmask.
func maskBits(mask string) (string, bool) {
	m, err := netip.ParseAddr(mask)
	if err != nil || !m.Is4() {
		return "", false
	}
	for n := 1; n <= 32; n++ {
		if p, err := netip.AddrFrom4([4]byte{255, 255, 255, 255}).Prefix(n); err == nil && p.Addr() == m {
			return p.String()[strings.IndexByte(p.String(), '/')+1:], true
		}
	}
	return "", false
}

// delayNouns are the nouns and verbs for the time between the start of one machine and the next.
var delayNouns = map[string]bool{"delay": true, "delai": true, "wait": true, "waiting": true, "attente": true, "attendre": true, "pause": true, "temporisation": true, "delays": true, "delais": true, "retard": true}

// delayPhrase reads "with a delay of 30 seconds", "délai de 20 secondes", "30 seconds delay".
func (p *parser) delayPhrase() bool {
	j := p.takeAll(p.i, clWith, clOne, clThe)
	if p.toksAt(j, tokWord) && delayNouns[p.toks[j].fold] {
		k := p.link(j + 1)
		if p.mark(k, "=") {
			k++
		}
		if n, next, ok := p.seconds(p.takeAll(k, clLink, clThe)); ok {
			return p.emit(next, item{kind: itDelay, n: n})
		}
	}
	if n, next, ok := p.seconds(j); ok {
		if k := p.link(next); p.toksAt(k, tokWord) && delayNouns[p.toks[k].fold] {
			return p.emit(k+1, item{kind: itDelay, n: n})
		}
	}
	return false
}
