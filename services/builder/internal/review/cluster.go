package review

import (
	"net/netip"

	"proviso.dev/pkg/pve"
)

// A Cluster is a snapshot indexed for review. It is immutable and shared by all reviews of its snapshot.
type Cluster struct {
	*pve.Snapshot
	nodes    map[string]*pve.Node
	guests   map[int]*pve.Guest
	names    map[string]int // name of a guest -> its id
	storages map[[2]string]*pve.Storage
	known    map[string]bool      // storages by name
	networks map[[2]string]bool   // bridge or vnet, node
	vnets    map[string]*pve.VNet // by name
	pools    map[string]bool
	groups   map[string]bool
	rules    map[string]*pve.HARule
	volumes  map[string]bool
	vztmpl   map[string]bool       // templates of containers, by volume
	hosts    map[netip.Addr]string // address -> node that has it
	running  map[string]int64      // node -> configured memory of its running guests, bytes
	online   int
}

// Index prepares a snapshot for review.
func Index(s *pve.Snapshot) *Cluster {
	c := &Cluster{
		Snapshot: s,
		nodes:    make(map[string]*pve.Node, len(s.Nodes)),
		guests:   make(map[int]*pve.Guest, len(s.Guests)),
		names:    make(map[string]int, len(s.Guests)),
		storages: make(map[[2]string]*pve.Storage, len(s.Storages)),
		known:    map[string]bool{},
		networks: make(map[[2]string]bool, len(s.Bridges)),
		vnets:    make(map[string]*pve.VNet, len(s.VNets)),
		pools:    make(map[string]bool, len(s.Pools)),
		groups:   make(map[string]bool, len(s.HAGroups)),
		rules:    make(map[string]*pve.HARule, len(s.HARules)),
		volumes:  make(map[string]bool, len(s.Volumes)),
		vztmpl:   map[string]bool{},
		hosts:    map[netip.Addr]string{},
		running:  make(map[string]int64, len(s.Nodes)),
	}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		c.nodes[n.Name] = n
		if n.Online() {
			c.online++
		}
	}
	for i := range s.Guests {
		g := &s.Guests[i]
		c.guests[g.VMID] = g
		c.names[g.Name] = g.VMID
		if g.Status == pve.GuestRunning {
			c.running[g.Node] += g.MemoryBytes
		}
	}
	for i := range s.Storages {
		st := &s.Storages[i]
		c.storages[[2]string{st.Name, st.Node}] = st
		c.known[st.Name] = true
	}
	for _, b := range s.Bridges {
		c.networks[[2]string{b.Name, b.Node}] = true
		if p, err := netip.ParsePrefix(b.CIDR); err == nil {
			c.hosts[p.Addr()] = b.Node
		}
	}
	for i := range s.VNets {
		c.vnets[s.VNets[i].Name] = &s.VNets[i]
	}
	for _, p := range s.Pools {
		c.pools[p.Name] = true
	}
	for _, g := range s.HAGroups {
		c.groups[g.Name] = true
	}
	for i := range s.HARules {
		c.rules[s.HARules[i].Name] = &s.HARules[i]
	}
	for _, v := range s.Volumes {
		c.volumes[v.ID] = true
		if v.Content == "vztmpl" {
			c.vztmpl[v.ID] = true
		}
	}
	return c
}

func (c *Cluster) storage(name, node string) *pve.Storage { return c.storages[[2]string{name, node}] }

func (c *Cluster) network(name, node string) bool {
	if v := c.vnets[name]; v != nil {
		return v.OnNode(node)
	}
	return c.networks[[2]string{name, node}]
}

// shared reports whether every node sees the same storage of that name.
func (c *Cluster) shared(name, node string) bool {
	st := c.storage(name, node)
	return st != nil && st.Shared
}

// template returns the template with that id, nil when there is none.
func (c *Cluster) template(id int) *pve.Guest {
	if g := c.guests[id]; g != nil && g.Template {
		return g
	}
	return nil
}
