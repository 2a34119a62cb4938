package understand

import "strings"

// labelPhrase reads what stands on a line of its own before a colon and is no name there: "• Base : template 100", and a value before its
// label: "192.168.0.1 comme passerelle".
func (p *parser) labelPhrase() bool {
	if p.toksAt(p.i, tokAddress) {
		return p.addressBefore()
	}
	if p.toks[p.i].kind != tokWord || !p.mark(p.i+1, ":") || !plainLabels[p.toks[p.i].fold] || !p.lineStart(p.i) {
		return false
	}
	return p.emit(p.i+2, item{kind: itSignal, signal: clTemplate})
}

// plainLabels are labels of a source that are everyday words elsewhere.
var plainLabels = map[string]bool{"base": true, "source": true, "origine": true, "origin": true, "socle": true}

// lineStart reports whether token i is the first of a line, or of an element of a list.
func (p *parser) lineStart(i int) bool {
	return i == 0 || p.toks[i-1].kind == tokBreak || p.bullet(i)
}

// addressBefore reads "192.168.0.1 comme passerelle", "1.1.1.1 as DNS server".
func (p *parser) addressBefore() bool {
	raw := p.toks[p.i].raw
	j := p.takeAll(p.i+1, clAs, clFor)
	if p.toksAt(j, tokWord) && p.toks[j].fold == "en" {
		j++
	}
	if j == p.i+1 {
		return false
	}
	j = p.takeAll(j, clThe, clLink, clOne)
	switch {
	case p.is(j, clGateway) && !strings.Contains(raw, "/") && !p.toksAt(p.link(p.take(j, clGateway)), tokAddress):
		return p.emit(p.takeAll(j, clGateway), item{kind: itGateway, s: raw})
	case p.is(j, clDNS) && !p.toksAt(p.link(p.take(j, clDNS)), tokAddress):
		return p.emit(p.takeAll(j, clDNS, clMachine), item{kind: itDNS, list: []string{raw}})
	case p.is(j, clIP) && !p.toksAt(p.link(p.take(j, clIP)), tokAddress):
		return p.emit(p.takeAll(j, clIP), item{kind: itIPv4, s: raw})
	}
	return false
}

// loginPhrase reads "login user deploy", two words for one thing, and a user whose name is a verb elsewhere: "user deploy with the key".
func (p *parser) loginPhrase() bool {
	j := p.takeAll(p.i, clUser)
	if j == p.i {
		return false
	}
	several := j > p.take(p.i, clUser)
	j = p.link(p.take(p.link(j), clNamed))
	raw, ok := p.word(j)
	verb := p.is(j, clCreate) && (p.is(j+1, clWith) || p.listEnd(j+1))
	if !ok || !verb && !(several && (p.class(j) == clNone || p.nameLike(j))) || strings.Contains(raw, ".") {
		return false
	}
	raw, next := p.run(j)
	return p.emit(next, item{kind: itUser, s: raw})
}

// announcedNames reads the names of the machines just counted: "two VMs, north1 and south1, from template 100".
func (p *parser) announcedNames() bool {
	k := len(p.out.items) - 2
	if k < 0 || p.out.items[k+1].kind != itComma || p.out.items[k].kind != itHead || p.out.items[k].n < 2 || !p.mark(p.i-1, ",:") {
		return false
	}
	if !p.free(p.i) || p.things(p.i) != 0 || !identifier(p.toks[p.i].raw) {
		return false
	}
	list, next := p.nameList(p.i, false)
	if len(list) != p.out.items[k].n || !p.listEnd(next) {
		return false
	}
	return p.emit(next, item{kind: itNames, list: list})
}

// maskPhrase reads a netmask that stands apart from the address it belongs to: "IP: 192.168.1.31", and on the next line "Netmask: 255.255.0.0".
func (p *parser) maskPhrase() bool {
	if !p.is(p.i, clMask) {
		return false
	}
	j := p.link(p.takeAll(p.i, clMask))
	bits, ok := "", false
	switch {
	case p.toksAt(j, tokAddress):
		bits, ok = maskBits(p.toks[j].raw)
	case p.mark(j, "/") && p.toksAt(j+1, tokNumber):
		j++
		bits, ok = p.toks[j].raw, p.toks[j].num >= 1 && p.toks[j].num <= 32
	case p.toksAt(j, tokNumber) && !p.measured(j):
		bits, ok = p.toks[j].raw, p.toks[j].num >= 1 && p.toks[j].num <= 32
	}
	if !ok {
		return false
	}
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		if it := &p.out.items[k]; it.kind == itIPv4 {
			if it.s == "" || it.s == "dhcp" || strings.Contains(it.s, "/") {
				return false
			}
			it.s += "/" + bits
			p.i = j + 1
			return true
		}
	}
	return false
}
