package understand

import (
	"fmt"
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
	if p.out.first == clClone && (p.is(p.i, clAs) || p.is(p.i, clTo) && p.i+1 < len(p.toks) && p.free(p.i+1)) { // "clone 100 as web01"
		j := p.take(p.i, clAs, clTo)
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
		if !ok || len(list) > 0 && p.things(i)&(aNode|aNetwork|aStorage|aPool|anHAGroup) != 0 {
			break
		}
		raw, after := p.run(i)
		names := expand(raw)
		if len(names) == 1 && p.isTo(after) && after+1 < len(p.toks) {
			if to, end := p.run(after + 1); p.toks[after+1].kind != tokMark {
				if r := between(raw, to); r != nil {
					names, after = r, end
				}
			}
		}
		list, next = append(list, names...), after
		i = after
		if !p.mark(i, ",;&/") && !p.is(i, clAnd) {
			break
		}
		for p.mark(i, ",;&/") || p.is(i, clAnd) {
			i = max(i+1, p.take(i, clAnd))
		}
	}
	return list, next
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
		if after := next + p.read[next].n; p.mark(after, "=:") || p.toksAt(after, tokNumber) && !p.is(next, clMachine, clRole) {
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
	if !start && p.last != clCreate && p.last != clAs && p.last != clClone && p.last != clAll {
		return false
	}
	list, next := p.nameList(p.i, false)
	if len(list) == 0 {
		return false
	}
	return p.emit(next, item{kind: itNames, list: list})
}

// memberPhrase reads one of several machines that are described one after another: "web01 with 2 cores, db01 with 8 cores",
// "- web01: 2 cores".
func (p *parser) memberPhrase() bool {
	t := p.toks[p.i]
	if t.kind != tokWord || p.class(p.i) != clNone || p.things(p.i) != 0 || !identifier(t.raw) || !validLabel(t.raw) {
		return false
	}
	if p.i > 0 && p.toks[p.i-1].kind != tokBreak && !p.mark(p.i-1, ",:;-*•") && !p.is(p.i-1, clAnd) {
		return false
	}
	next := p.i + 1
	if p.reply && !p.out.hasHead { // "web02 with 4 cores" renames nothing
		return false
	}
	colon := p.mark(next, ":(=")
	if !colon && !p.is(next, clWith) && !p.measured(next) {
		return false
	}
	if colon {
		next++
	}
	return p.emit(next, item{kind: itMember, s: t.raw})
}

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
