package packing

import "slices"

// factor is the inverse of a basis as a product of elementary matrices, one a pivot. Bases of patterns are nearly triangular,
// so the product is far smaller than the inverse itself.
type factor struct {
	n     int
	row   []int32 // the pivot row of each elementary matrix
	scale []float64
	start []int32 // where the entries of each begin, and where the last end
	index []int32
	value []float64

	fresh int // matrices right after the last rebuild

	owner    []int32   // of a row, while rebuilding: the column that pivots there, -1 for none
	rows     []int32   // how many columns without a pivot have an entry in the row
	columns  [][]int32 // of each row: the basic columns with an entry in it
	entries  []int32   // of each basic column: entries in rows without a pivot; its row once it is placed
	placed   []bool
	first    []int32
	last     []int32
	stack    []int32
	newBasis []int32
	pivots   []int32 // of each column in the nucleus: its row
	nucleus  nucleus
}

func newFactor(n int) *factor {
	return &factor{
		n: n, start: []int32{0}, owner: make([]int32, n), rows: make([]int32, n),
		columns: make([][]int32, n), entries: make([]int32, n), placed: make([]bool, n), newBasis: make([]int32, n), nucleus: newNucleus(n), pivots: make([]int32, n),
	}
}

// forward turns a column into the change of the basic variables.
func (f *factor) forward(v []float64) {
	for e, r := range f.row {
		t := v[r]
		if t == 0 {
			continue
		}
		t *= f.scale[e]
		v[r] = t
		from, to := f.start[e], f.start[e+1]
		value := f.value[from:to]
		for k, i := range f.index[from:to] {
			v[i] -= value[k] * t
		}
	}
}

// backward turns costs of the basic variables into prices of the rows.
func (f *factor) backward(v []float64) {
	for e, r := range slices.Backward(f.row) {
		t := v[r]
		from, to := f.start[e], f.start[e+1]
		value := f.value[from:to]
		for k, i := range f.index[from:to] {
			t -= value[k] * v[i]
		}
		v[r] = t * f.scale[e]
	}
}

// unit sets v to a row of the inverse.
func (f *factor) unit(v []float64, row int) {
	clear(v)
	v[row] = 1
	f.backward(v)
}

// push records a pivot on row of a column that forward has been applied to.
func (f *factor) push(row int, column []float64) {
	for i, x := range column {
		if i != row && (x > 1e-12 || x < -1e-12) {
			f.index = append(f.index, int32(i))
			f.value = append(f.value, x)
		}
	}
	f.row = append(f.row, int32(row))
	f.scale = append(f.scale, 1/column[row])
	f.start = append(f.start, int32(len(f.index)))
}

// updatesKept is how many pivots are cheaper to drag along than a rebuild.
const updatesKept = 50

// stale says whether a rebuild pays.
func (f *factor) stale() bool { return len(f.row)-f.fresh >= updatesKept }

func (f *factor) reset() {
	f.row, f.scale, f.start, f.index, f.value = f.row[:0], f.scale[:0], f.start[:1], f.index[:0], f.value[:0]
}

func (f *factor) copyFrom(o *factor) {
	f.row = append(f.row[:0], o.row...)
	f.scale = append(f.scale[:0], o.scale...)
	f.start = append(f.start[:0], o.start...)
	f.index = append(f.index[:0], o.index...)
	f.value = append(f.value[:0], o.value...)
	f.fresh = o.fresh
}

// rebuild factors a basis anew and changes the rows of its variables; it returns false when the basis is singular.
//
// A column that alone has an entry in some row pivots there first: no later column meets that row. A column with one entry
// left pivots there last, in reverse: no earlier column has been changed by it. Neither makes new entries; what
// remains in the middle, the nucleus, does.
func (f *factor) rebuild(basis []int32, p *pool) bool {
	f.reset()
	f.count(basis, p)
	f.peel(basis, p)
	for _, c := range f.first {
		f.pivotOn(basis[c], f.rowOf(c), p)
	}
	if !f.nucleus.solve(f, basis, p) {
		return false
	}
	for _, c := range slices.Backward(f.last) {
		f.pivotOn(basis[c], f.rowOf(c), p)
	}
	for r, c := range f.owner {
		f.newBasis[r] = basis[c]
	}
	copy(basis, f.newBasis)
	f.fresh = len(f.row)
	return true
}

// rowOf is kept in entries once a column has been placed.
func (f *factor) rowOf(c int32) int { return int(f.entries[c]) }

func (f *factor) count(basis []int32, p *pool) {
	for i := range f.n {
		f.owner[i], f.rows[i], f.placed[i], f.columns[i] = -1, 0, false, f.columns[i][:0]
	}
	for c, j := range basis {
		f.entries[c] = 0
		eachRow(j, p, func(i int32) {
			f.entries[c]++
			f.rows[i]++
			f.columns[i] = append(f.columns[i], int32(c))
		})
	}
	f.first, f.last, f.nucleus.columns = f.first[:0], f.last[:0], f.nucleus.columns[:0]
}

// sign is what all entries of a column are: 1 in a pattern, -1 in a surplus.
func sign(j int32) float64 {
	if j < 0 {
		return -1
	}
	return 1
}

func eachRow(j int32, p *pool, do func(int32)) {
	if j < 0 {
		do(-1 - j)
		return
	}
	for _, i := range p.pattern(j) {
		do(i)
	}
}

// peel places the columns outside the nucleus.
func (f *factor) peel(basis []int32, p *pool) {
	f.peelColumns(basis, p)
	f.peelRows(basis, p)
	for c := range basis {
		if !f.placed[c] {
			f.nucleus.columns = append(f.nucleus.columns, int32(c))
		}
	}
}

// peelColumns places columns with one entry left, and those that come to have only one.
func (f *factor) peelColumns(basis []int32, p *pool) {
	f.stack = f.stack[:0]
	for c := range basis {
		if f.entries[c] == 1 {
			f.stack = append(f.stack, int32(c))
		}
	}
	for len(f.stack) > 0 {
		c := f.pop()
		if f.placed[c] || f.entries[c] != 1 {
			continue
		}
		row := int32(-1)
		eachRow(basis[c], p, func(i int32) {
			f.rows[i]--
			if f.owner[i] < 0 {
				row = i
			}
		})
		f.last = append(f.last, c)
		f.placed[c], f.owner[row], f.entries[c] = true, c, row
		for _, o := range f.columns[row] {
			if f.placed[o] {
				continue
			}
			if f.entries[o]--; f.entries[o] == 1 {
				f.stack = append(f.stack, o)
			}
		}
	}
}

// peelRows places columns that alone have an entry in some row, and those that come to.
func (f *factor) peelRows(basis []int32, p *pool) {
	f.stack = f.stack[:0]
	for i := range f.n {
		if f.owner[i] < 0 && f.rows[i] == 1 {
			f.stack = append(f.stack, int32(i))
		}
	}
	for len(f.stack) > 0 {
		r := f.pop()
		if f.owner[r] >= 0 || f.rows[r] != 1 {
			continue
		}
		c := f.columns[r][slices.IndexFunc(f.columns[r], func(c int32) bool { return !f.placed[c] })]
		f.first = append(f.first, c)
		f.placed[c], f.owner[r], f.entries[c] = true, c, r
		eachRow(basis[c], p, func(i int32) {
			if f.rows[i]--; f.owner[i] < 0 && f.rows[i] == 1 {
				f.stack = append(f.stack, i)
			}
		})
	}
}

func (f *factor) pop() int32 {
	last := len(f.stack) - 1
	top := f.stack[last]
	f.stack = f.stack[:last]
	return top
}

// pivotOn pushes a column that no earlier pivot changes.
func (f *factor) pivotOn(j int32, row int, p *pool) {
	one := sign(j)
	eachRow(j, p, func(i int32) {
		if int(i) != row {
			f.index = append(f.index, i)
			f.value = append(f.value, one)
		}
	})
	f.row = append(f.row, int32(row))
	f.scale = append(f.scale, one)
	f.start = append(f.start, int32(len(f.index)))
}
