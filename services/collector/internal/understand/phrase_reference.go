package understand

import (
	"slices"
	"strings"
)

// likePhrase reads a reference to a machine that exists: "like worker-node-2", "comme la VM webserver", "same memory as db1".
func (p *parser) likePhrase() bool {
	if p.is(p.i, clSiblings) {
		next := p.take(p.i, clSiblings)
		if role, base, after, ok := p.series(p.groupWords(p.takeAll(next, clIn, clOn, clLink, clThe))); ok { // "like the others in the web tier"
			return p.emit(p.groupWords(after), item{kind: itSiblings, role: role, s: base})
		}
		return p.emit(next, item{kind: itSiblings})
	}
	if j := p.takeAll(p.i, clIn, clTo); (j > p.i || p.isTo(p.i)) && p.out.hasHead { // "one more server to the web tier"
		j = p.takeAll(max(j, p.i+1), clThe, clLink)
		if role, base, after, ok := p.series(j); ok && (p.groupWords(after) > after || p.groupWords(j) > j) {
			return p.emit(p.groupWords(after), item{kind: itSiblings, role: role, s: base})
		}
	}
	fields, j := []string(nil), p.i
	switch {
	case p.is(p.i, clLike):
		if p.wish(p.i) {
			return false
		}
		j = p.take(p.i, clLike)
	case p.is(p.i, clAs) && p.out.first != clClone:
		j = p.take(p.i, clAs)
	case p.is(p.i, clSame), p.toks[p.i].kind == tokWord && bareSame[p.toks[p.i].fold]:
		field, next := p.fieldNoun(p.takeAll(p.i+max(1, p.read[p.i].n), clLink))
		if field == "" || !p.comparison(next) {
			return false
		}
		fields, j = []string{field}, p.takeAll(next, clLink, clAs, clLike, clFiller)
	default:
		return false
	}
	k := p.takeAll(j, clFiller, clThe, clLink, clOne)
	noun := p.takeAll(k, clMachine, clNode)
	k = p.reference(noun)
	if k >= len(p.toks) {
		return false
	}
	if n, next, ok := p.integer(k); ok && p.toks[k].kind == tokNumber && n >= 100 && !p.measured(k) && (noun > j || p.is(p.i, clLike)) {
		return p.emit(next, item{kind: itLike, s: p.toks[k].raw, list: fields})
	}
	if p.toks[k].kind != tokWord && p.toks[k].kind != tokQuoted {
		return false
	}
	if t := p.things(k); t&aGuest == 0 {
		made := p.free(k) && t&^aTemplate == 0 && (identifier(p.toks[k].raw) || noun > j && p.toks[k].kind == tokQuoted || p.is(p.i, clLike) && nearest(p.toks[k].raw, p.names.guestNames()) != "")
		if !made || p.is(p.i, clAs) && t == 0 && p.is(p.i-1, clNamed) {
			return false
		}
	} else if p.class(k) != clNone && !identifier(p.toks[k].raw) && !p.is(p.i, clLike) && noun == j {
		return false // "as database": the role, though a guest is called so
	}
	raw, next := p.run(k)
	return p.emit(next, item{kind: itLike, s: raw, list: fields})
}

// bareSame are the words for "same" without their article.
var bareSame = map[string]bool{"same": true, "meme": true, "memes": true}

// wish reports whether a "like" at i only wishes: "would like", "I'd really like".
func (p *parser) wish(i int) bool {
	for k := max(0, i-3); k < i; k++ {
		if f := p.toks[k].fold; f == "would" || f == "should" || f == "d" || f == "'d" || strings.HasSuffix(f, "'d") {
			return p.toks[i].fold == "like"
		}
	}
	return false
}

// comparison reports whether "as" or "que" stands at i.
func (p *parser) comparison(i int) bool {
	i = p.takeAll(i, clLink) // "the same disk size as"
	return i < len(p.toks) && (p.is(i, clAs) || p.toks[i].fold == "que" || p.toks[i].fold == "qu'" || p.toks[i].fold == "of" || p.toks[i].fold == "than")
}

// fieldNouns are the nouns of single fields.
var fieldNouns = map[class]string{
	clNetwork: fieldNetwork, clVLAN: fieldVLAN, clPool: fieldPool, clStorage: fieldStorage, clTemplate: fieldSource, clImage: fieldSource,
	clOS: fieldSource, clMemory: fieldMemory, clCores: fieldCores, clDisk: fieldDisk, clUser: fieldUser, clKey: fieldKeys, clTags: fieldTags, clDNS: fieldDNS,
	clCPUType: fieldCPUType, clDomain: fieldDomain,
}

// fieldNoun returns the field that the noun at i names, and the token after the noun; "" when it names none.
func (p *parser) fieldNoun(i int) (field string, next int) {
	for c, f := range fieldNouns {
		if p.is(i, c) {
			return f, p.take(i, c)
		}
	}
	return "", i
}

// samePhrase reads what points at the machines spoken of before, in this request or in an earlier one: "the same but with
// 16 GB", "a second one", "deux autres identiques", "refais la même chose", "on the same network".
func (p *parser) samePhrase() bool {
	i := p.i
	if p.toks[i].kind == tokWord && bareSame[p.toks[i].fold] && (p.is(i+1, clFor, clBut) || p.mark(i+1, ",:")) { // "same for the database"
		return p.emit(i+1, item{kind: itSame})
	}
	if p.is(i, clSame) {
		if p.wish(i) {
			return false
		}
		again := p.read[i].lex.val == "again"
		next := p.take(i, clSame)
		if again && p.toks[i].fold == "encore" && next == i+1 {
			return p.moreOfThem()
		}
		if field, after := p.fieldNoun(next); field != "" && !again {
			return p.emit(after, item{kind: itSame, list: []string{field}})
		}
		if !again && p.is(next, clMachine, clRole, clNode) { // "the same server", "les mêmes machines"
			if p.is(next, clRole) {
				return p.emit(next, item{kind: itSame})
			}
			next = p.take(next, clMachine, clNode)
		}
		for p.is(next, clSame) { // "do the same again"
			again = again || p.read[next].lex.val == "again"
			next = p.take(next, clSame)
		}
		return p.emit(next, item{kind: itSame, on: again, byFor: p.last == clWith})
	}
	if p.is(i, clOn, clIn, clWith, clFrom) && p.is(p.take(i, clOn, clIn, clWith, clFrom), clSame) { // "on the same network"
		j := p.take(i, clOn, clIn, clWith, clFrom)
		if field, after := p.fieldNoun(p.take(j, clSame)); field != "" {
			if p.comparison(after) {
				return false
			}
			return p.emit(after, item{kind: itSame, list: []string{field}})
		}
		return false
	}
	return p.moreOfThem()
}

// pronouns stand for the noun spoken of before.
var pronouns = map[string]bool{"one": true, "ones": true, "others": true, "other": true, "more": true, "autre": true, "autres": true, "another": true, "encore": true}

// moreOfThem reads a count of machines without their noun: "a second one", "two more", "encore deux", "deux autres identiques".
func (p *parser) moreOfThem() bool {
	i, n, counted, points := p.i, 1, false, false
	article := ""
	for steps := 0; steps < lookAhead && i < len(p.toks); steps++ {
		switch {
		case p.is(i, clOne) && p.read[i].lex.val == "another":
			points, counted = true, true
		case p.toks[i].kind == tokWord && pronouns[p.toks[i].fold] && (points || counted || p.toks[i].fold == "encore"):
			points = points || p.toks[i].fold != "one"
			i++
			continue
		case p.is(i, clOrdinal) && counted:
			points = true
		case p.is(i, clExtra) && counted:
			points = true
		case p.is(i, clAdjective) && counted && identical[p.toks[i].fold]:
			points = true
		case p.is(i, clSame) && (counted || points):
			if field, _ := p.fieldNoun(p.take(i, clSame)); field != "" {
				return false
			}
			points = true
		case p.is(i, clAdjective) && counted:
		case p.toks[i].kind == tokNumber || p.is(i, clNumber, clPair, clOne):
			if counted && (p.toks[i].fold != "one" || article == "") {
				return false
			}
			if v, next, ok := p.integer(i); ok && !p.measured(i) {
				article, n, counted, i = p.toks[i].fold, v, true, next
				continue
			}
			if !p.is(i, clPair) {
				return false
			}
			n, counted = p.read[i].lex.n, true
		case p.toks[i].fold == "en" && counted == false && points:
		default:
			goto end
		}
		i += max(1, p.read[i].n)
	}
end:
	if points && counted && p.toksAt(i, tokWord) && p.things(i)&aGuest != 0 && (p.class(i) == clNone || identifier(p.toks[i].raw)) { // "another db1"
		p.emit(i, item{kind: itHead, det: detNew, n: n, counted: true})
		return p.emit(i+1, item{kind: itLike, s: p.toks[i].raw})
	}
	onlyFor := counted && n == 1 && !points && p.is(i, clFor) && !p.out.hasHead && i == p.i+1 && p.is(p.takeAll(i, clFor, clThe), clRole) // "one for the database too"
	if !points && !onlyFor || !counted && i == p.i+1 || i == p.i || n < 1 {
		return false
	}
	if !onlyFor && i < len(p.toks) && p.toks[i].kind != tokBreak && !p.mark(i, ",;.!?():-–—") &&
		!p.is(i, clWith, clBut, clOn, clIn, clNamed, clFrom, clLike, clSame, clSiblings, clAnd, clFor, clAs, clNot, clAfter, clThen, clFiller, clAlso, clHA) && !p.measured(i) {
		return false
	}
	return p.emit(i, item{kind: itSame, n: n, counted: true})
}

// identical are the adjectives that point at what was spoken of before.
var identical = map[string]bool{"identical": true, "identique": true, "identiques": true}

// scalePhrase reads how many machines a series is to have: "scale the workers to 4", "passe les workers à 5", "increase the
// number of web servers from 2 to 5", "scale worker-node by 2".
func (p *parser) scalePhrase() bool {
	if !p.is(p.i, clChange, clCreate) {
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

// guestNames returns the names of the guests that are no templates.
func (x *index) guestNames() []string {
	if x.snap == nil || len(x.snap.Guests) > 2000 {
		return nil
	}
	var names []string
	for _, g := range x.snap.Guests {
		if !g.Template && g.Name != "" {
			names = append(names, g.Name)
		}
	}
	return slices.Compact(names)
}

// memberOf reads one or several of the machines just counted, which are described each by itself: "one on pmox01 and two on pmox02",
// "le premier avec 4 cœurs, le second avec 8".
func (p *parser) memberOf() bool {
	i := p.i
	n, kind := 1, itRow
	switch {
	case p.is(i, clOrdinal), p.is(i, clThe) && p.is(p.take(i, clThe), clOrdinal):
		i = p.take(i, clThe)
		n, kind = p.read[i].lex.n, itNth
		i = p.take(i, clOrdinal)
		if i < len(p.toks) && p.toks[i].fold == "one" {
			i++
		}
	case p.is(i, clOne, clNumber), p.toksAt(i, tokNumber):
		v, next, ok := p.integer(i)
		if !ok || v < 1 || p.measured(i) || p.is(i, clOne) && !alone[p.toks[i].fold] {
			return false
		}
		n, i = v, next
	default:
		return false
	}
	if !p.is(i, clOn, clWith) {
		return false
	}
	switch p.lastCounted() {
	case itHead:
		return p.emit(i, item{kind: kind, n: n})
	case itNetwork, itDisk:
		return p.emit(i, item{kind: itComma}) // "two network cards, one on mainvnet and one on vmbr0"
	}
	return false
}

// alone are the articles that can stand for a noun.
var alone = map[string]bool{"one": true, "un": true, "une": true, "l'un": true, "l'une": true}

// lastCounted returns what was counted last, machines, disks or network cards; itUnknown when nothing was.
func (p *parser) lastCounted() itemKind {
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		switch it := p.out.items[k]; {
		case it.kind == itHead && it.n > 1, it.kind == itRow, it.kind == itNth, it.kind == itNames && len(it.list) > 1:
			return itHead
		case it.kind == itHead:
			return itUnknown
		case it.kind == itNetwork, it.kind == itDisk:
			if !slices.ContainsFunc(p.out.items[max(0, k-lookBack):k], func(it item) bool { return it.kind == itRow || it.kind == itNth }) {
				return it.kind
			}
		}
	}
	return itUnknown
}

// lookBack bounds how many items a phrase goes back.
const lookBack = 24
