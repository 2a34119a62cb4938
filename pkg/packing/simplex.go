package packing

import (
	"math"
	"slices"
)

const (
	costTolerance  = 1e-7
	pivotTolerance = 1e-7
	// watchedCost is the reduced cost up to which patterns are looked at in each pivot.
	watchedCost = 0.03
	// pivotsPerRow is far more than a programme takes: beyond, it goes in circles.
	pivotsPerRow = 200
)

// primal pivots until no variable of the pool improves; it returns false when the meter stopped it or numbers have gone bad.
//
// The variable that enters is chosen by Devex: reduced costs are weighed by how far the basis moves with a variable,
// as estimated along the way. That takes a look at all patterns for each pivot, and far fewer pivots.
func (m *master) primal(meter *meter) bool {
	m.grow()
	clear(m.slackRef)
	for j := range m.ref {
		m.ref[j] = 1
	}
	for i := range m.slackRef {
		m.slackRef[i] = 1
	}
	m.watch()
	for range pivotsPerRow * m.n {
		j := m.dearest()
		if j == none {
			if m.recost(m.live); !m.overlooked() {
				return true
			}
			m.watch()
			continue
		}
		m.aim(j)
		row := m.blocking()
		if row < 0 {
			return false
		}
		m.cross(row)
		pivot := m.direction[row]
		m.spread(m.reducedOf(j)/pivot, m.weightOf(j)/(pivot*pivot))
		m.setReference(m.basis[row], max(m.weightOf(j)/(pivot*pivot), 1))
		work := m.pivot(row, j)
		if work == 0 || meter.add(work+len(m.watched)/10) {
			return false
		}
	}
	return false
}

// none is no variable.
const none = math.MinInt32

// watch chooses the patterns that are near enough to entering, or basic, to be looked at in each pivot.
func (m *master) watch() {
	m.recost(m.live)
	m.watched = m.watched[:0]
	for _, j := range m.live {
		if m.cost[j] < watchedCost || m.inBasis[j] {
			m.watched = append(m.watched, j)
		}
	}
}

// overlooked says whether a pattern that was not watched has come to improve.
func (m *master) overlooked() bool {
	return slices.ContainsFunc(m.live, func(j int32) bool { return m.cost[j] < -costTolerance && !m.inBasis[j] })
}

// recost computes the reduced costs of patterns.
func (m *master) recost(patterns []int32) {
	for _, j := range patterns {
		m.cost[j] = m.reduced(j)
	}
}

func (m *master) reducedOf(j int32) float64 {
	if j < 0 {
		return m.price[-1-j]
	}
	return m.cost[j]
}

func (m *master) weightOf(j int32) float64 {
	if j < 0 {
		return m.slackRef[-1-j]
	}
	return m.ref[j]
}

func (m *master) setReference(j int32, w float64) {
	if j < 0 {
		m.slackRef[-1-j] = w
	} else {
		m.ref[j] = w
	}
}

// dearest returns the variable that promises most, or none.
func (m *master) dearest() int32 {
	best, gain := int32(none), 0.0
	for i, p := range m.price {
		if p < -costTolerance && !m.slackBasic[i] && p*p > gain*m.slackRef[i] {
			best, gain = surplus(i), p*p/m.slackRef[i]
		}
	}
	for _, j := range m.watched {
		if c := m.cost[j]; c < -costTolerance && !m.inBasis[j] && c*c > gain*m.ref[j] {
			best, gain = j, c*c/m.ref[j]
		}
	}
	return best
}

// blocking returns the row whose variable first falls to zero, or -1.
func (m *master) blocking() int {
	row, best := -1, 0.0
	for r, d := range m.direction {
		if d <= pivotTolerance {
			continue
		}
		ratio := max(m.x[r], 0) / d
		if row < 0 || ratio < best-1e-12 || ratio < best+1e-12 && d > m.direction[row] {
			row, best = r, ratio
		}
	}
	return row
}

// cross takes the row of the inverse and computes what the watched patterns have in it.
func (m *master) cross(row int) {
	m.factor.unit(m.row, row)
	m.along = m.along[:0]
	p := m.pool
	for _, j := range m.watched {
		var a float64
		for _, i := range p.items[p.start[j]:p.start[j+1]] {
			a += m.row[i]
		}
		m.along = append(m.along, a)
	}
}

// spread carries a pivot into prices, reduced costs and reference weights, along the row that cross took.
func (m *master) spread(cost, weight float64) {
	for i, a := range m.row {
		m.price[i] += cost * a
		m.slackRef[i] = max(m.slackRef[i], a*a*weight)
	}
	for k, j := range m.watched {
		a := m.along[k]
		if a == 0 {
			continue
		}
		m.cost[j] -= cost * a
		m.ref[j] = max(m.ref[j], a*a*weight)
	}
}

// aim computes how the basic variables fall as j rises.
func (m *master) aim(j int32) {
	clear(m.direction)
	if j < 0 {
		m.direction[-1-j] = -1
	} else {
		for _, i := range m.pool.pattern(j) {
			m.direction[i] = 1
		}
	}
	m.factor.forward(m.direction)
}

// reprice computes the prices from the basis.
func (m *master) reprice() {
	for r, j := range m.basis {
		m.price[r] = 0
		if j >= 0 {
			m.price[r] = 1
		}
	}
	m.factor.backward(m.price)
}

// refactor factors the basis anew and computes values and prices from it.
func (m *master) refactor() bool {
	if !m.factor.rebuild(m.basis, m.pool) {
		return false
	}
	copy(m.x, m.need)
	m.factor.forward(m.x)
	m.reprice()
	return true
}

// pivot replaces what is basic in a row by j, whose direction has been aimed. It returns the work done, 0 when numbers have gone
// bad.
func (m *master) pivot(row int, j int32) int {
	step := m.x[row] / m.direction[row]
	for r, d := range m.direction {
		m.x[r] -= d * step
	}
	m.x[row] = step
	m.factor.push(row, m.direction)
	m.mark(m.basis[row], false)
	m.basis[row] = j
	m.mark(j, true)
	if m.factor.stale() {
		if !m.refactor() {
			return 0
		}
		m.recost(m.watched)
		return m.n
	}
	return 2 + (m.n+len(m.factor.index))/20
}

func (m *master) mark(j int32, basic bool) {
	if j < 0 {
		m.slackBasic[-1-j] = basic
	} else {
		m.inBasis[j] = basic
	}
}

// dual repairs the values below zero that pack leaves; it returns false when the meter stopped it or numbers have gone bad.
func (m *master) dual(meter *meter) bool {
	copy(m.x, m.need)
	m.factor.forward(m.x)
	m.grow()
	m.watch()
	for range pivotsPerRow * m.n {
		row, worst := -1, -1e-9
		for r, x := range m.x {
			if x < worst {
				row, worst = r, x
			}
		}
		if row < 0 {
			return true
		}
		j, ok := m.leave(row)
		if !ok {
			return false
		}
		m.aim(j)
		d := m.direction[row]
		if d > -pivotTolerance/10 {
			return false
		}
		m.spread(m.reducedOf(j)/d, 0)
		if work := m.pivot(row, j); work == 0 || meter.add(work+len(m.watched)/10) {
			return false
		}
	}
	return false
}

// leave chooses what enters in place of a row's variable, so that no reduced cost falls below zero.
func (m *master) leave(r int) (int32, bool) {
	m.cross(r)
	best := int32(none)
	ratio, slope := 1e30, 0.0
	consider := func(j int32, a, cost float64) {
		if q := max(cost, 0) / -a; q < ratio-1e-12 || q < ratio+1e-12 && a < slope {
			best, ratio, slope = j, q, a
		}
	}
	for i, a := range m.row {
		if a > pivotTolerance && !m.slackBasic[i] {
			consider(surplus(i), -a, m.price[i])
		}
	}
	for k, j := range m.watched {
		if a := m.along[k]; a < -pivotTolerance && !m.inBasis[j] {
			consider(j, a, m.cost[j])
		}
	}
	return best, ratio < 1e30
}
