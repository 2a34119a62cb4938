package placement

import "slices"

// An Evacuation is where the guests of a node would go.
type Evacuation struct {
	Node string
	// Moves are one a guest, or one a bundle that HA keeps together.
	Moves []Move
	// Stays are the running guests for which no place was found.
	Stays []Remaining
	// Stopped are the ids of the guests that do not run: they stay and can be started again when the node is back.
	Stopped []int
	// Proven is false when the search for a place for all was cut short.
	Proven bool
	// SurvivesLoss reports whether the nodes that remain bear the loss of one of them.
	SurvivesLoss bool
	// After are the loads of the online nodes, the empty one among them.
	After []NodeLoad
}

// A Remaining is a guest that finds no other node.
type Remaining struct {
	VMID int
	Name string
	// Nodes says for each node why not.
	Nodes []Assessment
}

// Drain tells where the guests of a node would go, for example before it is maintained. HA groups and rules, storages, networks and devices
// are kept. ok is false when there is no such node or it is not online.
func (x *Index) Drain(name string) (*Evacuation, bool) {
	i, ok := x.position[name]
	if !ok || !x.nodes[i].online {
		return nil, false
	}
	e, _ := x.drain(i, Balance, nil)
	return e, true
}

// drain empties node i without using those that are closed. It returns the index of the cluster afterwards, too.
func (x *Index) drain(i int, o Objective, closed []string) (*Evacuation, *Index) {
	e := &Evacuation{Node: x.nodes[i].name, Proven: true}
	var leaving []int
	for g, r := range x.roster.guests {
		switch {
		case x.at[g] != i:
		case r.running:
			leaving = append(leaving, g)
		default:
			e.Stopped = append(e.Stopped, r.VMID)
		}
	}
	y, demands := x.emptied(i, leaving, o, closed)
	budget := Budget{Steps: -1}
	p, _, err := y.place(demands, &budget)
	if err != nil {
		e.Proven = err.Proven
		p = y.partly(demands)
	}
	var moving, to []int
	var moves []relocation
	for k, u := range p.units {
		for _, d := range u.demands {
			g := leaving[d]
			if p.at[k] < 0 {
				e.Stays = append(e.Stays, Remaining{x.roster.guests[g].VMID, x.roster.guests[g].Name, p.assess(k)})
				continue
			}
			moving, to = append(moving, g), append(to, p.at[k])
			moves = append(moves, relocation{g, p.at[k]})
		}
	}
	e.Moves = x.asMoves(moving, to)
	e.SurvivesLoss = y.survivesLoss(p.state)
	after := x.relocated(moves)
	e.After = after.loads(&after.start)
	return e, after
}

// emptied is the cluster without some guests of node i and with that node closed, and the demands of those guests.
func (x *Index) emptied(i int, leaving []int, o Objective, closed []string) (*Index, []Demand) {
	y, demands := x.lift(leaving)
	for k := range demands {
		demands[k].Objective = o
	}
	for n := range y.nodes {
		if n == i || slices.Contains(closed, y.nodes[n].name) {
			y.nodes[n].open = false
		}
	}
	y.survives = y.survivesLoss(&y.start)
	y.start.heap = nil
	return y, demands
}

// partly places what can be placed, the largest first.
func (x *Index) partly(demands []Demand) *search {
	p := newSearch(x, x.units(demands), &Budget{})
	for _, u := range p.order() {
		if ranked := p.rank(u); len(ranked) > 0 {
			p.put(u, ranked[0])
		} else {
			p.makeRoom(u)
		}
	}
	return p
}
