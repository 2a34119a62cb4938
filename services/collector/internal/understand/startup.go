package understand

import (
	"slices"
	"strings"
)

// The bounds of the contract on the start order.
const (
	startOrderMost = 9999
	startDelayMost = 3600
)

// delay keeps how long to wait before the next guest starts. Of several groups, "30 seconds later" speaks of the one before.
func (a *assembler) delay(g *Group, it item) {
	set(a, g, &g.StartDelay, it.n, it, fieldStartDelay, showInt)
}

// after keeps which machines start before or after these.
func (a *assembler) after(g *Group, it item) {
	if it.clear {
		g.before = union(g.before, it.list)
	} else {
		g.after = union(g.after, it.list)
		g.delayAfter = max(g.delayAfter, it.n)
	}
	g.startText = value(a, 0, it)
}

// relationsMost bounds how many others a machine can be said to start before or after.
const relationsMost = groupsMost

// union appends what a list has not got, up to the bound, and leaves the list itself as it is.
func union(list, more []string) []string {
	out := slices.Clip(list)
	for _, s := range more {
		if len(out) < relationsMost && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// startOrders turns "after", "before" and sequences into places. Places that were stated stay.
func (gr *grounder) startOrders() {
	in := gr.out.Intent
	var chain [][]*Group
	var evidence []Value[int]
	resolve := func(ref string) *Group {
		for _, g := range in.Groups {
			if g.Role.V == ref || slices.ContainsFunc(plannedNames(g), func(n string) bool { return strings.EqualFold(n, ref) }) || strings.EqualFold(g.Name.V, ref) {
				return g
			}
		}
		return nil
	}
	for _, s := range in.sequences {
		var groups []*Group
		for _, ref := range s {
			if g := resolve(ref); g != nil {
				groups = append(groups, g)
			}
		}
		chain, evidence = append(chain, groups), append(evidence, Value[int]{})
	}
	for i, g := range in.Groups {
		for _, ref := range append(slices.Clone(g.after), g.before...) {
			other := resolve(ref)
			switch {
			case other == nil || other == g:
				gr.i, gr.g = i, g
				if !g.StartOrder.Has() {
					gr.ask(fieldStartOrder, gr.say("ask.start_after", "name", quoteText(ref)), nil)
				}
			case slices.Contains(g.after, ref):
				chain, evidence = append(chain, []*Group{other, g}), append(evidence, g.startText)
				if g.delayAfter > 0 && !other.StartDelay.Has() {
					other.StartDelay = Value[int]{V: g.delayAfter, Origin: g.startText.Origin, Text: g.startText.Text, Start: g.startText.Start, End: g.startText.End}
				}
			default:
				chain, evidence = append(chain, []*Group{g, other}), append(evidence, g.startText)
			}
		}
	}
	if len(chain) == 0 {
		return
	}
	gr.rankGroups(chain, evidence)
	for i, g := range in.Groups {
		gr.i, gr.g = i, g
		gr.startup()
	}
}

// rankGroups gives each group of the chains a place after those that come before it.
func (gr *grounder) rankGroups(chains [][]*Group, evidence []Value[int]) {
	rank := map[*Group]int{}
	why := map[*Group]Value[int]{}
	for k, c := range chains {
		for _, g := range c {
			rank[g] = max(rank[g], max(1, g.StartOrder.V))
			if evidence[k].Text != "" {
				why[g] = evidence[k]
			}
		}
	}
	for range len(rank) + 1 { // as many rounds as the longest chain can have links; a circle ends there too
		for _, c := range chains {
			for k := 1; k < len(c); k++ {
				if c[k] != c[k-1] && rank[c[k]] <= rank[c[k-1]] && !c[k].StartOrder.said() {
					rank[c[k]] = rank[c[k-1]] + 1
				}
			}
		}
	}
	for g, r := range rank {
		if r > len(rank)+1 && !g.StartOrder.Has() && !slices.ContainsFunc(chains, func(c []*Group) bool {
			return slices.ContainsFunc(c, func(o *Group) bool { return o.StartOrder.Has() })
		}) {
			continue // a circle: each after the other
		}
		if !g.StartOrder.Has() {
			g.StartOrder = Value[int]{V: r, Origin: Derived, Text: why[g].Text, Start: why[g].Start, End: why[g].End, Reason: gr.say("reason.start_order")}
		}
	}
}

// startup checks the place in the start order and the delay.
func (gr *grounder) startup() {
	g := gr.g
	if gr.contradicted(fieldStartOrder) || g.StartOrder.V > startOrderMost {
		gr.ask(fieldStartOrder, gr.say("ask.start_order_range", "most", startOrderMost), nil)
		g.StartOrder = Value[int]{}
	}
	if gr.contradicted(fieldStartDelay) || g.StartDelay.V > startDelayMost {
		gr.ask(fieldStartDelay, gr.say("ask.start_delay_range", "most", startDelayMost), nil)
		g.StartDelay = Value[int]{}
	}
	if (g.StartOrder.Has() || g.StartDelay.Has()) && !g.StartAtBoot.said() {
		g.StartAtBoot = Value[bool]{V: true, Origin: Derived, Reason: gr.say("reason.start_at_boot_order")}
	}
}
