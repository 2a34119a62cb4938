package packing

// pool holds patterns: sets of items that fit into one bin together.
type pool struct {
	v     *vectors
	items []int32 // of all patterns, one after the other
	start []int32 // where each pattern begins, and where the last ends
	seen  map[uint64]struct{}
	key   []uint64 // a random number for each item; a pattern's key is their exclusive or
}

func newPool(v *vectors) *pool {
	p := &pool{v: v, start: []int32{0}, seen: make(map[uint64]struct{}, 8*len(v.items)), key: make([]uint64, len(v.items))}
	r := random(uint64(len(v.items)))
	for i := range p.key {
		p.key[i] = r.next()
	}
	return p
}

func (p *pool) len() int { return len(p.start) - 1 }

func (p *pool) pattern(j int32) []int32 { return p.items[p.start[j]:p.start[j+1]] }

// add keeps a pattern unless it is there already.
func (p *pool) add(items []int32) bool {
	var key uint64
	for _, i := range items {
		key ^= p.key[i]
	}
	if _, ok := p.seen[key]; ok {
		return false
	}
	p.seen[key] = struct{}{}
	p.items = append(p.items, items...)
	p.start = append(p.start, int32(len(p.items)))
	return true
}
