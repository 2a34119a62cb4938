package placement

// infeasible explains why the unit, of a search that is stuck, fits nowhere.
func (p *search) infeasible(demands []Demand, i int, proven bool) *InfeasibleError {
	unit := p.units[i]
	e := &InfeasibleError{Demand: unit.demands[0], Nodes: p.assess(i), Proven: proven}
	for n := range p.nodes {
		if e.Nodes[n].Cause != Memory {
			continue
		}
		// Members of a unit are mostly one guest, or equal guests of one group; what is free is divided evenly.
		most := p.state.free[n] / int64(len(unit.members))
		less := *unit
		less.memory = most * int64(len(unit.members))
		if most > e.MostMemoryBytes && p.hinders(&less, n) == NoCause {
			e.MostMemoryBytes, e.MostMemoryNode = most, p.nodes[n].name
		}
	}

	free := make([]Demand, len(unit.demands))
	for k, d := range unit.demands {
		free[k] = demands[d]
		free[k].Nodes, free[k].Avoid = nil, nil
	}
	// Labels are numbered by request, so those of the whole request stand in for those of the part.
	anywhere := p.Index.units(free)[0]
	anywhere.bond = unit.bond
	for n := range p.nodes {
		if p.hinders(anywhere, n) == NoCause {
			e.Elsewhere = append(e.Elsewhere, p.nodes[n].name)
		}
	}
	return e
}

// refuseQuota explains that a resource pool may have no more.
func (x *Index) refuseQuota(demands []Demand, pool string) *InfeasibleError {
	e := &InfeasibleError{Proven: true}
	for i, d := range demands {
		if d.Pool == pool {
			e.Demand = i
			break
		}
	}
	p := newSearch(x, x.units(demands[e.Demand:e.Demand+1]), &Budget{})
	e.Nodes = p.assess(0)
	for n := range e.Nodes {
		e.Nodes[n].Outcome, e.Nodes[n].Cause, e.Nodes[n].Detail = Rejected, OverQuota, pool
	}
	return e
}
