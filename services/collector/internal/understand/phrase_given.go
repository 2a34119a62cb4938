package understand

import "strings"

// settleGiven takes the words that stand where a name is expected as they are written: "a VM named pluto" is called so, and "pluto" is no
// slip of the pen for "plutôt". Words that hold a sentence together are still corrected when something follows them.
func (p *parser) settleGiven() {
	for i := 0; i < len(p.toks); i++ {
		if !p.is(i, clNamed, clName) {
			continue
		}
		strong := p.is(i, clNamed)
		j := p.take(i, clNamed, clName)
		for range 2 {
			for p.mark(j, ":=") {
				j++
			}
			j = p.take(j, clNamed, clName)
		}
		for steps := 0; steps < lookAhead && p.toksAt(j, tokWord); steps++ {
			sure := strong && steps == 0 && !p.is(j, clFiller, clLink, clWith, clFrom, clOn, clIn, clFor)
			if p.corrected(j) && (sure || p.listEnd(j+1)) {
				p.read[j] = reading{}
			}
			k := j + 1
			for p.mark(k, ",") || p.is(k, clAnd) {
				k = max(k+1, p.take(k, clAnd))
			}
			if k == j+1 {
				break
			}
			j = k
		}
		i = max(i, j-1)
	}
}

// corrected reports whether the word at i has its reading only because a typo was corrected.
func (p *parser) corrected(i int) bool {
	if p.class(i) == clNone {
		return false
	}
	for part := range strings.FieldsFuncSeq(p.toks[i].fold, func(r rune) bool { return r == '-' }) {
		if !words().words[part] {
			return true
		}
	}
	return false
}
