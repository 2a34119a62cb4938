package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// descriptionPhrase reads `description "…"`, and after a colon everything up to the end of the line.
func (p *parser) descriptionPhrase() bool {
	if !p.is(p.i, clDescription) {
		return false
	}
	j := p.link(p.take(p.i, clDescription))
	if j >= len(p.toks) {
		return false
	}
	if p.toks[j].kind == tokQuoted {
		return p.emit(j+1, item{kind: itDescription, s: p.toks[j].raw})
	}
	if !p.mark(j-1, ":=") || p.toks[j].kind == tokBreak {
		return false
	}
	end := j
	for end < len(p.toks) && p.toks[end].kind != tokBreak && !p.mark(end, ";") {
		end++
	}
	return p.emit(end, item{kind: itDescription, s: strings.TrimRight(p.text[p.toks[j].start:p.toks[end-1].end], " .")})
}

// namePhrase reads "named web01", "s'appelle web-01", "nommées web1, web2 et db1", "called web-01 to web-03".
func (p *parser) namePhrase() bool {
	if p.out.first == clClone && (p.is(p.i, clAs) || (p.is(p.i, clTo) || p.toks[p.i].fold == "en" || p.toks[p.i].fold == "into") && p.i+1 < len(p.toks) && p.free(p.i+1)) { // "clone 100 as web01"
		j := p.take(p.i, clAs, clTo, clIn)
		if list, next := p.nameList(j, true); len(list) > 0 {
			return p.emit(next, item{kind: itNames, list: list})
		}
	}
	if !p.is(p.i, clNamed, clName) {
		return false
	}
	strong := p.is(p.i, clNamed)
	j := p.take(p.i, clNamed, clName)
	if !strong || !p.bareName(j) {
		j = p.link(j)
		j = p.link(p.take(j, clNamed, clName))
	}
	if j >= len(p.toks) || !strong && !p.free(j) && !p.mark(j-1, ":=") && !p.nameLike(j) {
		return false
	}
	list, next := p.nameList(j, true)
	if len(list) == 0 {
		return false
	}
	if !strong && p.mark(j-1, ":=") && (p.i == 0 || p.toks[p.i-1].kind == tokBreak) { // "name: web55" begins a block of lines
		if p.blocks > 0 || !p.out.hasHead {
			p.out.items = append(p.out.items, item{kind: itHead, n: 1, det: detNew, start: p.toks[p.i].start, end: p.toks[p.i].start})
		}
		p.blocks++
	}
	return p.emit(next, item{kind: itNames, list: list})
}

// nameLike reports whether a word of the lexicon at i may be meant as a name: the words for roles and programs.
func (p *parser) nameLike(i int) bool {
	return p.is(i, clRole, clSoftware, clPlatform, clOS, clQuality, clMachine, clKubernetes, clTemplate, clImage, clBackup, clSomething, clAdjective) && p.read[i].n == 1
}

// nameList reads a list of names, with ranges. Directly after "named" any word counts as one.
func (p *parser) nameList(i int, afterNamed bool) (list []string, next int) {
	next = i
	for i < len(p.toks) {
		t := p.toks[i]
		ok := p.free(i) || t.kind == tokQuoted
		if !ok && len(list) == 0 && afterNamed {
			ok = p.nameLike(i) || t.kind == tokWord && (!closed[p.class(i)] || p.bareName(i)) || t.kind == tokOdd || t.kind == tokMark && strings.ContainsAny(t.raw, "$-_<{[\\|\"'") ||
				t.kind == tokNumber && !p.measured(i) || t.kind == tokVolume || t.kind == tokURL || t.kind == tokAddress
		}
		if !ok && len(list) > 0 {
			ok = (p.nameLike(i) || p.bareName(i) && p.is(i-1, clAnd)) && p.listEnd(i+1)
		}
		if ok && len(list) > 0 && t.kind == tokWord && !identifier(t.raw) {
			ok = p.further(i, list)
		}
		if !ok || len(list) > 0 && p.things(i)&(aNode|aNetwork|aStorage|aPool|anHAGroup) != 0 {
			break
		}
		raw, after := p.run(i)
		names := expand(raw)
		if first := p.afterTo(after); len(names) == 1 && first > after && first < len(p.toks) {
			if to, end := p.run(first); p.toks[first].kind != tokMark {
				if r := between(raw, to); r != nil {
					names, after = r, end
				}
			}
		}
		list, next = append(list, names...), after
		i = after
		if p.sibling(i, list) { // "k1 k2 k3"
			continue
		}
		if !p.mark(i, ",;&/") && !p.is(i, clAnd) {
			break
		}
		for p.mark(i, ",;&/") || p.is(i, clAnd) {
			i = max(i+1, p.take(i, clAnd))
		}
	}
	return list, next
}

// further reports whether the plain word at i, behind a comma or an "and", is a further name: a list ends or goes on behind it, it is no
// word of everyday language, and something says that there are several machines.
func (p *parser) further(i int, list []string) bool {
	and := p.is(i-1, clAnd)
	if !p.listEnd(i+1) && !p.measured(i+1) && !p.is(i+1, clAll, clExtra) || clitics[p.toks[i].fold] || p.is(i, clAdjective) && !and {
		return false
	}
	announced := p.announcedCount()
	if announced == 1 {
		return (and || len(list) > 1 || p.andAhead(i+1)) && !ordinary(p.toks[i].fold)
	}
	return announced > 1 || and || len(list) > 1 || p.andAhead(i+1) || !ordinary(p.toks[i].fold)
}

// announcedCount returns how many machines the last noun speaks of; 0 when it does not say.
func (p *parser) announcedCount() int {
	for _, it := range slices.Backward(p.out.items[max(0, len(p.out.items)-lookBack):]) {
		switch it.kind {
		case itCount, itSame:
			return it.n
		case itHead:
			if it.counted {
				return it.n
			}
			return 0
		}
	}
	return 0
}

// andAhead reports whether an enumeration of single words goes on from i and ends with an "and": ", beta and gamma".
func (p *parser) andAhead(i int) bool {
	for range lookAhead {
		if p.is(i, clAnd) {
			return i+1 < len(p.toks) && p.free(i+1) && p.listEnd(i+2)
		}
		if !p.mark(i, ",") || !p.toksAt(i+1, tokWord) {
			return false
		}
		i += 2
	}
	return false
}

// sibling reports whether the word at i is a further name, set off by a blank alone: it differs from the one before in its number only.
func (p *parser) sibling(i int, list []string) bool {
	if !p.toksAt(i, tokWord) || p.class(i) != clNone || p.things(i) != 0 || p.toks[i].glued {
		return false
	}
	stem := strings.TrimRight(p.toks[i].raw, "0123456789")
	before := list[len(list)-1]
	return stem != p.toks[i].raw && stem == strings.TrimRight(before, "0123456789") && before != stem
}

// bareName reports whether the word at i, whatever the lexicon takes it for, is a name where one is expected. Words of the
// field always are, "named auto"; those that only hold a sentence together are when nothing else can follow from them: "named on
// on pmox02", "nommée la depuis 100", "called cluster from 100".
func (p *parser) bareName(i int) bool {
	if i >= len(p.toks) || p.toks[i].kind != tokWord || p.read[i].n > 1 || !validLabel(p.toks[i].raw) {
		return false
	}
	switch p.class(i) {
	case clAuto, clCores, clMemory, clDisk:
		return !manner[p.toks[i].fold]
	case clFiller:
		return p.is(i+1, clFrom, clWith, clOn, clIn)
	case clBut: // "named rather from 100"
		return p.listEnd(i + 1)
	case clAs, clNone:
		return false
	}
	return closed[p.class(i)] && len(p.toks[i].raw) <= 2 && p.listEnd(i+1)
}

// manner are the words after "named" that say how the name is found, and are none.
var manner = map[string]bool{"automatically": true, "automatiquement": true}

// closed are the words that are no name without quotes, not even after "named", unless bareName says so.
var closed = map[class]bool{clFiller: true, clLink: true, clAnd: true, clOr: true, clTo: true, clWith: true, clFor: true, clAs: true,
	clOn: true, clIn: true, clFrom: true, clNot: true, clBut: true, clOne: true, clSome: true, clThe: true, clAll: true, clThey: true,
	clNamed: true, clName: true, clID: true, clAuto: true, clCores: true, clMemory: true, clDisk: true}

// listEnd reports whether a list or the text ends at i.
func (p *parser) listEnd(i int) bool {
	return i >= len(p.toks) || p.toks[i].kind == tokBreak || p.mark(i, ",;.!?") || p.is(i, clAnd, clWith, clOn, clFrom, clIn)
}

// measured reports whether the number at i measures something: a unit or a counted noun follows.
func (p *parser) measured(i int) bool {
	_, next, ok := p.number(i)
	if !ok || next >= len(p.toks) {
		return false
	}
	if _, _, isSize := p.size(i); isSize {
		return true
	}
	if n, whole := whole(p.toks[i].num); p.toks[i].kind == tokNumber && (!whole || n == 0) {
		return false // "24.04" counts nothing
	}
	next = p.takeAll(next, clAdjective, clExtra)
	if next < len(p.read) && p.read[next].n > 0 {
		if after := next + p.read[next].n; p.is(next, clCores, clSockets) && p.sizeAt(after) {
			return true // "2 cores 4 GB"
		} else if p.mark(after, "=:") || p.toksAt(after, tokNumber) && !p.is(next, clMachine, clRole) {
			return false // "cores=4 memory=8192": the noun belongs to the value after it
		}
	}
	return p.is(next, clCores, clSockets, clMachine, clRole, clDisk, clMemory, clTimes, clNetwork, clNode)
}

// things returns what the cluster calls by the word at i.
func (p *parser) things(i int) thing {
	if i >= len(p.toks) || p.toks[i].kind != tokWord {
		return 0
	}
	return p.names.names[p.toks[i].fold].things
}

// expandMost bounds how many names one pattern may stand for.
const expandMost = 256

// expand writes out a pattern such as "web-01..web-03", "web[1-3]" or "web{1..3}"; other names stand for themselves.
func expand(raw string) []string {
	if from, to, ok := strings.Cut(raw, ".."); ok && !strings.ContainsAny(raw, "[{") {
		if r := between(from, strings.TrimPrefix(to, ".")); r != nil {
			return r
		}
	}
	for _, b := range []string{"[]", "{}"} {
		i, j := strings.IndexByte(raw, b[0]), strings.IndexByte(raw, b[1])
		if i < 0 || j < i {
			continue
		}
		from, to, ok := strings.Cut(raw[i+1:j], "..")
		if !ok {
			from, to, ok = strings.Cut(raw[i+1:j], "-")
		}
		if r := between(from, to); ok && r != nil {
			for k := range r {
				r[k] = raw[:i] + r[k] + raw[j+1:]
			}
			return r
		}
	}
	return []string{raw}
}

// between returns the names from one to another that differ in the number at their end, "web-01" to "web-03"; the
// second may be the number alone. It returns nil when they are no such range.
func between(from, to string) []string {
	a, b := len(strings.TrimRight(from, "0123456789")), len(strings.TrimRight(to, "0123456789"))
	if a == len(from) || b == len(to) || b != 0 && from[:a] != to[:b] {
		return nil
	}
	lo, err1 := strconv.Atoi(from[a:])
	hi, err2 := strconv.Atoi(to[b:])
	if err1 != nil || err2 != nil || hi <= lo || hi-lo >= expandMost {
		return nil
	}
	list := make([]string, 0, hi-lo+1)
	for n := lo; n <= hi; n++ {
		list = append(list, fmt.Sprintf("%s%0*d", from[:a], len(from)-a, n))
	}
	return list
}

// patternPhrase reads names that are written as a pattern: "web-[1-3]", "db{1..2}".
func (p *parser) patternPhrase() bool {
	if p.toks[p.i].kind != tokWord || p.i+1 >= len(p.toks) || !p.toks[p.i+1].glued {
		return false
	}
	raw, next := p.run(p.i)
	list := expand(raw)
	if len(list) < 2 {
		return false
	}
	return p.emit(next, item{kind: itNames, list: list})
}

// bareNamePhrase reads a name where a machine was about to be spoken of: "create web01", "clone … as web01".
func (p *parser) bareNamePhrase() bool {
	t := p.toks[p.i]
	if t.kind != tokWord || p.class(p.i) != clNone || p.things(p.i) != 0 || !identifier(t.raw) {
		return false
	}
	start := len(p.out.items) == 0 && !p.reply
	if !start && p.last != clCreate && p.last != clAs && p.last != clClone && p.last != clAll && p.last != clOS && !(p.mark(p.i-1, ":") && p.out.hasHead && !p.reply) {
		return false
	}
	list, next := p.nameList(p.i, false)
	if len(list) == 0 {
		return false
	}
	return p.emit(next, item{kind: itNames, list: list})
}

// bullet reports whether token i is the first of an element of a list: after "-", "*", "•", "1." or "2)" at the beginning of a line.
func (p *parser) bullet(i int) bool {
	j := i - 1
	switch {
	case p.mark(j, "-*•·–—"):
	case p.mark(j, ".)") && p.toksAt(j-1, tokNumber) && p.toks[j].glued:
		j--
	default:
		return false
	}
	return j == 0 || p.toks[j-1].kind == tokBreak
}

// markerPhrase passes the number of an element of a list.
func (p *parser) markerPhrase() bool {
	if p.toks[p.i].kind != tokNumber || p.i > 0 && p.toks[p.i-1].kind != tokBreak || !p.mark(p.i+1, ".)") || !p.toks[p.i+1].glued || p.toksAt(p.i+2, tokNumber) && p.toks[p.i+2].glued {
		return false
	}
	return p.emit(p.i+2, item{kind: itComma})
}

// memberPhrase reads one of several machines that are described one after another: "web01 with 2 cores, db01 with 8 cores",
// "- web01: 2 cores".
func (p *parser) memberPhrase() bool {
	t := p.toks[p.i]
	if t.kind != tokWord || p.class(p.i) != clNone || p.things(p.i) != 0 || !validLabel(t.raw) {
		return false
	}
	bullet, listed := p.bullet(p.i), p.listedMember(p.i)
	if !identifier(t.raw) && !(bullet && p.mark(p.i+1, ":(=")) && !listed {
		return false
	}
	if !bullet && p.i > 0 && p.toks[p.i-1].kind != tokBreak && !p.mark(p.i-1, ",:;-*•") && !p.is(p.i-1, clAnd) && !(p.last == clCreate && p.mark(p.i+1, ":(")) {
		return false
	}
	next := p.i + 1
	if p.reply && !p.out.hasHead { // "web02 with 4 cores" renames nothing
		return false
	}
	colon := p.mark(next, ":(=")
	if !colon && !p.is(next, clWith) && !p.measured(next) && !listed {
		return false
	}
	if colon {
		next++
	}
	return p.emit(next, item{kind: itMember, s: t.raw})
}

// listedMember reports whether the word at i is one of several that are each described by what follows them: "edge1 on vmbr0 and inner1
// on mainvnet", "main1 with HA and spare1 without HA", "alpha avec 2 cœurs et beta avec 4".
func (p *parser) listedMember(i int) bool {
	f := p.toks[i].fold
	if earlier[f] || clitics[f] || pronouns[f] || condition[f] || !p.describes(i+1) {
		return false
	}
	several := false
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		it := p.out.items[k]
		if it.kind == itMember {
			return true
		}
		several = several || it.kind == itHead && it.n > 1 || it.kind == itNames && len(it.list) > 1
	}
	if several && (p.mark(i-1, ":") || !ordinary(f) && (p.mark(i-1, ",") || p.is(i-1, clAnd))) {
		return true
	}
	if !identifier(p.toks[i].raw) && !(p.mark(i+1, "(") && p.last == clCreate) {
		return false
	}
	for k := i + 2; k < min(len(p.toks), i+2+lookAhead) && p.toks[k].kind != tokBreak && !p.mark(k, ".;!?"); k++ { // the next one
		if (p.is(k-1, clAnd) || p.mark(k-1, ",")) && p.toks[k].kind == tokWord && (identifier(p.toks[k].raw) || p.mark(k+1, "(")) && p.class(k) == clNone && p.things(k) == 0 && p.describes(k+1) {
			return true
		}
	}
	return false
}

// describes reports whether a description begins at i.
func (p *parser) describes(i int) bool {
	return p.mark(i, "(") && p.measured(i+1) || p.is(i, clWith, clNot) || p.toksAt(i, tokWord) && leads[p.toks[i].fold] || p.is(i, clOn, clIn) && i+1 < len(p.toks) && (p.things(i+1) != 0 || p.is(i+1, clNode, clNetwork, clStorage, clVLAN, clThe, clLink))
}

// leads are the words that begin a description, also where the lexicon reads them with what follows: "with HA".
var leads = map[string]bool{"with": true, "without": true, "avec": true, "sans": true, "w/": true}

// keyPhrase reads a public SSH key, or the wish for one.
func (p *parser) keyPhrase() bool {
	if p.toks[p.i].kind == tokKey {
		return p.emit(p.i+1, item{kind: itKey, s: p.toks[p.i].raw})
	}
	if !p.is(p.i, clKey) {
		return false
	}
	j := p.link(p.take(p.i, clKey))
	if j < len(p.toks) && p.toks[j].kind == tokKey {
		return p.emit(j+1, item{kind: itKey, s: p.toks[j].raw})
	}
	if j < len(p.toks) && p.toks[j].kind == tokQuoted {
		return p.emit(j+1, item{kind: itKey, s: strings.TrimSpace(p.toks[j].raw)})
	}
	return p.emit(p.take(p.i, clKey), item{kind: itKey})
}
