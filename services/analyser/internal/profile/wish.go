package profile

import (
	"slices"
	"strconv"
)

// wishes takes what the requester says of an application that a repository describes: how many run, who reaches it, under which
// names. What the requester says goes before what the repository says, and the difference is shown. The words add no component.
func (s speech) wishes(drafts []*draft, words []string) {
	if len(drafts) == 0 || len(words) == 0 {
		return
	}
	r := &reading{speech: s}
	shadows := map[*spoken]*draft{}
	for _, d := range drafts {
		if d.guest {
			continue
		}
		// A shadow has what tells it apart and nothing else: what it has in the end was said.
		p := &spoken{draft: &draft{name: d.name, role: d.role, product: d.product, lang: d.lang, dependencies: d.dependencies}}
		shadows[p] = d
		r.parts = append(r.parts, p)
	}
	// What is looked for without a name is found from the end: there stands what is in front.
	slices.SortStableFunc(r.parts, func(a, b *spoken) int {
		return slices.Index(inFront, b.role.v) - slices.Index(inFront, a.role.v)
	})
	for _, text := range words {
		h := hear(text, nil)
		r.attend(h, r.listen(h))
	}
	r.parts = slices.DeleteFunc(r.parts, func(p *spoken) bool { return shadows[p] == nil })
	if front := r.chief(); front != nil {
		if r.front.origin == stated && !front.exposure.known() {
			front.exposure = r.front
		}
		front.hosts = append(front.hosts, r.hosts...)
	}
	for _, p := range r.parts {
		s.prefer(shadows[p], p.draft)
	}
}

// prefer puts what was said before what was read.
func (s speech) prefer(d, wish *draft) {
	if wish.replicas.origin == stated {
		if d.replicas.known() && (d.replicas.v != wish.replicas.v || d.most.v != wish.most.v) {
			d.differ("replicas", "replicas", []string{attributed(boundsText(wish), wish.replicas.provenance), attributed(boundsText(d), d.replicas.provenance)})
		}
		d.replicas, d.most = wish.replicas, wish.most
	}
	if wish.exposure.origin == stated {
		if d.exposure.known() && d.exposure.v != wish.exposure.v {
			d.differ("exposure", "exposure", []string{attributed(wish.exposure.v, wish.exposure.provenance), attributed(d.exposure.v, d.exposure.provenance)})
		}
		d.exposure = wish.exposure
	}
	for _, host := range wish.hosts {
		if !slices.ContainsFunc(d.hosts, func(h sourced[string]) bool { return h.v == host.v }) {
			d.hosts = append(d.hosts, host)
		}
	}
}

// attributed writes a value with where it comes from.
func attributed(value string, p provenance) string {
	if p.source == "" {
		return value
	}
	return value + " (" + clip(p.source, 256) + ")"
}

func boundsText(d *draft) string {
	n := strconv.Itoa(int(d.replicas.v))
	if d.most.v > d.replicas.v {
		n += ".." + strconv.Itoa(int(d.most.v))
	}
	return n
}
