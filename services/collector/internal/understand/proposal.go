package understand

import (
	"slices"
	"strconv"
	"strings"

	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Arbitration between what the rules read and what a language model proposes. A value that the text states literally wins;
// a value that only the model has is an assumption, shown with its reason; where the model read something else from words
// that the rules did not understand, the requester is asked. A proposal meets the cluster like everything else.

// propose takes a proposal into account and returns how the request is routed with it. A refusal stays one, a
// change and a question too, except that a text in which the rules found nothing to do with infrastructure may turn out to
// be a request.
func (d *dialogue) propose(m *llmv1.IntentProposal, model, text string, r route) route {
	if m.GetKind() != kindProvision || len(m.GetGuests()) == 0 || r.platform != "" || r.code != "" && r.code != "off_topic" ||
		r.kind != kindProvision && r.kind != kindOffTopic {
		return r
	}
	a := arbiter{x: d.x, lang: d.lang, text: fold(text), reason: say(d.lang, "reason.model", "model", quoteText(model))}
	if d.in == nil {
		if groups := a.groups(m.GetGuests()); len(groups) > 0 {
			d.in = &Intent{Groups: groups}
			return route{kind: kindProvision, enough: true}
		}
		return r
	}
	a.left = fold(strings.Join(d.in.NotUnderstood, " \n "))
	pairs, rest := pair(d.in.Groups, m.GetGuests())
	if len(rest) > 0 && a.left != "" {
		d.readings = a.readings(d.in, a.groups(m.GetGuests()))
	}
	for k, p := range pairs {
		if p != nil {
			a.group(d.in.Groups[k], p)
		}
	}
	return r
}

// pair finds for each group the proposed one that speaks of it: by name, by role, then by position. Rest are those that
// speak of none.
func pair(groups []*Group, guests []*llmv1.GuestProposal) (pairs []*llmv1.GuestProposal, rest []*llmv1.GuestProposal) {
	pairs, rest = make([]*llmv1.GuestProposal, len(groups)), slices.Clone(guests)
	match := func(same func(*Group, *llmv1.GuestProposal) bool) {
		for k, g := range groups {
			i := slices.IndexFunc(rest, func(p *llmv1.GuestProposal) bool { return same(g, p) })
			if pairs[k] == nil && i >= 0 {
				pairs[k] = rest[i]
				rest = slices.Delete(rest, i, i+1)
			}
		}
	}
	match(func(g *Group, p *llmv1.GuestProposal) bool {
		return p.GetName() != "" && (strings.EqualFold(g.Name.V, p.GetName()) || slices.Contains(g.Names.V, p.GetName()))
	})
	match(func(g *Group, p *llmv1.GuestProposal) bool { return p.GetRole() != "" && g.Role.V == p.GetRole() })
	if len(groups) == len(guests) {
		match(func(g *Group, p *llmv1.GuestProposal) bool { return g.Role.V == "" || p.GetRole() == "" })
	}
	return pairs, rest
}

// arbiter decides value by value.
type arbiter struct {
	x      *index
	lang   string
	text   string // the request, folded
	left   string // what of it the rules did not understand, folded
	reason string
}

// groups makes groups of proposals alone.
func (a *arbiter) groups(guests []*llmv1.GuestProposal) []*Group {
	var out []*Group
	for _, p := range guests {
		g := &Group{det: detNew}
		if p.GetType() == "container" {
			g.Kind = Value[GuestKind]{V: GuestContainer, Origin: Assumed, Reason: a.reason}
		}
		a.group(g, p)
		out = append(out, g)
	}
	return out
}

// group brings one proposal into one group.
func (a *arbiter) group(g *Group, p *llmv1.GuestProposal) {
	weighValue(a, g, &g.Name, p.GetName(), p.Name != nil && a.written(p.GetName()) && len(g.Names.V) == 0, fieldName, shown)
	weighValue(a, g, &g.Role, p.GetRole(), p.Role != nil && a.knownRole(p.GetRole()), "", shown)
	weighValue(a, g, &g.Count, int(p.GetCount()), p.Count != nil && len(g.Names.V) == 0, fieldCount, showInt)
	if s, ok := a.source(p); ok && !g.among() { // what containers are made from is asked for
		weighValue(a, g, &g.Source, s, true, fieldSource, showSource)
	}
	weighValue(a, g, &g.Cores, int(p.GetCores()), p.Cores != nil, fieldCores, showInt)
	weighValue(a, g, &g.MemoryMiB, int(p.GetMemoryMib()), p.MemoryMib != nil, fieldMemory, showMiB)
	weighValue(a, g, &g.HA, p.GetHa(), p.Ha != nil, "", nil)
	weighValue(a, g, &g.StartAtBoot, p.GetStartAtBoot(), p.StartAtBoot != nil, "", nil)
	weighValue(a, g, &g.Grouping, p.GetGrouping(), p.Grouping != nil, "", nil)
	if p.DiskGib != nil || a.there(p.GetStorage(), aStorage) {
		if len(g.Disks) == 0 || g.Disks[0].extra {
			g.Disks = slices.Insert(g.Disks, 0, Disk{})
		}
		weighValue(a, g, &g.Disks[0].MiB, int(p.GetDiskGib())*1024, p.DiskGib != nil, "", nil)
		weighValue(a, g, &g.Disks[0].Storage, p.GetStorage(), a.there(p.GetStorage(), aStorage), fieldStorage, shown)
	}
	if p.Vlan != nil || a.there(p.GetNetwork(), aNetwork) {
		if len(g.NICs) == 0 {
			g.NICs = []NIC{{}}
		}
		weighValue(a, g, &g.NICs[0].Bridge, p.GetNetwork(), a.there(p.GetNetwork(), aNetwork), "", nil)
		weighValue(a, g, &g.NICs[0].VLAN, int(p.GetVlan()), p.Vlan != nil, "", nil)
	}
	if a.there(p.GetNode(), aNode) && !slices.Contains(g.Avoid.V, p.GetNode()) {
		switch {
		case !g.Nodes.Has() && !g.Objective.Has():
			g.Nodes = Value[[]string]{V: []string{p.GetNode()}, Origin: Assumed, Reason: a.reason}
		case g.Nodes.said() && !slices.Contains(g.Nodes.V, p.GetNode()) && a.unread(p.GetNode()):
			g.conflict(fieldNode, append(slices.Clone(g.Nodes.V), p.GetNode())...)
		}
	}
}

// weighValue brings one proposed value in. Where the rules have another value, the proposal counts only if it stands among
// the words that they did not understand; then the requester decides. Without a field there is nothing to ask.
func weighValue[T comparable](a *arbiter, g *Group, to *Value[T], v T, there bool, field string, show func(T) string) {
	switch {
	case !there || to.Has() && to.V == v:
	case !to.said():
		*to = Value[T]{V: v, Origin: Assumed, Reason: a.reason}
	case field != "" && a.unread(show(v)):
		g.conflict(field, show(to.V), show(v))
	}
}

// written reports whether the request has a word.
func (a *arbiter) written(word string) bool { return has(a.text, word) }

// unread reports whether a value, as [showInt] and its like write it, stands among the words that were not understood.
func (a *arbiter) unread(value string) bool {
	if a.left == "" || value == "" {
		return false
	}
	if has(a.left, value) {
		return true
	}
	p := newParser(a.left, a.x)
	for i := range p.toks {
		if n, _, ok := p.integer(i); ok && strconv.Itoa(n) == value {
			return true
		}
		if mib, _, ok := p.size(i); ok && showMiB(mib) == value {
			return true
		}
	}
	return false
}

// has reports whether a folded text has a word, or several in a row, with nothing of a word on either side.
func has(text, word string) bool {
	word = fold(word)
	for from := 0; word != ""; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || !nameByte(text[i-1])) && (end == len(text) || !nameByte(text[end]) || text[end] == '.' && (end+1 == len(text) || !nameByte(text[end+1]))) {
			return true
		}
		from = i + 1
	}
	return false
}

// there reports whether the cluster has something of that name, or the request writes the name.
func (a *arbiter) there(word string, t thing) bool {
	if word == "" {
		return false
	}
	_, known := a.x.find(word, t)
	return known || a.written(word)
}

// knownRole reports whether a role is one of ours, or a word of the request.
func (a *arbiter) knownRole(role string) bool {
	_, ok := roleOf(role)
	return ok || a.written(role)
}

// source reads a proposed source: a template or image that the cluster has, or words of the request.
func (a *arbiter) source(p *llmv1.GuestProposal) (Source, bool) {
	word := strings.TrimSpace(p.GetSource())
	if word == "" {
		return Source{}, false
	}
	s := sourceFrom(word)
	if a.x.snap != nil {
		for _, t := range a.x.templates {
			if strings.EqualFold(t.Name, word) || s.VMID == t.VMID && s.VMID != 0 {
				return Source{Kind: SourceTemplate, VMID: t.VMID}, true
			}
		}
		for _, v := range a.x.images {
			if strings.EqualFold(v.ID, word) {
				return Source{Kind: SourceImage, Name: v.ID}, true
			}
		}
	}
	return s, a.written(word) && s.Kind != SourceURL // an address is taken from the words alone
}

// readings offers two ways to read a request: as the rules did, and as the model does. Both are written so that the answer
// is a request that the rules read. None where one does not fit into an option.
func (a *arbiter) readings(in *Intent, proposed []*Group) []option {
	if len(proposed) == 0 {
		return nil
	}
	var out []option
	for _, groups := range [][]*Group{in.Groups, proposed} {
		s := a.restate(groups)
		if s == "" || len(s) > 256 || slices.ContainsFunc(out, func(o option) bool { return o.value == s }) {
			return nil
		}
		out = append(out, option{s, s})
	}
	return out
}

// restate writes groups in the words of the language.
func (a *arbiter) restate(groups []*Group) string {
	var parts []string
	for _, g := range groups {
		what := "VM"
		if g.Role.V != "" {
			what = "VM " + roleText(a.lang, g.Role.V)
		}
		words := []string{strconv.Itoa(g.count()), what}
		for _, w := range []struct {
			key, value string
			there      bool
		}{
			{"named", g.Name.V, g.Name.V != ""},
			{"names", strings.Join(g.Names.V, ", "), len(g.Names.V) > 0},
			{"cores", strconv.Itoa(g.Cores.V), g.Cores.Has()},
			{"memory", showMiB(g.MemoryMiB.V), g.MemoryMiB.Has()},
			{"source", showSource(g.Source.V), g.Source.Has() && g.Source.V.Kind != SourceNone},
		} {
			if w.there {
				words = append(words, say(a.lang, "restate."+w.key, "value", w.value))
			}
		}
		parts = append(parts, strings.Join(words, " "))
	}
	return strings.Join(parts, " "+say(a.lang, "and")+" ")
}

// Roles returns the roles that a proposal may name.
func Roles() []string {
	out := make([]string, 0, len(profiles))
	for _, p := range profiles {
		out = append(out, p.role)
	}
	return out
}

// Open reports whether the rules leave something to a model: words not understood, questions, or nothing found at all. A
// change and a question are for the rules alone: a model proposes new guests only.
func Open(u *provisov1.Understanding) bool {
	if r := u.GetRefusal(); r != nil {
		return r.GetCode() == "off_topic"
	}
	return u.GetKind() == kindProvision && (len(u.GetQuestions()) > 0 || len(u.GetIntent().GetNotUnderstood()) > 0)
}
