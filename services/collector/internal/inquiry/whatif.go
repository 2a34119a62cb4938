package inquiry

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"proviso.dev/pkg/outlook"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// factorDefault is what "the load doubles" means when no factor is named.
const factorDefault = 2.0

// peaked is the index under what is to be reckoned with (P95) in the coming day, where a history says so; known counts the nodes of
// which that is known.
func (a *answer) peaked() (x *placement.Index, known int) {
	peaks := map[string]placement.Peak{}
	for _, n := range a.s.Nodes {
		if !n.Online() {
			continue
		}
		to := a.s.TakenAt.Add(day)
		cpu, err := a.look(outlook.Subject{Node: n.Name}, outlook.CPU, to)
		if err != nil {
			continue
		}
		p := placement.Peak{}
		p.CPU, p.At = cpu.Forecast.Peak(0.95)
		if memory, err := a.look(outlook.Subject{Node: n.Name}, outlook.Memory, to); err == nil {
			top, _ := memory.Forecast.Peak(0.95)
			p.MemoryBytes = int64(top)
		}
		peaks[n.Name] = p
		known++
	}
	if known == 0 {
		return a.index(), 0
	}
	return placement.NewIndexWith(a.s, a.facts.Policy, placement.Options{Peaks: peaks}), known
}

// scale answers what becomes of the nodes when the load grows.
func (a *answer) scale() {
	factor := cmp.Or(a.q.Factor, factorDefault)
	x, known := a.peaked()
	s := x.Scale(factor)
	if len(s.Nodes) == 0 {
		a.text("room_offline")
		return
	}
	times := wording.Amount(a.lang, math.Round(100*factor)/100)
	basis := a.say("scale_measured", "at", outlook.Moment(a.lang, a.s.TakenAt))
	if known == len(s.Nodes) {
		basis = a.say("scale_forecast")
	} else if known > 0 {
		basis = a.say("scale_mixed")
	}
	var over []string
	for _, n := range s.Nodes {
		reason := a.say("scale_fits")
		if len(n.Over) > 0 {
			over = append(over, wording.Quote(n.Node))
			reason = a.say("scale_over." + string(n.Over[0]))
			if len(n.Over) > 1 {
				reason = a.say("scale_over.both")
			}
		}
		a.row(n.Node, a.say("scale_row", "cpu", a.percent(n.CPU), "used", wording.Room(a.lang, n.UsedBytes), "total", wording.Room(a.lang, n.TotalBytes)), reason)
	}
	if s.Fits {
		a.text("scale_yes", "factor", times)
	} else {
		a.text("scale_no", "factor", times, "nodes", wording.List(a.lang, over))
	}
	if s.MostFactor > 0 {
		a.text("scale_most", "factor", wording.Amount(a.lang, math.Floor(100*s.MostFactor)/100), "node", wording.Quote(s.MostNode), "resource", a.say("resource."+string(s.MostResource)))
	}
	a.sentence(basis)
	a.text("scale_note")
}

// balance answers how even the load is, and which moves would make it more so.
func (a *answer) balance() {
	x := a.index()
	now := x.Imbalance()
	moves := x.Rebalance(placement.RebalanceOptions{})
	for _, r := range a.rooms() {
		if r.Online {
			memory := float64(r.UsedBytes) / float64(max(1, r.TotalBytes))
			a.row(r.Node, a.say("balance_row", "use", a.percent((r.Load+memory)/2), "cpu", a.percent(r.Load), "memory", a.percent(memory)),
				a.say("balance_evidence", "used", wording.Room(a.lang, r.UsedBytes), "total", wording.Room(a.lang, r.TotalBytes), "at", outlook.Moment(a.lang, a.s.TakenAt)))
		}
	}
	figures := []any{"now", a.ratio(now), "threshold", a.ratio(placement.DefaultThreshold)}
	switch {
	case now <= placement.DefaultThreshold:
		a.text("balance_even", figures...)
	case len(moves) == 0:
		a.text("balance_stuck", figures...)
	default:
		a.text("balance_uneven", append(figures, "after", a.ratio(moves[len(moves)-1].After), "moves", a.count("move", len(moves)))...)
		a.moves(moves)
	}
	a.text("balance_measure")
}

// ratio writes a plain ratio with two decimals.
func (a *answer) ratio(f float64) string { return wording.Amount(a.lang, math.Round(100*f)/100) }

// moves lists moves as advice, with the commands that a person would give.
func (a *answer) moves(moves []placement.Move) {
	unread := false
	for _, m := range moves {
		for _, g := range m.Guests {
			how := "move_live"
			switch {
			case g.Kind == pve.KindContainer:
				how = "move_restart"
			case g.CopyBytes > 0:
				how = "move_copy"
			case !g.DisksKnown:
				how = "move_unread"
			case !g.Live:
				how = "move_offline"
			}
			unread = unread || !g.DisksKnown
			reason := a.say(how, "size", wording.Room(a.lang, g.CopyBytes))
			if m.Before > 0 {
				reason += a.say("semicolon") + a.say("move_gain", "before", a.ratio(m.Before), "after", a.ratio(m.After))
			}
			named := a.titles([]int{g.VMID})
			if len(named) == 0 {
				continue
			}
			a.row(named[0], a.say("move", "from", wording.Quote(m.From), "to", wording.Quote(m.To), "memory", wording.Room(a.lang, g.MemoryBytes)), reason)
			if Commandable(m.To) {
				a.command(moveCommand(g, m.To))
			}
		}
	}
	if unread {
		a.text("moves_unread")
	}
	a.text("moves_note")
}

// commandsMost bounds the commands of one answer.
const commandsMost = 16

// moveCommand is what a person gives to move a guest.
func moveCommand(g placement.Moved, to string) string {
	id := strconv.Itoa(g.VMID)
	switch {
	case g.HA && g.Kind == pve.KindContainer:
		return fmt.Sprintf("ha-manager migrate ct:%s %s", id, to)
	case g.HA:
		return fmt.Sprintf("ha-manager migrate vm:%s %s", id, to)
	case g.Kind == pve.KindContainer:
		return fmt.Sprintf("pct migrate %s %s --restart", id, to)
	case g.CopyBytes > 0:
		return fmt.Sprintf("qm migrate %s %s --online --with-local-disks", id, to)
	}
	return fmt.Sprintf("qm migrate %s %s --online", id, to)
}

// drain answers where the guests of a node would go.
func (a *answer) drain() {
	e, ok := a.index().Drain(a.q.Node)
	node := wording.Quote(a.q.Node)
	if !ok {
		a.text("node_offline", "node", node)
		return
	}
	switch {
	case len(e.Moves)+len(e.Stays) == 0:
		a.text("drain_empty", "node", node)
	case len(e.Stays) == 0:
		a.text("drain_yes", "node", node)
	default:
		var names []string
		for _, g := range e.Stays {
			names = append(names, a.titles([]int{g.VMID})...)
		}
		a.text("drain_no", "node", node, "names", a.names(names))
		if !e.Proven {
			a.text("drain_unproven")
		}
	}
	if len(e.Moves) > 0 {
		key := "drain_bears"
		if !e.SurvivesLoss {
			key = "drain_bears_not"
		}
		a.text(key)
		a.moves(e.Moves)
	}
	for _, g := range e.Stays {
		for _, name := range a.titles([]int{g.VMID}) {
			a.row(name, a.say("stays"), a.obstacles(g.Nodes))
		}
	}
	if len(e.Stopped) > 0 {
		a.text("drain_stopped", "node", node, "names", a.names(a.titles(e.Stopped)))
	}
	for _, l := range e.After {
		a.row(l.Node, a.say("after_row", "used", wording.Room(a.lang, l.UsedBytes), "total", wording.Room(a.lang, l.MemoryBytes), "vcpus", l.VCPUs, "threads", l.CPUs), a.say("after"))
	}
	if Commandable(a.q.Node) {
		a.command("ha-manager crm-command node-maintenance enable " + a.q.Node)
	}
}

// obstacles writes for each node why it takes a guest not.
func (a *answer) obstacles(nodes []placement.Assessment) string {
	var parts []string
	for _, n := range nodes {
		if n.Cause == placement.NoCause || n.Node == a.q.Node {
			continue
		}
		key := "obstacle." + string(n.Cause)
		parts = append(parts, wording.Quote(n.Node)+a.say("colon")+a.say(key, "free", wording.Room(a.lang, n.FreeBytes), "detail", wording.Quote(n.Detail)))
	}
	return a.joined(parts)
}

// joined writes parts one after the other, as the language sets a semicolon.
func (a *answer) joined(parts []string) string { return strings.Join(parts, a.say("semicolon")) }

// pack answers how few nodes would carry the guests.
func (a *answer) pack() {
	c := a.index().Pack()
	if len(c.Rest) == 0 {
		a.text("pack_none")
	} else {
		var names []string
		for _, r := range c.Rest {
			names = append(names, wording.Quote(r.Node))
			a.row(r.Node, a.say("pack_row", "watts", int(r.SavedWatts+0.5)), a.count("move", len(r.Moves)))
		}
		a.text("pack_rest", "nodes", a.names(names), "before", int(c.WattsBefore+0.5), "after", int(c.WattsAfter+0.5))
	}
	for _, l := range c.After {
		a.row(l.Node, a.say("after_row", "used", wording.Room(a.lang, l.UsedBytes), "total", wording.Room(a.lang, l.MemoryBytes), "vcpus", l.VCPUs, "threads", l.CPUs), a.say("goes_on"))
	}
	a.text("pack_note", "cpu", a.percent(placement.PackedCPU))
	for _, r := range c.Rest {
		if len(r.Moves) > 0 {
			a.moves(r.Moves)
		}
	}
}

// makeRoom answers after which moves guests of a size fit.
func (a *answer) makeRoom() {
	demands := a.demands()
	if len(demands) == 0 {
		a.room()
		return
	}
	what := a.wanted()
	advice := a.index().MovesFor(demands)
	switch {
	case advice == nil:
		a.text("make_room_none", "what", what)
		a.room()
	case len(advice.Moves) == 0:
		a.text("make_room_needless", "what", what, "nodes", a.names(distinct(advice.Nodes)))
	default:
		a.text("make_room", "what", what, "nodes", a.names(distinct(advice.Nodes)), "moves", a.count("move", len(advice.Moves)))
		a.moves(advice.Moves)
	}
	for _, r := range a.rooms() {
		if r.Online && advice != nil {
			a.row(r.Node, a.figures(r), a.say("as_it_is"))
		}
	}
}

// afterMoves tells the moves after which what fits nowhere would fit, if there are such.
func (a *answer) afterMoves(what string) {
	demands := a.demands()
	if len(demands) == 0 || a.q.DiskGiB > 0 || a.q.Storage != "" {
		return // which storage a disk is meant for nobody said
	}
	if advice := a.index().MovesFor(demands); advice != nil && len(advice.Moves) > 0 {
		a.text("make_room", "what", what, "nodes", a.names(distinct(advice.Nodes)), "moves", a.count("move", len(advice.Moves)))
		a.moves(advice.Moves)
	}
}

// demands are the guests that room is wanted for; none where no size was named.
func (a *answer) demands() []placement.Demand {
	if a.q.Cores == 0 && a.q.MemoryMiB == 0 {
		return nil
	}
	d := placement.Demand{VCPUs: max(1, a.q.Cores), MemoryBytes: int64(a.q.MemoryMiB) << 20}
	if a.q.Node != "" {
		d.Nodes = []string{a.q.Node}
	}
	out := make([]placement.Demand, min(max(1, a.q.Count), countMost))
	for i := range out {
		out[i] = d
		out[i].Group = i
	}
	return out
}

// countMost bounds how many guests moves are looked for.
const countMost = 16

func distinct(names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
