package understand

// corrections are the words by which somebody takes back what was just said. Where two stand together, the second may be a filler.
var corrections = map[string]bool{"sorry": true, "pardon": true, "oops": true, "oups": true, "whoops": true, "er": true, "erm": true, "euh": true, "heu": true, "uh": true, "um": true, "wait": true,
	"attends": true, "attendez": true, "actually": true, "correction": true, "disons": true, "desole": true, "desolee": true, "mince": true, "zut": true, "nope": true, "nah": true, "excusez": true, "excuse": true,
	"meant": true, "finalement": true, "finally": true, "rectification": true}

// correctionWords are words that mean a correction together only.
var correctionWords = [][]string{{"make", "that"}, {"make", "it"}, {"i", "mean"}, {"i", "meant"}, {"scratch", "that"}, {"let's", "say"}, {"say", "rather"}, {"or", "rather"}, {"ou", "plutot"},
	{"je", "voulais", "dire"}, {"je", "veux", "dire"}, {"je", "corrige"}, {"mettons", "plutot"}, {"enfin", "non"}, {"non", "plutot"}, {"mets", "plutot"}, {"i", "take", "that", "back"}, {"strike", "that"}, {"en", "fait"}}

// correctionFirst are the first of those words.
var correctionFirst = func() map[string]bool {
	m := map[string]bool{}
	for _, phrase := range correctionWords {
		m[phrase[0]] = true
	}
	return m
}()

// correctionFillers may stand among them.
var correctionFillers = map[string]bool{"no": true, "non": true, "rather": true, "plutot": true, "better": true, "me": true, "moi": true, "my": true, "mistake": true, "it's": true, "c'": true, "est": true, "enfin": true, "que": true,
	"bad": true, "should": true, "be": true, "of": true, "well": true}

// correctionAt returns the token after the words that take something back from i; i when there are none. A bare "no" does so only
// between commas: "4 cores, no, 6 cores".
func (p *parser) correctionAt(i int) int {
	strong, j := false, i
	for range lookAhead {
		switch n := p.correctionWord(j); {
		case n > 0:
			strong, j = true, j+n
		case p.toksAt(j, tokWord) && correctionFillers[p.toks[j].fold] && (strong || p.toks[j].fold == "no" || p.toks[j].fold == "non" || p.toks[j].fold == "enfin"):
			if p.mark(j+1, ",") && p.mark(i-1, ",") && (p.toks[j].fold == "no" || p.toks[j].fold == "non") {
				strong = true
			}
			j++
		case j > i && (p.mark(j, ",:-…") || p.mark(j, ".") && p.mark(j-1, ".")):
			j++
		case strong:
			return j
		default:
			return i
		}
	}
	return i
}

// correctionWord returns how many words at i mean a correction.
func (p *parser) correctionWord(i int) int {
	if !p.toksAt(i, tokWord) {
		return 0
	}
	if corrections[p.toks[i].fold] {
		return 1
	}
	if !correctionFirst[p.toks[i].fold] {
		return 0
	}
	for _, phrase := range correctionWords {
		n := 0
		for n < len(phrase) && p.toksAt(i+n, tokWord) && p.toks[i+n].fold == phrase[n] {
			n++
		}
		if n == len(phrase) {
			return n
		}
	}
	return 0
}

// correctionPhrase reads the value that takes the place of the one just given: "on pmox01, no sorry, pmox02", "4 cores, no, make that 6",
// "2 Go, pardon, je voulais dire 4 Go". A bare number is of the field that is corrected.
func (p *parser) correctionPhrase() bool {
	j := p.correctionAt(p.i)
	if j == p.i || j >= len(p.toks) {
		return false
	}
	last := p.lastValue()
	if last < 0 {
		return false
	}
	old := p.out.items[last]
	if n, next, ok := p.integer(p.link(j)); ok && n > 0 && !p.measured(p.link(j)) && old.n > 0 && countable[old.kind] && !p.is(next, clOn, clTemplate) {
		it := old
		it.start, it.end = p.toks[p.i].start, p.toks[next-1].end
		if it.n = n; old.kind == itMemory || old.kind == itSize || old.kind == itDisk {
			it.n = n * unitOf(old.n)
		}
		p.out.items[last] = it
		p.i = next
		return true
	}
	if n, next, ok := p.integer(j); ok && n > 0 && !p.measured(j) && p.correctSource(&p.out.items[last], n, j, next) {
		return true
	}
	if n, next, ok := p.integer(j); ok && n > 0 && p.is(next, clMachine) && p.correctCount(n) { // "make that two VMs"
		p.i = p.take(next, clMachine)
		return true
	}
	if old.kind == itNames && len(old.list) == 1 && p.free(j) && p.things(j) == 0 {
		if list, next := p.nameList(j, true); len(list) == 1 {
			it := old
			it.list, it.start, it.end = list, p.toks[j].start, p.toks[next-1].end
			p.out.items[last] = it
			p.i = next
			return true
		}
	}
	from, before, fillers, known := p.i, len(p.out.items), p.fillerFrom, len(p.out.known)
	p.i = p.takeAll(j, clThe, clFiller, clLink)
	if p.i >= len(p.toks) || !p.readNode() && !p.readValue() || len(p.out.items) == before {
		p.i, p.fillerFrom, p.out.items, p.out.known = from, fillers, p.out.items[:before], p.out.known[:known]
		return false
	}
	it := p.out.items[before]
	for k := before - 1; k >= max(0, before-lookBack) && !p.bounds(k); k-- {
		if !sameField(p.out.items[k], it) {
			continue
		}
		if it.kind == itSize {
			it.kind = p.out.items[k].kind
		}
		p.out.items[k] = it
		p.out.items = append(p.out.items[:before], p.out.items[before+1:]...)
		return true
	}
	p.i, p.fillerFrom, p.out.items, p.out.known = from, fillers, p.out.items[:before], p.out.known[:known]
	return false
}

// correctSource takes the number at j for the template corrected, or for the count of the machines when nothing else that was said just now
// is a number: "from template 101, sorry, 100", "three VMs named k, no, four".
func (p *parser) correctSource(old *item, n, j, next int) bool {
	if old.kind == itSource && old.source.Kind == SourceTemplate && old.source.VMID > 0 && n >= 100 {
		old.source.VMID, old.source.Name = n, ""
		old.start, old.end = p.toks[j].start, p.toks[next-1].end
		p.i = next
		return true
	}
	if n >= 100 || old.kind != itSource && old.kind != itNames && old.kind != itHead {
		return false
	}
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		switch it := &p.out.items[k]; {
		case it.kind == itHead && it.counted && it.n > 1:
			it.n, p.i = n, next
			return true
		case it.kind == itHead, countable[it.kind]:
			return false
		}
	}
	return false
}

// correctCount gives the machines just spoken of another number.
func (p *parser) correctCount(n int) bool {
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-lookBack); k-- {
		if it := &p.out.items[k]; it.kind == itHead {
			it.n, it.counted = n, true
			return true
		}
	}
	return false
}

// readNode reads the bare name of a node at hand.
func (p *parser) readNode() bool {
	if p.things(p.i)&aNode == 0 || p.things(p.i)&^aNode != 0 {
		return false
	}
	return p.emit(p.i+1, item{kind: itNodes, list: []string{p.toks[p.i].raw}})
}

// valuePhrases are the productions that read one value.
var valuePhrases = []func(*parser) bool{
	(*parser).sourcePhrase,
	(*parser).cpuTypePhrase,
	(*parser).placementPhrase,
	(*parser).diskPhrase,
	(*parser).memoryPhrase,
	(*parser).coresPhrase,
	(*parser).sizePhrase,
	(*parser).networkPhrase,
	(*parser).addressPhrase,
	(*parser).userPhrase,
	(*parser).poolPhrase,
	(*parser).idPhrase,
	(*parser).namePhrase,
}

// readValue reads one value at hand.
func (p *parser) readValue() bool {
	from, before := p.i, len(p.out.items)
	for _, try := range valuePhrases {
		if try(p) && len(p.out.items) > before {
			return true
		}
		p.i, p.out.items = from, p.out.items[:before]
	}
	return false
}

// countable are the kinds of item whose value is a number.
var countable = map[itemKind]bool{itCores: true, itSockets: true, itMemory: true, itSize: true, itDisk: true, itVLAN: true, itVMID: true, itCount: true, itHead: true}

// unitOf returns the unit in MiB in which a size was most likely given.
func unitOf(mib int) int {
	if mib%1024 == 0 {
		return 1024
	}
	return 1
}

// lastValue returns the item just read, -1 when what was read last is no value.
func (p *parser) lastValue() int {
	for k := len(p.out.items) - 1; k >= max(0, len(p.out.items)-3); k-- {
		switch it := p.out.items[k]; it.kind {
		case itComma, itAll:
		case itStop: // "on pmox01. Sorry, on pmox02."
			if p.text[it.start] == '\n' {
				return -1
			}
		case itUnknown, itSignal:
			return -1
		default:
			return k
		}
	}
	return -1
}

// bounds reports whether the item at k ends what a correction can be about.
func (p *parser) bounds(k int) bool {
	switch it := p.out.items[k]; it.kind {
	case itHead, itMember, itRow, itNth:
		return true
	case itStop:
		return it.start < len(p.text) && p.text[it.start] == '\n'
	}
	return false
}

// sameField reports whether a value takes the place of an older one. A size of which it is not said what it measures is of any kind.
func sameField(old, it item) bool {
	size := func(k itemKind) bool { return k == itMemory || k == itDisk || k == itSize }
	switch {
	case old.clear || it.clear:
		return false
	case old.kind == it.kind:
		return old.extra == it.extra
	case size(old.kind) && size(it.kind):
		return old.kind == itSize || it.kind == itSize
	}
	return false
}
