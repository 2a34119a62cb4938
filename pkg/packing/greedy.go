package packing

import (
	"cmp"
	"slices"
)

const (
	// greedyWork bounds the sum over heuristics of items squared times what looking at an item costs, so that a large instance gets
	// fewer of them: three at 500 items of 10 dimensions, which take some 5 ms.
	greedyWork = 11_500_000
	// maxGreedyWork is where even one heuristic takes longer than is greedy, some 0.3 s; first fit takes its place.
	maxGreedyWork = 300_000_000
	// lookCost is what looking at an item costs beside its dimensions.
	lookCost = 5
)

// Greedy packs by a few constructive heuristics and returns the best packing; their number falls with the size of the
// instance, the result depends on the instance alone. The instance must be valid; no items need no bins.
func Greedy(in *Instance) Packing {
	if in.Items() == 0 {
		return Packing{}
	}
	best := firstFit(in)
	v := newVectors(in)
	if v == nil {
		return best
	}
	bound := LowerBound(in)
	cost := len(v.items) * len(v.items) * (v.dims + lookCost)
	for i, rule := range greedyRules {
		if len(best) <= bound || i > 0 && (i+1)*cost > greedyWork || cost > maxGreedyWork {
			break
		}
		if p := newFiller(v).pack(rule); len(p) < len(best) {
			best = p
		}
	}
	return best
}

// rule chooses the next item of the bin that is being filled: the one with the highest sum over dimensions of
// scarcity x size x (room - curve x size), scarcity being the demand of the items not packed yet, to a power.
type rule struct {
	curve float32 // 0: dot product; 0.5: L2 norm of the room left
	power float32 // 0: all dimensions alike; 1: by demand
}

// greedyRules are tried in this order.
var greedyRules = []rule{{0, 1}, {0.5, 1}, {0, 2}, {0.25, 1}, {0, 0}, {0.5, 0}}

// filler fills one bin after the other.
type filler struct {
	v     *vectors
	left  []int32 // items not packed yet
	fit   []int32 // those among them that fit into the bin being filled
	need  []float32
	scale []float32
	coef  []float32
	room  []float32
}

func newFiller(v *vectors) *filler {
	f := &filler{v: v, left: make([]int32, len(v.items)), fit: make([]int32, 0, len(v.items))}
	space := make([]float32, 4*v.dims)
	f.need, f.scale, f.coef, f.room = space[:v.dims], space[v.dims:2*v.dims], space[2*v.dims:3*v.dims], space[3*v.dims:]
	for i := range f.left {
		f.left[i] = int32(i)
		for j, s := range v.of(int32(i)) {
			f.need[j] += s
		}
	}
	return f
}

func (v *vectors) of(i int32) []float32 { return v.size[int(i)*v.dims : (int(i)+1)*v.dims] }

func (f *filler) pack(r rule) Packing {
	var p Packing
	packed := make([]bool, len(f.v.items))
	for len(f.left) > 0 {
		f.weigh(r)
		f.fit = append(f.fit[:0], f.left...)
		for j := range f.room {
			f.room[j] = 1
		}
		var bin []int
		for room := f.v.empty; len(f.fit) > 0; {
			i := f.choose(r)
			bin, packed[i] = append(bin, int(i)), true
			room = room.minus(f.v.items[i])
			for j, s := range f.v.of(i) {
				f.room[j] -= s
				f.need[j] -= s
			}
			kept := f.fit[:0]
			for _, k := range f.fit {
				if k != i && f.v.fits(room, f.v.items[k]) {
					kept = append(kept, k)
				}
			}
			f.fit = kept
		}
		p = append(p, bin)
		f.left = slices.DeleteFunc(f.left, func(i int32) bool { return packed[i] })
	}
	return p
}

// weigh sets the scarcity of each dimension from what is not packed yet.
func (f *filler) weigh(r rule) {
	var sum float32
	for _, x := range f.need {
		sum += x
	}
	for j, x := range f.need {
		x = max(x, 0) / max(sum, 1e-9)
		switch r.power {
		case 0:
			x = 1
		case 2:
			x *= x
		}
		f.scale[j] = x
	}
}

// choose returns the best item that fits.
func (f *filler) choose(r rule) int32 {
	for j := range f.coef {
		f.coef[j] = f.scale[j] * f.room[j]
	}
	best, score := f.fit[0], float32(-1e30)
	for _, i := range f.fit {
		var s float32
		sizes := f.v.of(i)
		for j, c := range f.coef {
			s += (c - r.curve*f.scale[j]*sizes[j]) * sizes[j]
		}
		if s > score {
			best, score = i, s
		}
	}
	return best
}

// firstFit packs items in falling order of their size, weighed by the demand for each dimension, each into the first bin with
// room. It counts in the instance's own numbers: it is right at any resolution.
func firstFit(in *Instance) Packing {
	n, d := in.Items(), in.Dimensions()
	weight := make([]float64, d)
	for i, s := range in.Sizes {
		weight[i%d] += float64(s)
	}
	for k, c := range in.Capacity {
		weight[k] /= max(float64(c)*float64(c), 1)
	}
	order, size := make([]int, n), make([]float64, n)
	for i := range n {
		order[i] = i
		for k, s := range in.Item(i) {
			size[i] += weight[k] * float64(s)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(size[b], size[a]) })
	var p Packing
	var rooms []int64
	for _, i := range order {
		item, b := in.Item(i), 0
		for b < len(p) && !hasRoom(rooms[b*d:(b+1)*d], item) {
			b++
		}
		if b == len(p) {
			p = append(p, nil)
			rooms = append(rooms, in.Capacity...)
		}
		p[b] = append(p[b], i)
		for k, s := range item {
			rooms[b*d+k] -= s
		}
	}
	return p
}

func hasRoom(room, item []int64) bool {
	for k, s := range item {
		if s > room[k] {
			return false
		}
	}
	return true
}
