package understand

import (
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
)

// thing is a set of kinds of object in a cluster.
type thing uint8

const (
	aNode thing = 1 << iota
	aNetwork
	aStorage
	aPool
	anHAGroup
	aTemplate
	aGuest
	anImage
)

// name is how a cluster writes the name of something, and everything that is called so.
type name struct {
	written string
	things  thing
}

// index answers by name what a snapshot holds. It is built once for a snapshot and never written again.
type index struct {
	policy    placement.Policy // how full nodes may become
	snap      *pve.Snapshot    // nil: nothing is known of the cluster
	names     map[string]name
	guests    map[string]int // lower-case name -> id
	numbered  map[string]int // "web" -> highest n of the guests "web-n", lower case
	nodes     []string
	networks  []string
	storages  []string // those that take disks
	pools     []string
	haGroups  []string
	templates []pve.Guest
	images    []pve.Volume
	addresses map[netip.Addr]string // addresses of nodes -> node
	// rootdirs are the storages that take disks of containers, ctTemplates what containers are made from.
	rootdirs    []string
	ctTemplates []pve.Volume

	// asideTags are tags of guests that no other guest is to take over.
	asideTags []string
	// base is the index that a view was made of; nil: this is none.
	base *index

	seriesOnce sync.Once
	series     map[string]*series // by folded base; use allSeries
}

// newIndex builds the index of a snapshot; of nil, the empty index.
func newIndex(s *pve.Snapshot) *index {
	x := &index{snap: s, names: map[string]name{}, guests: map[string]int{}, numbered: map[string]int{}, addresses: map[netip.Addr]string{}}
	if s == nil {
		return x
	}
	x.names = make(map[string]name, len(s.Guests)+len(s.Nodes)+64)
	x.guests = make(map[string]int, len(s.Guests))
	for _, n := range s.Nodes {
		x.nodes = x.note(x.nodes, n.Name, aNode)
	}
	for _, v := range s.VNets {
		x.networks = x.note(x.networks, v.Name, aNetwork)
	}
	for _, b := range s.Bridges {
		x.networks = x.note(x.networks, b.Name, aNetwork)
		if p, err := netip.ParsePrefix(b.CIDR); err == nil {
			x.addresses[p.Addr()] = b.Node
		}
	}
	for _, st := range s.Storages {
		if st.Holds("images") {
			x.storages = x.note(x.storages, st.Name, aStorage)
		} else {
			x.note(nil, st.Name, aStorage)
		}
	}
	for _, p := range s.Pools {
		x.pools = x.note(x.pools, p.Name, aPool)
	}
	for _, g := range s.HAGroups {
		x.haGroups = x.note(x.haGroups, g.Name, anHAGroup)
	}
	for _, r := range s.HARules {
		if r.Type == "node-affinity" {
			x.haGroups = x.note(x.haGroups, r.Name, anHAGroup)
		}
	}
	for _, g := range s.Guests {
		if g.Name == "" {
			continue
		}
		lower := strings.ToLower(g.Name)
		x.guests[lower] = g.VMID
		if base, n, ok := cutNumber(lower); ok {
			x.numbered[base] = max(x.numbered[base], n)
		}
		if g.Template && g.Kind == pve.KindVM {
			x.templates = append(x.templates, g)
			x.note(nil, g.Name, aTemplate)
			continue
		}
		x.note(nil, g.Name, aGuest)
	}
	for _, v := range s.Volumes {
		if (v.Content == "import" || v.Content == "iso") && !slices.ContainsFunc(x.images, func(o pve.Volume) bool { return o.ID == v.ID }) {
			x.images = append(x.images, v)
			x.note(nil, path.Base(v.ID), anImage)
		}
	}
	x.noteContainers(s)
	slices.SortStableFunc(x.images, func(a, b pve.Volume) int {
		return strings.Compare(a.Content+a.ID, b.Content+b.ID) // cloud images for import before ISO images
	})
	return x
}

// view returns the index for the same cluster with more known of single guests: their configurations, tags to set aside. Names stay what
// they are, so they are not looked through again.
func (x *index) view(s *pve.Snapshot, asideTags []string) *index {
	v := &index{snap: s, names: x.names, guests: x.guests, numbered: x.numbered, nodes: x.nodes, networks: x.networks, storages: x.storages,
		pools: x.pools, haGroups: x.haGroups, images: x.images, addresses: x.addresses, rootdirs: x.rootdirs, ctTemplates: x.ctTemplates,
		templates: x.templates, asideTags: asideTags, base: x, policy: x.policy}
	if s == x.snap {
		return v
	}
	v.templates = slices.Clone(x.templates)
	for i, t := range v.templates {
		if k, ok := slices.BinarySearchFunc(s.Guests, t.VMID, func(g pve.Guest, id int) int { return g.VMID - id }); ok {
			v.templates[i] = s.Guests[k]
		}
	}
	return v
}

// covers reports whether a snapshot is the one that was indexed with configurations added: a copy that shares its nodes.
func (x *index) covers(s *pve.Snapshot) bool {
	return s != nil && x.snap != nil && len(s.Nodes) > 0 && len(x.snap.Nodes) > 0 && &s.Nodes[0] == &x.snap.Nodes[0] && len(s.Guests) == len(x.snap.Guests)
}

// cutNumber takes "web-3" apart.
func cutNumber(name string) (base string, n int, ok bool) {
	base, number, ok := lastCut(name, '-')
	if !ok || number == "" || len(number) > 6 || digits(number) != len(number) {
		return "", 0, false
	}
	n, _ = strconv.Atoi(number)
	return base, n, true
}

func lastCut(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i <= 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (x *index) note(list []string, written string, t thing) []string {
	if written == "" {
		return list
	}
	key := fold(written)
	n := x.names[key]
	if n.written == "" {
		n.written = written
	}
	n.things |= t
	x.names[key] = n
	if !slices.Contains(list, written) {
		list = append(list, written)
	}
	return list
}

// has reports whether the cluster uses a word, in its folded form, as a name.
func (x *index) has(word string) bool { return x.names[word].things != 0 }

// find returns a name as the cluster writes it if it is one of these things.
func (x *index) find(word string, t thing) (string, bool) {
	n := x.names[fold(word)]
	return n.written, n.things&t != 0
}

// nearest returns the name among candidates that a word most likely means, "" when none is near.
func nearest(word string, candidates []string) string {
	word = fold(word)
	limit := min(2, len(word)/3)
	best, at := "", limit+1
	for _, c := range candidates {
		if d := distance(word, fold(c), limit); d < at {
			best, at = c, d
		}
	}
	return best
}

// near returns what a word that names nothing is closest to among nodes, networks and storages; 0 when to nothing.
func (x *index) near(word string) thing {
	word = fold(word)
	limit := min(2, len(word)/3)
	best, at := thing(0), limit+1
	for _, group := range []struct {
		t     thing
		names []string
	}{{aNode, x.nodes}, {aNetwork, x.networks}, {aStorage, x.storages}, {aPool, x.pools}} {
		for _, c := range group.names {
			if d := distance(word, fold(c), limit); d < at {
				best, at = group.t, d
			}
		}
	}
	return best
}

// taken reports whether a guest has this name, regardless of case.
func (x *index) taken(name string) (vmid int, ok bool) {
	vmid, ok = x.guests[strings.ToLower(name)]
	return vmid, ok
}
