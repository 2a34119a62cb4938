package understand

import (
	"strconv"
	"strings"
)

// rangePhrase reads a range of names that stands by itself: "from app-1 to app-4", "web-01 à web-03", "de node1 jusqu'à node5".
// Names that a noun introduces are read with it.
func (p *parser) rangePhrase() bool {
	i := p.takeAll(p.i, clFrom, clLink, clNamed)
	if i >= len(p.toks) || p.toks[i].kind != tokWord || !identifier(p.toks[i].raw) || p.class(i) != clNone || p.things(i)&(aNode|aNetwork|aStorage|aPool) != 0 {
		return false
	}
	raw, after := p.run(i)
	to := after
	switch {
	case p.afterTo(after) > after:
		to = p.afterTo(after)
	case p.mark(after, "–—→…") && after+1 < len(p.toks):
		to = after + 1
	case p.mark(after, "-") && p.mark(after+1, ">"):
		to = after + 2
	case p.mark(after, ".") && p.mark(after+1, "."):
		for to < len(p.toks) && p.mark(to, ".") {
			to++
		}
	default:
		return false
	}
	if to >= len(p.toks) || p.toks[to].kind == tokMark || p.toks[to].kind == tokBreak {
		return false
	}
	last, next := p.run(to)
	names, n := rangeOf(raw, last)
	if n == 0 || p.toksAt(to, tokNumber) && p.measured(to) {
		return false
	}
	if names == nil {
		p.emit(next, item{kind: itCount, n: n})
		stem := strings.TrimRight(strings.TrimRight(raw, "0123456789"), "-")
		p.out.items = append(p.out.items, item{kind: itNames, list: []string{stem}, start: p.toks[i].start, end: p.toks[i].end})
		return true
	}
	if p.mark(next, ",") || p.is(next, clAnd) {
		more, end := p.nameList(i, false)
		if len(more) > len(names) {
			names, next = more, end
		}
	}
	return p.emit(next, item{kind: itNames, list: names})
}

// afterTo returns the token after the preposition at i, "to", "à", "jusqu'à"; i when there is none.
func (p *parser) afterTo(i int) int {
	switch {
	case p.is(i, clTo):
		return i + p.read[i].n
	case p.isTo(i):
		return i + 1
	}
	return i
}

// rangeOf returns the names from one to another and how many they are; no names when there are more than can be made in one request,
// and 0 when the two are no range.
func rangeOf(from, to string) (names []string, n int) {
	if names = between(from, to); names != nil {
		return names, len(names)
	}
	if l := lettered(from, to); l != nil {
		return l, len(l)
	}
	a, b := len(strings.TrimRight(from, "0123456789")), len(strings.TrimRight(to, "0123456789"))
	if a == len(from) || b == len(to) || b != 0 && !strings.EqualFold(from[:a], to[:b]) || a == 0 {
		return nil, 0
	}
	lo, err1 := strconv.Atoi(from[a:])
	hi, err2 := strconv.Atoi(to[b:])
	if err1 != nil || err2 != nil || hi-lo < expandMost {
		return nil, 0
	}
	return nil, min(hi-lo+1, 1e9)
}

// lettered returns the names from one to another that differ in the letter at their end: "node-a" to "node-d".
func lettered(from, to string) []string {
	if len(from) < 3 || len(from) != len(to) || from[:len(from)-1] != to[:len(to)-1] || from[len(from)-2] != '-' {
		return nil
	}
	lo, hi := from[len(from)-1], to[len(to)-1]
	if lo < 'a' || hi > 'z' || hi <= lo {
		return nil
	}
	var list []string
	for c := lo; c <= hi; c++ {
		list = append(list, from[:len(from)-1]+string(rune(c)))
	}
	return list
}
