package understand

import (
	"slices"

	"proviso.dev/pkg/pve"
)

// Mentioned returns the ids of the guests that a request speaks of, in ascending order: those it names, and those that new machines are to
// be like. Their configurations make the understanding better; without them the figures of the cluster's overview serve.
func (r *Reasoner) Mentioned(req Request, snap *pve.Snapshot) []int {
	if snap == nil {
		return nil
	}
	x := r.index(snap)
	var ids []int
	texts := []string{req.Text[:min(len(req.Text), textMost)]}
	for _, t := range req.Turns[:min(len(req.Turns), turnsMost)] {
		texts = append(texts, clip(t.Text, turnTextMost))
	}
	for _, text := range texts {
		p := parse(text, x)
		for _, name := range p.known {
			if id, ok := x.taken(name); ok {
				ids = append(ids, id)
			}
		}
		gr := &grounder{x: x}
		for _, g := range assemble(text, p.items, Stated).Groups {
			ids = append(ids, gr.models(g)...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// models returns the ids of the guests that a group is to be like: one, or the newest of each series that may be meant.
func (gr *grounder) models(g *Group) []int {
	ref := g.Like.V
	if ref.guest != "" {
		if id, ok := gr.x.guestID(ref.guest); ok {
			return []int{id}
		}
		return nil
	}
	if !ref.grow {
		return nil
	}
	var ids []int
	if s := gr.x.seriesOf(ref.base); ref.base != "" && s != nil {
		ids = append(ids, s.newest().VMID)
	}
	for _, s := range gr.x.seriesFor(ref.role) {
		if ref.role != "" && len(ids) < optionsMost {
			ids = append(ids, s.newest().VMID)
		}
	}
	return ids
}
