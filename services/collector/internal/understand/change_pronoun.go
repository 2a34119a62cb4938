package understand

import "strings"

// objects are the pronouns that stand for the guest just spoken of, where a verb has one behind it.
var objects = map[string]bool{"it": true, "them": true}

// pronounWish takes what a clause says of the guest just spoken of: "and rename it to ai-prod", "et renomme-la ai-prod", "and tag it
// gpu". The clause names no guest, so that it has those of the clause before it.
func (s *sentence) pronounWish() bool {
	p, v := s.p, s.cur.verb
	if v != acRename && v != acTag || s.i == 0 || len(s.cur.guests) > 0 || s.says() || s.pending() {
		return false
	}
	j := s.i
	switch {
	case p.standsFor(j):
		j++
	case !hungOn(p.toks[j-1]):
		return false
	}
	if v == acTag {
		j = p.takeAll(p.takeAll(j, clWith, clAs, clIn), clOne, clThe, clTags)
		list, next := s.tagList(p.link(j))
		return len(list) > 0 && s.wish(next, wish{field: fieldTags, list: list})
	}
	for p.isTo(j) || p.is(j, clIn, clAs, clNamed, clName) || p.mark(j, ":=") {
		j++
	}
	if j >= len(p.toks) || p.toks[j].kind != tokWord && p.toks[j].kind != tokQuoted && p.toks[j].kind != tokOdd || p.is(j, clAnd) {
		return false
	}
	raw, next := p.run(j)
	return s.wish(next, wish{field: fieldName, s: raw})
}

// standsFor reports whether such a pronoun stands at i.
func (p *parser) standsFor(i int) bool { return p.toksAt(i, tokWord) && objects[p.toks[i].fold] }

// hungOn reports whether a pronoun is hung on to a verb: "renomme-la".
func hungOn(t token) bool {
	at := strings.LastIndexByte(t.fold, '-')
	return t.kind == tokWord && at > 0 && (t.fold[at+1:] == "la" || t.fold[at+1:] == "le" || t.fold[at+1:] == "les")
}
