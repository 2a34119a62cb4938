package placement

import "slices"

// result replays the placement unit by unit, in order of the demands, so that each decision is told with the figures that
// it found. whole says that the placement was improved as a whole.
func (p *search) result(demands []Demand, whole bool) *Result {
	final := p.at
	replay := newSearch(p.Index, p.units, p.budget)
	r := &Result{
		Choices:      make([]Choice, len(demands)),
		Before:       p.loads(&p.start),
		SurvivedLoss: p.survives,
		Weights:      p.policy.Weights,
		Worth:        p.worth(),
	}
	keeps := p.survives
	for i, n := range final {
		choice := replay.choice(i, n, keeps, whole)
		keeps = choice.KeepsLoss
		for _, d := range p.units[i].demands {
			r.Choices[d] = choice
			p.wishes(&r.Choices[d], demands[d].Prefer)
		}
		replay.put(i, n)
	}
	p.handOut(demands, r)
	r.SurvivesLoss = p.survives && p.survivesLoss(replay.state)
	r.After = p.loads(replay.state)
	for n := range p.nodes {
		r.FreeBytes += max(0, replay.state.free[n])
	}
	return r
}

// wishes adds the reasons of preferences.
func (p *search) wishes(c *Choice, preferences []Preference) {
	if len(preferences) == 0 {
		return
	}
	c.Nodes = slices.Clone(c.Nodes)
	for _, preference := range preferences {
		if n, ok := p.position[preference.Node]; ok && preference.Reason != "" {
			c.Nodes[n].Wishes = append(slices.Clone(c.Nodes[n].Wishes), preference.Reason)
		}
	}
}

// handOut names the mapping that serves each device: those asked for by name first, then for each kind the mapping with most left.
func (p *search) handOut(demands []Demand, r *Result) {
	left := make(map[deviceKey]int64)
	for key, stock := range p.devices {
		if key.mapping != "" {
			left[key] = p.start.left[stock]
		}
	}
	for _, byName := range []bool{true, false} {
		for i, d := range demands {
			n, at := p.position[r.Choices[i].Node], 0
			for _, device := range d.Devices {
				for range device.count() {
					if (device.Mapping != "") == byName {
						name := device.Mapping
						if name == "" {
							name = p.mostLeft(left, device, n)
						}
						left[deviceKey{mapping: name, node: n}]--
						r.Choices[i].assign(at, name)
					}
					at++
				}
			}
		}
	}
}

func (c *Choice) assign(at int, mapping string) {
	if missing := at + 1 - len(c.Devices); missing > 0 {
		c.Devices = append(c.Devices, make([]string, missing)...)
	}
	c.Devices[at] = mapping
}

// mostLeft is the mapping of a kind that has most devices left on node n.
func (p *search) mostLeft(left map[deviceKey]int64, d Device, n int) string {
	name, most := "", int64(0)
	for _, m := range p.mappings {
		if have := left[deviceKey{mapping: m.Name, node: n}]; m.Kind == d.Kind && (name == "" || have > most) {
			name, most = m.Name, have
		}
	}
	return name
}

// choice tells why a unit is on node n. keeps reports whether the loss of one node can be borne without the unit.
func (p *search) choice(i, n int, keeps, whole bool) Choice {
	c := Choice{Node: p.nodes[n].name, Nodes: p.assess(i), KeepsLoss: keeps && p.keepsLoss(i, n)}
	c.Nodes[n].Outcome = Chosen
	weight := p.units[i].weights.Availability
	if c.KeepsLoss {
		c.Nodes[n].Scores.Availability = 1
		c.Nodes[n].Scores.Total += weight
	}
	for _, before := range p.rank(i) {
		if before == n {
			break
		}
		a := &c.Nodes[before]
		switch kept := keeps && p.keepsLoss(i, before); {
		case kept:
			a.Scores.Availability = 1
			a.Scores.Total += weight
			fallthrough
		case !c.KeepsLoss || weight == 0:
			a.Displaced, a.ForWhole = !whole, whole
		default:
			a.GivesUpLoss = true
		}
	}
	return c
}

// assess tells how every node fares for a unit now.
func (p *search) assess(i int) []Assessment {
	unit := p.units[i]
	as := make([]Assessment, len(p.nodes))
	for n := range p.nodes {
		node := &p.nodes[n]
		a := &as[n]
		a.Node, a.Status, a.Outcome = node.name, node.status, Possible
		a.Cause, a.Detail = p.hinders(unit, n), unit.static[n].detail
		a.NeedBytes, a.NeedVCPUs, a.CopyBytes = unit.memory, unit.vcpus, unit.copies[n]
		if unit.haRank != nil {
			a.HARank = unit.haRank[n]
		}
		if node.online {
			a.LoadPercent, a.TotalBytes, a.FreeBytes = node.load, node.total, max(0, p.state.free[n])
			a.VCPUs, a.VCPULimit, a.Peak = p.state.vcpus[n], node.limit, node.peak
			a.ShareAfter = max(0, p.share(p.state, unit, n))
		}
		switch a.Cause {
		case NoCause:
			a.Scores = p.scores(p.state, unit, n)
		case TooManyVCPUs:
			a.Outcome, a.NeedVCPUs, a.VCPULimit = Rejected, unit.widest, node.cpus
		case StorageSpace, NoDeviceFree, LinkFull:
			c := unit.claims[n][p.shortOf(p.state, unit, n)]
			a.Outcome, a.Detail, a.NeedBytes, a.SpaceBytes = Rejected, p.stocks[c.stock].name, c.amount, p.state.left[c.stock]
		default:
			a.Outcome = Rejected
		}
	}
	return as
}

func (x *Index) loads(s *state) []NodeLoad {
	var loads []NodeLoad
	for n := range x.nodes {
		if node := &x.nodes[n]; node.online {
			loads = append(loads, NodeLoad{
				Node: node.name, CPUs: node.cpus, VCPUs: s.vcpus[n],
				MemoryBytes: node.total, UsedBytes: node.committed() + x.start.free[n] - s.free[n],
			})
		}
	}
	return loads
}
