package understand

import (
	"slices"
	"strings"
)

// parser reads phrases from left to right. At each token it tries the phrases in order; the first that fits is taken,
// so the order goes from the specific to the general.
type parser struct {
	text  string
	toks  []token
	read  []reading
	names *index
	i     int
	out   parsed
	// fillerFrom is the token from which only filler was skipped, so that unknown words are shown with theirs.
	fillerFrom int
	// last is the class of the last phrase that was no filler.
	last class
	// reply: the text answers something else than the question of the name, so that a bare word is none.
	reply bool
	// blocks counts the names that begin a line, "name: web55".
	blocks int
	grids  []grid // the tables of the text, and the next one to come
	table  int
	object int   // the text up to here holds no pasted object
	aside  []int // where the clause about another machine ends that begins at a token; 0: none begins there
}

// phrases are the productions of the grammar, in the order in which they are tried.
var phrases = []func(*parser) bool{
	(*parser).descriptionPhrase,
	(*parser).correctionPhrase,
	(*parser).neitherPhrase,
	(*parser).reminderPhrase,
	(*parser).enoughPhrase,
	(*parser).labelPhrase,
	(*parser).maskPhrase,
	(*parser).announcedNames,
	(*parser).loginPhrase,
	(*parser).exceptionPhrase,
	(*parser).respectivePhrase,
	(*parser).choicePhrase,
	(*parser).platformResource,
	(*parser).markerPhrase,
	(*parser).rangePhrase,
	(*parser).joinPhrase,
	(*parser).haProse,
	(*parser).offPhrase,
	(*parser).growPhrase,
	(*parser).scalePhrase,
	(*parser).startPhrase,
	(*parser).delayPhrase,
	(*parser).namePhrase,
	(*parser).likePhrase,
	(*parser).guestPhrase,
	(*parser).keyPhrase,
	(*parser).devicePhrase,
	(*parser).balloonPhrase,
	(*parser).sourcePhrase,
	(*parser).cpuTypePhrase,
	(*parser).declinedPhrase,
	(*parser).negatedPhrase,
	(*parser).placementPhrase,
	(*parser).eitherPhrase,
	(*parser).diskPhrase,
	(*parser).memoryPhrase,
	(*parser).cpuTimes,
	(*parser).coresPhrase,
	(*parser).sizePhrase,
	(*parser).networkPhrase,
	(*parser).addressPhrase,
	(*parser).haPhrase,
	(*parser).userPhrase,
	(*parser).domainPhrase,
	(*parser).tagsPhrase,
	(*parser).poolPhrase,
	(*parser).flagPhrase,
	(*parser).idPhrase,
	(*parser).patternPhrase,
	(*parser).headPhrase,
	(*parser).memberOf,
	(*parser).samePhrase,
	(*parser).memberPhrase,
	(*parser).bareNamePhrase,
	(*parser).mentionPhrase,
	(*parser).separatorPhrase,
	(*parser).signalPhrase,
}

// parse reads a text. The index supplies the names that the cluster uses.
func parse(text string, names *index) parsed { return newParser(text, names).all() }

// parseReply reads a correction, or an answer to a question about anything but the name: only what is introduced as a name
// is one.
func parseReply(text string, names *index) parsed {
	p := newParser(text, names)
	p.reply = true
	return p.all()
}

// all reads the whole text.
func (p *parser) all() parsed {
	p.out.items = make([]item, 0, 16)
	for p.i < len(p.toks) {
		if !p.asideAt() && !p.tableAt() && !p.phrase() {
			p.skip()
		}
	}
	p.settleContainers()
	p.out.question = strings.HasSuffix(strings.TrimRight(p.text, " \t\r\n\u00a0\u202f»\""), "?")
	return p.out
}

// newParser scans and reads a text; nothing of it is parsed yet.
func newParser(text string, names *index) *parser {
	p := &parser{text: text, toks: scan(text), names: names, fillerFrom: -1}
	p.read = words().read(p.toks, names.has)
	p.settleGiven()
	p.grids = grids(text)
	p.settleOff()
	p.settleAsides()
	return p
}

func (p *parser) phrase() bool {
	if p.mark(p.i, ":=") {
		return false // stands between an attribute and its value, and begins nothing
	}
	before, from := len(p.out.items), p.i
	for _, try := range phrases {
		if !try(p) {
			p.i, p.out.items = from, p.out.items[:before]
			continue
		}
		p.settleDenied(from, before)
		for _, it := range p.out.items[before:] {
			p.note(it)
		}
		p.fillerFrom = -1
		if l := p.class(from); l != clNone {
			p.last = l
		}
		return true
	}
	return false
}

// note keeps the figures of what was understood.
func (p *parser) note(it item) {
	switch it.kind {
	case itComma, itStop, itAll, itUnknown:
	case itSignal:
		if p.out.first == clNone && signalClasses[it.signal] && !p.introduced(it) {
			p.out.first = it.signal
		}
		switch it.signal {
		case clCreate, clSomething, clNot, clBut: // by themselves they say nothing of what is wanted
		case clTell, clAsk:
			p.out.content++
		default:
			p.out.content++
			p.out.domain++
		}
	case itCluster, itNewPool:
		p.out.hasHead, p.out.hasNewHead = true, true
		p.out.domain++
		p.out.content++
	case itHead:
		p.out.hasHead = true
		p.out.hasNewHead = p.out.hasNewHead || it.det == detNew
		p.out.domain++
		p.out.content++
	case itSoftware, itDevice:
		p.out.domain++
		p.out.content++
	default:
		p.out.hasAttribute = true
		p.out.domain++
		p.out.content++
	}
}

// introduced reports whether the verb of a signal only says more of a new machine, which is named and has its source by now: "VM named
// web1 from 100, set protection to false".
func (p *parser) introduced(it item) bool {
	if it.signal != clChange && it.signal != clRemove && it.signal != clLifecycle {
		return false
	}
	named, sourced := false, false
	for _, before := range p.out.items[:min(len(p.out.items), 2*lookBack)] {
		named = named || before.kind == itNames
		sourced = sourced || before.kind == itSource && before.source.Kind != SourceNone
	}
	return named && sourced && p.out.hasHead
}

// skip passes one token that begins no phrase: filler silently, everything else as not understood.
func (p *parser) skip() {
	r, t := p.read[p.i], p.toks[p.i]
	switch {
	case t.kind == tokBreak || t.kind == tokMark:
		p.fillerFrom = -1
		p.i++
	case r.lex.class == clNot && p.mark(p.i+r.n, ",.!;"): // "no, 3 VMs"
		p.i += r.n
	case skippable[r.lex.class]:
		if p.fillerFrom < 0 {
			p.fillerFrom = p.i
		}
		if r.lex.class != clFiller && r.lex.class != clLike && r.lex.class != clThen {
			p.last = r.lex.class
		}
		p.i += r.n
	default:
		p.unknown(max(r.n, 1))
	}
}

// skippable are the classes that mean nothing by themselves.
var skippable = func() map[class]bool {
	m := map[class]bool{}
	for _, c := range []class{clFiller, clLink, clWith, clFor, clAs, clOn, clIn, clOne, clSome, clThe, clThey, clOr, clTo, clBut,
		clAdjective, clTimes, clFrom, clAuto, clAnd, clAnywhere, clKubernetes, clNo, clYes, clUnsure, clAlso, clRedundant, clExtra, clName, clLike, clThen} {
		m[c] = true
	}
	return m
}()

// unknown records n tokens as not understood, together with the filler before them and the unknown words they join.
func (p *parser) unknown(n int) {
	start, end := p.toks[p.i].start, p.toks[p.i+n-1].end
	if p.fillerFrom >= 0 {
		start = p.toks[p.fillerFrom].start
	}
	p.out.content++
	p.i += n
	p.fillerFrom = -1
	if k := len(p.out.items); k > 0 && p.out.items[k-1].kind == itUnknown && !strings.ContainsAny(p.text[p.out.items[k-1].end:start], ",;:.!?\n") {
		p.out.items[k-1].end = end
		return
	}
	p.out.items = append(p.out.items, item{kind: itUnknown, start: start, end: end})
}

// class returns the class of the reading at token i.
func (p *parser) class(i int) class {
	p.out.looks++
	if i < 0 || i >= len(p.read) {
		return clNone
	}
	return p.read[i].lex.class
}

// is reports whether the reading at i is of one of the classes.
func (p *parser) is(i int, classes ...class) bool {
	c := p.class(i)
	if c == clNone {
		return false
	}
	return slices.Contains(classes, c)
}

// take returns the token after the reading at i if it is of one of the classes, else i.
func (p *parser) take(i int, classes ...class) int {
	if p.is(i, classes...) {
		return i + p.read[i].n
	}
	return i
}

// takeAll passes any number of readings of the classes.
func (p *parser) takeAll(i int, classes ...class) int {
	for range lookAhead {
		next := p.take(i, classes...)
		if next == i {
			return i
		}
		i = next
	}
	return i
}

// lookAhead bounds how many words a phrase passes in search of its value. Nobody writes more, and without the bound a
// text of a thousand times "de" would be read a thousand times.
const lookAhead = 12

// mark reports whether token i is one of the punctuation marks.
func (p *parser) mark(i int, marks string) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].kind == tokMark && strings.Contains(marks, p.toks[i].raw)
}

// link passes what may stand between an attribute and its value.
func (p *parser) link(i int) int {
	for range lookAhead {
		switch {
		case p.mark(i, ":="):
			i++
		case p.is(i, clLink, clThe, clFiller):
			i += p.read[i].n
		case p.isTo(i) && (p.toks[i].fold != "a" || p.toks[i].raw == "à" || p.followsValue(i+1)):
			i++
		default:
			return i
		}
	}
	return i
}

// isTo reports whether token i is "to", "à" or an "a" written without its accent.
func (p *parser) isTo(i int) bool {
	return i >= 0 && i < len(p.toks) && (p.is(i, clTo) && p.read[i].n == 1 || p.toks[i].kind == tokWord && p.toks[i].fold == "a" && p.read[i].n == 1)
}

// number returns the number at i, in digits or words, and the token after it.
func (p *parser) number(i int) (n float64, next int, ok bool) {
	if i >= len(p.toks) {
		return 0, i, false
	}
	if p.toks[i].kind == tokNumber && !p.is(i, clOrdinal) {
		return p.toks[i].num, i + 1, true
	}
	if p.is(i, clNumber) {
		return float64(p.read[i].lex.n), i + p.read[i].n, true
	}
	if p.is(i, clOne) && p.toks[i].raw != "à" && p.toks[i].raw != "À" {
		return 1, i + p.read[i].n, true
	}
	return 0, i, false
}

// integer is number for whole numbers.
func (p *parser) integer(i int) (n, next int, ok bool) {
	f, next, ok := p.number(i)
	if !ok {
		return 0, i, false
	}
	n, ok = whole(f)
	return n, next, ok
}

// size returns the size at i, "8 GB", in MiB, and the token after it. A number without unit is none.
func (p *parser) size(i int) (mib, next int, ok bool) {
	if mib, next, ok = p.halfSize(i); ok {
		return mib, next, true
	}
	n, next, ok := p.number(i)
	if !ok || next >= len(p.toks) || p.toks[next].kind != tokWord {
		return 0, i, false
	}
	unit, ok := sizeUnits[p.toks[next].fold]
	if !ok {
		return 0, i, false
	}
	if p.toks[next].raw == "to" && !p.toks[next].glued && p.read[next].n > 1 {
		return 0, i, false // "from 100 to run Docker"
	}
	if p.preposition(i, next) {
		return 0, i, false // "clone template 100 to a machine"
	}
	if u := p.toks[next]; len(u.fold) < 3 && !u.glued && u.fold == "to" && u.raw == "to" && (p.followsValue(next+1) || p.things(next+1) != 0 || p.is(next+1, clOne, clThe, clMachine, clRole, clNamed)) {
		return 0, i, false // "web-01 to 03", "vm 123 to pmox01": no terabytes
	}
	next++
	if half := p.andHalf(next); half > next {
		n, next = n+0.5, half
	}
	mib, ok = mebibytes(n, unit)
	return mib, next, ok
}

// halfSize reads "half a gig", "un demi-giga", "half a terabyte".
func (p *parser) halfSize(i int) (mib, next int, ok bool) {
	if p.is(i, clOne) && p.read[i].n == 1 {
		i++
	}
	if i >= len(p.toks) || p.toks[i].kind != tokWord {
		return 0, i, false
	}
	word := p.toks[i].fold
	switch {
	case strings.HasPrefix(word, "demi-"):
		word = word[len("demi-"):]
	case word == "half" || word == "demi":
		i = p.take(i+1, clOne)
		if i >= len(p.toks) || p.toks[i].kind != tokWord {
			return 0, i, false
		}
		word = p.toks[i].fold
	default:
		return 0, i, false
	}
	unit, ok := sizeUnits[word]
	if !ok || len(word) < 2 {
		return 0, i, false
	}
	mib, ok = mebibytes(0.5, unit)
	return mib, i + 1, ok
}

// andHalf passes "and a half", "et demi" after a unit.
func (p *parser) andHalf(i int) int {
	j := p.take(i, clAnd)
	if j == i {
		return i
	}
	j = p.take(j, clOne)
	if j < len(p.toks) && (p.toks[j].fold == "half" || p.toks[j].fold == "demi" || p.toks[j].fold == "demie") && !p.sizeAt(j) {
		return j + 1
	}
	return i
}

// followsValue reports whether a number or name stands at i, so that a "to" before it is a preposition.
func (p *parser) followsValue(i int) bool {
	return i < len(p.toks) && (p.toks[i].kind == tokNumber || p.toks[i].kind == tokAddress)
}

// word returns the text of token i when it can be a name or identifier that somebody wrote: a word or a quotation.
func (p *parser) word(i int) (string, bool) {
	if i >= len(p.toks) || (p.toks[i].kind != tokWord && p.toks[i].kind != tokQuoted) {
		return "", false
	}
	return p.toks[i].raw, true
}

// free reports whether token i is a word that the lexicon does not know, or a quotation: a name.
func (p *parser) free(i int) bool {
	if i >= len(p.toks) {
		return false
	}
	return p.toks[i].kind == tokQuoted || p.toks[i].kind == tokWord && (p.class(i) == clNone || p.names.has(p.toks[i].fold) && identifier(p.toks[i].raw))
}

// identifier reports whether a word looks like one that somebody made up as a name: with a digit or an inner mark.
func identifier(s string) bool { return strings.ContainsAny(s, "0123456789-_") }

// run returns the unbroken run of tokens that begins at i, up to the next white space or separator: what somebody wrote
// as one name, be it valid or not.
func (p *parser) run(i int) (raw string, next int) {
	if p.toks[i].kind == tokQuoted {
		return p.toks[i].raw, i + 1
	}
	next = i + 1
	for next < len(p.toks) && p.toks[next].glued && p.toks[next].kind != tokBreak && p.toks[next].kind != tokQuoted {
		if p.mark(next, ",;!?)(:»\"…") || p.mark(next, ".") && (next+1 >= len(p.toks) || !p.toks[next+1].glued) {
			break
		}
		next++
	}
	return p.text[p.toks[i].start:p.toks[next-1].end], next
}

// emit adds an item that spans the tokens from the current one to next, and moves there.
func (p *parser) emit(next int, it item) bool {
	it.start, it.end = p.toks[p.i].start, p.toks[next-1].end
	p.out.items = append(p.out.items, it)
	p.i = next
	return true
}

// list reads "x, y and z" from i with one reader for the elements, and returns the token after the last element.
func (p *parser) list(i int, element func(int) (string, int, bool)) (list []string, next int) {
	next = i
	for {
		s, after, ok := element(i)
		if !ok {
			return list, next
		}
		list, next = append(list, s), after
		i = after
		for p.mark(i, ",;/") || p.is(i, clAnd, clOr) {
			i = max(i+1, p.take(i, clAnd, clOr))
		}
	}
}
