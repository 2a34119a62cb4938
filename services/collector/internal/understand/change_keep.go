package understand

import (
	"slices"
	"strings"
)

// untouched are the words after which a sentence tells what shall not change; mild are those that do so only with a word for a size, or
// with one of asIs behind it.
var untouched = []string{"without touching", "without changing", "without modifying", "without altering", "do not touch", "don't touch", "dont touch", "do not change", "don't change", "dont change", "do not modify", "don't modify",
	"no change to", "no changes to", "nothing else changes", "sans toucher", "sans changer", "sans modifier", "ne touche pas", "ne touchez pas", "ne change pas", "ne changez pas", "ne modifie pas", "ne modifiez pas", "ne pas toucher", "ne pas changer",
	"ne pas modifier", "touche pas", "touchez pas", "change pas", "changez pas"}

var mild = []string{"leave", "keep", "keeping", "leaving", "garde", "gardez", "garder", "en gardant", "laisse", "laissez", "laisser", "en laissant", "conserve", "conservez", "conserver", "en conservant"}

var asIs = []string{"alone", "as is", "as it is", "as they are", "unchanged", "untouched", "tel quel", "telle quelle", "tels quels", "telles quelles", "tranquille", "tranquilles", "inchange", "inchangee", "inchanges", "inchangees", "comme ca"}

// keepHeads are the first words of those phrases.
var keepHeads = func() map[string]bool {
	m := map[string]bool{"don'": true}
	for _, phrase := range slices.Concat(untouched, mild) {
		head, _, _ := strings.Cut(phrase, " ")
		m[head] = true
	}
	return m
}()

// keepWord passes what a sentence wants left as it is: "leave the cores alone", "sans toucher au disque". With a figure it is a wish
// after all.
func (s *sentence) keepWord() bool {
	p := s.p
	if !keepHeads[p.toks[s.i].fold] {
		return false
	}
	n, plain := 0, false
	for _, phrase := range untouched {
		if n = p.phraseHere(s.i, phrase); n > 0 {
			plain = true
			break
		}
	}
	for k := 0; n == 0 && k < len(mild); k++ {
		n = p.phraseAt(s.i, mild[k])
	}
	if n == 0 {
		return false
	}
	end := s.i + n
	for end < len(p.toks) && end < s.i+lookAhead+n && !p.mark(end, ",.;!?") && p.toks[end].kind != tokBreak && !(p.is(end, clAnd, clBut) && isVerb(s.actAt(end+1))) {
		if p.toksAt(end, tokNumber) || p.is(end, clNumber) {
			return false
		}
		plain = plain || p.is(end, clMemory, clCores, clDisk)
		plain = plain || slices.ContainsFunc(asIs, func(phrase string) bool { return p.phraseAt(end, phrase) > 0 })
		if p.is(end, clBoot, clFrom, clStopped, clStarted) && !plain {
			return false
		}
		end++
	}
	if !plain {
		return false
	}
	s.kept = true
	for i := s.i; i < end; i++ {
		if p.things(i)&aGuest != 0 && p.toks[i].kind == tokWord && s.keptGuest.none() && s.notNetwork(i) {
			s.keptGuest = guestRef{word: p.toks[i].raw, start: p.toks[i].start, end: p.toks[i].end}
		}
	}
	s.i = end
	return true
}

// oldValue passes what a guest has now, which a sentence tells beside what it should have: "from 8 to 10 GB", "de 8 à 10 Go".
func (s *sentence) oldValue() bool {
	p, i := s.p, s.i
	if i == 0 || !p.toksAt(i, tokNumber) || !p.is(i-1, clFrom) && p.toks[i-1].fold != "de" {
		return false
	}
	next := i + 1
	if _, after, ok := p.size(i); ok {
		next = after
	}
	next = p.take(next, clCores)
	if !p.isTo(next) || !p.toksAt(next+1, tokNumber) || next+2 < len(p.toks) && p.things(next+1)&aGuest != 0 {
		return false
	}
	s.i = next
	return true
}

// backward are the words that stand for what was named before.
var backward = map[string]bool{"it": true, "them": true, "that": true, "l'": true, "le": true, "la": true, "les": true, "lui": true}

// referred returns the index of the noun that a pronoun of the clause stands for: the one of a sentence before that only tells of it, as
// in "the disk of web1 is full. Grow it to 64 GB". -1: none.
func (s *sentence) referred() int {
	at := len(s.clauses) - 1
	if at == 0 || len(s.cur.guests) > 0 || s.clauses[at-1].says() || isVerb(s.clauses[at-1].verb) && s.clauses[at-1].verb != acSet {
		return -1
	}
	said := s.cur.verb == clNone
	for i := s.i - 1; i >= 0 && i >= s.i-lookAhead && !s.p.mark(i, ".;!?") && s.p.toks[i].kind != tokBreak; i-- {
		f := s.p.toks[i].fold
		said = said || backward[f]
		for _, end := range []string{"-le", "-la", "-les", "-lui"} {
			said = said || len(f) > len(end) && f[len(f)-len(end):] == end
		}
	}
	if !said {
		return -1
	}
	for n := range slices.Backward(s.nouns) {
		if s.nouns[n].clause == at-1 {
			return n
		}
	}
	return -1
}

// countedCores returns what "by two" of "increase by two the number of cores" counts: the token after the noun; i when it counts nothing.
func (p *parser) countedCores(i int) int {
	j := i
	for range lookAhead {
		switch {
		case p.is(j, clThe, clLink, clFiller):
			j += p.read[j].n
		case j < len(p.toks) && (p.toks[j].fold == "nombre" || p.toks[j].fold == "number"):
			j++
		default:
			if j > i && p.is(j, clCores) {
				return p.take(j, clCores)
			}
			return i
		}
	}
	return i
}

// tagEllipsis takes tags whose noun was said in the clause before: "remove the tag web from web1 and add legacy instead".
func (s *sentence) tagEllipsis() bool {
	p, at := s.p, len(s.clauses)-1
	if at == 0 || s.cur.says() || len(s.cur.guests) > 0 || s.cur.verb != acAdd && s.cur.verb != acSet && s.cur.verb != acTake || !isVerb(s.actAt(s.i-1)) || s.actAt(s.i) != clNone || p.things(s.i) != 0 {
		return false
	}
	before := s.clauses[at-1].wishes
	if len(before) == 0 || before[len(before)-1].field != fieldTags && before[len(before)-1].field != fieldUntag {
		return false
	}
	if p.class(s.i) != clNone && !p.is(s.i, clRole, clQuality, clSoftware, clOS) {
		return false
	}
	list, next := s.tagList(s.i)
	if len(list) == 0 {
		return false
	}
	field := fieldTags
	if s.cur.verb == acTake {
		field = fieldUntag
	}
	return s.wish(next, wish{field: field, list: list})
}

// replacing are the verbs of putting one tag in the place of another.
var replacing = map[string]bool{"replace": true, "swap": true, "remplace": true, "remplacer": true, "remplacez": true, "exchange": true}

// tagReplacement takes "replace the tag test by legacy".
func (s *sentence) tagReplacement() bool {
	p := s.p
	if !replacing[p.toks[s.i].fold] {
		return false
	}
	j := p.link(s.i + 1)
	if !p.is(j, clTags) {
		return false
	}
	out, k := s.tagList(p.link(p.takeAll(j, clTags)))
	if len(out) == 0 || k >= len(p.toks) || !p.is(k, clWith, clFor) && s.actAt(k) != acBy && p.toks[k].fold != "par" {
		return false
	}
	from := p.takeAll(p.link(k+1), clTags)
	in, next := s.tagList(from)
	if len(in) == 0 {
		return false
	}
	s.open(acSet)
	s.cur.verb = acSet
	s.verbs = append(s.verbs, acSet)
	s.wish(k, wish{field: fieldUntag, list: out})
	s.i = from
	return s.wish(next, wish{field: fieldTags, list: in})
}

// toksFold returns the folded word at i, empty when there is none.
func (p *parser) toksFold(i int) string {
	if i < 0 || i >= len(p.toks) {
		return ""
	}
	return p.toks[i].fold
}

// phraseHere returns how many tokens a phrase has at i, be its apostrophes within tokens or between them; 0 when it is not there.
func (p *parser) phraseHere(i int, phrase string) int {
	words := strings.Fields(phrase)
	for k, word := range words {
		if p.toksFold(i+k) != word {
			return p.phraseAt(i, phrase)
		}
	}
	return len(words)
}

// comparative reports whether the word at i compares what there is, rather than asking for one more: "a bigger disk".
func (s *sentence) comparative(i int) bool {
	switch s.p.toksFold(i) {
	case "bigger", "larger", "faster":
		return true
	case "plus":
		return s.act[i].n > 1 && s.p.toksFold(i+1) != "de" && s.p.toksFold(i+1) != "d'"
	}
	return false
}

// moreUnits reads a size with "more" before its unit: "two more gigs".
func (s *sentence) moreUnits(i int) (mib, next int, ok bool) {
	n, next, ok := s.p.integer(i)
	if !ok || s.actAt(next) != acMore {
		return 0, i, false
	}
	next += s.act[next].n
	unit, ok := sizeUnits[s.p.toksFold(next)]
	if !ok {
		return 0, i, false
	}
	mib, ok = mebibytes(float64(n), unit)
	return mib, next + 1, ok
}
