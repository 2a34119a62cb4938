package understand

import (
	"slices"

	"proviso.dev/pkg/pve"
)

// Mentioned returns the ids of the guests that a request speaks of, at most 16, in ascending order: those it names, changes, takes over
// or asks about, and those that new machines are to be like. Their configurations make the understanding better; without them the
// figures of the cluster's overview serve. What the request sets aside mentions nothing.
func (r *Reasoner) Mentioned(req Request, snap *pve.Snapshot) []int {
	if snap == nil {
		return nil
	}
	x := r.index(snap)
	var ids []int
	if req.setsAside() {
		req, _ = req.aside()
	}
	texts := []string{req.Text[:min(len(req.Text), textMost)]}
	for _, t := range req.Turns[:min(len(req.Turns), turnsMost)] {
		texts = append(texts, clip(t.Text, turnTextMost))
	}
	for _, text := range texts {
		if code, _ := unreadable(text); code != "" {
			continue
		}
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
		if !p.hasNewHead {
			ids = append(ids, x.spokenOf(text)...)
		}
	}
	ids = slices.DeleteFunc(distinctIDs(ids), func(id int) bool {
		return slices.ContainsFunc(x.templates, func(t pve.Guest) bool { return t.VMID == id })
	})
	ids = ids[:min(len(ids), mentionedMost)]
	slices.Sort(ids)
	return ids
}

// mentionedMost bounds the guests of which one request has the configurations read.
const mentionedMost = 16

// spokenOf returns the guests that a sentence about what exists names, by name, number or family.
func (x *index) spokenOf(text string) []int {
	ids, _ := readExisting(text, x).guestIDs()
	return ids
}

// distinctIDs drops ids that came before.
func distinctIDs(ids []int) []int {
	var out []int
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
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
