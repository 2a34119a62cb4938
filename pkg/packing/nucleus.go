package packing

import "slices"

// nucleus is what is left of a basis when its triangular parts are taken away. It is split into a lower and an upper triangular
// matrix by elimination, at each step on the row and column that fill in least (Markowitz).
type nucleus struct {
	columns []int32 // basic columns in the nucleus

	row   [][]entry // by row: what is left of it, in columns without a pivot
	meets [][]int32 // by basic column: rows that have or had an entry in it
	left  []int32   // by basic column: entries left
	upper [][]entry // by basic column: entries in rows with a pivot, and in rows outside the nucleus
	open  []int32   // rows without a pivot
	order []int32   // basic columns as they were pivoted
	work  []float64 // by basic column, zero between uses
}

// entry is a number in a sparse row or column.
type entry struct {
	at    int32
	value float64
}

func newNucleus(n int) nucleus {
	return nucleus{
		row: make([][]entry, n), meets: make([][]int32, n), left: make([]int32, n), upper: make([][]entry, n), work: make([]float64, n),
	}
}

const (
	// minPivot is below which a pivot counts as zero, and pivotShare what it must have of the largest in its row.
	minPivot   = 1e-7
	pivotShare = 0.1
	// rowsCompared is among how many of the shortest rows the pivot is chosen.
	rowsCompared = 4
)

// solve pushes the factors of the nucleus to f and gives its rows to its columns; it returns false when it is singular.
func (u *nucleus) solve(f *factor, basis []int32, p *pool) bool {
	u.fill(f, basis, p)
	u.order = u.order[:0]
	for len(u.open) > 0 {
		at, c, value := u.choose()
		if at < 0 {
			return false
		}
		r := u.open[at]
		u.open[at] = u.open[len(u.open)-1]
		u.open = u.open[:len(u.open)-1]
		f.owner[r] = c
		u.order = append(u.order, c)
		u.eliminate(f, r, c, value)
	}
	for _, c := range slices.Backward(u.order) {
		for _, e := range u.upper[c] {
			f.index, f.value = append(f.index, e.at), append(f.value, e.value)
		}
		f.row = append(f.row, f.pivots[c])
		f.scale = append(f.scale, 1/u.work[c])
		f.start = append(f.start, int32(len(f.index)))
		u.work[c] = 0
	}
	return true
}

func (u *nucleus) fill(f *factor, basis []int32, p *pool) {
	u.open = u.open[:0]
	for r, owner := range f.owner {
		if u.row[r] = u.row[r][:0]; owner < 0 {
			u.open = append(u.open, int32(r))
		}
	}
	for _, c := range u.columns {
		u.meets[c], u.upper[c], u.left[c] = u.meets[c][:0], u.upper[c][:0], 0
		one := sign(basis[c])
		eachRow(basis[c], p, func(i int32) {
			if f.owner[i] >= 0 {
				u.upper[c] = append(u.upper[c], entry{i, one})
				return
			}
			u.row[i] = append(u.row[i], entry{c, one})
			u.meets[c] = append(u.meets[c], i)
			u.left[c]++
		})
	}
}

// choose returns where among the open rows the next pivot is, its column and its value; -1 for none.
func (u *nucleus) choose() (at int, column int32, value float64) {
	var shortest [rowsCompared]int
	count := 0
	for k, r := range u.open {
		size := len(u.row[r])
		if count == rowsCompared && size >= len(u.row[u.open[shortest[count-1]]]) {
			continue
		}
		if count < rowsCompared {
			count++
		}
		j := count - 1
		for ; j > 0 && len(u.row[u.open[shortest[j-1]]]) > size; j-- {
			shortest[j] = shortest[j-1]
		}
		shortest[j] = k
	}
	at = -1
	best := 0
	for _, k := range shortest[:count] {
		row := u.row[u.open[k]]
		largest := minPivot
		for _, e := range row {
			largest = max(largest, e.value*pivotShare, -e.value*pivotShare)
		}
		for _, e := range row {
			cost := (len(row) - 1) * int(u.left[e.at]-1)
			if max(e.value, -e.value) >= largest && (at < 0 || cost < best) {
				at, column, value, best = k, e.at, e.value, cost
			}
		}
	}
	return at, column, value
}

// eliminate takes row r and column c away, and column c out of the other rows.
func (u *nucleus) eliminate(f *factor, r, c int32, value float64) {
	pivot := u.row[r]
	for _, e := range pivot {
		u.left[e.at]--
		if e.at != c {
			u.upper[e.at] = append(u.upper[e.at], entry{r, e.value})
		}
	}
	begun := len(f.index)
	for _, i := range u.meets[c] {
		if i == r || f.owner[i] >= 0 {
			continue
		}
		if factor, ok := u.subtract(i, pivot, c, value); ok {
			f.index, f.value = append(f.index, i), append(f.value, factor)
		}
	}
	if len(f.index) > begun {
		f.row = append(f.row, r)
		f.scale = append(f.scale, 1)
		f.start = append(f.start, int32(len(f.index)))
	}
	f.pivots[c], u.work[c] = r, value
}

// subtract takes as much of the pivot's row from row i as empties its column c; it returns how much, or false when it was empty.
func (u *nucleus) subtract(i int32, pivot []entry, c int32, value float64) (float64, bool) {
	row := u.row[i]
	at := -1
	for k, e := range row {
		if e.at == c {
			at = k
			break
		}
	}
	if at < 0 {
		return 0, false
	}
	factor := row[at].value / value
	row[at] = row[len(row)-1]
	row = row[:len(row)-1]
	for _, e := range pivot {
		if e.at == c {
			continue
		}
		change, k := factor*e.value, 0
		for k < len(row) && row[k].at != e.at {
			k++
		}
		switch {
		case k == len(row):
			row = append(row, entry{e.at, -change})
			u.meets[e.at] = append(u.meets[e.at], i)
			u.left[e.at]++
		case max(row[k].value-change, change-row[k].value) < 1e-12:
			row[k] = row[len(row)-1]
			row = row[:len(row)-1]
			u.left[e.at]--
		default:
			row[k].value -= change
		}
	}
	u.row[i] = row
	return factor, true
}
