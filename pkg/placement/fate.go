package placement

import (
	"cmp"
	"slices"

	"proviso.dev/pkg/pve"
)

// Fate is what becomes of a guest when its node is lost.
type Fate string

// The fates.
const (
	Restarts Fate = "restarts" // HA starts it elsewhere
	Stuck    Fate = "stuck"    // HA would, but cannot: the cause says why
	Down     Fate = "down"     // HA does not look after it, and it waits for its node
)

// NoQuorum is why HA restarts nothing.
const NoQuorum Cause = "no_quorum"

// A GuestFate is one running guest of a lost node.
type GuestFate struct {
	VMID        int
	Name        string
	Kind        pve.GuestKind
	MemoryBytes int64
	HA          bool
	Fate        Fate
	// Node is where it restarts.
	Node string
	// Cause is why it is stuck: NoQuorum, or the cause of the node that came nearest.
	Cause Cause
	// Detail names what Cause is about.
	Detail string
}

// A Loss is what the loss of nodes does.
type Loss struct {
	// Nodes that are lost, of those asked for the ones that are online.
	Nodes []string
	// VotesLeft of Votes, and VotesNeeded for quorum, which Quorum reports.
	Votes, VotesLeft, VotesNeeded int
	Quorum                        bool
	// Guests that run on them, those with most memory first.
	Guests []GuestFate
	// Homeless are the ids of those that would find no memory elsewhere if all were to restart, under HA or not, wherever that is.
	Homeless []int
	// Before and After are the loads of the online nodes.
	Before, After []NodeLoad
}

// Lose tells what becomes of the guests of nodes when all of these are lost at once. HA starts the guests with most memory first, each
// where its group and rules want it, and there on the node with most memory free. A node that is not known or not online is no loss.
func (x *Index) Lose(names ...string) *Loss {
	l := &Loss{Before: x.loads(&x.start), VotesNeeded: x.needed}
	lost := make([]bool, len(x.nodes))
	for i := range x.nodes {
		n := &x.nodes[i]
		l.Votes += n.votes
		switch {
		case !n.online:
		case slices.Contains(names, n.name):
			lost[i] = true
			l.Nodes = append(l.Nodes, n.name)
		default:
			l.VotesLeft += n.votes
		}
	}
	l.Quorum = l.VotesLeft >= l.VotesNeeded
	var fallen []int
	for g, r := range x.roster.guests {
		if i := x.at[g]; r.running && i >= 0 && lost[i] {
			fallen = append(fallen, g)
		}
	}
	slices.SortStableFunc(fallen, func(a, b int) int {
		return cmp.Compare(x.roster.guests[b].MemoryBytes, x.roster.guests[a].MemoryBytes)
	})
	l.Homeless = x.homeless(fallen, lost)
	x.failOver(l, fallen, lost)
	return l
}

// homeless walks through guests, each to the node with most memory free, and returns those that find none.
func (x *Index) homeless(fallen []int, lost []bool) []int {
	free := slices.Clone(x.start.free)
	var left []int
	for _, g := range fallen {
		best := -1
		for i := range x.nodes {
			if x.nodes[i].open && !lost[i] && (best < 0 || free[i] > free[best]) {
				best = i
			}
		}
		if best < 0 || free[best] < x.roster.guests[g].MemoryBytes {
			left = append(left, x.roster.guests[g].VMID)
			continue
		}
		free[best] -= x.roster.guests[g].MemoryBytes
	}
	return left
}

// failOver lets HA restart the guests and tells what becomes of each.
func (x *Index) failOver(l *Loss, fallen []int, lost []bool) {
	y, demands := x.lift(fallen)
	for k, g := range fallen {
		demands[k].HA = x.roster.guests[g].HA
		demands[k].Load = 0
	}
	for i := range lost {
		if lost[i] {
			y.nodes[i].online, y.nodes[i].open = false, false
		}
	}
	p := newSearch(y, nil, &Budget{})
	// Guests restart one by one: each is a unit of its own, and near to others only as far as these have a node.
	bonds, count := y.bonds(demands)
	p.held = make([][]int, count)
	for i := range p.held {
		p.held[i] = make([]int, len(x.nodes))
	}
	placed := make(map[any]int)
	for k, g := range fallen {
		r := x.roster.guests[g]
		f := GuestFate{VMID: r.VMID, Name: r.Name, Kind: r.Kind, MemoryBytes: r.MemoryBytes, HA: r.HA, Fate: Down}
		switch {
		case !r.HA || x.roster.left[r.sid()]:
		case !l.Quorum:
			f.Fate, f.Cause = Stuck, NoQuorum
		default:
			u := y.units(demands[k : k+1])[0]
			u.bond = bonds[k]
			for _, key := range u.with {
				if n, ok := placed[key]; ok {
					u.only(n)
				}
			}
			p.units = append(p.units, u)
			p.at = append(p.at, -1)
			last := len(p.units) - 1
			n := p.shelter(last)
			if n < 0 {
				f.Fate = Stuck
				f.Cause, f.Detail = p.nearest(last)
				break
			}
			p.put(last, n)
			for _, key := range u.with {
				placed[key] = n
			}
			f.Fate, f.Node = Restarts, x.nodes[n].name
		}
		l.Guests = append(l.Guests, f)
	}
	l.After = y.loads(p.state)
}

// only lets a unit be on one node.
func (u *unit) only(n int) {
	for i := range u.static {
		if i != n && u.static[i].cause == NoCause {
			u.static[i] = hurdle{cause: NotNear}
		}
	}
}

// shelter returns where HA restarts a unit, -1 when nowhere. HA counts memory, not vCPUs.
func (p *search) shelter(i int) int {
	u := p.units[i]
	best := -1
	for n := range p.nodes {
		switch p.hinders(u, n) {
		case NoCause, VCPUs:
		default:
			continue
		}
		if best >= 0 && u.haRank != nil && u.haRank[n] != u.haRank[best] {
			if u.haRank[n] < u.haRank[best] {
				best = n
			}
			continue
		}
		if best < 0 || p.state.free[n] > p.state.free[best] {
			best = n
		}
	}
	return best
}

// nearest returns the cause of the node that came nearest to taking a unit: one that lacks memory is nearer than one that is not reached.
func (p *search) nearest(i int) (Cause, string) {
	u := p.units[i]
	best, cause, detail := -1, NotOnline, ""
	for n := range p.nodes {
		c := p.hinders(u, n)
		if at := slices.Index(nearness, c); at > best {
			best, cause, detail = at, c, u.static[n].detail
		}
	}
	return cause, detail
}

// nearness orders causes from the farthest.
var nearness = []Cause{NotOnline, InMaintenance, OutsideHA, NoStorage, LocalDisk, NoNetwork, NoDevice, TooManyVCPUs, NotNear, NotApart, NoDeviceFree, StorageSpace, Memory}
