package understand

import (
	"slices"
	"strings"
)

// guestRef is a guest that exists, or should, as a sentence speaks of it.
type guestRef struct {
	id         int    // as written; 0: by name
	word       string // as written; empty with an id
	family     bool   // word is a part of the names of several: "the workers"
	every      bool   // every guest of the cluster
	except     string // of a family or every: names, ids and "~" with parts of names that are left out, separated by blanks
	start, end int
}

// none reports whether nothing was named.
func (ref guestRef) none() bool { return ref.id == 0 && ref.word == "" && !ref.every }

// amountMode tells how a figure relates to what the guest has.
type amountMode uint8

const (
	amountSet   amountMode = iota // to
	amountAdd                     // by, more
	amountTake                    // less
	amountTimes                   // double
	amountShare                   // halve
	amountGrow                    // grows, and it is not said whether to or by
	amountDrop                    // shrinks, and it is not said whether to or by
	amountMore                    // more, and it is not said how much
	amountLess                    // less, and it is not said how much
)

// wish is one thing that a clause wants of a guest.
type wish struct {
	field      string
	n          int // MiB or cores
	mode       amountMode
	s          string
	list       []string
	on         bool
	disk       Disk
	start, end int
}

// clause is a verb with what belongs to it.
type clause struct {
	verb   class
	times  int // of "double", "halve"
	guests []guestRef
	wishes []wish
	// order tells how guests and wishes alternate: 'g' and 'w'.
	order []byte
	// nodes are nodes that are named; newName is what the guest should be called.
	nodes      []string
	name       string // of a snapshot or clone
	nounRename bool   // "change the name of"
	started    bool   // "don't start", which may turn out to be about booting
	negated    bool
	snapshot   bool // a snapshot is what the verb acts on
	more, less bool
}

// says reports whether a clause wants something of guests.
func (c *clause) says() bool { return len(c.wishes) > 0 }

// sentence is a text read for what it says of things that exist.
type sentence struct {
	p       *parser
	act     []reading
	x       *index
	clauses []clause
	cur     *clause
	i       int
	// candidates are words that may be meant as names of guests, in order, with the clause they stand in.
	candidates []candidate
	nouns      []noun
	loose      []int // indexes of wishes of the clause that lack a noun
	code       bool  // Terraform, HCL
	first      int   // token of a question's first word
	has        map[class]bool
	words      map[class]bool // classes of the vocabulary
	containers bool           // of the machines, it speaks of containers
	verbs      []class
	families   map[string]string // words -> part of names, as far as looked up
	excluding  bool              // after "except": guests that are named are left out
	flat       string            // the text as [flatten] writes it, once it was asked for
}

type candidate struct {
	ref    guestRef
	clause int
	strong bool // right after a verb, or after a preposition
}

// noun is a quantity that was named without its figure.
type noun struct {
	field      string
	clause     int
	det        bool // "a disk", "another disk"
	start, end int
}

const fieldValue, fieldGuest, fieldBoot, fieldProtection, fieldUntag, fieldAddDisk = "value", "guest", "start_at_boot", "protection", "untag", "add_disk"

// readExisting reads a text.
func readExisting(text string, x *index) *sentence {
	p := newParser(text, x)
	main := words()
	s := &sentence{p: p, x: x, has: map[class]bool{}, words: map[class]bool{}, families: map[string]string{}}
	s.act = actions().read(p.toks, func(w string) bool {
		return x.has(w) || main.words[w] || p.names.has(w) || strings.ContainsAny(w, "-_.")
	})
	s.clauses = append(s.clauses, clause{})
	s.cur = &s.clauses[0]
	for s.i < len(p.toks) {
		before := s.i
		for _, try := range []func() bool{s.exceptWord, s.bootWish, s.descriptionWish, s.nameWish, s.tagWish, s.storageWord, s.guestWord, s.diskWish, s.figure, s.protectionWish, s.nounWord,
			s.verbWord, s.nodeWord, s.candidateWord} {
			if try() {
				break
			}
		}
		if s.i == before {
			s.pass()
		}
	}
	s.finish()
	return s
}

func (s *sentence) actAt(i int) class {
	if i < 0 || i >= len(s.act) {
		return clNone
	}
	return s.act[i].lex.class
}

// pass notes the classes of a token that nothing takes, and goes on.
func (s *sentence) pass() {
	i := s.i
	if c := s.actAt(i); c != clNone {
		s.has[c] = true
		switch c {
		case acCode:
			s.code = true
		case acMore:
			s.cur.more = true
		case acLess:
			s.cur.less = true
		}
	}
	if c := s.p.class(i); c != clNone {
		s.words[c] = true
		switch c {
		case clImport:
			s.code = true
		case clNot:
			s.cur.negated = true
		case clStopped:
			s.cur.started = true
		case clExtra:
			s.cur.more = true
		}
	}
	if f := s.p.toks[i].fold; f == "ne" || f == "n'" {
		s.cur.negated = true // the lexicon takes it for filler
	}
	if s.p.toks[i].kind == tokBreak || s.p.mark(i, ".;!") {
		s.open(clNone)
	}
	s.i += max(1, s.step(i))
}

// step is how many tokens the longer of the two readings at i spans.
func (s *sentence) step(i int) int {
	n := s.act[i].n
	if s.actAt(i) == clNone {
		n = s.p.read[i].n
	}
	return n
}

// open begins a clause.
func (s *sentence) open(verb class) {
	if s.cur.verb == clNone && len(s.cur.guests) == 0 && !s.cur.says() && !s.pending() {
		s.cur.verb = verb
		return
	}
	s.clauses = append(s.clauses, clause{verb: verb})
	s.cur = &s.clauses[len(s.clauses)-1]
}

// pending reports whether the clause has nouns or candidates.
func (s *sentence) pending() bool {
	at := len(s.clauses) - 1
	return slices.ContainsFunc(s.nouns, func(n noun) bool { return n.clause == at }) || slices.ContainsFunc(s.candidates, func(c candidate) bool { return c.clause == at })
}

func (s *sentence) wish(next int, w wish) bool {
	s.excluding = false
	w.start, w.end = s.p.toks[s.i].start, s.p.toks[next-1].end
	s.cur.wishes = append(s.cur.wishes, w)
	s.cur.order = append(s.cur.order, 'w')
	s.i = next
	return true
}

func (s *sentence) ref(next int, g guestRef) bool {
	if s.leaveOut(g) {
		s.i = next
		return true
	}
	g.start, g.end = s.p.toks[s.i].start, s.p.toks[next-1].end
	s.cur.guests = append(s.cur.guests, g)
	s.cur.order = append(s.cur.order, 'g')
	s.i = next
	return true
}

// verbWord takes a verb; with another verb before it a new clause begins.
func (s *sentence) verbWord() bool {
	c := s.actAt(s.i)
	if !isVerb(c) || c == acSet && s.p.is(s.i, clFiller, clLink) && s.cur.verb != clNone {
		return false
	}
	if s.p.things(s.i)&(aGuest|aTemplate) != 0 && s.cur.verb != clNone {
		return false
	}
	s.excluding = false
	s.has[c] = true
	if c == acSnapshot && (s.cur.verb == acRollback || s.cur.verb == acRestore || s.cur.verb == acTake) {
		if s.cur.snapshot = true; s.cur.verb == acRestore {
			s.cur.verb = acRollback
		}
		s.i += s.act[s.i].n
		s.snapshotName()
		return true
	}
	s.verbs = append(s.verbs, c)
	if s.p.is(s.i, clCreate, clClone) {
		s.words[s.p.class(s.i)] = true
	}
	switch {
	case s.cur.verb == clNone && (s.says() || len(s.cur.guests) > 0 || s.pending()):
		s.cur.verb = c
	case s.cur.verb == acSet && (c == acProtect || c == acTag), c == acEnable || c == acDisable, s.cur.verb == clNone:
		s.open(c)
		s.cur.verb = c
	default:
		s.open(c)
	}
	s.cur.times = max(s.cur.times, s.act[s.i].lex.n)
	if s.p.is(s.i, clStopped) {
		s.cur.started = true
	}
	s.i += s.act[s.i].n
	if last := s.p.toks[s.i-1].fold; c == acRollback && (strings.HasSuffix(last, "snapshot") || strings.HasSuffix(last, "instantane")) {
		s.snapshotName()
	}
	return true
}

// snapshotName takes the name of a snapshot after the word for it.
func (s *sentence) snapshotName() {
	raw, ok := s.p.word(s.i)
	if ok && s.p.things(s.i) == 0 && !s.p.is(s.i, clLink, clFor, clOn, clThe, clMachine) && !s.p.isTo(s.i) {
		s.cur.name, s.i = raw, s.i+1
	}
}

func (s *sentence) says() bool { return s.cur.says() }

// guestWord takes a guest: "VM 104", "la VM webserver", "104", a name that the cluster has, "all workers".
func (s *sentence) guestWord() bool {
	p, i := s.p, s.i
	every := false
	j := i
	for p.is(j, clAll, clThe) || p.is(j, clLink) && j > i && p.toks[j].fold == "les" {
		every = every || p.is(j, clAll)
		j += p.read[j].n
	}
	if p.is(j, clMachine) && (p.read[j].lex.val == "" || p.containerWord(j)) || p.is(j, clTemplate) && p.toksAt(p.takeAll(j+p.read[j].n, clID), tokNumber) {
		k := p.takeAll(p.existingWord(p.take(j, clMachine, clTemplate)), clID)
		if s.idAt(k, true) {
			return s.ref(k+1, guestRef{id: int(p.toks[k].num)})
		}
		k = p.take(k, clNamed)
		if k < len(p.toks) && alreadyThere[p.toks[k].fold] { // "du conteneur existant dns"
			k++
		}
		if w, ok := p.word(k); ok && s.actAt(i-1) != acWhich && s.actAt(i-1) != acHowMany && (p.toks[k].kind == tokQuoted || p.things(k)&(aGuest|aTemplate) != 0 ||
			(identifier(w) || isVerb(s.cur.verb) || j > i || s.code) && p.things(k) == 0 && s.actAt(k) == clNone && (p.class(k) == clNone || p.is(k, clRole) && p.read[k].n == 1)) && !(p.toks[j].fold != p.toks[k].fold && plurals[p.toks[j].fold] && p.class(k) == clNone && !identifier(w)) {
			return s.ref(k+1, guestRef{word: w})
		}
		s.words[clMachine] = s.words[clMachine] || p.is(j, clMachine) && !p.containerWord(j)
		s.containers = s.containers || p.containerWord(j)
		s.words[clTemplate] = s.words[clTemplate] || p.is(j, clTemplate)
		if every && isVerb(s.cur.verb) {
			return s.ref(p.take(j, clMachine), guestRef{every: true})
		}
		s.i = p.take(j, clMachine, clTemplate)
		return true
	}
	if p.is(j, clID) && s.idAt(p.takeAll(j, clID), true) {
		k := p.takeAll(j, clID)
		return s.ref(k+1, guestRef{id: int(p.toks[k].num)})
	}
	if s.idAt(j, false) {
		return s.ref(j+1, guestRef{id: int(p.toks[j].num)})
	}
	if j < len(p.toks) && p.toks[j].kind == tokWord {
		w := p.toks[j]
		if owner, is := strings.CutSuffix(strings.ReplaceAll(w.raw, "’", "'"), "'s"); is && !contracted[fold(owner)] { // "webserver's memory"
			if _, known := s.x.find(owner, aGuest); known || p.class(j) == clNone && isVerb(s.cur.verb) {
				return s.ref(j+1, guestRef{word: owner})
			}
		}
		switch {
		case p.things(j)&(aGuest|aTemplate) != 0 && (p.class(j) == clNone || p.is(j, clRole, clSoftware) && p.read[j].n == 1 || identifier(w.raw)) && s.notNetwork(j):
			return s.ref(j+1, guestRef{word: w.raw})
		case len(s.cur.guests) > 0 && p.things(j)&aGuest != 0 && (p.is(j-1, clAnd) || p.mark(j-1, ",")): // "webserver, db1 and dns"
			return s.ref(j+1, guestRef{word: w.raw})
		case j > i && p.is(j, clRole) && s.soleGuest(j) != "":
			return s.ref(j+p.read[j].n, guestRef{word: s.soleGuest(j)})
		case (j > i || s.manyHere(j)) && p.is(j, clRole) && (every || strings.HasSuffix(p.toks[j+p.read[j].n-1].fold, "s")):
			if part := s.familyOf(p.text[w.start:p.toks[j+p.read[j].n-1].end]); part != "" {
				return s.ref(j+p.read[j].n, guestRef{word: part, family: true})
			}
		case s.x.numbered[strings.ToLower(w.raw)] > 0 && p.class(j) == clNone:
			return s.ref(j+1, guestRef{word: w.raw, family: every})
		}
	}
	if p.toksAt(j, tokQuoted) {
		if _, ok := s.x.find(p.toks[j].raw, aGuest|aTemplate); ok {
			return s.ref(j+1, guestRef{word: p.toks[j].raw})
		}
	}
	return false
}

// manyHere reports whether a plural at i means guests that exist although no article says so: "reduce workers to 4 GB". After a
// number it may mean new ones.
func (s *sentence) manyHere(i int) bool {
	p, v := s.p, s.cur.verb
	if i > 0 && (p.toksAt(i-1, tokNumber) || p.is(i-1, clNumber, clOne, clExtra) || p.is(i-1, clSome) && s.noun() < 0) || s.words[clCreate] {
		return false
	}
	return v == acSet || v == acGrow || v == acShrink || v == acTake || v == acTag || v == acProtect || isOperation(v)
}

// alreadyThere are the adjectives of what exists.
var alreadyThere = map[string]bool{"existant": true, "existante": true, "existing": true, "actuel": true, "actuelle": true, "current": true}

// storageWord takes where a disk that is to be added should lie.
func (s *sentence) storageWord() bool {
	k := len(s.cur.wishes) - 1
	if k < 0 || s.cur.wishes[k].field != fieldAddDisk || s.cur.wishes[k].disk.Storage.Has() {
		return false
	}
	name, next, ok := s.p.storageTail(s.i)
	if !ok {
		return false
	}
	s.cur.wishes[k].disk.Storage = Value[string]{V: name, Origin: Stated}
	s.i = next
	return true
}

// plurals are the nouns after which a plain word is no name: "VMs tournent".
var plurals = map[string]bool{"vms": true, "machines": true, "servers": true, "serveurs": true, "guests": true, "containers": true, "conteneurs": true}

// contracted are the words whose "'s" is a verb.
var contracted = map[string]bool{"it": true, "that": true, "there": true, "he": true, "she": true, "what": true, "here": true, "let": true, "who": true, "where": true}

// notNetwork reports whether a word is not only a guest by accident: where a node or storage has the same name, that is meant
// after "on".
func (s *sentence) notNetwork(i int) bool {
	return s.p.things(i)&(aNode|aStorage|aNetwork|aPool) == 0 || !s.p.is(i-1, clOn, clIn)
}

// nodeWord takes a node: where a guest should go.
func (s *sentence) nodeWord() bool {
	if s.p.things(s.i)&aNode == 0 {
		return false
	}
	written, _ := s.x.find(s.p.toks[s.i].fold, aNode)
	s.cur.nodes = append(s.cur.nodes, written)
	s.i++
	return true
}

// candidateWord keeps a word that nothing is called; it may be meant as the name of a guest.
func (s *sentence) candidateWord() bool {
	p, i := s.p, s.i
	t := p.toks[i]
	if t.kind != tokWord && t.kind != tokQuoted || s.actAt(i) != clNone || p.things(i) != 0 {
		return false
	}
	if hyphen := strings.LastIndexByte(t.fold, '-'); hyphen > 0 && clitics[t.fold[hyphen+1:]] { // "se passe-t-il"
		return false
	}
	if t.fold == "tout" || t.fold == "everything" {
		s.words[clAll] = true
		s.i++
		return true
	}
	role := p.is(i, clRole, clSoftware) && p.read[i].n == 1
	if p.class(i) != clNone && !role {
		return false
	}
	before := i - 1
	strong := isVerb(s.actAt(before)) || p.isTo(before) || p.is(before, clLink, clFor, clThe, clTo, clOn) || p.mark(before, ":") ||
		p.is(before, clMachine) && s.actAt(before-1) != acWhich && s.actAt(before-1) != acHowMany
	if before >= 0 && p.is(before, clOne, clSome) && !p.isTo(before) {
		return false
	}
	if s.leaveOut(guestRef{word: t.raw}) {
		s.i++
		return true
	}
	if len(s.cur.guests) > 0 && isVerb(s.cur.verb) && p.is(before, clThe) && p.is(before-1, clAnd) { // "the web server and the database"
		return s.ref(i+1, guestRef{word: t.raw})
	}
	s.candidates = append(s.candidates, candidate{ref: guestRef{word: t.raw, start: t.start, end: t.end}, clause: len(s.clauses) - 1, strong: strong})
	s.words[p.class(i)] = true
	s.i++
	return true
}

// finish settles what a clause alone could not: figures without nouns, nouns without figures, guests that are not known.
func (s *sentence) finish() {
	for k := range s.clauses {
		c := &s.clauses[k]
		s.settleNouns(k, c)
		if len(c.guests) > 0 || !c.says() && !isVerb(c.verb) {
			continue
		}
		best := -1
		for n, cand := range s.candidates {
			if cand.clause == k && (best < 0 || cand.strong && !s.candidates[best].strong) {
				best = n
			}
		}
		switch {
		case best >= 0:
			c.guests = append(c.guests, s.candidates[best].ref)
			c.order = append([]byte{'g'}, c.order...)
		case k > 0 && len(s.clauses[k-1].guests) > 0:
			c.guests = slices.Clone(s.clauses[k-1].guests)
			c.order = append(slices.Repeat([]byte{'g'}, len(c.guests)), c.order...)
		}
	}
}
