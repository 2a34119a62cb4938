package understand

import (
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// memory is what is remembered of one requester's earlier runs.
type memory struct {
	runs []*provisov1.RememberedRun
	// names are the names of all machines that those runs planned, lower case.
	names map[string]bool
}

// newMemory reads what is remembered; nil when it holds nothing to go back to.
func newMemory(m *provisov1.SessionMemory) *memory {
	mem := &memory{names: map[string]bool{}}
	for _, run := range m.GetRuns() {
		if len(run.GetIntent().GetVirtualMachines()) > 0 {
			mem.runs = append(mem.runs, run)
		}
		for _, name := range run.GetGuests() {
			mem.names[strings.ToLower(name)] = true
		}
		for _, vm := range run.GetIntent().GetVirtualMachines() {
			for _, name := range append(vm.GetNames(), vm.GetName()) {
				mem.names[strings.ToLower(name)] = true
			}
		}
	}
	if len(mem.runs) == 0 {
		return nil
	}
	return mem
}

// taken reports whether a remembered run gave the name to a machine.
func (m *memory) taken(name string) bool { return m != nil && m.names[strings.ToLower(name)] }

// newest returns the machines of the last run that made any, and the reason for taking from it.
func (m *memory) newest(lang string) (groups []*Group, reason string) {
	if m == nil {
		return nil, ""
	}
	run := m.runs[len(m.runs)-1]
	return typed(run.GetIntent()).Groups, because(run, lang)
}

// machine returns the remembered group that a name belongs to, nil when there is none, and the reason for taking from it.
func (m *memory) machine(name, lang string) (*Group, string) {
	if m == nil {
		return nil, ""
	}
	for _, run := range slices.Backward(m.runs) {
		for _, g := range typed(run.GetIntent()).Groups {
			if slices.ContainsFunc(plannedNames(g), func(n string) bool { return strings.EqualFold(n, name) }) {
				return g, because(run, lang)
			}
		}
	}
	return nil, ""
}

// because is the reason for a value of a remembered run: what it asked for, and when it ended.
func because(run *provisov1.RememberedRun, lang string) string {
	text := quoteText(run.GetText())
	if text == "" {
		text = run.GetRunId()
	}
	if run.GetEndedAt() == nil {
		return say(lang, "reason.memory", "text", text)
	}
	return say(lang, "reason.memory_when", "text", text, "when", run.GetEndedAt().AsTime().UTC().Format("2006-01-02 15:04 UTC"))
}

// plannedNames are the names that a group stands for.
func plannedNames(g *Group) []string {
	switch {
	case len(g.Names.V) > 0:
		return g.Names.V
	case g.Name.V != "" && g.count() > 1:
		return seriesNames(g.Name.V, g.count())
	case g.Name.V != "":
		return []string{g.Name.V}
	}
	return nil
}

// seriesNames are the names that a base stands for, "web-1" to "web-n".
func seriesNames(base string, n int) []string {
	s := series{prefix: base + "-"}
	names := make([]string, n)
	for k := range names {
		names[k] = s.name(k + 1)
	}
	return names
}

// kindsOf are the requests that "two more" may mean when the last one made several kinds of machine; none when it is clear.
func kindsOf(delta *Group, groups []*Group, lang string) []string {
	if len(groups) < 2 || !delta.Count.Has() || delta.Role.V != "" {
		return nil
	}
	var out []string
	for _, g := range groups {
		if names := plannedNames(g); len(names) > 0 {
			out = append(out, say(lang, "option.more_like", "n", delta.Count.V, "name", names[0]))
		}
	}
	return out
}

// remembered makes the groups of an earlier run anew, with what the text says now. The names go on where the earlier ones stop.
func remembered(delta *Group, groups []*Group, reason string) []*Group {
	// One kind of machine is spoken of: of several, the one with that role.
	if other := delta.Role.V; len(groups) > 1 && (other != "" || delta.Count.Has()) {
		k := slices.IndexFunc(groups, func(g *Group) bool { return g.Role.V == other })
		if k < 0 {
			k = len(groups) - 1
		}
		groups = groups[k : k+1]
	}
	out := make([]*Group, 0, len(groups))
	for _, from := range groups {
		g := delta.clone()
		g.same, g.again, g.sameFields = false, false, nil
		other := g.Role.said() && g.Role.V != from.Role.V
		copyGroup(g, from, nil, reason)
		g.addPlus()
		numbered := strings.TrimRight(g.Name.V, "0123456789") != g.Name.V // "named shop-9" is one machine
		if !g.Count.Has() && !other && !numbered {
			g.Count = derived(from.Count, reason)
		}
		if names := plannedNames(from); len(names) > 0 && !other && !g.Name.Has() && !g.Names.Has() {
			g.continues = names[len(names)-1]
			g.continueReason = reason
		}
		out = append(out, g)
	}
	return out
}
