package placement

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"proviso.dev/pkg/pve"
)

// moved is the world with a guest elsewhere, and with what it uses there. why names a condition of the guest itself that breaks.
func (w world) moved(vmid int, to string) (out world, why string) {
	s := *w.s
	s.Guests, s.Nodes = slices.Clone(s.Guests), slices.Clone(s.Nodes)
	out = world{s: &s, o: w.o, demands: w.demands}
	out.o.Peaks = maps.Clone(w.o.Peaks)
	i := slices.IndexFunc(s.Guests, func(g pve.Guest) bool { return g.VMID == vmid })
	g := &s.Guests[i]
	from := g.Node
	if g.Node = to; from == to {
		return out, "stays"
	}
	for k := range s.Nodes {
		n := &s.Nodes[k]
		change := map[string]int64{from: -g.MemoryUsedBytes, to: g.MemoryUsedBytes}[n.Name]
		n.MemoryUsedBytes = max(0, n.MemoryUsedBytes+change)
		if peak, ok := out.o.Peaks[n.Name]; ok && change != 0 {
			peak.MemoryBytes = max(0, peak.MemoryBytes+change)
			out.o.Peaks[n.Name] = peak
		}
	}
	n, _ := s.Node(to)
	maintained := slices.ContainsFunc(s.HAManager.Nodes, func(h pve.HANode) bool { return h.Node == to })
	if !n.Online() || maintained || int(g.CPUs) > n.CPUs {
		return out, "cannot be there"
	}
	if out.overloaded(n, nil) != "" {
		return out, "no room"
	}
	return out, w.guestAgainstHA(*g, from, to)
}

// guestAgainstHA says why HA would not leave a guest on its new node.
func (w world) guestAgainstHA(g pve.Guest, from, to string) string {
	sid := "vm:" + strconv.Itoa(g.VMID)
	worse := func(nodes map[string]int, strict bool) bool {
		rank := func(name string) int {
			if p, member := nodes[name]; member {
				return p
			}
			return -1
		}
		usable := func(name string) bool {
			n, _ := w.s.Node(name)
			return n.Online() && !slices.ContainsFunc(w.s.HAManager.Nodes, func(h pve.HANode) bool { return h.Node == name })
		}
		if rank(to) < 0 && strict {
			return true
		}
		// Members that are not in use do not count; where none is, every node is as good.
		best := -1
		for name := range nodes {
			if usable(name) {
				best = max(best, rank(name))
			}
		}
		return best >= 0 && min(rank(to), best) < min(rank(from), best)
	}
	for _, service := range w.s.HAServices {
		for _, group := range w.s.HAGroups {
			if service.SID == sid && service.Group == group.Name && worse(group.Nodes, group.Restricted) {
				return "outside its group"
			}
		}
	}
	for _, rule := range w.s.HARules {
		if rule.Disabled || !slices.Contains(rule.Resources, sid) {
			continue
		}
		if rule.Type == "node-affinity" && worse(rule.Nodes, rule.Strict) {
			return "outside its rule"
		}
		for _, other := range w.s.Guests {
			if rule.Affinity == "negative" && other.VMID != g.VMID && other.Node == to && slices.Contains(rule.Resources, "vm:"+strconv.Itoa(other.VMID)) {
				return "beside another of its rule"
			}
		}
	}
	return ""
}

// single finds one move after which the demands fit.
func (w world) single() (vmid int, to string) {
	for _, g := range w.s.Guests {
		if n, _ := w.s.Node(g.Node); g.Status != pve.GuestRunning || !n.Online() {
			continue
		}
		for _, n := range w.s.Nodes {
			if after, why := w.moved(g.VMID, n.Name); why == "" && after.assignment(nil) != nil {
				return g.VMID, n.Name
			}
		}
	}
	return 0, ""
}

// TestMovesAgainstReferee looks at the refusals among random cases: advised moves keep every rule and make the demands fit, and where one
// move would do, one move is advised.
//
// Shows: T-3.3.5-216
func TestMovesAgainstReferee(t *testing.T) {
	cases := casesWanted(t) / 4
	none, one, two, compared := 0, 0, 0, 0
	for number := range cases {
		w := newWorld(uint64(number))
		_, err := NewIndexWith(w.s, Policy{}, w.o).Choose(w.demands)
		refused := new(InfeasibleError)
		if !errors.As(err, &refused) {
			continue
		}
		advised := 0
		if refused.Moves != nil {
			advised = len(refused.Moves.Moves)
			w.follow(t, number, refused.Moves)
		}
		switch advised {
		case 0:
			none++
		case 1:
			one++
			continue
		case 2:
			two++
		}
		compared++
		if vmid, to := w.single(); vmid != 0 {
			t.Errorf("case %d: %d moves advised, but guest %d to %s would do", number, advised, vmid, to)
		}
	}
	t.Logf("%d refusals: %d with one move that helps, %d with two, %d with none", none+one+two, one, two, none)
	if one < cases/100 || two < 2 || compared < cases/20 {
		t.Errorf("the cases are too alike to show anything")
	}
}

// follow plays advice out. Two guests may change places, so conditions are looked at when all have moved.
func (w world) follow(t *testing.T, number int, a *Advice) {
	t.Helper()
	after, moves := w, 0
	for _, m := range a.Moves {
		for _, g := range m.Guests {
			moves++
			var why string
			after, why = after.moved(g.VMID, m.To)
			if why != "" && why != "no room" && why != "beside another of its rule" {
				t.Errorf("case %d: move of %d to %s: %s", number, g.VMID, m.To, why)
			}
		}
	}
	for _, m := range a.Moves {
		n, _ := after.s.Node(m.To)
		if why := after.overloaded(n, nil); why != "" {
			t.Errorf("case %d: after %d moves %s has too little: %s", number, moves, m.To, why)
		}
	}
	if why := after.broken(a.Nodes); why != "" {
		t.Errorf("case %d: after the advised moves %v still breaks a condition: %s", number, a.Nodes, why)
	}
}

// Moves of a rebalancing are done one after the other, so each has to be possible when its turn comes.
func TestRebalanceAgainstReferee(t *testing.T) {
	cases, moves := casesWanted(t)/4, 0
	for number := range cases {
		w := newWorld(uint64(number))
		last := 0.0
		for i, m := range NewIndexWith(w.s, Policy{}, w.o).Rebalance(RebalanceOptions{}) {
			moves++
			if m.After >= m.Before || i > 0 && math.Abs(m.Before-last) > 1e-9 {
				t.Errorf("case %d: move %d takes the imbalance from %.3f to %.3f, the one before left %.3f", number, i, m.Before, m.After, last)
			}
			last = m.After
			for _, g := range m.Guests {
				var why string
				if w, why = w.moved(g.VMID, m.To); why != "" {
					t.Errorf("case %d: move %d of guest %d to %s: %s", number, i, g.VMID, m.To, why)
				}
			}
		}
	}
	t.Logf("%d moves in %d cases", moves, cases)
	if moves < cases/10 {
		t.Errorf("the cases are too alike to show anything")
	}
}

// Guests of a node that is drained go where they may, and those that stay could go nowhere alone.
func TestDrainAgainstReferee(t *testing.T) {
	cases, moves, stays := casesWanted(t)/4, 0, 0
	for number := range cases {
		w := newWorld(uint64(number))
		node := w.s.Nodes[0].Name
		e, ok := NewIndexWith(w.s, Policy{}, w.o).Drain(node)
		if !ok {
			continue
		}
		after := w
		for _, m := range e.Moves {
			for _, g := range m.Guests {
				moves++
				var why string
				// A node that is drained need not be liked less by HA than the others.
				if after, why = after.moved(g.VMID, m.To); why != "" && why != "outside its group" && why != "outside its rule" {
					t.Errorf("case %d: guest %d to %s: %s", number, g.VMID, m.To, why)
				}
			}
		}
		for _, g := range e.Stays {
			stays++
			for _, a := range g.Nodes {
				if a.Outcome != Rejected || a.Cause == NoCause {
					t.Errorf("case %d: guest %d stays, but %s would take it", number, g.VMID, a.Node)
				}
			}
		}
	}
	t.Logf("%d moves, %d guests stay in %d cases", moves, stays, cases)
	if moves < cases/10 || stays < cases/100 {
		t.Errorf("the cases are too alike to show anything")
	}
}
