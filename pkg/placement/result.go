package placement

import "slices"

// result replays the placement unit by unit, in order of the demands, so that each decision is told with the figures that
// it found.
func (p *search) result(demands int) *Result {
	final := p.at
	replay := newSearch(p.Index, p.units)
	r := &Result{
		Choices:      make([]Choice, demands),
		Before:       p.loads(&p.start),
		SurvivedLoss: p.survives,
	}
	keeps := p.survives
	for u, n := range final {
		choice := replay.choice(u, n, keeps)
		keeps = choice.KeepsLoss
		for _, d := range p.units[u].demands {
			r.Choices[d] = choice
		}
		replay.put(u, n)
	}
	r.SurvivesLoss = p.survives && p.survivesLoss(replay.state)
	r.After = p.loads(replay.state)
	for n := range p.nodes {
		r.FreeBytes += max(0, replay.state.free[n])
	}
	return r
}

// choice tells why a unit is on node n. keeps reports whether the loss of one node can be borne without the unit.
func (p *search) choice(u, n int, keeps bool) Choice {
	c := Choice{Node: p.nodes[n].name, Nodes: p.assess(u), KeepsLoss: keeps && p.keepsLoss(u, n)}
	c.Nodes[n].Outcome = Chosen
	for _, before := range p.rank(u) {
		if before == n {
			break
		}
		a := &c.Nodes[before]
		a.GivesUpLoss = c.KeepsLoss && !p.keepsLoss(u, before)
		a.Displaced = !a.GivesUpLoss
	}
	return c
}

// assess tells how every node fares for a unit now.
func (p *search) assess(u int) []Assessment {
	unit := p.units[u]
	as := make([]Assessment, len(p.nodes))
	for n := range p.nodes {
		node := &p.nodes[n]
		a := Assessment{
			Node: node.name, Status: node.status, Outcome: Possible,
			Cause: p.obstacle(u, n), Detail: unit.static[n].detail,
			NeedBytes: unit.memory, NeedVCPUs: unit.vcpus,
		}
		if node.online {
			a.LoadPercent, a.TotalBytes, a.FreeBytes = node.load, node.total, max(0, p.state.free[n])
			a.VCPUs, a.VCPULimit = p.state.vcpus[n], node.limit
			a.ShareAfter = max(0, p.share(p.state, unit, n))
		}
		switch a.Cause {
		case NoCause:
		case TooManyVCPUs:
			a.Outcome, a.NeedVCPUs, a.VCPULimit = Rejected, unit.widest, node.cpus
		case StorageSpace:
			c := unit.space[n][p.shortOfSpace(p.state, unit, n)]
			a.Outcome, a.Detail, a.NeedBytes, a.SpaceBytes = Rejected, p.poolName(c.pool), c.bytes, p.state.space[c.pool]
		default:
			a.Outcome = Rejected
		}
		as[n] = a
	}
	return as
}

// poolName finds the storage that a pool belongs to.
func (x *Index) poolName(pool int) string {
	for name, st := range x.storages {
		if slices.Contains(st.pool, pool) {
			return name
		}
	}
	return ""
}

func (x *Index) loads(s *state) []NodeLoad {
	var loads []NodeLoad
	for n, node := range x.nodes {
		if node.online {
			loads = append(loads, NodeLoad{
				Node: node.name, CPUs: node.cpus, VCPUs: s.vcpus[n],
				MemoryBytes: node.total, UsedBytes: node.committed + x.start.free[n] - s.free[n],
			})
		}
	}
	return loads
}

// infeasible explains why the unit, of a search that is stuck, fits nowhere.
func (p *search) infeasible(demands []Demand, u int, proven bool) *InfeasibleError {
	unit := p.units[u]
	e := &InfeasibleError{Demand: unit.demands[0], Nodes: p.assess(u), Proven: proven}
	for n := range p.nodes {
		if e.Nodes[n].Cause != Memory {
			continue
		}
		// All members of a unit have the same memory: they are one guest, or equal guests of one group.
		most := p.state.free[n] / int64(len(unit.members))
		less := *unit
		less.memory = most * int64(len(unit.members))
		if most > e.MostMemoryBytes && p.Index.obstacle(p.state, &less, n, p.taken[unit.group]) == NoCause {
			e.MostMemoryBytes, e.MostMemoryNode = most, p.nodes[n].name
		}
	}

	free := make([]Demand, len(unit.demands))
	for i, d := range unit.demands {
		free[i] = demands[d]
		free[i].Nodes, free[i].Avoid = nil, nil
	}
	anywhere := p.Index.units(free)[0]
	for n := range p.nodes {
		if p.Index.obstacle(p.state, anywhere, n, p.taken[unit.group]) == NoCause {
			e.Elsewhere = append(e.Elsewhere, p.nodes[n].name)
		}
	}
	return e
}
