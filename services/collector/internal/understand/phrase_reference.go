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
	var fields []string
	var j int
	switch list, next := p.sameFields(p.i); {
	case len(list) > 0:
		fields, j = list, p.takeAll(max(next+1, p.take(next, clAs, clLike, clLink)), clLink, clAs, clFiller)
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
		if again && p.out.hasHead && (p.is(i-1, clNot) || i > 1 && p.is(i-2, clNot)) { // "without asking again"
			return false
		}
		next := p.take(i, clSame)
		if again && p.toks[i].fold == "encore" && next == i+1 && next < len(p.toks) && !p.mark(next, ".!?") {
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
		if n, after := p.plusMore(next); n > 0 { // "the same again with 2 more"
			return p.emit(after, item{kind: itSame, on: again, n: n, extra: true})
		}
		return p.emit(next, item{kind: itSame, on: again, byFor: p.last == clWith})
	}
	if p.is(i, clOn, clIn, clWith, clFrom) && p.is(p.take(i, clOn, clIn, clWith, clFrom), clSame) { // "on the same network"
		j := p.take(i, clOn, clIn, clWith, clFrom)
		if list, _ := p.sameFields(j); len(list) > 0 {
			return false
		}
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

// pointer is what was read of a count of machines whose noun is left out.
type pointer struct {
	n       int
	counted bool   // a number or article was read
	points  bool   // a word pointed at what was spoken of before
	article string // the first word of the count
}

// pointerWord reads one word at i into a pointer and returns the token after it; false at a word that does not belong.
func (p *parser) pointerWord(i int, w *pointer) (int, bool) {
	if i >= len(p.toks) {
		return i, false
	}
	next := i + max(1, p.read[i].n)
	switch {
	case p.is(i, clOne) && p.read[i].lex.val == "another":
		w.points, w.counted = true, true
	case p.toks[i].kind == tokWord && pronouns[p.toks[i].fold] && (w.points || w.counted || p.toks[i].fold == "encore"):
		w.points = w.points || p.toks[i].fold != "one"
		next = i + 1
	case p.is(i, clOrdinal, clExtra) && w.counted, p.is(i, clAdjective) && w.counted && identical[p.toks[i].fold]:
		w.points = true
	case p.is(i, clSame) && (w.counted || w.points):
		if field, _ := p.fieldNoun(next); field != "" {
			return i, false
		}
		w.points = true
	case p.is(i, clAdjective) && w.counted, p.toks[i].fold == "en" && !w.counted && w.points:
	case p.is(i, clPair) && !w.counted:
		w.n, w.counted = p.read[i].lex.n, true
	case p.toks[i].kind == tokNumber || p.is(i, clNumber, clOne):
		v, after, ok := p.integer(i)
		if !ok || w.counted && (p.toks[i].fold != "one" || w.article == "") || p.measured(i) {
			return i, false
		}
		if !w.counted {
			w.n = v
		}
		w.article, w.counted, next = p.toks[i].fold, true, after
	default:
		return i, false
	}
	return next, true
}

// moreOfThem reads a count of machines without their noun: "a second one", "two more", "encore deux", "deux autres identiques".
func (p *parser) moreOfThem() bool {
	i, w := p.i, pointer{n: 1}
	if n, _, ok := p.seconds(i); ok && n > 1 {
		return false // "30 seconds" are no second of thirty
	}
	for steps, ok := 0, true; ok && steps < lookAhead; steps++ {
		i, ok = p.pointerWord(i, &w)
	}
	if i > p.i && p.measured(i) && (p.is(i-1, clOne, clExtra) || pronouns[p.toks[i-1].fold]) && !p.is(p.pastFigure(i), clMachine, clRole) {
		return false // "another 4 GB of memory": more of what a machine has
	}
	if w.points && w.counted && p.toksAt(i, tokWord) && p.things(i)&aGuest != 0 && (p.class(i) == clNone || identifier(p.toks[i].raw)) { // "another db1"
		p.emit(i, item{kind: itHead, det: detNew, n: w.n, counted: true})
		return p.emit(i+1, item{kind: itLike, s: p.toks[i].raw})
	}
	if w.counted && !w.points && p.out.hasHead && p.is(p.i-1, clAnd) && (p.is(i, clLike) || p.is(i, clAs)) && p.things(i+1)&aGuest != 0 { // "and one like db1"
		return p.emit(i, item{kind: itHead, det: detNew, n: w.n, counted: true})
	}
	one := w.counted && w.n == 1 && !w.points && p.is(i, clFor) && !p.out.hasHead && i == p.i+1 && p.is(p.takeAll(i, clFor, clThe), clRole) // "one for the database too"
	if !w.points && !one || !w.counted && i == p.i+1 || i == p.i || w.n < 1 {
		return false
	}
	if !one && !p.clauseEnd(i) {
		return false
	}
	return p.emit(i, item{kind: itSame, n: w.n, counted: true})
}

// pastFigure returns the token after the figure at i and its unit; i when there is none.
func (p *parser) pastFigure(i int) int {
	if _, next, ok := p.size(i); ok {
		return next
	}
	_, next, _ := p.number(i)
	return next
}

// clauseEnd reports whether what stands at i cannot be the noun that a count is waiting for.
func (p *parser) clauseEnd(i int) bool {
	return i >= len(p.toks) || p.toks[i].kind == tokBreak || p.mark(i, ",;.!?():-–—") || p.measured(i) ||
		p.is(i, clWith, clBut, clOn, clIn, clNamed, clFrom, clLike, clSame, clSiblings, clAnd, clFor, clAs, clNot, clAfter, clThen, clFiller, clAlso, clHA)
}

// identical are the adjectives that point at what was spoken of before.
var identical = map[string]bool{"identical": true, "identique": true, "identiques": true}

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
