package understand

// enough are the words by which a lower figure is said to do.
var enough = [][]string{{"are", "enough"}, {"is", "enough"}, {"would", "be", "enough"}, {"will", "be", "enough"}, {"are", "plenty"}, {"is", "plenty"}, {"will", "do"}, {"would", "do"}, {"suffice"}, {"suffices"}, {"will", "suffice"},
	{"suffisent"}, {"suffit"}, {"suffiront"}, {"suffira"}, {"suffiraient"}, {"suffirait"}, {"should", "be", "enough"}, {"sont", "suffisantes"}, {"sont", "suffisants"}}

// enoughAt returns the token after such words at i; i when none stand there.
func (p *parser) enoughAt(i int) int {
	from := i
	if p.toksAt(i, tokWord) && (p.toks[i].fold == "me" || p.toks[i].fold == "nous" || p.toks[i].fold == "m'") {
		i++
	}
	for _, phrase := range enough {
		n := 0
		for n < len(phrase) && p.toksAt(i+n, tokWord) && p.toks[i+n].fold == phrase[n] {
			n++
		}
		if n == len(phrase) {
			return i + n
		}
	}
	return from
}

// enoughPhrase reads what is enough when it is said of an earlier request: "two are enough", "deux suffisent", "half the memory is enough".
func (p *parser) enoughPhrase() bool {
	if !p.reply {
		return false
	}
	if it, next := p.fraction(p.i); next > p.i {
		return p.emit(p.enoughAt(next), it)
	}
	n, next, ok := p.integer(p.i)
	if !ok || n < 1 || p.sizeAt(p.i) {
		return false
	}
	next = p.take(next, clMachine)
	if after := p.enoughAt(next); after > next {
		return p.emit(after, item{kind: itCount, n: n})
	}
	return false
}

// fractions are parts and multiples of a value, in percent.
var fractions = map[string]int{"half": 50, "moitie": 50, "twice": 200, "double": 200, "triple": 300, "quarter": 25, "quart": 25, "thrice": 300}

// fraction reads "half the memory", "la moitié des cœurs", "twice the RAM", "le double de mémoire".
func (p *parser) fraction(i int) (item, int) {
	j := p.takeAll(i, clThe, clOne)
	if !p.toksAt(j, tokWord) || fractions[p.toks[j].fold] == 0 {
		return item{}, i
	}
	it := item{kind: itFraction, n: fractions[p.toks[j].fold]}
	j = p.takeAll(j+1, clLink, clThe, clSome, clAs)
	switch {
	case p.is(j, clMemory):
		it.s = fieldMemory
	case p.is(j, clCores):
		it.s = fieldCores
	case p.is(j, clDisk):
		it.s = fieldDisk
	default:
		return item{}, i
	}
	return it, j + p.read[j].n
}

// part is a value said as a part or multiple of what it was, in percent.
type part struct {
	percent int
	it      item
}

// scaled gives a correction the values that it states as a part of those of the group it corrects. A value that nobody gave stays open: of
// what Proviso would choose by itself, nobody knows the half.
func scaled(g, from *Group) {
	for _, p := range from.parts {
		set := func(to *Value[int], of Value[int], least int) {
			if of.V > 0 {
				*to = Value[int]{V: max(least, of.V*p.percent/100), Origin: Corrected, Text: p.it.s}
			}
		}
		switch p.it.role {
		case fieldMemory:
			set(&from.MemoryMiB, g.MemoryMiB, 1)
		case fieldCores:
			set(&from.Cores, g.Cores, 1)
		case fieldDisk:
			if len(g.Disks) > 0 && g.Disks[0].MiB.V > 0 {
				d := Disk{}
				set(&d.MiB, g.Disks[0].MiB, 1024)
				from.Disks = append([]Disk{d}, from.Disks...)
			}
		}
	}
	from.parts = nil
}

// applyPart keeps what a correction says as a part of an earlier value.
func (a *assembler) applyPart(g *Group, it item) {
	g.parts = append(g.parts, part{percent: it.n, it: item{s: clip(a.text[it.start:it.end], 500), role: it.s}})
}
