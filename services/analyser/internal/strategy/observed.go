package strategy

import (
	"cmp"
	"strings"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/pve"
)

// An observation is what guests like those of a group are given and use.
type observation struct {
	names []string // of the guests, by id
	// memory that they have, the median, and what they use, in bytes.
	memory, used int64
	// threads that they have, the median, and what they keep busy.
	cpus, busy float64
	// history: what they use is the P95 of a history, rather than the most that is measured now.
	history bool
}

// observe measures guests like those of a group: of the same kind, running, with the group's role as a tag or the words of its name.
// It is false when there are none.
func (d *Draft) observe(g *group) (observation, bool) {
	if g.observed == nil {
		o := d.measure(g)
		g.observed = &o
	}
	return *g.observed, len(g.observed.names) > 0
}

func (d *Draft) measure(g *group) observation {
	like := capacity.Likeness{Kind: pve.KindVM, Words: nameWords(d.baseName(g))}
	if g.ct != nil {
		like.Kind = pve.KindContainer
	}
	if role := g.wish.GetRole(); role != "" {
		like.Tags = []string{role}
	}
	demand, ok := capacity.DemandOf(d.in.Snapshot, d.in.History, like)
	if !ok {
		return observation{}
	}
	o := observation{memory: demand.MemoryBytes, used: demand.MemoryP95Bytes, cpus: demand.VCPUs, busy: demand.VCPUsP95, history: demand.Measured > 0}
	for _, id := range demand.Guests {
		guest, _ := d.in.Snapshot.Guest(id)
		o.names = append(o.names, guest.Name)
	}
	return o
}

// nameWords are the words of a name, without numbers.
func nameWords(name string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		if w = strings.TrimRight(w, "0123456789"); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// baseName is the name that the group's guests share.
func (d *Draft) baseName(g *group) string {
	if names := g.wish.GetNames(); len(names) > 0 {
		return names[0]
	}
	return cmp.Or(g.wish.GetName(), g.wish.GetRole())
}

// stemOf is a name without the number at its end: "worker-node-3" and "worker-node" are of one kind.
func stemOf(name string) string {
	return strings.ToLower(strings.TrimRight(strings.TrimRight(name, "0123456789"), "-_."))
}

// sizeOpen reports whether the request left the group's memory or cores open.
func (d *Draft) sizeOpen(g *group) bool {
	return !d.sized(g, "memory_mib") || !d.sized(g, "cores")
}

// sized reports whether the requester gave the figure. A value without a fact counts as stated; one that is absent is open.
func (d *Draft) sized(g *group, field string) bool {
	var present bool
	switch {
	case g.ct != nil && field == "cores":
		present = g.ct.intent.Cores != nil
	case g.ct != nil:
		present = g.ct.intent.MemoryMib != nil
	case field == "cores":
		present = g.intent.Cores != nil
	default:
		present = g.intent.MemoryMib != nil
	}
	return present && d.given(g.path(field))
}

// sizeSpare is the part above what like guests use that a size keeps: 30 %.
const sizeSpare = 1.3

// suggestion is the memory, in MiB, that like guests speak for: the most that one uses and a spare, in steps of 512 MiB.
func (o observation) suggestion() int32 {
	const step = 512 << 20
	return int32((int64(float64(o.used)*sizeSpare) + step - 1) / step * 512)
}
