package packing

// state is a packing under change.
type state struct {
	v    *vectors
	bins []bin
}

type bin struct {
	items []int32
	room  vector
	load  float32 // sum of the items' weights
}

func newState(v *vectors, p Packing) *state {
	s := &state{v: v, bins: make([]bin, 0, len(p))}
	for _, items := range p {
		b := bin{room: v.empty, items: make([]int32, 0, len(items)+4)}
		for _, i := range items {
			b.put(v, int32(i))
		}
		s.bins = append(s.bins, b)
	}
	return s
}

func (b *bin) put(v *vectors, i int32) {
	b.items = append(b.items, i)
	b.room = b.room.minus(v.items[i])
	b.load += v.weight[i]
}

func (s *state) packing() Packing {
	p := make(Packing, 0, len(s.bins))
	for _, b := range s.bins {
		items := make([]int, len(b.items))
		for j, i := range b.items {
			items[j] = int(i)
		}
		p = append(p, items)
	}
	return p
}
