package placement

// A Budget says how much work a choice is worth. A placement is valid whenever the budget ends, and better the later it ends. The zero
// value is the default.
type Budget struct {
	// Steps are the changes that are tried on a valid placement of several guests to make it better; 0: 2,000; negative: none.
	Steps int
	// Stop is asked every so often; once true, the best so far is the answer. A refusal that it cut short is not proven. nil: never.
	Stop func() bool

	over  bool
	quick bool // leave out what takes long where not everything can be looked at anyway
}

// DefaultSteps of a Budget.
const DefaultSteps = 2000

func (b *Budget) steps() int {
	if b.Steps == 0 {
		return DefaultSteps
	}
	return max(0, b.Steps)
}

// stopped reports whether Stop has ever said so.
func (b *Budget) stopped() bool {
	b.over = b.over || b.Stop != nil && b.Stop()
	return b.over
}

// Choose returns one choice a demand, in order. Demands that do not fit yield an *InfeasibleError.
//
// Units are placed one after the other, the largest first, each on the node that its objective prefers. Where that ends
// in a dead end, one placed unit is moved out of the way; where that does not help either, the demands are proven not to fit, or a way
// is searched by throwing others out, or all placements are searched within a bound that covers every request of up to six guests on
// five nodes. What was found for several guests is then improved as a whole.
func (x *Index) Choose(demands []Demand) (*Result, error) { return x.ChooseWithin(demands, Budget{}) }

// ChooseWithin is Choose within a budget.
func (x *Index) ChooseWithin(demands []Demand, b Budget) (*Result, error) {
	p, algorithm, err := x.place(demands, &b)
	if err != nil {
		err.Moves = x.movesFor(demands, &b)
		return nil, err
	}
	if p.improve() {
		algorithm = Improved
	}
	r := p.result(demands, algorithm == Improved)
	r.Algorithm = algorithm
	return r, nil
}

// place finds a node for every unit.
func (x *Index) place(demands []Demand, b *Budget) (*search, string, *InfeasibleError) {
	if pool := x.overQuota(demands); pool != "" {
		return nil, "", x.refuseQuota(demands, pool)
	}
	units := x.units(demands)
	p, algorithm := newSearch(x, units, b), Greedy
	if failed := p.greedy(); failed >= 0 {
		stuck := p
		p, algorithm = newSearch(x, units, b), Search
		if p.impossible() {
			return nil, "", stuck.infeasible(demands, failed, true)
		}
		if found, proven := p.insist(); !found {
			return nil, "", stuck.infeasible(demands, failed, proven)
		}
	}
	// A weight of availability that does not outweigh the rest has been counted guest by guest; one that does is a matter of the whole.
	if x.survives && x.policy.Weights.dominant() && !x.survivesLoss(p.state) && p.small() {
		better := newSearch(x, units, b)
		if found, _ := better.exhaust(true); found {
			p, algorithm = better, Search
		}
	}
	return p, algorithm, nil
}

// insist searches on where greed ended: all placements when these are few, else by throwing others out first.
func (p *search) insist() (found, proven bool) {
	if p.small() {
		return p.exhaust(false)
	}
	if p.eject() {
		return true, false
	}
	if p.budget.quick {
		return false, false
	}
	for i := range p.units {
		if p.at[i] >= 0 {
			p.take(i)
		}
	}
	return p.exhaust(false)
}
