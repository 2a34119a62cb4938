package profile

import "slices"

// hearPort reads "port 3000", "on ports 80 and 443", "listens on 8080", "écoute sur 8080".
func (r *reading) hearPort(h *hearing, owners []owner, i int) int {
	k := i
	switch h.at(i) {
	case "port", "ports":
		k++
		if h.is(k, "number", "numero", "tcp", "is", "est") {
			k++
		}
	case "listens", "listening", "listen", "ecoute", "ecoutant", "ecoutent", "serves", "serving":
		k++
		for h.is(k, "on", "sur", "le", "at", "port", "ports") {
			k++
		}
		if k == i+1 {
			return 0
		}
	default:
		return 0
	}
	if h.is(i-1, "ssh", "usb", "serial", "serie", "forward") {
		return 0
	}
	start := k
	for digits(h.at(k)) {
		n, _ := h.toks[k].number()
		if n < 1 || n > 65535 || units[h.at(k+1)] {
			break
		}
		r.addPort(h, owners, i, k, n)
		k++
		if h.is(k, "and", "et", "or") && k+1 < len(h.toks) && digits(h.toks[k+1].text) {
			k++
		}
	}
	if k == start {
		return 0
	}
	return k - i
}

// addPort gives a port to the part whose product listens there, else to the part named before it, where a database that has a port of
// its own goes behind the program that uses it.
func (r *reading) addPort(h *hearing, owners []owner, i, k int, number int32) {
	from := r.about(h, i, k+1, stated, sureSaid, "reason.said")
	usual := func(p *spoken) bool { return p.product != nil && p.product.usesPort(number) }
	p := before(owners, i, usual)
	if last := before(owners, i, anything); p == nil && last != nil {
		p = last
		if last.product != nil && !last.own() && !usual(last) {
			if program := before(owners, i, isProgram); program != nil {
				p = program
			}
		}
	}
	if p == nil {
		p = r.nearest(owners, i, isProgram)
	}
	if p == nil {
		p = r.nearest(owners, i, anything)
	}
	if p == nil || p.given != "" && len(p.ports) > 0 && p.ports[0].origin == stated || p.listens(number) {
		return
	}
	if len(p.ports) > 0 && p.given != "" {
		p.ports = nil
	}
	if p.given == "" && p.ported < r.turn {
		p.ports = nil
	}
	p.ported = r.turn
	p.ports = append(p.ports, sourced[port]{port{number: number, protocol: "tcp"}, from})
	p.weak = false
}

// notOfApplication are the words before host names that say they are something else's.
var notOfApplication = set("search recherche registry registre mirror miroir smtp relay relais repository depot repo dns ntp proxy gateway passerelle image images node noeud")

// hearHost takes the name of a host for one at which the application is reached.
func (r *reading) hearHost(h *hearing, owners []owner, i int) int {
	if !h.toks[i].host {
		return 0
	}
	if w := h.at(i - 1); w == "from" || w == "depuis" {
		return 1
	}
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		if notOfApplication[h.toks[k].text] {
			return 1
		}
	}
	host := h.toks[i].text
	if !slices.ContainsFunc(r.hosts, func(s sourced[string]) bool { return s.v == host }) {
		r.hosts = append(r.hosts, sourced[string]{host, r.about(h, i, i+1, stated, sureSaid, "reason.said")})
	}
	how := "public"
	if localHost(host) {
		how = "network"
	}
	r.front.assume(how, r.about(h, i, i+1, heuristic, sureGuessed, "reason.exposure.host"))
	return 1
}
