package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A NewPool is a resource pool that is to be created.
type NewPool struct {
	Name    Value[string] // absent: asked
	Comment Value[string]
	// Existing: the pool is there already, and the requester wants its guests to join that one. Nothing is created.
	Existing bool
	// members are the words that put the machines of the request into the pool; empty when it is not said.
	members Value[bool]
}

// newPool notes pools that are to be created.
func (a *assembler) newPool(it item) {
	if len(it.list) == 0 {
		a.in.Pools = append(a.in.Pools, NewPool{})
	}
	for _, name := range it.list {
		if !slices.ContainsFunc(a.in.Pools, func(p NewPool) bool { return p.Name.V == name }) {
			a.in.Pools = append(a.in.Pools, NewPool{Name: value(a, name, it)})
		}
	}
	if it.on { // "a VM in a new pool dev"
		a.in.Pools[len(a.in.Pools)-1].members = value(a, true, it)
	}
}

// poolItem takes what concerns a pool just spoken of, before any machine is.
func (a *assembler) poolItem(it item) bool {
	n := len(a.in.Pools)
	switch {
	case it.kind == itNewPool:
		a.newPool(it)
	case it.kind == itInPool && n > 0:
		a.in.Pools[n-1].members = value(a, true, it)
	case it.kind == itDescription && n > 0 && a.cur == nil && !it.clear:
		a.in.Pools[n-1].Comment = value(a, it.s, it)
	default:
		return false
	}
	return true
}

// poolHandle names a new pool in the ids of questions.
func poolHandle(i int) string { return "pool" + strconv.Itoa(i+1) }

// newPools checks the pools to create.
func (gr *grounder) newPools() {
	gr.i, gr.g = -1, nil
	seen := map[string]bool{}
	for i := range gr.out.Pools {
		p := &gr.out.Pools[i]
		name := p.Name.V
		stop := func(text string, options ...option) {
			gr.askOf(poolHandle(i), fieldName, text, options)
			p.Name = Value[string]{}
		}
		written, known := gr.x.find(name, aPool)
		switch {
		case p.Existing && known:
			p.Name.V = written
		case name == "":
			stop(guestText(gr.lang, "ask.pool_name"))
		case !only(name, "._-", 128) || !alphanumeric(name[0]):
			var options []option
			if s := labelFrom(name); s != "" {
				options = plain([]string{gr.freePool(s)})
			}
			stop(guestText(gr.lang, "ask.pool_invalid", "name", quoteText(name)), options...)
		case known:
			options := plain([]string{gr.freePool(written)})
			if len(gr.out.Groups) > 0 {
				options = append(options, option{existingPool, guestText(gr.lang, "option.pool_existing", "name", written)})
			}
			stop(guestText(gr.lang, "ask.pool_exists", "name", written), options...)
		case seen[strings.ToLower(name)]:
			stop(guestText(gr.lang, "ask.pool_twice", "name", name))
		}
		seen[strings.ToLower(name)] = true
	}
	if len(gr.out.Pools) > groupsMost {
		gr.out.Pools = gr.out.Pools[:groupsMost]
	}
}

// existingPool is the answer that takes the pool that is there.
const existingPool = "existing"

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// freePool returns a name that no pool has.
func (gr *grounder) freePool(name string) string {
	taken := func(n string) bool { _, known := gr.x.find(n, aPool); return known }
	base := name
	for n := 2; taken(name); n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

// joinNewPool decides the membership of the group at hand in a pool that the request creates, and reports whether it did.
func (gr *grounder) joinNewPool() bool {
	g := gr.g
	if g.Pool.V != "" {
		i := slices.IndexFunc(gr.out.Pools, func(p NewPool) bool { return strings.EqualFold(p.Name.V, g.Pool.V) })
		if i < 0 {
			return false
		}
		g.Pool.V = gr.out.Pools[i].Name.V
		return true
	}
	if g.Pool.Has() || g.Backup.Has() || len(gr.out.Pools) != 1 {
		return false
	}
	p := gr.out.Pools[0]
	if !p.Name.Has() {
		return true // its name is asked
	}
	if p.members.Has() {
		g.Pool = Value[string]{V: p.Name.V, Origin: p.members.Origin, Text: p.members.Text, Start: p.members.Start, End: p.members.End}
		return true
	}
	g.Pool.assume(p.Name.V, Assumed, guestText(gr.lang, "reason.pool_new"))
	return true
}

// poolAnswer takes the answer to a question about a pool to create, and reports whether it was one.
func (d *dialogue) poolAnswer(id, text string) bool {
	number, field, _ := strings.Cut(id, ".")
	digits, isPool := strings.CutPrefix(number, "pool")
	i, err := strconv.Atoi(digits)
	if !isPool || err != nil || field != fieldName || i < 1 || i > len(d.in.Pools) {
		return isPool
	}
	p := &d.in.Pools[i-1]
	for _, q := range ground(d.in, d.x, d.lang).questions {
		if q.id() != id {
			continue
		}
		if v, chosen := choose(q.options, text, false); chosen {
			if v == existingPool {
				p.Existing, p.members = true, Value[bool]{V: true, Origin: Answered, Text: clip(text, 500)}
				return true
			}
			p.Name = Value[string]{V: v, Origin: Answered, Text: clip(text, 500)}
			return true
		}
	}
	name := trimFiller(text, d.x)
	if names := answerNames(name, d.x); len(names) == 1 {
		name = names[0]
	}
	p.Name = Value[string]{V: name, Origin: Answered, Text: clip(text, 500)}
	return true
}

// mergePools takes the pools that a correction asks for. "non, un pool staging" renames the only one.
func (d *dialogue) mergePools(delta *Intent, additive bool) {
	for i, p := range delta.Pools {
		if !additive && len(d.in.Pools) > i && len(delta.Pools) == len(d.in.Pools) {
			take := &d.in.Pools[i]
			if p.Name.Has() {
				take.Name, take.Existing = p.Name, false
			}
			if p.Comment.Has() {
				take.Comment = p.Comment
			}
			if p.members.Has() {
				take.members = p.members
			}
			continue
		}
		d.in.Pools = append(d.in.Pools, p)
	}
}

// renamePool gives a lone pool the name that a correction introduces, "non, nomme-le dev", and reports whether it did.
func (d *dialogue) renamePool(delta *Intent) bool {
	if len(d.in.Groups) > 0 || len(d.in.Pools) != 1 || len(delta.Groups) != 1 || !delta.Groups[0].Name.Has() || delta.Groups[0].det == detNew {
		return false
	}
	d.in.Pools[0].Name, d.in.Pools[0].Existing = delta.Groups[0].Name, false
	return true
}

// pools writes the pools to create in the wire's terms.
func (c *converter) pools(ps []NewPool) {
	for _, p := range ps {
		if p.Existing || p.Name.V == "" {
			continue
		}
		c.path = fmt.Sprintf("pools[%d]", len(c.out.GetPools()))
		fact(c, "name", p.Name)
		pool := &provisov1.Pool{Name: p.Name.V}
		if comment := clip(p.Comment.V, 1000); comment != "" {
			fact(c, "comment", p.Comment)
			pool.Comment = &comment
		}
		c.out.Pools = append(c.out.Pools, pool)
	}
}

// pools writes the rows of the pools to create.
func (t *table) pools(ps []NewPool) {
	n := 0
	for _, p := range ps {
		if p.Existing || p.Name.V == "" {
			continue
		}
		t.path = fmt.Sprintf("pools[%d].", n)
		t.guestRow("name", "new_pool", p.Name.V, p.Name.Origin, evidence(t.lang, p.Name))
		if p.Comment.V != "" {
			t.guestRow("comment", "pool_comment", visible(p.Comment.V), p.Comment.Origin, evidence(t.lang, p.Comment))
		}
		n++
	}
	t.path = ""
}

// guestRow adds a row whose label stands among the texts for containers, pools and workloads.
func (t *table) guestRow(path, label, value string, origin Origin, reason string) {
	t.rows = append(t.rows, &provisov1.InterpretationRow{Path: t.path + path, Label: t.prefix + guestText(t.lang, "label."+label),
		Value: clip(value, 4000), Origin: string(origin), Reason: clip(reason, 1000)})
}

// typedPools reads the pools that another service asks for.
func (t reader) typedPools(ps []*provisov1.Pool) []NewPool {
	var out []NewPool
	for i, p := range ps {
		t.path = fmt.Sprintf("pools[%d].", i)
		out = append(out, NewPool{Name: given(t, "name", true, p.GetName()), Comment: given(t, "comment", p.Comment != nil, p.GetComment())})
	}
	return out
}
