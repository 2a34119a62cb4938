package placement

import "proviso.dev/pkg/pve"

// A Move is guests that would go from one node to another, as advice: nothing here moves anything. Guests that HA keeps together are one
// move.
type Move struct {
	From, To string
	Guests   []Moved
	// Before and After are the imbalance of the cluster around the move, with Rebalance; else 0.
	Before, After float64
}

// A Moved is one guest of a move.
type Moved struct {
	VMID        int
	Name        string
	Kind        pve.GuestKind
	MemoryBytes int64
	HA          bool
	// Live reports that it can go on running: a virtual machine of which every disk lies on shared storage and that holds no device of
	// its node. A container is restarted.
	Live bool
	// CopyBytes lie on the node's own storage and are copied.
	CopyBytes int64
	// DisksKnown is false when the guest's configuration was not read: that nothing has to be copied is then an assumption.
	DisksKnown bool
}

// moved describes a guest for a move.
func (x *Index) moved(g int) Moved {
	r := x.roster.guests[g]
	d := x.demandOf(g)
	m := Moved{VMID: r.VMID, Name: r.Name, Kind: r.Kind, MemoryBytes: r.MemoryBytes, HA: r.HA, DisksKnown: r.Config != nil}
	for _, disk := range d.Disks {
		m.CopyBytes += disk.Bytes
	}
	m.Live = r.Kind != pve.KindContainer && m.CopyBytes == 0 && len(d.Devices) == 0
	return m
}

// asMoves makes a move of every bundle among guests that go to those nodes.
func (x *Index) asMoves(guests, to []int) []Move {
	var moves []Move
	done := make(map[int]int) // move by first guest of the bundle
	for k, g := range guests {
		first := x.bundle(g)[0]
		at, ok := done[first]
		if !ok {
			at = len(moves)
			done[first] = at
			moves = append(moves, Move{From: x.nodes[x.at[g]].name, To: x.nodes[to[k]].name})
		}
		moves[at].Guests = append(moves[at].Guests, x.moved(g))
	}
	return moves
}
