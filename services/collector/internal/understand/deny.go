package understand

import "slices"

// deniable are the properties that a sentence may deny from afar: "it must not come up automatically", "HA isn't necessary".
var deniable = map[itemKind]bool{itHA: true, itBoot: true, itBackup: true, itAgent: true}

// settleDenied turns the properties around that the items from before on wish for and that their sentence denies. The phrase began at
// token from.
func (p *parser) settleDenied(from, before int) {
	k := slices.IndexFunc(p.out.items[before:], func(it item) bool { return deniable[it.kind] && it.on && !it.clear })
	if k < 0 {
		return
	}
	it := &p.out.items[before+k]
	if next := p.deniedBehind(p.i); next > p.i {
		it.on, it.end, p.i = false, p.toks[next-1].end, next
		return
	}
	if p.deniedAhead(from, before) {
		it.on = false
		if k := before - 1; k >= 0 && p.out.items[k].kind == itUnknown && denials[fold(p.text[p.out.items[k].start:p.out.items[k].end])] {
			p.out.items[k] = item{kind: itSignal, signal: clNot, start: p.out.items[k].start, end: p.out.items[k].end}
		}
	}
}

// reminderPhrase passes "don't forget", "n'oublie pas": what follows is wanted.
func (p *parser) reminderPhrase() bool {
	if i := p.take(p.i, clNot); i > p.i && p.toksAt(i, tokWord) && reminders[p.toks[i].fold] {
		return p.emit(i+1, item{kind: itSignal, signal: clNot})
	}
	if p.toks[p.i].kind == tokWord && reminders[p.toks[p.i].fold] && p.toksAt(p.i+1, tokWord) && p.toks[p.i+1].fold == "pas" {
		return p.emit(p.i+2, item{kind: itSignal, signal: clNot})
	}
	return false
}

// reminders are the verbs of such a sentence.
var reminders = map[string]bool{"forget": true, "omit": true, "miss": true, "oublie": true, "oublier": true, "oubliez": true, "omettre": true, "omets": true}

// deniedAhead reports whether a negation stands before token from in its clause, which nothing else has taken: "il ne faut pas qu'elle se
// lance automatiquement".
func (p *parser) deniedAhead(from, before int) bool {
	limit := 0
	for k := before - 1; k >= 0; k-- {
		if it := p.out.items[k]; it.kind != itSignal && it.kind != itUnknown {
			limit = it.end
			break
		}
	}
	start := from
	for start > 0 && from-start < lookAhead && p.toks[start-1].kind == tokWord && p.toks[start-1].start >= limit {
		start--
	}
	denied := false
	for k := start; k < from; k += max(1, p.read[k].n) {
		switch {
		case kept[p.toks[k].fold]:
			return false
		case p.is(k, clBut, clWith, clAnd), p.is(k, clUnsure):
			denied = false
		case p.is(k, clNot) && k+p.read[k].n <= from && !onlyWords[p.toks[min(k+p.read[k].n, len(p.toks)-1)].fold]:
			denied = true
		}
	}
	return denied
}

// kept are the verbs whose denial wishes for a thing: "don't forget HA". OnlyWords make of a negation that something else is wished for too.
var (
	kept      = map[string]bool{"forget": true, "oublie": true, "oublier": true, "oubliez": true, "miss": true, "omit": true, "hesite": true, "hesitez": true, "hesitate": true, "disable": true, "desactive": true, "desactiver": true, "desactivez": true, "remove": true, "enleve": true, "lose": true}
	onlyWords = map[string]bool{"only": true, "just": true, "seulement": true, "uniquement": true}
)

// Words by which a property is denied behind its noun.
var (
	needs   = map[string]bool{"necessary": true, "needed": true, "required": true, "wanted": true, "wished": true, "useful": true, "important": true, "necessaire": true, "necessaires": true, "utile": true, "utiles": true, "requis": true, "requise": true, "obligatoire": true, "souhaite": true, "souhaitee": true, "voulu": true, "voulue": true, "indispensable": true, "desired": true, "essential": true, "demande": true, "demandee": true, "prevue": true, "prevu": true, "worth": true, "peine": true, "mandatory": true}
	denials = map[string]bool{"not": true, "isn't": true, "isnt": true, "aren't": true, "arent": true, "pas": true, "never": true, "wasn't": true, "no": true, "plus": true}
	// needless deny by themselves.
	needless = map[string]bool{"unnecessary": true, "inutile": true, "inutiles": true, "superflu": true, "superflue": true, "superfluous": true, "unneeded": true, "unwanted": true, "pointless": true}
)

// deniedBehind returns the token after "isn't necessary", "n'est pas nécessaire" at i; i when it does not stand there.
func (p *parser) deniedBehind(i int) int {
	denied := false
	for k := i; k < min(len(p.toks), i+8) && p.toks[k].kind == tokWord; k++ {
		switch f := p.toks[k].fold; {
		case needless[f], denied && needs[f]:
			return k + 1
		case denials[f]:
			denied = true
		case p.is(k, clLink, clThe, clFiller, clNot, clThey), linkVerbs[f]:
		default:
			return i
		}
	}
	return i
}

// linkVerbs are forms of "to be" that the lexicon does not link by.
var linkVerbs = map[string]bool{"n'": true, "est": true, "is": true, "are": true, "sont": true, "really": true, "vraiment": true, "la": true, "absolutely": true, "strictly": true, "serait": true, "sera": true, "would": true, "be": true, "will": true, "for": true, "n": true}

// noLonger reports whether the clause before token i denies it: "should no longer start when its host boots", "ne doit plus démarrer quand
// son hôte démarre".
func (p *parser) noLonger(i int) bool {
	ne := false
	for k := max(0, i-lookAhead); k < i; k++ {
		f := p.toks[k].fold
		switch {
		case p.toks[k].kind != tokWord, kept[f]:
			ne = false
		case f == "ne", f == "n'":
			ne = true
		case ne && (f == "plus" || f == "pas" || f == "jamais"), f == "not", f == "never", f == "don't", f == "mustn't", f == "shouldn't", f == "doesn't", f == "longer" && k > 0 && p.toks[k-1].fold == "no":
			return true
		}
	}
	return false
}

// neitherPhrase reads "neither pmox01 nor pmox03", "ni sur pmox01 ni sur pmox03", "neither HA nor backups".
func (p *parser) neitherPhrase() bool {
	if f := p.toks[p.i].fold; f != "neither" && f != "ni" || p.toks[p.i].kind != tokWord {
		return false
	}
	i, n := p.i+1, 0
	var nodes []string
	var items []item
	for range lookAhead {
		j := p.takeAll(i, clOn, clIn, clThe, clLink, clOne, clWith, clFiller)
		if k := p.takeAll(p.take(j, clNode), clThe); p.things(k)&aNode != 0 {
			nodes, i = append(nodes, p.toks[k].raw), k+1
		} else if it, ok := unwanted(p.class(j)); ok {
			it.start, it.end = p.toks[p.i].start, p.toks[p.take(j, p.class(j))-1].end
			items, i = append(items, it), p.take(j, p.class(j))
		} else {
			break
		}
		n++
		next := i
		for p.mark(next, ",") {
			next++
		}
		if f := next; f < len(p.toks) && (p.toks[f].fold == "nor" || p.toks[f].fold == "ni" || p.toks[f].fold == "or" || p.toks[f].fold == "and") {
			i = next + 1
			continue
		}
		break
	}
	if n < 2 {
		return false
	}
	if len(nodes) > 0 {
		items = append(items, item{kind: itAvoid, list: nodes, start: p.toks[p.i].start, end: p.toks[i-1].end})
	}
	p.out.items = append(p.out.items, items...)
	p.i = i
	return true
}
