package understand

// quantityNouns are the nouns that a field of the same measure may be counted with: "the same number of cores".
var quantityNouns = map[string]bool{"number": true, "amount": true, "quantity": true, "count": true, "nombre": true, "quantite": true}

// sameFields reads what a machine is to have in common with one named behind it: "the same cores and the same memory as",
// "le même nombre de cœurs que", "autant de mémoire que", "as many cores and as much memory as". It returns the token of the
// comparison; no fields when there is none.
func (p *parser) sameFields(i int) (fields []string, next int) {
	j, opened := p.sameWord(i)
	if !opened {
		return nil, i
	}
	for range lookAhead {
		if p.toksAt(j, tokWord) && quantityNouns[p.toks[j].fold] {
			j = p.takeAll(j+1, clLink)
		}
		field, after := p.fieldNoun(p.takeAll(j, clLink))
		if field == "" {
			return nil, i
		}
		fields = append(fields, field)
		if p.comparison(after) {
			return fields, p.takeAll(after, clLink)
		}
		if !p.is(after, clAnd) && !p.mark(after, ",") {
			return nil, i
		}
		for p.is(after, clAnd) || p.mark(after, ",") {
			after = max(after+1, p.take(after, clAnd))
		}
		j = p.takeAll(after, clWith, clThe, clLink)
		if again, ok := p.sameWord(j); ok {
			j = again
		}
	}
	return nil, i
}

// sameWord passes "the same", "les mêmes", "autant de", "as much", "as many" at i.
func (p *parser) sameWord(i int) (next int, ok bool) {
	if !p.toksAt(i, tokWord) {
		return i, false
	}
	next = i + 1
	switch f := p.toks[i].fold; {
	case p.is(i, clSame) && p.read[i].lex.val != "again":
		next = p.take(i, clSame)
	case bareSame[f], f == "autant":
	case f == "as" && p.toksAt(i+1, tokWord) && (p.toks[i+1].fold == "much" || p.toks[i+1].fold == "many"):
		next = i + 2
	default:
		return i, false
	}
	return p.takeAll(next, clLink), true
}

// compared reports whether the guest at i stands behind a comparison: "the same … as AI-server". It is what is compared with, and
// opens no machines of its own, whatever its name means.
func (p *parser) compared(i int) bool {
	if i == 0 || !p.toksAt(i, tokWord) || !p.toksAt(i-1, tokWord) || !identifier(p.toks[i].raw) || p.things(i)&aGuest == 0 {
		return false
	}
	f := p.toks[i-1].fold
	return f == "as" || f == "que" || f == "qu'" || f == "than"
}
