package understand

// preposition reports whether the "to" at unit, behind the number at i, is the English word and not the French unit: after what an id belongs
// to, and before anything that does not go on from a size.
func (p *parser) preposition(i, unit int) bool {
	u := p.toks[unit]
	if u.raw != "to" || u.glued {
		return false
	}
	if p.is(i-1, clTemplate, clID, clFrom, clClone) || p.is(i-1, clMachine) {
		return true
	}
	next := unit + 1
	return next < len(p.toks) && p.toks[next].kind != tokBreak && p.toks[next].kind != tokMark && !p.is(next, clLink, clDisk, clStorage, clMemory, clOn, clIn, clAnd, clOr, clWith, clFor, clAll, clExtra, clSwap)
}
