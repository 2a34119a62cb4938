package understand

import "slices"

// Words of clauses about another machine than the one asked for.
var (
	past = map[string]bool{"had": true, "was": true, "were": true, "used": true, "ran": true, "previously": true, "formerly": true, "lived": true, "hosted": true,
		"avait": true, "avaient": true, "avais": true, "avions": true, "aviez": true, "etait": true, "etaient": true, "etais": true, "etions": true, "tournait": true, "tournaient": true, "possedait": true, "utilisait": true, "utilisions": true, "hebergions": true, "louions": true, "fut": true, "eu": true}
	replaces = map[string]bool{"replaces": true, "replacing": true, "replaced": true, "supersedes": true, "superseding": true, "remplace": true, "remplacera": true, "remplacent": true, "remplaceront": true, "remplacant": true, "succede": true, "succedera": true, "retires": true}
	subjects = map[string]bool{"it": true, "they": true, "which": true, "that": true, "this": true, "elle": true, "elles": true, "il": true, "ils": true, "qui": true, "celle-ci": true, "celui-ci": true, "cela": true, "ca": true, "these": true, "those": true}
	// earlier are the words that make another machine the subject of a sentence in the past.
	earlier = map[string]bool{"before": true, "formerly": true, "previously": true, "avant": true, "auparavant": true, "jadis": true, "last": true, "previous": true, "old": true, "former": true, "earlier": true, "we": true, "i": true, "they": true, "that": true, "it": true, "there": true, "our": true, "the": true, "my": true,
		"derniere": true, "dernier": true, "precedente": true, "precedent": true, "ancienne": true, "ancien": true, "nous": true, "on": true, "j'": true, "c'": true, "elle": true, "il": true, "la": true, "le": true, "notre": true, "autre": true, "celle": true, "celui": true, "qu'": true, "l'": true}
)

// settleAsides finds the clauses that speak of another machine, one that was there before: what they say gives no value, and the platform
// they name is not where anything is to be made. "The last one had 8 GB, that was too much." "It replaces the machine we had on VMware."
func (p *parser) settleAsides() {
	if !slices.ContainsFunc(p.toks, func(t token) bool { return t.kind == tokWord && (past[t.fold] || replaces[t.fold]) }) {
		return
	}
	p.aside = make([]int, len(p.toks))
	total := 0
	for from := 0; from < len(p.toks); {
		to := p.sentenceEnd(from)
		start, end := p.asideIn(from, to)
		if start < end {
			p.aside[start] = end
			total += end - start
		}
		from = max(to, end) + 1
	}
	if total >= len(p.toks)-1 {
		p.aside = nil // nothing else is said
	}
}

// sentenceEnd returns the first token from i that ends a sentence.
func (p *parser) sentenceEnd(i int) int {
	for i < len(p.toks) && p.toks[i].kind != tokBreak && !(p.mark(i, ".;!?()") && !p.inNumber(i)) {
		i++
	}
	return i
}

// inNumber reports whether a full stop is a part of a word.
func (p *parser) inNumber(i int) bool {
	return p.mark(i, ".") && p.toks[i].glued && i+1 < len(p.toks) && p.toks[i+1].glued
}

// asideIn returns the part of a sentence that is about another machine; an empty one when none is.
func (p *parser) asideIn(from, to int) (start, end int) {
	for k := from; k < to; k++ {
		if p.toks[k].kind != tokWord {
			continue
		}
		switch f := p.toks[k].fold; {
		case replaces[f]:
			begin := k
			if k > from && subjects[p.toks[k-1].fold] {
				begin = k - 1
			}
			return begin, p.replacedEnd(k+1, to)
		case past[f]:
			if begin := p.clauseStart(from, k); k > begin && k <= begin+6 && p.pastSubject(begin, k) && !(k+1 < to && presentAfter[p.toks[k+1].fold]) {
				if end := p.pastEnd(k, to); end > k && !p.orders(begin, k) {
					return begin, end
				}
			}
			if p.relative(from, k) {
				return k, p.replacedEnd(k+1, to)
			}
		}
	}
	return from, from
}

// presentAfter are the participles after which a past tense says what is wanted now.
var presentAfter = map[string]bool{"decided": true, "agreed": true, "planned": true, "asked": true, "told": true, "thinking": true, "wondering": true, "hoping": true, "looking": true, "decide": true, "convenu": true, "prevu": true, "demande": true, "entendu": true}

// clauseStart returns where the clause begins that token k stands in.
func (p *parser) clauseStart(from, k int) int {
	for steps := 0; steps < lookAhead && k > from && !p.mark(k-1, ",:"); steps++ {
		k--
	}
	return k
}

// pastEnd returns where a clause in the past ends whose verb is at k: with the sentence, or at the comma behind which something is
// asked for; k when the clause itself asks for something.
func (p *parser) pastEnd(k, to int) int {
	for at := k; at < to; {
		comma := at + 1
		for comma < to && !p.mark(comma, ",") {
			comma++
		}
		if p.orders(at+1, comma) || p.concludes(at) {
			return at
		}
		at = comma
	}
	return to
}

// conclusions are the words by which a sentence goes on from what was to what is wanted.
var conclusions = map[string]bool{"so": true, "hence": true, "therefore": true, "now": true, "donc": true, "alors": true, "maintenant": true, "desormais": true}

// concludes reports whether the rest of the sentence behind the comma at i says what is wanted now: "we had 16 GB, so just 2 GB".
func (p *parser) concludes(i int) bool {
	return p.mark(i, ",") && p.toksAt(i+1, tokWord) && conclusions[p.toks[i+1].fold]
}

// pastSubject reports whether the sentence begins with a subject for its verb in the past: nothing before the verb asks for anything.
func (p *parser) pastSubject(from, verb int) bool {
	if !p.toksAt(from, tokWord) || !earlier[p.toks[from].fold] {
		return false
	}
	for k := from; k < verb; k++ {
		if p.mark(k, ",:") || p.toksAt(k, tokNumber) {
			return false
		}
	}
	return true
}

// relative reports whether the verb at k belongs to "that we …", "que nous …": of the machine described, it tells where it was.
func (p *parser) relative(from, k int) bool {
	for j := k - 1; j >= max(from, k-3); j-- {
		switch p.toks[j].fold {
		case "we", "nous", "on", "i":
			before := j - 1
			return before >= from && (p.toks[before].fold == "que" || p.toks[before].fold == "that" || p.toks[before].fold == "one" || p.toks[before].fold == "ones" || p.toks[before].fold == "machine" || p.toks[before].fold == "server")
		}
	}
	return false
}

// orders reports whether something is asked for between two tokens.
func (p *parser) orders(from, to int) bool {
	for k := from; k < to; k++ {
		if p.is(k, clCreate, clClone, clChange, clLifecycle, clRemove) && p.toks[k].fold != "make" && !(k > from && past[p.toks[k-1].fold]) {
			return true
		}
	}
	return false
}

// replacedEnd returns where a clause about the machine that is replaced ends: at a comma, at a further order, or where it is said on
// what the new one is to be.
func (p *parser) replacedEnd(i, to int) int {
	was := false
	for k := i; k < to; k++ {
		was = was || p.toksAt(k, tokWord) && (past[p.toks[k].fold] || p.toks[k].fold == "have" || p.toks[k].fold == "old" || p.toks[k].fold == "ancienne" || p.toks[k].fold == "ancien" || p.toks[k].fold == "existing" || p.toks[k].fold == "celle" || p.toks[k].fold == "celui")
		switch {
		case p.mark(k, ",") && k+1 < to && subjects[p.toks[k+1].fold]: // ", which had 2 cores"
		case p.mark(k, ","), p.is(k, clCreate, clClone), p.is(k, clFrom) && p.is(k+p.read[k].n, clTemplate), p.is(k, clWith):
			return k
		case p.is(k, clAnd) && p.is(k+1, clWith, clCreate, clOn):
			return k
		case p.is(k, clOn, clIn) && !was || p.isTo(k) && p.is(k+1, clPlatform):
			if p.is(k+p.read[k].n, clPlatform) || p.is(p.takeAll(k+max(1, p.read[k].n), clThe, clOne), clPlatform, clNode) {
				return k
			}
		}
	}
	return to
}

// asideAt passes the clause about another machine that begins at the token at hand, as not understood.
func (p *parser) asideAt() bool {
	if p.aside == nil || p.aside[p.i] <= p.i {
		return false
	}
	end := p.aside[p.i]
	for end > p.i+1 && (p.mark(end-1, ",") || p.toks[end-1].kind == tokBreak) {
		end--
	}
	p.out.items = append(p.out.items, item{kind: itUnknown, start: p.toks[p.i].start, end: p.toks[end-1].end})
	p.i, p.fillerFrom = end, -1
	return true
}
