package understand

import (
	"slices"
	"strings"
)

// bootWish takes "at boot", "au démarrage": whether a guest starts with its node.
func (s *sentence) bootWish() bool {
	p := s.p
	switch {
	case p.is(s.i, clBoot):
		off := s.cur.negated || s.cur.started || s.cur.verb == acDisable || s.cur.verb == acTake || p.noLonger(s.i)
		return s.wish(p.take(s.i, clBoot), wish{field: fieldBoot, on: !off})
	case s.has[acStart] && s.withNode() > 0:
		return s.wish(s.i+s.withNode(), wish{field: fieldBoot, on: !s.cur.negated && !s.cur.started})
	case p.is(s.i, clStopped):
		if j := p.link(p.take(s.i, clStopped)); p.is(j, clBoot) {
			return s.wish(p.take(j, clBoot), wish{field: fieldBoot})
		}
	}
	return false
}

// descriptionWish takes "the description of X to …". The text is what is quoted, or the rest of the line.
func (s *sentence) descriptionWish() bool {
	p := s.p
	if !p.is(s.i, clDescription) || s.cur.verb == clNone && !p.mark(s.i+1, ":=") {
		return false
	}
	from := s.i
	j := p.take(s.i, clDescription)
	for p.is(j, clLink, clFor, clThe) && j < len(p.toks) {
		j += p.read[j].n
	}
	s.i = j
	if s.guestWord() {
		j = s.i
	} else if w, ok := p.word(j); ok && j > from+1 && p.class(j) == clNone && p.toks[j].kind == tokWord {
		s.ref(j+1, guestRef{word: w})
		j++
	}
	s.i = from
	if s.cur.verb == acTake || s.cur.negated {
		return s.wish(max(j, from+1), wish{field: fieldDescription})
	}
	for p.isTo(j) || p.mark(j, ":=") || p.is(j, clAs, clWith, clIn) {
		j++
	}
	if j >= len(p.toks) || p.toks[j].kind == tokBreak {
		return s.wish(j, wish{field: fieldDescription, mode: amountMore})
	}
	if p.toks[j].kind == tokQuoted {
		return s.wish(j+1, wish{field: fieldDescription, s: p.toks[j].raw, on: true})
	}
	end := j
	for end < len(p.toks) && p.toks[end].kind != tokBreak {
		end++
	}
	return s.wish(end, wish{field: fieldDescription, s: strings.TrimRight(p.text[p.toks[j].start:p.toks[end-1].end], " ."), on: true})
}

// nameWish takes the new name of a guest that is being renamed, and the name of a snapshot or a clone.
func (s *sentence) nameWish() bool {
	p := s.p
	if s.pronounWish() {
		return true
	}
	if p.is(s.i, clName) && s.cur.verb == acSet {
		s.cur.verb, s.cur.nounRename = acRename, true
		s.i = p.take(s.i, clName)
		return true
	}
	named := p.is(s.i, clNamed, clName) && s.actAt(s.i) == clNone
	switch {
	case s.cur.verb == acRename && (len(s.cur.guests) > 0 || s.candidateHere()) && (p.isTo(s.i) || p.is(s.i, clIn, clAs) || named || p.mark(s.i, ":=")):
	case (s.cur.verb == acSnapshot || s.cur.verb == acRollback || s.cur.verb == acClone || s.cur.verb == acMigrate) && (named || s.cur.verb == acClone && (p.is(s.i, clAs, clTo, clIn))):
	default:
		return false
	}
	j := p.take(s.i, clNamed, clName, clIn, clAs, clTo)
	if j == s.i {
		j++
	}
	j = p.link(j)
	if j >= len(p.toks) || p.toks[j].kind != tokWord && p.toks[j].kind != tokQuoted && p.toks[j].kind != tokOdd {
		return false
	}
	raw, next := p.run(j)
	if s.cur.verb != acRename {
		s.cur.name = raw
		s.i = next
		return true
	}
	return s.wish(next, wish{field: fieldName, s: raw})
}

func (s *sentence) candidateHere() bool {
	return slices.ContainsFunc(s.candidates, func(c candidate) bool { return c.clause == len(s.clauses)-1 })
}

// tagWish takes tags: "tag web1 with prod", "the tag test", "les étiquettes web et prod".
func (s *sentence) tagWish() bool {
	p := s.p
	if s.excluding = s.excluding && !p.is(s.i, clWith, clAs); s.excluding {
		return false
	}
	if s.cur.verb == acTag && (len(s.cur.guests) > 0 || s.candidateHere()) && !slices.ContainsFunc(s.cur.wishes, func(w wish) bool { return w.field == fieldTags }) {
		j := p.takeAll(s.i, clWith, clAs, clIn)
		j = p.takeAll(p.link(j), clTags)
		if list, next := s.tagList(p.link(j)); len(list) > 0 && (j > s.i || p.free(s.i)) {
			return s.wish(next, wish{field: fieldTags, list: list})
		}
	}
	if !p.is(s.i, clTags) {
		return false
	}
	if isTagVerb := s.actAt(s.i) == acTag; isTagVerb && (s.cur.verb == clNone || s.opens(s.i) || p.standsFor(s.i+1)) {
		j := p.take(s.i, clTags)
		if p.standsFor(j) || p.is(j, clMachine, clThe, clAll, clID) || p.things(j)&(aGuest|aTemplate) != 0 || p.is(j+1, clWith, clAs) || p.toksAt(j, tokNumber) || p.word0(j) && p.is(j+1, clWith) {
			s.open(acTag)
			s.cur.verb = acTag
			s.i = j
			return true
		}
	}
	list, next := s.tagList(p.link(p.takeAll(s.i, clTags)))
	if len(list) == 0 {
		return false
	}
	field := fieldTags
	if s.cur.verb == acTake || s.cur.verb == acDisable || s.cur.negated {
		field = fieldUntag
	}
	return s.wish(next, wish{field: field, list: list})
}

// opens reports whether token i begins a clause.
func (s *sentence) opens(i int) bool { return i == 0 || s.p.is(i-1, clAnd) || s.p.mark(i-1, ",;.") }

func (p *parser) word0(i int) bool { _, ok := p.word(i); return ok }

// tagList reads words up to one that a sentence goes on with. A word after "and" that is a verb belongs to the next clause.
func (s *sentence) tagList(i int) (list []string, next int) {
	p := s.p
	next = i
	for i < len(p.toks) {
		t := p.toks[i]
		ok := t.kind == tokQuoted || t.kind == tokWord && !p.is(i, clFrom, clTo, clLink, clFor, clOn, clIn, clWith, clThe, clAnd, clTags, clMachine, clFiller) &&
			!p.isTo(i) && p.things(i)&(aGuest|aNode) == 0 && (len(list) == 0 || !isVerb(s.actAt(i)) || p.is(i, clRole))
		if !ok {
			break
		}
		raw, after := p.run(i)
		list, next = append(list, raw), after
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

// protectionWish takes "protect", "unprotect", "the protection".
func (s *sentence) protectionWish() bool {
	p, c := s.p, s.actAt(s.i)
	switch {
	case c == acProtect, c == acUnprotect:
		n := s.act[s.i].n
		if c == acUnprotect || !s.cur.negated {
			s.open(acProtect)
			s.cur.verb = acProtect
		}
		on := c == acProtect && !s.cur.negated
		next := p.takeAll(s.i+n, clProtected)
		return s.wish(next, wish{field: fieldProtection, on: on})
	case p.is(s.i, clProtected) && slices.ContainsFunc(s.cur.wishes, func(w wish) bool { return w.field == fieldProtection }): // "unprotect it against deletion"
		s.i = p.takeAll(s.i, clProtected)
		return true
	case p.is(s.i, clProtected):
		on := !s.cur.negated && s.cur.verb != acTake && s.cur.verb != acDisable
		return s.wish(p.takeAll(s.i, clProtected), wish{field: fieldProtection, on: on})
	}
	return false
}

// mode tells how the figure at i relates to what the guest has; after is the token behind it.
func (s *sentence) mode(i, after int) amountMode {
	p := s.p
	c := s.cur
	before := i - 1
	for before >= 0 && (p.is(before, clLink) && p.toks[before].fold != "de" && p.toks[before].fold != "d" || p.is(before, clQuality)) {
		before--
	}
	more := s.actAt(after) == acMore || p.is(after, clExtra) || s.actAt(before) == acMore
	less := s.actAt(after) == acLess
	to := before >= 0 && (p.isTo(before) || p.mark(before, "=:") || p.is(before, clTo))
	by := before >= 0 && (s.actAt(before) == acBy || p.is(before, clLink) && (p.toks[before].fold == "de" || p.toks[before].fold == "d"))
	signed := before >= 0 && p.mark(before, "+")
	switch {
	case less, c.verb == acTake:
		return amountTake
	case to && !more:
		return amountSet
	case more, signed, c.verb == acAdd:
		return amountAdd
	case c.verb == acGrow && by:
		return amountAdd
	case c.verb == acShrink && by:
		return amountTake
	case c.verb == acGrow:
		return amountGrow
	case c.verb == acShrink:
		return amountDrop
	}
	return amountSet
}

// figure takes "8 GB", "8 GB of RAM", "4 cores", "4" after a noun.
func (s *sentence) figure() bool {
	p := s.p
	i := s.i
	if mib, next, ok := p.size(i); ok {
		more := s.skipMore(next)
		j := p.link(more)
		mode := s.mode(i, next)
		switch {
		case p.is(j, clMemory):
			end := s.skipMore(p.take(j, clMemory))
			if mode == amountSet && end > p.take(j, clMemory) || mode == amountSet && more > next {
				mode = amountAdd
			}
			return s.wish(end, wish{field: fieldMemory, n: mib, mode: mode})
		case p.is(j, clDisk, clStorage) && !(p.is(j, clStorage) && p.things(p.link(p.take(j, clStorage)))&aStorage != 0):
			return s.wish(p.take(j, clDisk, clStorage), wish{field: fieldDisk, n: mib, mode: mode})
		}
		n := s.noun()
		if n < 0 {
			n = s.referred()
		}
		if n >= 0 && s.nouns[n].field != fieldCores {
			w := wish{field: s.nouns[n].field, n: mib, mode: mode}
			s.nouns = slices.Delete(s.nouns, n, n+1)
			return s.wish(s.skipMore(next), w)
		}
		s.loose = append(s.loose, len(s.cur.wishes))
		return s.wish(s.skipMore(next), wish{n: mib, mode: mode})
	}
	if mib, next, ok := s.moreUnits(i); ok { // "two more gigs"
		return s.wish(next, wish{field: fieldMemory, n: mib, mode: amountAdd})
	}
	n, next, ok := p.integer(i)
	if !ok || p.toksAt(i, tokWord) && !p.is(i, clNumber, clOne) {
		return false
	}
	if f := p.toksFold(i - 1); s.cur.times > 0 && (f == "par" || f == "by") && n > 1 { // "divide its cores by 2"
		s.cur.times, s.i = n, next
		return true
	}
	mode := s.mode(i, next)
	if end := p.countedCores(next); end > next && (mode == amountAdd || mode == amountTake) { // "augmente de deux le nombre de cœurs"
		return s.wish(end, wish{field: fieldCores, n: n, mode: mode})
	}
	k := p.takeAll(s.skipMore(next), clAdjective, clExtra)
	k = p.takeAll(k, clAdjective)
	switch {
	case p.is(k, clCores):
		if k > next {
			mode = amountAdd
		}
		end := p.take(k, clCores)
		if after := s.skipMore(end); after > end && mode == amountSet {
			mode, end = amountAdd, after
		}
		if s.actAt(end) == acLess {
			mode, end = amountTake, end+s.act[end].n
		}
		s.dropNoun(fieldCores)
		return s.wish(end, wish{field: fieldCores, n: n, mode: mode})
	case p.is(p.link(next), clMemory) && p.toks[i].kind == tokNumber && p.link(next) == next:
		return s.wish(p.take(next, clMemory), wish{field: fieldMemory, n: bareMemory(n), mode: mode})
	}
	at := s.noun()
	if at < 0 && s.cur.verb != clNone {
		at = s.referred()
	}
	if at < 0 || p.toks[i].kind != tokNumber && !p.is(i, clNumber) || p.is(next, clMachine, clRole) || s.cur.verb == clNone && !p.mark(i-1, ":=") && !p.isTo(i-1) {
		return false
	}
	w := wish{field: s.nouns[at].field, n: n, mode: mode}
	switch w.field {
	case fieldMemory:
		w.n = bareMemory(n)
	case fieldDisk:
		w.n = n * 1024
	}
	s.nouns = slices.Delete(s.nouns, at, at+1)
	return s.wish(next, w)
}

// skipMore passes words that make a figure relative.
func (s *sentence) skipMore(i int) int {
	for i < len(s.act) && (s.actAt(i) == acMore || s.actAt(i) == acLess || s.p.is(i, clExtra)) && s.step(i) > 0 {
		i += s.step(i)
	}
	return i
}

// noun returns the index of the last noun of the clause that waits for its figure, -1 for none.
func (s *sentence) noun() int {
	for n := range slices.Backward(s.nouns) {
		if s.nouns[n].clause == len(s.clauses)-1 {
			return n
		}
	}
	return -1
}

func (s *sentence) dropNoun(field string) {
	s.nouns = slices.DeleteFunc(s.nouns, func(n noun) bool { return n.clause == len(s.clauses)-1 && n.field == field })
}

// nounWord takes "memory", "cores", "the disk": the figure comes elsewhere.
func (s *sentence) nounWord() bool {
	p := s.p
	var field string
	switch {
	case p.is(s.i, clMemory):
		field = fieldMemory
	case p.is(s.i, clCores) && p.toks[s.i].fold != "c":
		field = fieldCores
	case p.is(s.i, clDisk):
		field = fieldDisk
	default:
		return false
	}
	s.words[p.class(s.i)] = true
	next := p.take(s.i, clMemory, clCores, clDisk)
	from := s.i - 1
	det := p.is(from, clOne) || s.actAt(from) == acMore || p.is(from, clExtra, clOrdinal)
	s.nouns = append(s.nouns, noun{field: field, clause: len(s.clauses) - 1, det: det, start: p.toks[s.i].start, end: p.toks[next-1].end})
	s.i = next
	return true
}

// diskWish takes a disk that is to be added, or the size that the first is to have: "a 100 GB disk", "un disque de 100 Go".
func (s *sentence) diskWish() bool {
	p := s.p
	i := s.i
	j := p.takeAll(i, clOne, clExtra)
	extra := p.is(i, clOne) && (anotherWords[p.toks[i].fold] || p.toksFold(i+p.read[i].n-1) == "autre" || p.toksFold(i+1) == "autre") || s.actAt(i) == acMore && !s.comparative(i)
	if s.actAt(j) == acMore {
		extra, j = !s.comparative(j), j+s.act[j].n
	}
	j, extra = p.extraWords(j, extra)
	mib, next, ok := p.size(j)
	var end int
	if ok {
		k, more := p.extraWords(next, extra)
		if !p.is(k, clDisk) {
			return false
		}
		extra, end = more || p.read[k].lex.val == "extra", p.take(k, clDisk)
	} else {
		if !p.is(j, clDisk) || p.is(i, clThe) {
			return false
		}
		extra = extra || p.read[j].lex.val == "extra"
		k := p.take(j, clDisk)
		k, extra = p.extraWords(k, extra)
		k = p.link(p.takeAll(k, clWith))
		if mib, next, ok = p.size(k); !ok || !(j > i || s.cur.verb == acAdd) {
			return false
		}
		end, extra = p.extraWords(next, extra)
	}
	if s.cur.verb != acAdd && !extra {
		return s.wish(end, wish{field: fieldDisk, n: mib, mode: s.mode(i, next)})
	}
	d := Disk{extra: true, MiB: Value[int]{V: mib, Origin: Stated}}
	if name, after, ok := p.storageTail(end); ok {
		d.Storage, end = Value[string]{V: name, Origin: Stated}, after
	}
	return s.wish(end, wish{field: fieldAddDisk, disk: d})
}

// settleNouns gives the figures of a clause their nouns, and turns nouns without figures into questions.
func (s *sentence) settleNouns(k int, c *clause) {
	var nouns []noun
	for _, n := range s.nouns {
		if n.clause == k {
			nouns = append(nouns, n)
		}
	}
	for i := range c.wishes {
		w := &c.wishes[i]
		if w.field != "" {
			continue
		}
		w.field = fieldMemory
		if len(nouns) > 0 && nouns[0].field != fieldCores {
			w.field, nouns = nouns[0].field, nouns[1:]
		}
	}
	change := c.verb == acSet || c.verb == acGrow || c.verb == acShrink || c.verb == acAdd
	if c.negated && (c.verb == acSet || c.verb == clNone) && c.times == 0 { // "n'a pas besoin d'autant de CPU" says why, not what
		nouns = nil
	}
	for _, n := range nouns {
		w := wish{field: n.field, mode: amountMore, start: n.start, end: n.end}
		switch {
		case c.times > 0 && c.verb == acGrow:
			w.mode, w.n = amountTimes, c.times
		case c.times > 0 && c.verb == acShrink:
			w.mode, w.n = amountShare, c.times
		case s.said(halfWords):
			w.mode, w.n = amountShare, 2
		case s.said(twiceWords):
			w.mode, w.n = amountTimes, 2
		case c.less || c.verb == acShrink:
			w.mode = amountLess
		case n.det && n.field == fieldDisk && (c.verb == acAdd || c.more):
			w.field = fieldAddDisk
			w.disk = Disk{extra: true}
		}
		if change || c.more || c.less || w.mode == amountShare || w.mode == amountTimes {
			c.wishes = append(c.wishes, w)
			c.order = append(c.order, 'w')
		}
	}
	if k+1 < len(s.clauses) && s.clauses[k+1].says() && len(s.clauses[k+1].guests) == 0 {
		return // "web1 needs more room, make it 64 GB": the next clause says how much
	}
	if len(c.wishes) == 0 && len(c.guests) > 0 && (c.verb == acGrow || c.verb == acShrink || c.verb == acSet && (c.more || c.less)) {
		c.wishes = append(c.wishes, wish{field: fieldValue, mode: amountMore, start: c.guests[0].start, end: c.guests[0].end})
		c.order = append(c.order, 'w')
	}
}
