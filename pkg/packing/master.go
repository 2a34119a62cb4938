package packing

import "slices"

// master solves the linear programme "choose as few patterns as possible so that each item is in one", over the patterns of a
// pool, by the simplex method with a factored basis. Its dual prices tell which items are hard to pack.
type master struct {
	pool *pool
	n    int // items, each a row

	factor *factor
	basis  []int32   // what is basic in each row: a pattern, or surplus(i)
	x      []float64 // the value of it
	price  []float64
	need   []float64 // right-hand side: 1 and a little noise, which keeps the method from standing still; 0 once packed

	inBasis    []bool    // patterns
	live       []int32   // patterns that may enter: those without packed items
	watched    []int32   // those of them that a pivot looks at
	along      []float64 // what the watched patterns have in the row of the inverse at hand
	slackBasic []bool    // surplus of items
	direction  []float64
	row        []float64
	cost       []float64 // reduced, of patterns
	ref        []float64 // reference weights of patterns
	slackRef   []float64
}

// needNoise is how much more than 1 a row may ask for.
const needNoise = 1e-4

// surplus names the variable by which item i is packed more often than needed.
func surplus(i int) int32 { return int32(-1 - i) }

// newMaster begins with every item in a pattern of its own.
func newMaster(p *pool, r *random) *master {
	n := len(p.v.items)
	m := &master{
		pool: p, n: n, factor: newFactor(n), row: make([]float64, n), basis: make([]int32, n), x: make([]float64, n), price: make([]float64, n),
		need: make([]float64, n), slackBasic: make([]bool, n), direction: make([]float64, n), slackRef: make([]float64, n),
	}
	for i := range n {
		p.add([]int32{int32(i)})
		m.need[i] = 1 + needNoise*float64(r.share())
	}
	m.grow()
	at := map[int32]int32{}
	for j := range int32(p.len()) {
		if s := p.pattern(j); len(s) == 1 {
			at[s[0]] = j
		}
	}
	for i := range n {
		m.basis[i] = at[int32(i)]
		m.inBasis[m.basis[i]] = true
	}
	m.refactor()
	return m
}

// copyTo copies what pivots change; the pool is shared.
func (m *master) copyTo(o *master) {
	o.factor.copyFrom(m.factor)
	copy(o.basis, m.basis)
	copy(o.x, m.x)
	copy(o.price, m.price)
	copy(o.need, m.need)
	copy(o.slackBasic, m.slackBasic)
	o.inBasis = append(o.inBasis[:0], m.inBasis...)
	o.live = append(o.live[:0], m.live...)
	o.cost, o.ref = append(o.cost[:0], m.cost...), append(o.ref[:0], m.ref...)
	o.grow()
}

func (m *master) clone() *master {
	o := &master{
		pool: m.pool, n: m.n, factor: newFactor(m.n), row: make([]float64, m.n), basis: make([]int32, m.n), x: make([]float64, m.n),
		price: make([]float64, m.n), need: make([]float64, m.n), slackBasic: make([]bool, m.n), direction: make([]float64, m.n), slackRef: make([]float64, m.n),
	}
	m.copyTo(o)
	return o
}

// grow follows the pool.
func (m *master) grow() {
	for j := len(m.inBasis); j < m.pool.len(); j++ {
		m.inBasis = append(m.inBasis, false)
		m.cost = append(m.cost, 0)
		m.ref = append(m.ref, 1)
		if m.open(int32(j)) {
			m.live = append(m.live, int32(j))
		}
	}
}

// open says whether no item of a pattern has been packed.
func (m *master) open(j int32) bool {
	for _, i := range m.pool.pattern(j) {
		if m.need[i] == 0 {
			return false
		}
	}
	return true
}

// reduced is the reduced cost of a variable.
func (m *master) reduced(j int32) float64 {
	if j < 0 {
		return m.price[-1-j]
	}
	c := 1.0
	for _, i := range m.pool.pattern(j) {
		c -= m.price[i]
	}
	return c
}

// value is the sum of the prices of what is not packed yet: the value of the linear programme without the noise.
func (m *master) value() float64 {
	var sum float64
	for i, p := range m.price {
		if m.need[i] > 0 {
			sum += p
		}
	}
	return sum
}

// pack takes items out of the programme: their rows need nothing more.
func (m *master) pack(items []int32) {
	for _, i := range items {
		m.need[i] = 0
	}
}

// bury forgets the patterns with packed items, for the pricer finds what is left of them again. Basic ones stay until they leave.
func (m *master) bury() {
	m.live = slices.DeleteFunc(m.live, func(j int32) bool { return !m.inBasis[j] && !m.open(j) })
}
