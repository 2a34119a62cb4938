package packing

import "math/bits"

// vector holds the sizes of an item, or the room of a bin, in all dimensions: each dimension has a field of bits, and the
// highest bit of a field is its guard. Guards are set in rooms and clear in items, so one subtraction a word tells whether
// an item fits: a dimension without room borrows its guard away.
type vector struct{ a, b uint64 }

// fits says whether item fits into room.
func (v *vectors) fits(room, item vector) bool {
	return (room.a-item.a)&v.guard.a == v.guard.a && (room.b-item.b)&v.guard.b == v.guard.b
}

func (v vector) minus(o vector) vector { return vector{v.a - o.a, v.b - o.b} }

func (v vector) plus(o vector) vector { return vector{v.a + o.a, v.b + o.b} }

// vectors are the items of an instance for the search.
type vectors struct {
	empty vector // an empty bin: capacity and guards
	guard vector
	items []vector
	// size is each item's size by capacity, item by item; a dimension that never binds is left out.
	size []float32
	dims int
	// weight is the scalar size of each item: its sizes weighed by how scarce each dimension is.
	weight []float32
	// exact says that no size was rounded: what does not fit here fits nowhere.
	exact bool
}

// field is where a dimension lives.
type field struct {
	dim, shift int
	high       bool
	coarse     bool
	unit, top  int64 // sizes are counted in units; top is the capacity in units
}

// newVectors prepares an instance. It returns nil when 128 bits cannot hold the dimensions that bind at a useful
// resolution; where they can do so only coarsely, sizes are rounded up, so what fits here fits there.
func newVectors(in *Instance) *vectors {
	fields := layout(in)
	if fields == nil {
		return nil
	}
	n, d := in.Items(), in.Dimensions()
	v := &vectors{exact: true, items: make([]vector, n), dims: len(fields), size: make([]float32, n*len(fields)), weight: make([]float32, n)}
	place := func(at *vector, f field, units int64) {
		if f.high {
			at.b |= uint64(units) << f.shift
		} else {
			at.a |= uint64(units) << f.shift
		}
	}
	for j, f := range fields {
		v.exact = v.exact && !f.coarse
		place(&v.empty, f, f.top)
		place(&v.guard, f, 1<<bits.Len64(uint64(f.top)))
		var sum float64
		for i := range n {
			s := in.Sizes[i*d+f.dim]
			// An item that rounds up to more than a bin takes the whole of one, in which it does fit.
			place(&v.items[i], f, min((s+f.unit-1)/f.unit, f.top))
			v.size[i*v.dims+j] = float32(float64(s) / float64(in.Capacity[f.dim]))
			sum += float64(v.size[i*v.dims+j])
		}
		for i := range n {
			v.weight[i] += v.size[i*v.dims+j] * float32(sum/float64(n))
		}
	}
	v.empty = v.empty.plus(v.guard)
	return v
}

const (
	wordBits = 64
	// minBits is the least resolution at which a coarse dimension is worth searching in.
	minBits = 6
)

// layout gives every dimension that can bind a field of one of the two words, or returns nil.
func layout(in *Instance) []field {
	d := in.Dimensions()
	fields := make([]field, 0, d)
	for k, c := range in.Capacity {
		var sum, divisor int64
		for i := k; i < len(in.Sizes); i += d {
			sum += in.Sizes[i]
			divisor = gcd(divisor, in.Sizes[i])
		}
		if sum > c {
			fields = append(fields, field{dim: k, unit: divisor, top: c / divisor})
		}
	}
	for width := wordBits - 1; width >= minBits; width-- {
		if fill(fields, width, in.Capacity) {
			return fields
		}
	}
	return nil
}

// fill assigns fields of at most width bits, guard included.
func fill(fields []field, width int, capacity []int64) bool {
	var used [2]int
	for i := range fields {
		f := &fields[i]
		for bits.Len64(uint64(f.top))+1 > width {
			f.unit, f.coarse = f.unit*2, true
			f.top = capacity[f.dim] / f.unit
		}
		need := bits.Len64(uint64(f.top)) + 1
		word := 0
		if used[0]+need > wordBits {
			word = 1
		}
		if used[word]+need > wordBits {
			return false
		}
		f.shift, f.high = used[word], word == 1
		used[word] += need
	}
	return true
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
