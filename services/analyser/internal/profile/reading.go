package profile

import (
	"slices"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A reading gathers the parts of an application from the intent and from the words, each part once.
type reading struct {
	speech
	parts []*spoken
	// nameless are workloads of which the intent says neither name nor image.
	nameless []*spoken
	outside  []sourced[string] // services that exist already
	load     load
	front    sourced[string] // exposure of whatever is in front
	turn     int             // of the conversation: a later one corrects those before it
	fronted  int             // turn in which front was said
	hosts    []sourced[string]
}

// A spoken part is a draft with how it was named.
type spoken struct {
	*draft
	noun      *noun
	given     string // path in the intent; empty: from words
	weak      bool   // dropped unless more is said of it
	ported    int    // turn in which its ports were said
	exposed   int    // turn in which its exposure was said; lastTurn: the intent says it
	tentative bool   // its role follows from a framework, and a noun may tell better
}

// lastTurn is later than any turn.
const lastTurn = 1 << 20

// An owner is the part that a mention named.
type owner struct {
	mention
	part *spoken
}

// own reports whether a part is a program that people wrote themselves.
func (p *spoken) own() bool {
	return p.product == nil && (ownRole(p.role.v) || p.role.v == "")
}

// about says where words of a text are heard.
func (r *reading) about(h *hearing, i, j int, origin string, confidence float64, key string, args ...any) provenance {
	return provenance{origin, confidence, clip(h.words(i, j), mostSource), r.say(key, args...)}
}

// listen takes what a text names. What a later turn does not want goes.
func (r *reading) listen(h *hearing) []owner {
	for _, no := range h.denials {
		r.parts = slices.DeleteFunc(r.parts, func(p *spoken) bool {
			return r.turn > 0 && p.given == "" && (no.product != nil && p.product == no.product || no.noun != nil && p.noun == no.noun)
		})
	}
	var owners []owner
	for i, m := range h.mentions {
		if m.elsewhere && r.isOutside(h, m) {
			continue
		}
		var found []*spoken
		switch {
		case m.product != nil:
			found = append(found, r.hearProduct(h, m, m.product, owners))
		case m.noun != nil:
			found = r.hearNoun(h, m, owners)
		default:
			var next *mention
			if i+1 < len(h.mentions) {
				next = &h.mentions[i+1]
			}
			found = append(found, r.hearLanguage(h, m, next, owners))
		}
		for _, p := range found {
			if p == nil {
				continue
			}
			if m.count > 0 && p.given == "" {
				from := r.about(h, m.counted, m.end, stated, sureSaid, "reason.said")
				p.replicas, p.most = sourced[int32]{m.count, from}, sourced[int32]{m.count, from}
				p.weak = false
			}
			owners = append(owners, owner{m, p})
		}
	}
	return owners
}

// isOutside keeps a service that exists already as something that is needed from elsewhere.
func (r *reading) isOutside(h *hearing, m mention) bool {
	var name string
	switch {
	case m.product != nil && !ownRole(m.product.role):
		name = m.product.name
	case m.noun != nil && dataRole(m.noun.role):
		name = m.noun.name
	default:
		return false
	}
	if !slices.ContainsFunc(r.outside, func(s sourced[string]) bool { return s.v == name }) {
		r.outside = append(r.outside, sourced[string]{name, r.about(h, m.at, m.end, stated, sureSaid, "reason.said")})
	}
	return true
}

// add makes a part.
func (r *reading) add(name, role string, from provenance) *spoken {
	p := &spoken{draft: &draft{name: sourced[string]{name, from}}}
	if role != "" {
		p.role = sourced[string]{role, from}
	}
	r.parts = append(r.parts, p)
	return p
}

// find returns the last part that fits.
func (r *reading) find(fits func(*spoken) bool) *spoken {
	for _, p := range slices.Backward(r.parts) {
		if fits(p) {
			return p
		}
	}
	return nil
}

// hearProduct takes a product: the part that has it, the part of its role that has none, or a new one.
func (r *reading) hearProduct(h *hearing, m mention, product *product, owners []owner) *spoken {
	from := r.about(h, m.at, m.end, stated, sureSaid, "reason.said")
	p := r.find(func(p *spoken) bool { return p.product == product })
	if p == nil && len(owners) > 0 { // "un proxy inverse nginx", "a message queue (Redis)": the word before says what it is for
		o := owners[len(owners)-1]
		if o.noun != nil && o.part.product == nil && o.part.lang == nil && m.at-o.end <= 1 && servesAs(product.role, o.part.role.v) && (o.end == m.at || joining[h.at(o.end)]) {
			p = o.part
			p.take(r, product, from)
		}
	}
	if p == nil {
		p = r.find(func(p *spoken) bool {
			return p.product == nil && (p.lang == nil || p.lang.name == "static") && p.role.v == product.role && (!p.image.known() || p.given == "")
		})
		if p != nil {
			p.take(r, product, from)
		}
	}
	if p == nil {
		p = r.add(product.name, "", from)
		p.take(r, product, from)
	}
	p.weak = false
	if m.version != "" && product.image != "" && p.given == "" && p.product == product {
		p.image = sourced[string]{product.image + ":" + m.version, r.about(h, m.at, m.end+1, heuristic, sureSaid, "reason.image", "technology", product.name)}
	}
	return p
}

// servesAs reports whether a product of a role is also used in another: a web server as a proxy, a cache as a queue.
func servesAs(role, as string) bool {
	front := func(r string) bool { return r == "web" || r == "proxy" || r == "cache" }
	return role == as || front(role) && front(as) || dataRole(role) && dataRole(as)
}

// take makes a part run a product.
func (p *spoken) take(r *reading, product *product, from provenance) {
	p.product = product
	p.technology = sourced[string]{product.name, from}
	if p.given == "" && (p.noun == nil || p.noun.role != "compute") { // a machine keeps the name of what it is
		p.name = sourced[string]{product.name, from}
	}
	why := from
	why.origin, why.confidence, why.reason = heuristic, sureGuessed, r.say("reason.role.product", "technology", product.name)
	p.role.assume(product.role, why)
	if product.image != "" && !p.guest {
		image := product.image
		if product.tag != "" {
			image += ":" + product.tag
		}
		p.image.assume(image, provenance{heuristic, sureUsual, from.source, r.say("reason.image", "technology", product.name)})
	}
}

// hearNoun takes a word for a part.
func (r *reading) hearNoun(h *hearing, m mention, owners []owner) []*spoken {
	n := m.noun
	from := r.about(h, m.at, m.end, heuristic, sureGuessed, "reason.words")
	if n.products != "" || n.nouns != "" {
		var out []*spoken
		for _, name := range splitWords(n.products) {
			out = append(out, r.hearProduct(h, m, productsByName()[name], nil))
		}
		for _, name := range splitWords(n.nouns) {
			alone := m
			alone.noun = nounNamed(name)
			out = append(out, r.hearNoun(h, alone, owners)...)
		}
		return out
	}
	if p := r.sameAs(h, m, owners); p != nil {
		p.noun = n
		if p.given == "" && p.product == nil && n.role != "" {
			p.name = sourced[string]{n.name, from}
		}
		if n.role != "" {
			p.role.assume(n.role, from)
			if p.product != nil && p.given == "" && p.role.v != n.role && p.role.v == p.product.role && servesAs(p.role.v, n.role) {
				p.role = sourced[string]{n.role, from}
			}
			if p.tentative {
				p.role, p.tentative = sourced[string]{n.role, from}, false
			}
		}
		if !n.weak {
			p.weak = false
		}
		return []*spoken{p}
	}
	p := r.add(n.name, n.role, from)
	p.noun, p.weak = n, n.weak
	if n.language != "" {
		p.lang = languageNamed(n.language)
		p.technology = sourced[string]{n.language, from}
	}
	if n.product != "" {
		p.product = productsByName()[n.product]
		p.technology = sourced[string]{n.product, from}
	}
	if n.gpus > 0 {
		p.gpus = sourced[int32]{n.gpus, from}
	}
	return []*spoken{p}
}

// sameAs finds the part that a noun speaks of again, or says more precisely.
func (r *reading) sameAs(h *hearing, m mention, owners []owner) *spoken {
	n := m.noun
	var last *spoken
	if len(owners) > 0 && owners[len(owners)-1].end == m.at && !h.toks[m.at].broken {
		last = owners[len(owners)-1].part
	}
	if n.role == "" { // "app": whatever program was spoken of last
		if last != nil && last.own() {
			return last
		}
		if indefinite[h.at(m.at-1)] {
			return nil
		}
		return r.find(func(p *spoken) bool {
			return (p.own() || p.given != "" && ownRole(p.role.v)) && p.role.v != "worker" && p.role.v != "job"
		})
	}
	if n.language == "static" { // "Caddy for a static site"
		if p := r.find(func(p *spoken) bool {
			return p.product != nil && passesOn[p.product.name] && p.role.v == "web" && p.lang == nil
		}); p != nil {
			return p
		}
	}
	// "Postgres database", "nginx web server": the noun behind a product says what it is. "WordPress site" likewise.
	if last != nil && last.product != nil && servesAs(last.product.role, n.role) {
		return last
	}
	if last != nil && (last.role.v == n.role || last.product != nil && ownRole(last.product.role) && ownRole(n.role) && n.language == "") {
		return last
	}
	// A language that stands before its program waits for it.
	if last != nil && last.own() && last.noun == nil && ownRole(n.role) {
		return last
	}
	if n.product == "k3s" || n.name == "worker" {
		if p := r.find(func(p *spoken) bool { return p.product != nil && p.product.name == "k3s" && p.given != "" }); p != nil {
			return p
		}
	}
	return r.find(func(p *spoken) bool {
		if p.noun != nil && p.noun.name == n.name {
			return true
		}
		return p.role.v == n.role && (p.given != "" || !ownRole(n.role))
	})
}

// hearLanguage takes what a program is written in: of the program before it, else of the one behind, else of one of its own.
func (r *reading) hearLanguage(h *hearing, m mention, next *mention, owners []owner) *spoken {
	role, language := "", m.language
	if m.framework != nil {
		role, language = m.framework.role, languageNamed(m.framework.language)
	}
	from := r.about(h, m.at, m.end, stated, sureSaid, "reason.said")
	apply := func(p *spoken) *spoken {
		if p.lang == nil {
			p.lang = language
			p.technology = sourced[string]{language.name, from}
		}
		if role != "" && (!p.role.known() || p.noun != nil && p.noun.role == "") {
			p.role = sourced[string]{role, r.about(h, m.at, m.end, heuristic, sureGuessed, "reason.role.framework", "framework", m.framework.name)}
		}
		if m.framework != nil || !p.weak || p.noun == nil || p.noun.role == "" || p.noun.name == "job" {
			p.weak = false
		}
		return p
	}
	fits := func(p *spoken) bool {
		return p.own() && (p.lang == nil || p.lang == language) && (role == "" || role != "worker" || p.role.v == "worker" || p.role.v == "")
	}
	if len(owners) > 0 {
		o := owners[len(owners)-1]
		joined := m.at > 0 && joining[h.toks[m.at-1].text] && m.at-o.end <= 3
		adjacent := o.end == m.at && !h.toks[m.at].broken
		if fits(o.part) && (joined || adjacent) {
			return apply(o.part)
		}
	}
	if next != nil && next.noun != nil && (ownRole(next.noun.role) || next.noun.role == "") && h.clear(m.end, next.at) {
		p := r.add("app", "", from)
		if role != "" {
			p.role, p.tentative = sourced[string]{role, r.about(h, m.at, m.end, heuristic, sureGuessed, "reason.role.framework", "framework", m.framework.name)}, true
		}
		if again := r.find(func(o *spoken) bool {
			return o != p && o.noun != nil && o.noun.name == next.noun.name && o.product == nil && (o.lang == nil || o.lang == language)
		}); again != nil {
			r.parts = r.parts[:len(r.parts)-1]
			return apply(again)
		}
		return apply(p)
	}
	if p := r.find(fits); p != nil {
		return apply(p)
	}
	if p := r.find(func(p *spoken) bool { return p.own() && p.lang == language && role == "" }); p != nil {
		return p
	}
	name := "app"
	if role != "" {
		name = role
	}
	return apply(r.add(name, "", from))
}

// clear reports whether only words without weight stand between two tokens.
func (h *hearing) clear(i, j int) bool {
	for k := i; k < j; k++ {
		if h.toks[k].broken || !between[h.toks[k].text] {
			return false
		}
	}
	return j < len(h.toks) && !h.toks[j].broken
}

// texts are the words of a request: its turns, else its goal and what was not understood of it.
func texts(p *provisov1.ContextPayload) []string {
	var out []string
	left := mostText
	add := func(text string) {
		text = clip(text, left)
		left -= len(text)
		if text != "" {
			out = append(out, text)
		}
	}
	for _, t := range p.GetTranscript() {
		add(t.GetText())
	}
	if len(out) == 0 {
		add(p.GetIntent().GetGoal())
		for _, words := range p.GetIntent().GetNotUnderstood() {
			add(words)
		}
	}
	return out
}
