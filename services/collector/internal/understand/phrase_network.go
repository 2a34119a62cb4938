package understand

import "strings"

// networkPhrase reads networks and VLANs: "on mainvnet", "réseau vmbr0", "VLAN 20", "two network cards".
func (p *parser) networkPhrase() bool {
	if p.is(p.i, clVLAN) {
		j := p.link(p.takeAll(p.link(p.take(p.i, clVLAN)), clID))
		if p.is(j, clTags) {
			j = p.link(p.take(j, clTags))
		}
		if n, next, ok := p.integer(j); ok && p.toks[j].kind == tokNumber && !p.measured(j) {
			return p.emit(next, item{kind: itVLAN, n: n})
		}
		return false
	}
	if n, next, ok := p.integer(p.i); ok {
		next = p.takeAll(next, clAdjective)
		if p.is(next, clNetwork) && n >= 1 && n <= 8 && !p.is(p.link(p.take(next, clNetwork)), clNone) {
			j := p.take(next, clNetwork)
			if p.things(j)&aNetwork == 0 {
				return p.emit(j, item{kind: itNetwork, n: n})
			}
		}
	}
	j := p.takeAll(p.i, clOn, clIn)
	prefixed := j > p.i
	j = p.link(j)
	j = p.takeAll(j, clOne)
	noun := p.takeAll(j, clNetwork)
	hasNoun := noun > j
	k := noun
	if hasNoun {
		k = p.link(p.take(p.link(noun), clNamed, clOn))
		k = p.takeAll(p.link(k), clNetwork) // "carte réseau sur le bridge vmbr0"
		k = p.link(k)
	}
	if k >= len(p.toks) {
		return false
	}
	t := p.things(k)
	bare := p.class(k) == clNone || identifier(p.toks[k].raw) || prefixed && t&^aNetwork == 0 && p.named(k)
	switch {
	case t&aNetwork != 0 && (hasNoun || bare):
	case t&(aNode|aStorage|aPool|aTemplate|aGuest) != 0:
		return false
	case hasNoun && p.free(k) && (identifier(p.toks[k].raw) || p.toks[k].kind == tokQuoted || p.names.near(p.toks[k].fold) == aNetwork || p.mark(k-1, ":=")):
	case prefixed && p.free(k) && p.toks[k].kind == tokWord && p.names.near(p.toks[k].fold) == aNetwork:
	default:
		return false
	}
	raw, next := p.run(k)
	if p.is(next, clNetwork) && !hasNoun {
		next = p.take(next, clNetwork)
	}
	return p.emit(next, item{kind: itNetwork, s: raw, n: 1})
}

// addressPhrase reads addresses: "192.168.0.20/16", "gateway 192.168.0.1", "DNS 8.8.8.8 and 1.1.1.1", "DHCP".
func (p *parser) addressPhrase() bool {
	i := p.i
	if j := p.takeAll(i, clThe, clSome, clOne); j > i && (p.is(j, clDNS) || p.is(j, clRole) && p.read[j].lex.val == "dns-server") {
		i = j // "les serveurs DNS 8.8.8.8 et 1.1.1.1"
	}
	address := func(i int) (string, int, bool) {
		if !p.toksAt(i, tokAddress) {
			return "", i, false
		}
		return p.toks[i].raw, i + 1, true
	}
	switch {
	case p.is(i, clDNS) || p.is(i, clRole) && p.read[i].lex.val == "dns-server":
		j := p.link(p.takeAll(i, clDNS, clRole))
		j = p.link(p.takeAll(j, clMachine, clIP))
		if !p.toksAt(j, tokAddress) {
			return false
		}
		list, next := p.list(j, func(k int) (string, int, bool) {
			if p.is(k, clGateway, clIP) {
				return "", k, false
			}
			return address(k)
		})
		for p.toksAt(next, tokAddress) && !strings.Contains(p.toks[next].raw, "/") { // separated by spaces
			list, next = append(list, p.toks[next].raw), next+1
		}
		return p.emit(next, item{kind: itDNS, list: list})
	case p.is(i, clGateway):
		j := p.link(p.takeAll(p.link(p.take(i, clGateway)), clIP))
		if a, next, ok := address(p.link(j)); ok {
			return p.emit(next, item{kind: itGateway, s: a})
		}
		return false
	case p.toksAt(i, tokAddress):
		a, next, _ := p.maskedAddress(i)
		return p.emit(next, item{kind: itIPv4, s: a})
	case p.is(i, clIP):
		j := p.link(p.takeAll(i, clIP, clLink, clThe))
		j = p.link(p.takeAll(j, clNetwork, clFrom))
		if p.toksAt(j, tokAddress) {
			a, next, _ := p.maskedAddress(j)
			return p.emit(next, item{kind: itIPv4, s: a})
		}
		if p.is(j, clDHCP) {
			return p.emit(p.take(j, clDHCP), item{kind: itIPv4, s: "dhcp"})
		}
		for _, word := range partsOf(p.text[p.toks[i].start:p.toks[p.take(i, clIP)-1].end]) {
			if word == "static" || word == "statique" || word == "fixe" || word == "fixed" {
				return p.emit(p.take(i, clIP), item{kind: itIPv4}) // wanted, and not said which
			}
		}
		return false
	case p.is(i, clDHCP):
		return p.emit(p.take(i, clDHCP), item{kind: itIPv4, s: "dhcp"})
	}
	return false
}

// domainPhrase reads "search domain lab.local".
func (p *parser) domainPhrase() bool {
	if !p.is(p.i, clDomain) {
		return false
	}
	j := p.link(p.take(p.link(p.take(p.i, clDomain)), clNamed))
	raw, ok := p.word(j)
	if !ok || !p.free(j) && !strings.Contains(raw, ".") {
		return false
	}
	raw, next := p.run(j)
	return p.emit(next, item{kind: itDomain, s: raw})
}

// userPhrase reads "user admin-ubt", "utilisateur « amine »".
func (p *parser) userPhrase() bool {
	if !p.is(p.i, clUser) {
		return false
	}
	j := p.link(p.take(p.link(p.take(p.i, clUser)), clNamed))
	if !p.free(j) && !(j < len(p.toks) && p.toks[j].kind == tokWord && (identifier(p.toks[j].raw) || p.nameLike(j) || p.mark(j-1, ":="))) {
		return false
	}
	raw, next := p.run(j)
	return p.emit(next, item{kind: itUser, s: raw})
}

// tagsPhrase reads "tags web, prod", "tagged web and prod", "étiquetée prod".
func (p *parser) tagsPhrase() bool {
	if !p.is(p.i, clTags) {
		return false
	}
	i := p.takeAll(p.i, clTags)
	j := p.link(p.take(p.link(i), clAs, clWith, clNamed))
	j = p.link(p.take(p.link(j), clTags))
	spaced := p.mark(j-1, ":=") || p.i+1 < len(p.toks) && p.tagsPlural()
	var list []string
	next := j
	for k := j; k < len(p.toks); {
		t := p.toks[k]
		ok := t.kind == tokQuoted || t.kind == tokWord && (p.free(k) || p.read[k].n == 1 && tagWords[p.class(k)]) ||
			len(list) == 0 && (t.kind == tokOdd || t.kind == tokMark && strings.ContainsAny(t.raw, "$-<{[\\|@%")) ||
			t.kind == tokNumber && !p.measured(k) && len(list) > 0
		if ok && len(list) > 0 && p.headAhead(k) {
			ok = false
		}
		if !ok {
			break
		}
		raw, after := p.run(k)
		list, next = append(list, raw), after
		k = after
		separated := false
		for p.mark(k, ",;/&") || p.is(k, clAnd) {
			k, separated = max(k+1, p.take(k, clAnd)), true
		}
		if !separated && !(spaced && k < len(p.toks) && p.free(k) && p.things(k) == 0) {
			break
		}
	}
	if len(list) == 0 {
		return false
	}
	return p.emit(next, item{kind: itTags, list: list})
}

// tagsPlural reports whether the word at hand announces several tags.
func (p *parser) tagsPlural() bool {
	f := p.toks[p.take(p.i, clTags)-1].fold
	return strings.HasSuffix(f, "s")
}

// tagWords are the classes of words that are as likely a tag as themselves.
var tagWords = map[class]bool{clRole: true, clSoftware: true, clPlatform: true, clOS: true, clBackup: true, clKubernetes: true, clQuality: true, clHA: true,
	clMachine: true, clSomething: true, clNetwork: true, clSecurity: true, clAdjective: true, clDNS: true, clStorage: true, clAgent: true, clTemplate: true, clUser: true}

// headAhead reports whether the tokens from i are the beginning of another phrase although i itself could be a tag:
// "tags web, prod and database server" ends before the server.
func (p *parser) headAhead(i int) bool {
	if !p.is(i, clRole, clSoftware, clOS, clMachine, clStorage, clNetwork, clUser, clDNS, clHA, clAgent) {
		return false
	}
	next := i + p.read[i].n
	if p.is(i, clHA) {
		return true
	}
	return next < len(p.toks) && p.toks[next].kind != tokBreak && !p.mark(next, ",;.!?") && !p.is(next, clAnd, clWith, clOn, clIn, clFrom)
}
