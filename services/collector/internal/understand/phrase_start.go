package understand

import "strconv"

// startPhrase reads the start order: "start order 2", "démarre en deuxième", "start after db1", "db first, then web", "30 seconds
// before the next".
func (p *parser) startPhrase() bool {
	switch {
	case p.is(p.i, clStartOrder):
		j := p.link(p.take(p.i, clStartOrder))
		if n, next, ok := p.rank(j); ok {
			return p.emit(next, item{kind: itOrder, n: n})
		}
		if list, next := p.startSequence(p.takeAll(j, clFirst), listed); len(list) > 1 { // "start order: db, web"
			return p.emit(next, item{kind: itSequence, list: list})
		}
		return false
	case p.is(p.i, clStartDelay):
		if n, next, ok := p.seconds(p.link(p.take(p.i, clStartDelay))); ok {
			return p.emit(next, item{kind: itDelay, n: n})
		}
		return false
	}
	if n, next, ok := p.seconds(p.i); ok { // "30 seconds start delay"
		if j := p.link(next); p.is(j, clStartDelay) {
			return p.emit(p.take(j, clStartDelay), item{kind: itDelay, n: n})
		}
	}
	if j := p.startVerb(p.i); j > p.i {
		return p.startTail(j)
	}
	lead := p.take(p.i, clFirst)
	if p.is(p.i, clOrdinal) && p.read[p.i].lex.n == 1 {
		lead = p.take(p.i, clOrdinal)
	}
	if list, next := p.startSequence(lead, lead-p.i); len(list) > 1 { // "db first, then web"
		if !p.out.hasHead && lead > p.i { // the machines themselves are spoken of here
			next = lead
		}
		return p.emit(next, item{kind: itSequence, list: list})
	}
	return false
}

// startVerbs are the forms of "start" that may be followed by an order.
var startVerbs = map[string]bool{"start": true, "starts": true, "starting": true, "started": true, "boot": true, "boots": true, "booting": true, "booted": true,
	"demarre": true, "demarrent": true, "demarrer": true, "demarrera": true, "demarreront": true, "demarree": true, "demarrees": true, "demarrant": true,
	"demarrage": true, "lancee": true, "lancees": true, "lancer": true, "lance": true, "allumee": true, "comes": true, "come": true, "up": true, "run": true, "allumer": true, "demarrez": true}

// startVerb passes "must start", "should be started", "doit démarrer", "démarre-la".
func (p *parser) startVerb(i int) int {
	j := p.takeAll(i, clFiller, clLink, clThe, clThey)
	if j >= len(p.toks) || p.toks[j].kind != tokWord || !startVerbs[p.toks[j].fold] {
		return i
	}
	j++
	if j < len(p.toks) && p.toks[j].fold == "up" {
		j++
	}
	return j
}

// startTail reads what follows the verb.
func (p *parser) startTail(j int) bool {
	delay := 0
	k := p.takeAll(j, clFiller, clThey)
	if n, next, ok := p.seconds(k); ok {
		delay, k = n, next
		if k < len(p.toks) && (p.toks[k].fold == "later" || p.toks[k].fold == "tard" || p.toks[k].fold == "plus" || p.is(k, clAnd) && p.toks[k].fold == "plus") {
			k++
			if k < len(p.toks) && p.toks[k].fold == "tard" {
				k++
			}
		}
	}
	if p.is(k, clAfter, clBefore) {
		before := p.is(k, clBefore)
		var list []string
		list, next := p.list(p.take(k, clAfter, clBefore), p.startReference)
		if len(list) > 0 {
			p.emit(next, item{kind: itAfter, list: list, clear: before, n: delay})
			if and := p.take(next, clAnd); and > next && p.is(and, clAfter, clBefore) { // "after the database and before the cache"
				before = p.is(and, clBefore)
				if list, next = p.list(p.take(and, clAfter, clBefore), p.startReference); len(list) > 0 {
					p.emit(next, item{kind: itAfter, list: list, clear: before})
				}
			}
			return true
		}
	}
	if delay > 0 {
		return p.emit(k, item{kind: itDelay, n: delay})
	}
	m := p.takeAll(k, clIn, clAs, clLink, clThe)
	if n, next, ok := p.rank(m); ok && (p.is(m, clOrdinal) || p.is(m, clFirst)) && !p.is(next, clDisk, clMachine, clRole, clNetwork) {
		return p.emit(next, item{kind: itOrder, n: n})
	}
	if p.is(k, clFirst) {
		return p.emit(p.take(k, clFirst), item{kind: itOrder, n: 1})
	}
	if p.is(m, clStartOrder) {
		if n, next, ok := p.rank(p.link(p.take(m, clStartOrder))); ok {
			return p.emit(next, item{kind: itOrder, n: n})
		}
	}
	return false
}

// places are the nouns after an ordinal: "en deuxième position".
var places = map[string]bool{"position": true, "place": true, "lieu": true, "rang": true, "rank": true}

// rank reads a place in an order: "2", "second", "n° 3".
func (p *parser) rank(i int) (n, next int, ok bool) {
	i = p.takeAll(i, clID, clThe, clIn)
	if p.is(i, clOrdinal) && p.read[i].lex.n > 0 {
		next = p.take(i, clOrdinal)
		if next < len(p.toks) && places[p.toks[next].fold] {
			next++
		}
		return p.read[i].lex.n, next, true
	}
	n, next, ok = p.integer(i)
	if !ok || p.is(i, clOne) || p.measured(i) {
		return 0, i, false
	}
	return n, next, true
}

// timeUnits are units of time in seconds.
var timeUnits = map[string]int{"s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "seconde": 1, "secondes": 1, "min": 60, "mins": 60, "mn": 60, "minute": 60, "minutes": 60}

// seconds reads a duration.
func (p *parser) seconds(i int) (n, next int, ok bool) {
	if p.toksAt(i, tokWord) { // "60s"
		d := digits(p.toks[i].fold)
		if unit := timeUnits[p.toks[i].fold[d:]]; d > 0 && d <= 6 && unit > 0 {
			n, err := strconv.Atoi(p.toks[i].fold[:d])
			return n * unit, i + 1, err == nil
		}
	}
	f, next, ok := p.number(i)
	if !ok || next >= len(p.toks) || p.toks[next].kind != tokWord || timeUnits[p.toks[next].fold] == 0 {
		return 0, i, false
	}
	n, ok = whole(f * float64(timeUnits[p.toks[next].fold]))
	return n, next + 1, ok
}

// startReference reads what an order of start speaks of: a role, or a name.
func (p *parser) startReference(i int) (string, int, bool) {
	j := p.takeAll(i, clThe, clLink, clFiller)
	if p.is(j, clMachine) && !p.is(j, clRole) {
		j = p.takeAll(p.take(j, clMachine), clNamed, clName)
	}
	switch {
	case j >= len(p.toks):
	case p.toks[j].fold == "base" && !p.is(j, clRole):
		return "database", j + 1, true
	case p.is(j, clRole):
		return p.read[j].lex.val, p.takeAll(p.take(j, clRole), clMachine), true
	case p.is(j, clSoftware) && p.read[j].lex.val != "":
		return p.read[j].lex.val, p.takeAll(p.take(j, clSoftware), clMachine), true
	case p.toks[j].kind == tokWord && p.things(j)&(aNode|aNetwork|aStorage|aPool) == 0 && (p.things(j)&aGuest != 0 || p.free(j) && identifier(p.toks[j].raw)):
		return p.toks[j].raw, j + 1, true
	}
	return "", i, false
}

// listed is the lead of a sequence that is a list by itself, after "start order:".
const listed = -1

// startSequence reads "the database first, then the web servers", "d'abord db1, puis web1". Lead is how many words that say "first" stand
// before it.
func (p *parser) startSequence(i, lead int) (list []string, next int) {
	first := lead != 0
	for range lookAhead {
		ref, after, ok := p.startReference(i)
		if !ok {
			break
		}
		verb := p.startVerb(after)
		if p.is(verb, clFirst) || p.is(verb, clOrdinal) && p.read[verb].lex.n == 1 && len(list) == 0 {
			first, after = true, p.take(verb, clFirst, clOrdinal)
		} else if p.is(verb, clLast) && len(list) > 0 {
			after = p.take(verb, clLast)
		}
		if !first {
			return nil, i
		}
		list, next = append(list, ref), after
		i = after
		for p.mark(i, ",;>→") || p.mark(i, "-") {
			i++
		}
		j := p.takeAll(i, clAnd, clThen, clAlso)
		then := p.is(i, clThen) || p.is(p.take(i, clAnd), clThen)
		if lead != listed && len(list) == 1 && !then || j == i && !p.mark(i-1, ",;>→") {
			break
		}
		i = j
	}
	if len(list) < 2 {
		return nil, next
	}
	return list, next
}
