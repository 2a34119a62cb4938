package understand

// The words of high availability in prose: what happens to a machine when its node is lost.
var (
	resumes = map[string]bool{"restart": true, "restarts": true, "restarted": true, "restarting": true, "relaunch": true, "relaunched": true, "relaunches": true, "recovered": true, "recovers": true, "recover": true,
		"moves": true, "move": true, "moved": true, "fail": true, "fails": true, "failover": true, "resumes": true, "resume": true, "comes": true, "come": true, "brought": true, "started": true, "starts": true, "start": true, "rebooted": true, "switches": true, "respawned": true,
		"redemarre": true, "redemarrer": true, "redemarree": true, "redemarrees": true, "redemarrent": true, "redemarrera": true, "redemarrage": true, "relance": true, "relancee": true, "relancees": true, "relancer": true, "relances": true, "relancent": true, "reprend": true,
		"reprise": true, "reprises": true, "bascule": true, "basculer": true, "basculee": true, "basculees": true, "basculent": true, "basculera": true, "repart": true, "repartir": true, "repartent": true, "reparte": true, "migre": true, "demarre": true, "demarree": true, "demarrer": true, "remontee": true, "remonte": true}
	survives = map[string]bool{"survive": true, "survives": true, "surviving": true, "withstand": true, "withstands": true, "tolerate": true, "tolerates": true, "tolerating": true, "resist": true, "resists": true, "outlive": true, "outlives": true, "cope": true, "copes": true, "handle": true, "available": true,
		"survivre": true, "survit": true, "survivent": true, "survivra": true, "survivant": true, "survivront": true, "resister": true, "resiste": true, "resistent": true, "resistante": true, "resistant": true, "resistera": true, "tolerer": true, "tolere": true, "tolerent": true, "encaisser": true, "encaisse": true, "supporter": true, "supporte": true, "supportent": true, "disponible": true, "disponibles": true}
	failures = map[string]bool{"failure": true, "failures": true, "fail": true, "fails": true, "failed": true, "failing": true, "fallen": true, "outage": true, "outages": true, "crash": true, "crashes": true, "crashed": true, "loss": true, "lost": true, "down": true, "dies": true, "die": true, "death": true, "dead": true, "breaks": true, "breakdown": true, "unavailable": true, "unreachable": true, "offline": true, "goes": true,
		"panne": true, "pannes": true, "perte": true, "pertes": true, "defaillance": true, "defaillances": true, "defaillant": true, "chute": true, "arret": true, "tombe": true, "tomber": true, "tombait": true, "lache": true, "meurt": true, "plante": true, "indisponible": true, "indisponibilite": true, "perdu": true, "crashe": true, "defaut": true, "disparait": true}
	elsewheres = map[string]bool{"another": true, "autre": true, "other": true, "different": true, "elsewhere": true, "ailleurs": true, "remaining": true, "surviving": true, "healthy": true, "sain": true, "restant": true, "second": true}
	condition  = map[string]bool{"when": true, "if": true, "should": true, "whenever": true, "once": true, "si": true, "quand": true, "lorsque": true, "lorsqu'": true, "cas": true, "s'": true, "des": true, "upon": true, "case": true}
)

// prose bounds how far apart the words of such a sentence stand.
const prose = 9

// haProse reads "restarted on another node when its node fails", "qui redémarre sur un autre nœud si le sien tombe en panne", "must
// survive the loss of a node".
func (p *parser) haProse() bool {
	i := p.i
	not := p.takeAll(i, clNot)
	j := p.takeAll(not, clFiller, clLink, clThe, clThey, clAuto, clTo)
	if !p.toksAt(j, tokWord) || not == i && j > i+4 {
		return false
	}
	verb := p.toks[j].fold
	end := 0
	switch {
	case resumes[verb]:
		end = p.elsewhere(j + 1)
		if end == 0 {
			return false
		}
		if tail := p.whenLost(end); tail > end {
			end = tail
		} else if verb == "starts" || verb == "start" || verb == "started" || verb == "demarre" || verb == "demarrer" || verb == "demarree" || verb == "move" || verb == "migre" || verb == "moved" || verb == "moves" {
			return false // a place to start, and nothing of a failure
		}
	case survives[verb]:
		end = p.lossOf(j + 1)
	case condition[verb] && not == i: // "if its node fails it restarts elsewhere"
		lost := p.whenLost(j)
		if lost == j {
			return false
		}
		for k := lost; k < min(len(p.toks), lost+prose) && p.toks[k].kind != tokBreak && !p.mark(k, ".;!?"); k++ {
			if p.toks[k].kind == tokWord && resumes[p.toks[k].fold] {
				end = p.elsewhere(k + 1)
				break
			}
		}
	}
	if end == 0 {
		return false
	}
	return p.emit(end, item{kind: itHA, on: not == i})
}

// elsewhere returns the token behind "on another node", "ailleurs", which stands near i; 0 when it does not.
func (p *parser) elsewhere(i int) int {
	for k := i; k < min(len(p.toks), i+prose); k++ {
		if p.toks[k].kind != tokWord {
			return 0
		}
		if p.is(k, clQuality) && p.read[k].n > 1 { // "on another node" is one phrase
			return k + p.read[k].n
		}
		if !elsewheres[p.toks[k].fold] {
			continue
		}
		next := k + 1
		for n := next; n < min(len(p.toks), k+3); n++ {
			if p.nodeWord(n) {
				return n + 1
			}
		}
		if f := p.toks[k].fold; f == "elsewhere" || f == "ailleurs" {
			return next
		}
		return 0
	}
	return 0
}

// nodeWord reports whether the word at i means a node.
func (p *parser) nodeWord(i int) bool {
	if !p.toksAt(i, tokWord) {
		return false
	}
	switch p.toks[i].fold {
	case "node", "nodes", "host", "hosts", "noeud", "noeuds", "hote", "hotes", "hypervisor", "hypervisors", "hyperviseur", "hyperviseurs":
		return true
	}
	return false
}

// whenLost passes "when its node fails", "si le sien tombe en panne", "en cas de panne" at i; i when none stands there.
func (p *parser) whenLost(i int) int {
	j := i
	if p.mark(j, ",") {
		j++
	}
	if p.toksAt(j, tokWord) && (p.toks[j].fold == "en" || p.toks[j].fold == "in" || p.toks[j].fold == "des") {
		j++
	}
	if !p.toksAt(j, tokWord) || !condition[p.toks[j].fold] {
		return i
	}
	end := i
	for k := j + 1; k < min(len(p.toks), j+prose) && p.toksAt(k, tokWord); k++ {
		switch {
		case failures[p.toks[k].fold]:
			end = k + 1
		case end > i && p.nodeWord(k):
			return k + 1 // "en cas de panne du nœud"
		case end > i && !p.is(k, clLink, clThe, clFiller, clIn, clOne) && p.toks[k].fold != "en" && p.toks[k].fold != "its" && p.toks[k].fold != "son":
			return end
		}
	}
	return end
}

// lossOf returns the token behind the loss of a node that is spoken of near i; 0 when none is.
func (p *parser) lossOf(i int) int {
	lost, node, end := false, false, 0
	for k := i; k < min(len(p.toks), i+prose) && p.toksAt(k, tokWord); k++ {
		if failures[p.toks[k].fold] {
			lost, end = true, k+1
		}
		if p.nodeWord(k) {
			node, end = true, k+1
		}
		if lost && node {
			return end
		}
	}
	return 0
}
