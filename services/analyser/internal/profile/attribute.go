package profile

import (
	"slices"
	"strings"

	"proviso.dev/pkg/i18n"
)

// attend takes what a text says of the parts that it names: ports, numbers, exposure, sizes, load and schedules.
func (r *reading) attend(h *hearing, owners []owner) {
	for i := 0; i < len(h.toks); {
		n := 0
		for _, hear := range []func(*hearing, []owner, int) int{r.hearPort, r.hearHost, r.hearBounds, r.hearReplicas, r.hearExposure, r.hearLoad, r.hearAmount, r.hearSchedule} {
			if n = hear(h, owners, i); n > 0 {
				break
			}
		}
		i += max(n, 1)
	}
}

// before returns the part that was named last before a token.
func before(owners []owner, i int, fits func(*spoken) bool) *spoken {
	for _, o := range slices.Backward(owners) {
		if o.end <= i && fits(o.part) {
			return o.part
		}
	}
	return nil
}

// after returns the part that is named first from a token on.
func after(owners []owner, i int, fits func(*spoken) bool) *spoken {
	for _, o := range owners {
		if o.at >= i && fits(o.part) {
			return o.part
		}
	}
	return nil
}

// nearest is the part before a token, else behind it, else the last of all.
func (r *reading) nearest(owners []owner, i int, fits func(*spoken) bool) *spoken {
	if p := before(owners, i, fits); p != nil {
		return p
	}
	if p := after(owners, i, fits); p != nil {
		return p
	}
	return r.find(fits)
}

// anything fits every part.
func anything(*spoken) bool { return true }

// isProgram reports whether a part is a program, whoever wrote it, rather than what keeps its data.
func isProgram(p *spoken) bool { return p.own() || p.given != "" && ownRole(p.role.v) }

// is reports whether a token is one of some words.
func (h *hearing) is(i int, words ...string) bool { return slices.Contains(words, h.at(i)) }

// at is a token's text, empty beyond the ends.
func (h *hearing) at(i int) string {
	if i < 0 || i >= len(h.toks) {
		return ""
	}
	return h.toks[i].text
}

// numberAt reads a number; words for numbers count.
func (h *hearing) numberAt(i int) (int32, bool) {
	if i < 0 || i >= len(h.toks) {
		return 0, false
	}
	return h.toks[i].number()
}

// instances are words for one of several equal ones.
var instances = set("replica replicas replique repliques replicat replicats instance instances pod pods copy copies copie copies exemplaire exemplaires")

// scaling are words that tell that a number is one of instances.
var scaling = set("scale scales scaling autoscale autoscales autoscaling autoscaler hpa scalable montee echelle elastique elastic dimensionnement autodimensionnement replica replicas instances instance pods repliques min minimum max maximum varier varie evoluer")

// near reports whether one of the words stands within some tokens of another.
func (h *hearing) near(i, reach int, words map[string]bool) bool {
	for k := max(0, i-reach); k < min(len(h.toks), i+reach); k++ {
		if words[h.toks[k].text] {
			return true
		}
	}
	return false
}

// hearBounds reads "between 2 and 6", "from 2 to 6 replicas", "de 2 à 6 instances", "2-6 pods", "min 2 max 6", "up to 6".
func (r *reading) hearBounds(h *hearing, owners []owner, i int) int {
	low, high, end := int32(0), int32(0), 0
	two := func(a, b int) bool {
		x, ok := h.numberAt(a)
		y, ok2 := h.numberAt(b)
		if !ok || !ok2 || x < 0 || y < x || y > 1000 {
			return false
		}
		low, high, end = x, y, b+1
		return true
	}
	switch w := h.at(i); {
	case (w == "between" || w == "entre") && h.is(i+2, "and", "et") && two(i+1, i+3):
	case (w == "from" || w == "de") && h.is(i+2, "to", "a") && two(i+1, i+3):
	case h.is(i+1, "-", "to", "a") && two(i, i+2) && instances[h.at(i+3)]:
	case (w == "min" || w == "minimum" || w == "least" || w == "moins"):
		a := i + 1
		if h.is(a, "de", "of") {
			a++
		}
		for b := a + 1; b < a+8 && b < len(h.toks); b++ {
			if m := h.at(b); m == "max" || m == "maximum" || m == "most" || m == "plus" {
				if two(a, b+1) || h.at(b+1) == "de" && two(a, b+2) {
					break
				}
			}
		}
	case (w == "up" && h.at(i+1) == "to" || w == "jusqu" || w == "jusqua") && h.near(i, 8, scaling):
		k := i + 1
		if h.is(k, "to", "a") {
			k++
		}
		if n, ok := h.numberAt(k); ok && n >= 1 && n <= 1000 && !amounts[h.at(k+1)] {
			low, high, end = 0, n, k+1
		}
	}
	if end == 0 || amounts[h.at(end)] || !instances[h.at(end)] && !h.near(i, 12, scaling) {
		return 0
	}
	if instances[h.at(end)] {
		end++
	}
	p := r.scaled(owners, i, end)
	if p == nil {
		return end - i
	}
	from := r.about(h, i, end, stated, sureSaid, "reason.said")
	if threshold := h.threshold(); threshold > 0 {
		from.reason = r.say("reason.threshold", "percent", threshold)
	}
	// A number of the intent that is one of the bounds came from the same words.
	same := p.given != "" && !p.most.known() && (p.replicas.v == low || p.replicas.v == high)
	if p.given == "" || p.replicas.origin != stated || same {
		if low > 0 || !p.replicas.known() {
			p.replicas = sourced[int32]{max(low, 1), from}
		}
	}
	if p.given == "" || p.most.origin != stated || p.most.v <= p.replicas.v {
		p.most = sourced[int32]{max(high, p.replicas.v), from}
	}
	p.weak = false
	return end - i
}

// amounts are units of what is no instance.
var amounts = set("gb go gib mb mo mib tb to tib core cores coeur coeurs vcpu vcpus % percent pourcent users utilisateurs rps")

// scaled is the part that a number of instances belongs to: a program rather than what keeps its data.
func (r *reading) scaled(owners []owner, i, end int) *spoken {
	scales := func(p *spoken) bool { return !dataRole(p.role.v) && p.role.v != "job" }
	if p := r.nearest(owners, i, scales); p != nil {
		return p
	}
	return r.nearest(owners, end, anything)
}

// threshold reads "70 % CPU": the use above which there are more.
func (h *hearing) threshold() int32 {
	for i := range h.toks {
		n, ok := h.numberAt(i)
		if ok && n >= 1 && n <= 100 && h.is(i+1, "%", "percent", "pourcent") &&
			h.near(i, 6, set("cpu processeur charge load utilisation usage")) {
			return n
		}
	}
	return 0
}

// hearReplicas reads "3 replicas", "en 2 exemplaires", "with a replica".
func (r *reading) hearReplicas(h *hearing, owners []owner, i int) int {
	n, ok := h.numberAt(i)
	k := i + 1
	if !ok && h.is(i, "a", "an") {
		n, ok = 1, true
	}
	switch h.at(k) {
	case "read", "hot", "standby":
		k++
	}
	switch {
	case ok && n >= 0 && n <= 1000 && instances[h.at(k)]:
		k++
	case h.is(i, "replicated", "repliquee", "replique") && h.at(i-1) == "base":
		n, k = 2, i+1
	case h.is(i, "with", "avec") && h.is(i+1, "replica", "replique", "replication"):
		n, k = 2, i+2
	default:
		return 0
	}
	var p *spoken
	if of := h.at(k); of == "of" || of == "de" || of == "d" || of == "du" {
		p = after(owners, k, anything)
	}
	if p == nil {
		p = before(owners, i, anything)
		if p != nil && dataRole(p.role.v) && h.toks[i].broken {
			p = r.scaled(owners, i, k)
		}
	}
	if p == nil {
		p = r.scaled(owners, i, k)
	}
	// One replica of a database is a second instance beside the first.
	if p != nil && p.role.v == "database" && n == 1 {
		n = 2
	}
	if p == nil || p.given != "" && p.replicas.origin == stated || n == 1 && !digits(h.at(i)) { // "une instance de Keycloak" counts nothing
		return k - i
	}
	from := r.about(h, i, k, stated, sureSaid, "reason.said")
	p.replicas, p.most = sourced[int32]{n, from}, sourced[int32]{max(n, p.most.v), from}
	p.weak = false
	return k - i
}

// reaches are what is said of who reaches something.
var reaches = []struct {
	how   string
	words string
}{
	{"application", "cluster only|inside the cluster|within the cluster|only inside the cluster|cluster internal|not exposed|pas expose|pas exposee|non expose|non exposee|dans le cluster uniquement|uniquement dans le cluster|interne au cluster"},
	{"network", "on the lan|local network|reseau local|our network|reseau interne|internal network|internal|internally|interne|en interne|internes|private|prive|privee|lan|node port|nodeport|load balancer|loadbalancer|repartiteur de charge|repartiteur|company network|reseau de l entreprise|intranet"},
	{"public", "from the internet|on the internet|to the internet|internet|from outside|from the outside|depuis l exterieur|de l exterieur|publicly|publiquement|public|publique|publics|publiques|externally|world|ingress|monde entier|accessible to everyone|accessible a tous"},
}

// hearExposure reads who reaches a part: the one beside the word, else whatever is in front.
func (r *reading) hearExposure(h *hearing, owners []owner, i int) int {
	for _, row := range reaches {
		for words := range strings.SplitSeq(row.words, "|") {
			n := h.spells(i, words)
			if n == 0 {
				continue
			}
			how := row.how
			if strings.HasSuffix(words, "balancer") || strings.HasPrefix(words, "repartiteur") {
				if slices.ContainsFunc(owners, func(o owner) bool { return o.at <= i && o.end > i }) {
					return 0 // a part of its own
				}
			}
			if how == "public" {
				for k := max(0, i-4); k < i; k++ {
					if negating[h.toks[k].text] {
						how = "network"
					}
				}
				if next := h.at(i + n); next == "key" || next == "keys" || next == "ip" || next == "cloud" {
					return n
				}
			}
			origin, sure := stated, sureSaid
			from := r.about(h, i, i+n, origin, sure, "reason.said")
			if p := r.beside(owners, i, i+n); p != nil && (p.given == "" || p.exposure.origin != stated) {
				p.exposure, p.exposed = sourced[string]{how, from}, r.turn
			} else if !r.front.known() || r.front.origin == heuristic || r.fronted < r.turn {
				r.fronted = r.turn
				r.front = sourced[string]{how, from}
			}
			return n
		}
	}
	return 0
}

// beside is the part named right before or behind an adjective: behind it in French, and where data are concerned.
func (r *reading) beside(owners []owner, i, j int) *spoken {
	for _, o := range owners {
		if o.at == j || o.end == i && (r.lang == i18n.French || dataRole(o.part.role.v)) {
			return o.part
		}
	}
	return nil
}

// spells returns how many tokens some words have at i, 0 when they are not there.
func (h *hearing) spells(i int, words string) int {
	n := 0
	for w := range strings.SplitSeq(words, " ") {
		if h.at(i+n) != w {
			return 0
		}
		n++
	}
	return n
}

func splitWords(s string) []string { return strings.Fields(s) }
