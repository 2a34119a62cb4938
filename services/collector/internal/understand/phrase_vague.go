package understand

// joinPhrase reads "ajoute un autre nœud worker au cluster": one more of the machines of a role, whose "un autre nœud" is elsewhere where a
// machine may also run.
func (p *parser) joinPhrase() bool {
	if !p.is(p.i, clCreate) || p.read[p.i].lex.val != "add" {
		return false
	}
	i := p.takeAll(p.take(p.i, clCreate), clFiller)
	if !p.is(i, clQuality) || p.read[i].n < 2 {
		return false
	}
	j := i + p.read[i].n
	if !p.is(j, clRole) {
		return false
	}
	role := p.read[j].lex.val
	return p.emit(p.takeAll(p.take(j, clRole), clMachine, clNode), item{kind: itScale, n: 1, role: role})
}

// severals are the words for a number of machines that say no number.
var severals = map[string]bool{"several": true, "plusieurs": true, "few": true, "quelques": true, "multiple": true, "many": true, "couple": false}

// several reports whether the reading at i speaks of some machines without saying how many.
func (p *parser) several(i int) bool {
	return p.is(i, clSome) && severals[p.toks[i+p.read[i].n-1].fold]
}

// askSeveral asks how many machines are meant by "several"; it reports whether it did.
func (gr *grounder) askSeveral() bool {
	if !gr.g.several || gr.g.Count.said() || len(gr.g.Names.V) > 1 {
		return false
	}
	gr.ask(fieldCount, gr.say("ask.count_several"), []option{{"2", "2"}, {"3", "3"}})
	gr.g.Count = Value[int]{}
	return true
}

// nodeVerbs are verbs and everyday words that stand behind a word for a node and are no name of one.
var nodeVerbs = map[string]bool{"dies": true, "die": true, "fails": true, "failing": true, "crashes": true, "breaks": true, "goes": true, "reboots": true, "restarts": true, "boots": true, "starts": true, "disappears": true, "comes": true, "stops": true, "hangs": true,
	"meurt": true, "tombe": true, "tomberait": true, "tombait": true, "lache": true, "plante": true, "redemarre": true, "redemarrait": true, "demarre": true, "disparait": true, "lacherait": true, "planterait": true, "mourrait": true, "casse": true, "lachait": true, "plantait": true}

// nodeLike reports whether the word at i, which follows a noun for a node, can be the name of one: it is introduced as a name or looks like
// one, and the noun is not just any node, "in case a host dies".
func (p *parser) nodeLike(i int, prefixed bool) bool {
	if p.toks[i].kind == tokQuoted || identifier(p.toks[i].raw) || p.names.near(p.toks[i].fold) == aNode {
		return true
	}
	if nodeVerbs[p.toks[i].fold] {
		return false
	}
	noun := i - 1
	for noun > 0 && !p.is(noun, clNode) {
		if p.mark(noun, ":=#\"") || p.is(noun, clNamed, clName) {
			return true
		}
		noun--
		if i-noun > 4 {
			return false
		}
	}
	return prefixed && !p.is(noun-1, clOne, clSome)
}

// viaIn reports whether the word at i follows a word for "in", by which no node is named without its noun: "étudiant en M2".
func (p *parser) viaIn(i int) bool {
	return i > 0 && (p.toks[i-1].fold == "en" || p.toks[i-1].fold == "into") || len(p.toks[i].raw) < 3
}

// evenly are words that go on from "distributed" as a verb.
var evenly = map[string]bool{"across": true, "over": true, "among": true, "amongst": true, "between": true, "evenly": true, "equally": true, "around": true, "out": true, "them": true, "entre": true, "parmi": true, "throughout": true}

// attributive reports whether "distributed" at i is the adjective of the noun behind it: "the distributed systems class".
func (p *parser) attributive(i int) bool {
	next := i + 1
	return p.read[i].n == 1 && p.toksAt(i, tokWord) && p.toks[i].fold == "distributed" && p.toksAt(next, tokWord) && !evenly[p.toks[next].fold] && !p.listEnd(next) &&
		!p.is(next, clNode, clFor, clThe, clAlso, clTogether, clApart, clAll)
}

// singles are the first halves of "single-core", "quad-core", "mono-cœur".
var singles = map[string]int{"single": 1, "one": 1, "mono": 1, "uni": 1, "dual": 2, "two": 2, "double": 2, "bi": 2, "four": 4, "quad": 4, "quadruple": 4, "quadri": 4, "six": 6, "hexa": 6, "eight": 8, "octa": 8, "octo": 8}

// coreAdjective reads "single-core", "quad core", "8-core", "monocœur": cores said as an adjective. It returns their number, 0 when there
// is none.
func (p *parser) coreAdjective(i int) (n, next int) {
	if !p.toksAt(i, tokWord) {
		return 0, i
	}
	for _, noun := range []string{"-cores", "-core", "-vcpu", "-cpu", "-coeurs", "-coeur", "coeurs", "coeur", "core"} {
		head, ok := cutTail(p.toks[i].fold, noun)
		if !ok {
			continue
		}
		if n := singles[head]; n > 0 {
			return n, i + 1
		}
	}
	if n := singles[p.toks[i].fold]; n > 0 && p.toksAt(i+1, tokWord) && (p.toks[i+1].fold == "core" || p.toks[i+1].fold == "coeur") && !p.is(i, clNumber, clOne) {
		return n, i + 2
	}
	return 0, i
}

// stateWords say what state a machine is in; behind its noun they are no name.
var stateWords = map[string]bool{"ready": true, "available": true, "prete": true, "pret": true, "pretes": true, "prets": true, "disponible": true, "disponibles": true, "up": true, "online": true, "going": true, "done": true, "working": true, "operationnelle": true, "operationnel": true, "delivered": true, "livree": true, "existante": true, "existantes": true, "existing": true}

// newName reports whether the words at k introduce the name of what is to be made, although they follow what it is made from: "clone the
// template under the name newbox".
func (p *parser) newName(k int) bool {
	return p.is(k, clNamed) && p.toksAt(k, tokWord) && (p.toks[k].fold == "sous" || p.toks[k].fold == "under")
}

// cutTail cuts a tail off a word of which something is left.
func cutTail(word, tail string) (string, bool) {
	if len(word) <= len(tail) || word[len(word)-len(tail):] != tail {
		return "", false
	}
	return word[:len(word)-len(tail)], true
}

// cpuTimes reads "2 x vCPU", "4 × cœurs": so many of what stands behind the sign.
func (p *parser) cpuTimes() bool {
	n, next, ok := p.integer(p.i)
	if !ok || n < 1 || next >= len(p.toks) || p.toks[next].fold != "x" && p.toks[next].fold != "×" && p.toks[next].fold != "*" {
		return false
	}
	switch next++; {
	case p.is(next, clCores):
		return p.emit(p.take(next, clCores), item{kind: itCores, n: n})
	case p.is(next, clSockets):
		return p.emit(p.take(next, clSockets), item{kind: itSockets, n: n})
	}
	return false
}
