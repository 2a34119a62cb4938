package placement

import "math/rand/v2"

// improve changes a valid placement of several guests, one or two at a time, as long as it becomes better as a whole and the budget
// lasts. It never gives up the loss of a node, nor takes a guest further down HA's list. It is deterministic, and reports whether it
// changed anything. A policy that weighs energy is left as greed has it: which node rests is no matter of one or two guests.
func (p *search) improve() bool {
	if len(p.units) < 2 || p.budget.steps() == 0 || !p.alike() {
		return false
	}
	keeps := p.survives && p.policy.Weights.Availability > 0 && p.survivesLoss(p.state)
	random := rand.New(rand.NewPCG(2, uint64(len(p.units))))
	changed, idle := false, 0
	for step := range p.budget.steps() {
		if step%32 == 0 && p.budget.stopped() || idle > 2*len(p.units) {
			break
		}
		idle++
		i := step % len(p.units)
		if p.relocate(i, keeps) || p.swap(i, random.IntN(len(p.units)), keeps) {
			changed, idle = true, 0
		}
	}
	return changed
}

// alike reports whether all units want the same of a placement.
func (p *search) alike() bool {
	for _, u := range p.units {
		if u.weights != p.units[0].weights || u.weights.Energy > 0 {
			return false
		}
	}
	return true
}

// leastGain is what a change has to bring; less is rounding.
const leastGain = 1e-9

// value of node n, less is better: half the square of its load, so that adding a guest of size s to it costs its load times s, as the
// score of one guest has it.
func (p *search) value(n int) float64 {
	if !p.nodes[n].open || p.nodes[n].total == 0 || p.nodes[n].limit == 0 {
		return 0
	}
	load := 1 - p.share(p.state, &unit{}, n)
	w := &p.units[0].weights
	return (w.Balance - w.Cost) * load * load / 2
}

// liking of unit i for node n, more is better, in the measure of value.
func (p *search) liking(i, n int) float64 {
	u := p.units[i]
	liking := u.weights.Locality * u.locality(n)
	if u.wish != nil {
		liking += u.weights.Wish * u.wish[n]
	}
	return liking * float64(u.memory) / float64(max(1, p.nodes[n].total))
}

// Value sums it up for the placement as it is.
func (p *search) worth() float64 {
	sum := 0.0
	if len(p.units) == 0 {
		return 0
	}
	for n := range p.nodes {
		sum += p.value(n)
	}
	for i, n := range p.at {
		sum -= p.liking(i, n)
	}
	return sum
}

// worse reports whether HA would rather have the unit where it is.
func (u *unit) worse(from, to int) bool { return u.haRank != nil && u.haRank[to] > u.haRank[from] }

// relocate moves a unit to the node where the placement gains most; it reports whether there is one.
func (p *search) relocate(i int, keeps bool) bool {
	from := p.at[i]
	before := p.value(from)
	liked := p.liking(i, from)
	p.take(i)
	left := before - p.value(from)
	best, most := -1, leastGain
	for n := range p.nodes {
		if n == from || p.units[i].worse(from, n) || p.obstacle(i, n) != NoCause {
			continue
		}
		was := p.value(n)
		p.state.free[n] -= p.units[i].memory
		p.state.vcpus[n] += p.units[i].vcpus
		p.state.cpu[n] += p.units[i].cpu
		gain := left + was - p.value(n) + p.liking(i, n) - liked
		p.state.free[n] += p.units[i].memory
		p.state.vcpus[n] -= p.units[i].vcpus
		p.state.cpu[n] -= p.units[i].cpu
		if gain > most {
			best, most = n, gain
		}
	}
	if best >= 0 {
		p.put(i, best)
		if !keeps || p.survivesLoss(p.state) {
			return true
		}
		p.take(i)
	}
	p.put(i, from)
	return false
}

// swap lets two units change places when the placement gains by it.
func (p *search) swap(i, j int, keeps bool) bool {
	a, b := p.at[i], p.at[j]
	if a == b || p.units[i].worse(a, b) || p.units[j].worse(b, a) {
		return false
	}
	before := p.value(a) + p.value(b) - p.liking(i, a) - p.liking(j, b)
	p.take(i)
	p.take(j)
	if p.obstacle(i, b) == NoCause {
		p.put(i, b)
		if p.obstacle(j, a) == NoCause {
			p.put(j, a)
			after := p.value(a) + p.value(b) - p.liking(i, b) - p.liking(j, a)
			if before-after > leastGain && (!keeps || p.survivesLoss(p.state)) {
				return true
			}
			p.take(j)
		}
		p.take(i)
	}
	p.put(i, a)
	p.put(j, b)
	return false
}
