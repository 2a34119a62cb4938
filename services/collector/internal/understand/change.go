package understand

import (
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// Quantity is a figure of a change; Mode tells how it relates to what the guest has.
type quantity struct {
	Value[int]
	mode amountMode
}

// Change is what is wanted of one guest that exists, or of the guests of a family.
type Change struct {
	ref         guestRef
	NewName     Value[string]
	Cores       quantity
	MemoryMiB   quantity
	DiskMiB     quantity // of the boot disk
	AddTags     Value[[]string]
	RemoveTags  Value[[]string]
	StartAtBoot Value[bool]
	Protection  Value[bool]
	Description Value[string]
	AddDisks    []Disk
	// open: something is to change, and it is not said what.
	open bool
}

// clone returns a copy that shares nothing that is written in place.
func (c *Change) clone() *Change {
	out := *c
	out.AddDisks = slices.Clone(c.AddDisks)
	return &out
}

// empty reports whether nothing is wanted.
func (c *Change) empty() bool {
	return !c.NewName.Has() && !c.Cores.Has() && !c.MemoryMiB.Has() && !c.DiskMiB.Has() && !c.AddTags.Has() && !c.RemoveTags.Has() &&
		!c.StartAtBoot.Has() && !c.Protection.Has() && !c.Description.Has() && len(c.AddDisks) == 0 && !c.open
}

// changer collects changes from the clauses of a text.
type changer struct {
	text   string
	origin Origin
	out    []*Change
}

// changesOf returns the changes that a sentence asks for.
func changesOf(s *sentence, origin Origin) []*Change {
	ch := &changer{text: s.p.text, origin: origin}
	for k := range s.clauses {
		ch.clause(&s.clauses[k])
	}
	return slices.DeleteFunc(ch.out, func(c *Change) bool { return c.empty() })
}

// clause pairs the guests of a clause with its wishes: those that stand together belong together, in the order in which the
// clause began.
func (ch *changer) clause(c *clause) {
	if len(c.wishes) == 0 {
		return
	}
	if len(c.guests) == 0 {
		to := ch.of(guestRef{})
		for _, w := range c.wishes {
			ch.apply(to, c, w)
		}
		return
	}
	type run struct {
		kind  byte
		items []int
	}
	var runs []run
	g, w := 0, 0
	for _, o := range c.order {
		n := g
		if o == 'g' {
			g++
		} else {
			n = w
			w++
		}
		if len(runs) == 0 || runs[len(runs)-1].kind != o {
			runs = append(runs, run{kind: o})
		}
		last := &runs[len(runs)-1]
		last.items = append(last.items, n)
	}
	for i, r := range runs {
		if r.kind != 'w' {
			continue
		}
		// "web1 8 GB and db1 16 GB" looks back, "8 GB to web1 and 16 GB to db1" looks ahead.
		at := i - 1
		if runs[0].kind == 'w' && i+1 < len(runs) {
			at = i + 1
		}
		for _, n := range runs[max(0, at)].items {
			if runs[max(0, at)].kind != 'g' {
				break
			}
			for _, k := range r.items {
				ch.apply(ch.of(c.guests[n]), c, c.wishes[k])
			}
		}
	}
}

// of returns the change of a guest.
func (ch *changer) of(ref guestRef) *Change {
	for _, c := range ch.out {
		if c.ref.id == ref.id && strings.EqualFold(c.ref.word, ref.word) && c.ref.family == ref.family && c.ref.every == ref.every {
			return c
		}
	}
	c := &Change{ref: ref}
	ch.out = append(ch.out, c)
	return c
}

// evidenceOf makes a value of what a wish says.
func evidenceOf[T any](ch *changer, v T, w wish) Value[T] {
	out := Value[T]{V: v, Origin: ch.origin}
	if w.end > w.start && w.end <= len(ch.text) {
		out.Text = clip(ch.text[w.start:w.end], 500)
		if ch.origin == Stated && out.Text == ch.text[w.start:w.end] {
			out.Start, out.End = w.start, w.end
		}
	}
	return out
}

// apply stores a wish in a change.
func (ch *changer) apply(c *Change, cl *clause, w wish) {
	switch w.field {
	case fieldMemory:
		c.MemoryMiB = quantity{evidenceOf(ch, w.n, w), w.mode}
	case fieldCores:
		c.Cores = quantity{evidenceOf(ch, w.n, w), w.mode}
	case fieldDisk:
		c.DiskMiB = quantity{evidenceOf(ch, w.n, w), w.mode}
	case fieldAddDisk:
		d := Disk{extra: true}
		if w.disk.MiB.Has() {
			d.MiB = evidenceOf(ch, w.disk.MiB.V, w)
		}
		if w.disk.Storage.Has() {
			d.Storage = evidenceOf(ch, w.disk.Storage.V, w)
		}
		c.AddDisks = append(c.AddDisks, d)
	case fieldTags:
		if cl.verb == acTake {
			c.RemoveTags = evidenceOf(ch, lowerAll(w.list), w)
			return
		}
		c.AddTags = evidenceOf(ch, lowerAll(w.list), w)
	case fieldUntag:
		c.RemoveTags = evidenceOf(ch, lowerAll(w.list), w)
	case fieldName:
		c.NewName = evidenceOf(ch, w.s, w)
	case fieldBoot:
		c.StartAtBoot = evidenceOf(ch, w.on, w)
	case fieldProtection:
		c.Protection = evidenceOf(ch, w.on, w)
	case fieldDescription:
		if w.mode != amountMore {
			c.Description = evidenceOf(ch, w.s, w)
		}
	case fieldValue:
		c.open = true
	}
}

func lowerAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// resolveRef finds the guests that a reference means. With none or several that cannot all be meant, the question says so.
func (x *index) resolveRef(ref guestRef) (found []pve.Guest, ok bool) {
	if x.snap == nil {
		return nil, false
	}
	switch {
	case ref.every:
		for _, g := range x.snap.Guests {
			if !g.Template {
				found = append(found, g)
			}
		}
		return x.without(found, ref.except)
	case ref.id > 0:
		if g, is := x.snap.Guest(ref.id); is {
			return []pve.Guest{g}, true
		}
		return nil, false
	case ref.family:
		for _, id := range x.members(ref.word) {
			if g, is := x.snap.Guest(id); is {
				found = append(found, g)
			}
		}
		return x.without(found, ref.except)
	}
	if found = x.named(ref.word); len(found) > 0 {
		return found, len(found) == 1
	}
	for _, id := range x.members(ref.word) {
		if g, is := x.snap.Guest(id); is {
			found = append(found, g)
		}
	}
	return found, false // a part of a name is never enough by itself
}

// guestOptions are the guests that a reference may mean: those found, else the nearest names, else the first ones.
func (x *index) guestOptions(lang string, ref guestRef, found []pve.Guest) []option {
	if x.snap == nil {
		return nil
	}
	if len(found) == 0 {
		found = x.nearGuests(ref)
	}
	var options []option
	for _, g := range found[:min(len(found), 10)] {
		label := quoteText(g.Name) + " (" + strconv.Itoa(g.VMID) + ")"
		if g.Node != "" {
			label += ", " + quoteText(g.Node)
		}
		options = append(options, option{strconv.Itoa(g.VMID), label})
	}
	return options
}

// nearGuests returns guests whose names are near to a word, the nearest first.
func (x *index) nearGuests(ref guestRef) []pve.Guest {
	type near struct {
		g pve.Guest
		d int
	}
	var found []near
	word := fold(ref.word)
	limit := max(2, len(word)/3)
	for _, g := range x.snap.Guests {
		if g.Template {
			continue
		}
		name := fold(g.Name)
		d := distance(word, name, limit)
		if d > limit && word != "" && (strings.Contains(name, word) || strings.Contains(word, name) && name != "") {
			d = limit
		}
		switch {
		case ref.id > 0 && strings.HasPrefix(strconv.Itoa(g.VMID), strconv.Itoa(ref.id)[:2]), ref.none():
			d = 0
		case ref.id > 0:
			continue
		}
		if d <= limit {
			found = append(found, near{g, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.d - b.d })
	var out []pve.Guest
	for _, n := range found {
		out = append(out, n.g)
	}
	return out
}

// refText writes a reference as it was made.
func refText(ref guestRef) string {
	if ref.id > 0 {
		return strconv.Itoa(ref.id)
	}
	return quoteText(ref.word)
}
