package placement

import (
	"cmp"
	"slices"

	"proviso.dev/pkg/pve"
)

// A stock is something countable that guests take from: space on a storage, devices of a mapping, a node's link. state.left has
// what is left of each.
type stock struct {
	name  string
	cause Cause // when there is too little
}

// newStock adds one and returns its number.
func (x *Index) newStock(name string, cause Cause, left int64) int {
	x.stocks = append(x.stocks, stock{name, cause})
	x.start.left = append(x.start.left, left)
	return len(x.stocks) - 1
}

// A storage is one storage over all nodes. pool is, per node, the stock that the node allocates from; -1 where it cannot put disks.
type storage struct {
	shared bool
	active []bool
	pool   []int
	// images and rootDirs report which disks it takes.
	images, rootDirs bool
}

// poolFor is the stock that a disk on node n is allocated from, -1 when the storage takes no such disk there.
func (st storage) poolFor(c Content, n int) int {
	if takes := c == Images && st.images || c == RootDirs && st.rootDirs; !takes {
		return -1
	}
	return st.pool[n]
}

// addStorages counts what is free. A shared storage is one pool, however many nodes report it; their reports may differ
// by what was written between them, and the smallest counts.
func (x *Index) addStorages(rows []pve.Storage, usable map[StorageOn]int64) {
	for _, row := range rows {
		i, ok := x.position[row.Node]
		if !ok {
			continue
		}
		st, ok := x.storages[row.Name]
		if !ok {
			st = storage{shared: row.Shared, active: make([]bool, len(x.nodes)), pool: slices.Repeat([]int{-1}, len(x.nodes))}
			st.images, st.rootDirs = row.Holds(Images.name()), row.Holds(RootDirs.name())
			x.storages[row.Name] = st
		}
		st.active[i] = row.Active && x.nodes[i].online
		if !st.active[i] || !row.Holds(Images.name()) && !row.Holds(RootDirs.name()) {
			continue
		}
		free := max(0, row.TotalBytes-row.UsedBytes)
		if told, ok := usable[StorageOn{row.Name, row.Node}]; ok {
			free = max(0, told)
		}
		if row.Shared {
			if first := slices.IndexFunc(st.pool, func(p int) bool { return p >= 0 }); first >= 0 {
				st.pool[i] = st.pool[first]
				x.start.left[st.pool[i]] = min(x.start.left[st.pool[i]], free)
				continue
			}
		}
		st.pool[i] = x.newStock(row.Name, StorageSpace, free)
	}
}

// A deviceKey names the devices of a mapping on a node, or all devices of a kind there.
type deviceKey struct {
	mapping, kind string
	node          int
}

// addMappings makes a stock for each mapping on each node, and one for each kind there. A need by name takes from both, a need by kind
// only from the kind: so everything fits exactly when no stock runs out, whichever devices serve the needs by kind.
func (x *Index) addMappings(mappings []Mapping) {
	x.devices = make(map[deviceKey]int)
	x.mappings = slices.Clone(mappings)
	slices.SortStableFunc(x.mappings, func(a, b Mapping) int { return cmp.Compare(a.Name, b.Name) })
	for _, m := range x.mappings {
		for i, n := range x.nodes {
			have := m.Nodes[n.name]
			if have <= 0 || !n.online {
				continue
			}
			left := int64(max(0, have-m.InUse[n.name]))
			x.devices[deviceKey{mapping: m.Name, node: i}] = x.newStock(m.Name, NoDeviceFree, left)
			if m.Kind == "" {
				continue
			}
			kind := deviceKey{kind: m.Kind, node: i}
			if at, ok := x.devices[kind]; ok {
				x.start.left[at] += left
			} else {
				x.devices[kind] = x.newStock(m.Kind, NoDeviceFree, left)
			}
		}
	}
}

// deviceClaims returns what a need takes on node n; ok is false when the node has no such device.
func (x *Index) deviceClaims(d Device, n int) (claims []claim, ok bool) {
	count := int64(d.count())
	if d.Mapping == "" {
		at, ok := x.devices[deviceKey{kind: d.Kind, node: n}]
		return []claim{{at, count}}, ok
	}
	at, ok := x.devices[deviceKey{mapping: d.Mapping, node: n}]
	if !ok {
		return nil, false
	}
	claims = []claim{{at, count}}
	if m := slices.IndexFunc(x.mappings, func(m Mapping) bool { return m.Name == d.Mapping }); x.mappings[m].Kind != "" {
		claims = append(claims, claim{x.devices[deviceKey{kind: x.mappings[m].Kind, node: n}], count})
	}
	return claims, true
}

// addLinks makes a stock of the bandwidth that each link has left.
func (x *Index) addLinks(links map[string]Link) {
	for i := range x.nodes {
		x.nodes[i].link = -1
		if l, ok := links[x.nodes[i].name]; ok {
			x.nodes[i].link = x.newStock(x.nodes[i].name, LinkFull, max(0, l.Capacity-l.Used))
		}
	}
}

// FreeOn returns the bytes that a disk of that kind on that storage finds free on the node, and whether such disks can lie
// there at all.
func (x *Index) FreeOn(c Content, name, node string) (int64, bool) {
	i, known := x.position[node]
	st, ok := x.storages[name]
	if !known || !ok || st.poolFor(c, i) < 0 {
		return 0, false
	}
	return x.start.left[st.pool[i]], true
}
