package capacity

import (
	"slices"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// maxGroupName bounds the name of a group or rule, in bytes.
const maxGroupName = 128

// A set is the nodes of an HA group, or of a rule of node affinity, with the guests that it is about.
type set struct {
	name     string
	nodes    []bool          // by host
	restrict bool            // its guests run nowhere else
	guests   map[string]bool // by the name that HA has for them
}

// sets are the groups and rules in the order of the snapshot.
func (d *diagnosis) sets() []set {
	var sets []set
	for _, g := range d.s.HAGroups {
		s := set{name: g.Name, nodes: d.members(g.Nodes), restrict: g.Restricted, guests: map[string]bool{}}
		for _, service := range d.s.HAServices {
			if service.Group == g.Name {
				s.guests[service.SID] = true
			}
		}
		sets = append(sets, s)
	}
	for _, r := range d.s.HARules {
		if r.Type != "node-affinity" || r.Disabled {
			continue
		}
		s := set{name: r.Name, nodes: d.members(r.Nodes), restrict: r.Strict, guests: map[string]bool{}}
		for _, sid := range r.Resources {
			s.guests[sid] = true
		}
		sets = append(sets, s)
	}
	return sets
}

func (d *diagnosis) members(nodes map[string]int) []bool {
	in := make([]bool, len(d.hosts))
	for name := range nodes {
		if i, ok := d.at[name]; ok {
			in[i] = true
		}
	}
	return in
}

// headroom says what is left when the worst node is lost: of the whole cluster, then of each group and rule.
//
// The guests of the lost node go the way that HA would send them, the largest first, each to the node with most memory free. For the
// cluster every node that is online and not in maintenance will do, which is the rule of placement; for groups and rules their guests go to their own nodes, as long as one of
// these is online, and all others anywhere.
func (d *diagnosis) headroom() {
	sets := d.sets()
	everyone := set{nodes: slices.Repeat([]bool{true}, len(d.hosts))}
	worst := make([]*provisov1.LossHeadroom, 1+len(sets))
	homes := d.homes(sets)
	for lost := range d.hosts {
		if !d.hosts[lost].Node.Online() {
			continue
		}
		left, homeless := d.restart(lost, nil)
		keep(&worst[0], d.afterLoss(lost, &everyone, left, homeless))
		if len(sets) == 0 {
			continue
		}
		left, homeless = d.restart(lost, func(g *pve.Guest) *set {
			if i, ok := homes[sid(g)]; ok {
				return &sets[i]
			}
			return nil
		})
		for i := range sets {
			if sets[i].nodes[lost] {
				keep(&worst[1+i], d.afterLoss(lost, &sets[i], left, homeless))
			}
		}
	}
	for i, w := range worst {
		if w == nil { // no node of it is online
			w = &provisov1.LossHeadroom{}
		}
		if i > 0 {
			w.Group = clip(sets[i-1].name, maxGroupName)
		}
		d.out.Headroom = append(d.out.Headroom, w)
	}
}

// homes says which set binds a guest: the first that names it.
func (d *diagnosis) homes(sets []set) map[string]int {
	homes := map[string]int{}
	for i, s := range slices.Backward(sets) {
		for sid := range s.guests {
			homes[sid] = i
		}
	}
	return homes
}

// restart sends the guests of a lost node to others. It returns what is left on each node, and the guests that found no memory.
func (d *diagnosis) restart(lost int, home func(*pve.Guest) *set) (left []int64, homeless []*pve.Guest) {
	left = make([]int64, len(d.hosts))
	for i := range d.hosts {
		left[i] = d.hosts[i].FreeBytes
	}
	for _, g := range d.hosts[lost].guests {
		var bound *set
		if home != nil {
			bound = home(g)
		}
		to := d.most(left, lost, bound)
		if to < 0 && bound != nil && !bound.restrict {
			to = d.most(left, lost, nil)
		}
		if to < 0 || left[to] < g.MemoryBytes {
			homeless = append(homeless, g)
			continue
		}
		left[to] -= g.MemoryBytes
	}
	return left, homeless
}

// most is the node with most memory left, of a set where one is given; -1 where there is none.
func (d *diagnosis) most(left []int64, lost int, in *set) int {
	best := -1
	for i := range d.hosts {
		if i != lost && d.hosts[i].open && (in == nil || in.nodes[i]) && (best < 0 || left[i] > left[best]) {
			best = i
		}
	}
	return best
}

// afterLoss sums up what is left on the nodes of a set. Missing memory is that of the guests which found none.
func (d *diagnosis) afterLoss(lost int, of *set, left []int64, homeless []*pve.Guest) *provisov1.LossHeadroom {
	h := &provisov1.LossHeadroom{WorstNode: d.hosts[lost].Name}
	var free, largest, missing int64
	for i := range d.hosts {
		if i != lost && d.hosts[i].open && of.nodes[i] {
			free += max(0, left[i])
			largest = max(largest, left[i])
		}
	}
	for _, g := range homeless {
		if of.guests == nil || of.guests[sid(g)] {
			missing += g.MemoryBytes
			h.GuestsWithoutRoom++
		}
	}
	h.MemoryFreeMib, h.LargestGuestMib = free/mib, largest/mib
	if missing > 0 {
		h.MemoryFreeMib = -((missing + mib - 1) / mib)
	}
	return h
}

// keep keeps the worse of two losses; the first of equal ones.
func keep(worst **provisov1.LossHeadroom, h *provisov1.LossHeadroom) {
	w := *worst
	if w == nil || h.GetMemoryFreeMib() < w.GetMemoryFreeMib() ||
		h.GetMemoryFreeMib() == w.GetMemoryFreeMib() && h.GetLargestGuestMib() < w.GetLargestGuestMib() {
		*worst = h
	}
}
