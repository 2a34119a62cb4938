package packing

import "context"

// Options of a search.
type Options struct {
	// Seed of what is random.
	Seed uint64
	// Budget of the search. Nil: none, the result is Greedy's.
	Budget Budget
}

// Result is what a search found.
type Result struct {
	Packing Packing
	// LowerBound is a number of bins that no packing can do with less: LowerBound's, or a better one that the search proved.
	LowerBound int
}

// Search packs the items of a valid instance into as few bins as it finds until the budget is spent, the context is done, or
// the lower bound is reached. The packing is never worse than Greedy's. Equal instances, seeds and budgets of steps give equal
// results; a budget of time ends at a moment that no seed can fix.
//
// It improves Greedy's packing for a moment, then solves the linear programme of all patterns that fit into a bin and dives from
// it for packings, with a little of the former in between. Beyond maxProgramme items it only improves.
func Search(ctx context.Context, in *Instance, o Options) Result {
	s := search{Result: Result{Packing: Greedy(in), LowerBound: LowerBound(in)}, rand: random(o.Seed)}
	if o.Budget == nil || s.done() {
		return s.Result
	}
	if s.v = newVectors(in); s.v == nil {
		return s.Result
	}
	s.meter = &meter{ctx: ctx, budget: o.Budget}
	if s.meter.add(pollSteps) {
		return s.Result
	}
	s.run()
	return s.Result
}

const (
	// maxProgramme is the most items for which the linear programme is worth its time.
	maxProgramme = 2000
	// Shares of the budget: improving before the programme, the same where bins hold many items, and solving it. With many
	// items a bin, bins are easily filled and patterns hard to price.
	warmShare = 0.05
	fullShare = 0.5
	manyItems = 6
	rootShare = 0.5
	// betweenShare is how long the packing is improved between dives, by what these took.
	betweenShare = 0.25
	// proofShare is the most of the budget that one proof takes.
	proofShare = 0.3
	// divesBetween is how many dives pass before the packing is improved again.
	divesBetween = 4
)

// search is one call of Search.
type search struct {
	Result

	v     *vectors
	rand  random
	meter *meter
}

func (s *search) done() bool { return len(s.Packing) <= s.LowerBound }

func (s *search) run() {
	n := len(s.v.items)
	if n > maxProgramme {
		s.improve(s.ruiner(), 1)
		return
	}
	d := newDiver(s.v, &s.rand, s.meter)
	u := s.ruiner()
	d.learn(u.state)
	s.improve(u, s.warmShare())
	d.learn(u.state)
	if s.done() || s.meter.spent >= 1 {
		return
	}
	if d.solveRoot(s.meter.spent + (1-s.meter.spent)*rootShare) {
		s.dive(d)
	}
	s.improve(s.ruiner(), 1)
}

func (s *search) warmShare() float64 {
	if len(s.v.items) > manyItems*len(s.Packing) {
		return fullShare
	}
	return warmShare
}

func (s *search) ruiner() *ruiner { return newRuiner(newState(s.v, s.Packing), &s.rand) }

// improve ruins and recreates until share of the budget is spent.
func (s *search) improve(u *ruiner, share float64) {
	u.run(s.meter, s.LowerBound, share)
	s.take(u.packing())
}

func (s *search) take(p Packing) {
	if len(p) < len(s.Packing) {
		s.Packing = p
	}
}

// dive dives until the packing is as good as the programme says it can be, or the budget is spent.
func (s *search) dive(d *diver) {
	u, begun := s.ruiner(), s.meter.spent
	for !s.meter.add(pollSteps) && !s.done() {
		if d.hopeless(len(s.Packing) - 1) {
			// The pricer may have missed patterns; looking at all of them ends in better ones, or in a proof.
			sound := d.prove(s.meter.spent + proofShare)
			s.LowerBound = max(s.LowerBound, d.bound)
			if !sound || d.hopeless(len(s.Packing)-1) {
				return
			}
		}
		if p := d.dive(len(s.Packing) - 1); p != nil {
			s.take(p)
			u = s.ruiner()
		}
		if d.dives%divesBetween == 0 {
			s.improve(u, s.meter.spent+betweenShare*(s.meter.spent-begun))
			d.learn(u.state)
			begun = s.meter.spent
		}
	}
}
