package packing

import "context"

// Budget says what share of the time or work of a search is spent, 0 to 1, given the steps done so far; at 1 the search ends. A
// step is some tens of nanoseconds of work. A budget that looks at the steps alone makes a search repeatable.
type Budget func(steps int) float64

// Steps is the budget of a fixed number of steps.
func Steps(n int) Budget {
	return func(steps int) float64 { return float64(steps) / float64(max(n, 1)) }
}

// meter asks the budget now and then.
type meter struct {
	ctx    context.Context
	budget Budget
	steps  int
	asked  int // steps at the last question
	spent  float64
}

// pollSteps is how many steps pass between two questions: some tens of microseconds.
const pollSteps = 1000

// add counts steps and returns whether the search must end.
func (m *meter) add(steps int) bool {
	if m.steps += steps; m.steps-m.asked >= pollSteps {
		m.asked = m.steps
		if m.spent = m.budget(m.steps); m.ctx.Err() != nil {
			m.spent = 1
		}
	}
	return m.spent >= 1
}

// random is a small fast generator (splitmix64): the search draws millions of numbers, none of which guards a secret.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below draws a number from 0 to n-1.
func (r *random) below(n int) int { return int((r.next() >> 32) * uint64(n) >> 32) }

// share draws a number from 0 to 1.
func (r *random) share() float32 { return float32(r.next()>>40) / (1 << 24) }
