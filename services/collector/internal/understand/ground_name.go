package understand

import (
	"strconv"
	"strings"
)

// name checks the names that were given and derives the others from the role.
func (gr *grounder) name() {
	g := gr.g
	if gr.contradicted(fieldName) {
		g.Name = Value[string]{}
		return
	}
	switch {
	case len(g.Names.V) > 1 || g.Names.Has() && !g.Name.Has():
		gr.nameList()
	case g.Name.V != "":
		gr.nameStated()
	case g.Role.V != "":
		gr.nameDerived()
	default:
		gr.ask(fieldName, gr.say("ask.name"), plain([]string{gr.freeName(handles[g.Kind.V] + "-1")}))
	}
}

func (gr *grounder) use(names ...string) {
	for _, n := range names {
		gr.used[strings.ToLower(n)] = true
	}
}

// inUse reports whether a machine of the cluster or of this request has the name.
func (gr *grounder) inUse(name string) bool {
	_, taken := gr.x.taken(name)
	return taken || gr.used[strings.ToLower(name)]
}

// freeName returns a name that nothing has: the name itself, or the name with the next free number.
func (gr *grounder) freeName(name string) string {
	if !gr.inUse(name) {
		return name
	}
	base := strings.TrimRight(name, "0123456789")
	n, err := strconv.Atoi(name[len(base):])
	if err != nil || base == "" {
		base, n = name+"-", 1
	}
	for {
		n++
		if next := base + strconv.Itoa(n); !gr.inUse(next) {
			return next
		}
	}
}

func (gr *grounder) nameList() {
	g := gr.g
	g.Name = Value[string]{} // each machine has its own
	for _, n := range g.Names.V {
		if !gr.nameOK(n) {
			g.Names = Value[[]string]{}
			return
		}
		gr.use(n)
	}
	if g.Count.said() && g.Count.V != len(g.Names.V) {
		gr.ask(fieldCount, gr.say("ask.count_names", "machines", Count(gr.lang, "guest", g.Count.V), "names", Count(gr.lang, "name", len(g.Names.V))), []option{{strconv.Itoa(len(g.Names.V)), strconv.Itoa(len(g.Names.V))}})
		g.Names = Value[[]string]{}
		return
	}
	if len(g.Names.V) > countMost {
		gr.ask(fieldCount, gr.say("ask.count_range", "machines", Count(gr.lang, "guest", len(g.Names.V)), "most", countMost), nil)
		g.Names, g.Count = Value[[]string]{}, Value[int]{}
		return
	}
	g.Count = g.NamesCount()
	if len(g.Names.V) == 1 {
		g.Name = Value[string]{V: g.Names.V[0], Origin: g.Names.Origin, Text: g.Names.Text, Start: g.Names.Start, End: g.Names.End}
		g.Names = Value[[]string]{}
	}
}

// nameOK checks one name and asks for another if it cannot be.
func (gr *grounder) nameOK(name string) bool {
	if !validLabel(name) {
		var options []option
		if s := labelFrom(name); s != "" {
			options = plain([]string{gr.freeName(s)})
		}
		key := "ask.name_invalid"
		if strings.ContainsFunc(name, concealed) {
			key = "ask.name_concealed"
		}
		gr.ask(fieldName, gr.say(key, "name", quoteText(name)), options)
		return false
	}
	if gr.inUse(name) {
		key := "ask.name_taken"
		if _, taken := gr.x.taken(name); !taken {
			key = "ask.name_twice"
		}
		gr.ask(fieldName, gr.say(key, "name", name), plain([]string{gr.freeName(name)}))
		return false
	}
	return true
}

func (gr *grounder) nameStated() {
	g := gr.g
	if n := g.count(); n > 1 && validLabel(g.Name.V) && len(g.Name.V) <= 58 {
		gr.nameSeries(g.Name.V, n, g.Name)
		return
	}
	if !gr.nameOK(g.Name.V) {
		g.Name = Value[string]{}
		return
	}
	gr.use(g.Name.V)
}

// nameDerived names machines after their role. The name counts as stated: it is what the sentence calls them.
func (gr *grounder) nameDerived() {
	g := gr.g
	p, ok := roleOf(g.Role.V)
	if !ok {
		p.name = g.Role.V
	}
	evidence := Value[string]{V: p.name, Origin: g.Role.Origin, Text: g.Role.Text, Start: g.Role.Start, End: g.Role.End,
		Reason: gr.say("reason.name_role", "role", roleText(gr.lang, g.Role.V))}
	if n := g.count(); n > 1 {
		gr.nameSeries(p.name, n, evidence)
		return
	}
	name := gr.nextName(p.name)
	g.Name = evidence
	if name != p.name {
		reason := gr.say("reason.name_next", "name", p.name)
		if last := gr.lastNumber(p.name); last > 0 {
			reason = gr.say("reason.names_next", "name", p.name+"-"+strconv.Itoa(last))
		}
		g.Name = Value[string]{V: name, Origin: Derived, Reason: reason}
	}
	gr.use(name)
}

// nextName returns the name for one more machine: where the cluster numbers machines of that name, the next number.
func (gr *grounder) nextName(base string) string {
	last := gr.lastNumber(base)
	if last == 0 {
		return gr.freeName(base)
	}
	return base + "-" + strconv.Itoa(last+1)
}

// lastNumber returns the highest n for which "base-n" is in use, in the cluster or by this request.
func (gr *grounder) lastNumber(base string) int {
	base = strings.ToLower(base)
	last := gr.x.numbered[base]
	for name := range gr.used {
		if b, n, ok := cutNumber(name); ok && b == base {
			last = max(last, n)
		}
	}
	return last
}

// nameSeries names n machines base-1 to base-n; where such names are in use, it goes on counting and writes them out.
func (gr *grounder) nameSeries(base string, n int, evidence Value[string]) {
	last := gr.lastNumber(base)
	evidence.V = base
	gr.g.Name = evidence
	names := make([]string, n)
	for k := range names {
		names[k] = base + "-" + strconv.Itoa(last+k+1)
	}
	gr.use(names...)
	if last > 0 {
		gr.g.Name = Value[string]{}
		gr.g.Names = Value[[]string]{V: names, Origin: Derived, Reason: gr.say("reason.names_next", "name", base+"-"+strconv.Itoa(last))}
	}
}
