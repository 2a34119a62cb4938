package understand

// growPhrase reads that a series, called by the name its machines have in common, is to have more of them: "add one more web-prod
// server", "ajoute un serveur web-prod de plus", "another web-prod".
func (p *parser) growPhrase() bool {
	i := p.i
	add := p.is(i, clCreate) && p.read[i].lex.val == "add"
	if p.is(i, clCreate) {
		i = p.takeAll(i, clCreate, clFiller, clThe)
	}
	n, extra := 0, false
	for range 4 {
		v, next, ok := p.integer(i)
		switch {
		case ok && n == 0 && !p.sizeAt(i):
			extra = extra || p.is(i, clOne) && p.read[i].lex.val == "another"
			n, i = v, next
		case p.is(i, clExtra), p.is(i, clSame) && p.toksAt(i, tokWord) && p.toks[i].fold == "encore":
			extra, i = true, i+p.read[i].n
		case p.is(i, clAdjective):
			i += p.read[i].n
		}
	}
	if n < 1 {
		return false
	}
	i = p.takeAll(i, clMachine, clNode)
	i = p.take(i, clNamed)
	if !p.toksAt(i, tokWord) || p.class(i) != clNone && !identifier(p.toks[i].raw) || p.things(i)&(aTemplate|aNode|aStorage|aNetwork|aPool) != 0 {
		return false
	}
	s := p.seriesAt(i)
	if s == nil {
		return false
	}
	next := p.takeAll(i+1, clMachine, clNode)
	for p.is(next, clExtra, clAdjective) {
		extra, next = extra || p.is(next, clExtra), next+p.read[next].n
	}
	if !add && !extra || next < len(p.toks) && p.toks[next].glued && p.toks[next].kind == tokWord {
		return false
	}
	return p.emit(next, item{kind: itScale, n: n, role: s.role, s: p.toks[i].raw})
}

// plusMore reads "with 2 more", "avec 2 de plus", "plus deux" behind words that ask for the same again.
func (p *parser) plusMore(i int) (n, next int) {
	j := p.takeAll(i, clWith, clBut, clAnd)
	if j == i {
		return 0, i
	}
	v, next, ok := p.integer(j)
	if !ok || v < 1 || p.measured(j) {
		return 0, i
	}
	k := p.takeAll(next, clExtra)
	k = p.takeAll(p.takeAll(k, clMachine), clExtra)
	if k == next || !p.clauseEnd(k) {
		return 0, i
	}
	return v, k
}
