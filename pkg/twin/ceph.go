package twin

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Copies that the pools of the twin keep, and how many of them must be there for a pool to take reads and writes.
const (
	cephSize    = 3
	cephMinSize = 2
)

// An osd is one daemon of Ceph with its disk.
type osd struct {
	node  string
	bytes int64
	down  bool
}

// plantCeph makes the daemons: those of the seed, or else one on each of the first three nodes, of the size that gives the RBD
// storages what they show.
func (c *Cluster) plantCeph(seed Seed) {
	c.ceph, c.cephNodes = seed.Ceph, seed.CephNodes
	if c.ceph == "" {
		return
	}
	for _, n := range seed.Nodes {
		for _, bytes := range n.OSDBytes {
			c.osds = append(c.osds, &osd{node: n.Name, bytes: bytes})
		}
	}
	if len(c.osds) > 0 {
		return
	}
	var total int64
	for _, s := range c.storages {
		if s.kind == "rbd" {
			t, _ := s.figures("")
			total += t
		}
	}
	hosts := c.order[:min(cephSize, len(c.order))]
	for _, name := range hosts {
		c.osds = append(c.osds, &osd{node: name, bytes: cephSize * total / int64(len(hosts))})
	}
}

// SetOSDs takes the Ceph daemons of a node down or brings them back. Their copies are missing while they are down. The error
// says that the node has none.
func (c *Cluster) SetOSDs(node string, up bool) error {
	found := false
	c.change(func() {
		for _, o := range c.osds {
			if o.node == node {
				o.down, found = !up, true
			}
		}
	})
	if !found {
		return fmt.Errorf("%w: node %q has no OSD", ErrSeed, node)
	}
	return nil
}

// cephOn refuses on a node without monitor as Proxmox VE does.
func (c *Cluster) cephOn(node string) error {
	if c.ceph == "" || len(c.cephNodes) > 0 && !slices.Contains(c.cephNodes, node) {
		return die("binary not installed: /usr/bin/ceph-mon")
	}
	return nil
}

// up are the daemons that run, and the number of nodes that they are on: each copy lies on another node.
func (c *Cluster) upOSDs() (up, hosts int) {
	on := map[string]bool{}
	for _, o := range c.osds {
		if !o.down && !c.nodes[o.node].offline {
			up++
			on[o.node] = true
		}
	}
	return up, len(on)
}

// cephSpace is raw space, every copy counted.
func (c *Cluster) cephSpace() (total, used int64) {
	for _, o := range c.osds {
		total += o.bytes
	}
	for _, s := range c.storages {
		if s.kind == "rbd" {
			_, u := s.figures("")
			used += cephSize * u
		}
	}
	return total, min(used, total)
}

// pgs is the number of placement groups of all pools: 128 of each storage, one of Ceph's own pool.
func (c *Cluster) pgs() int {
	n := 1
	for _, s := range c.storages {
		if s.kind == "rbd" {
			n += 128
		}
	}
	return n
}

// cephState judges the copies: which state the placement groups are in, and what the health says of it.
func (c *Cluster) cephState() (state, health string, checks object) {
	up, hosts := c.upOSDs()
	checks = object{}
	complain := func(code, message string, count int) {
		checks[code] = object{"severity": "HEALTH_WARN", "summary": object{"message": message, "count": count}, "muted": false}
	}
	health, state = c.ceph, "active+clean"
	if down := len(c.osds) - up; down > 0 {
		health = "HEALTH_WARN"
		complain("OSD_DOWN", fmt.Sprintf("%d osds down", down), down)
	}
	groups := c.pgs()
	switch wanted := min(cephSize, c.cephHosts()); {
	case hosts >= wanted:
	case hosts >= cephMinSize:
		state = "active+undersized+degraded"
		complain("PG_DEGRADED", fmt.Sprintf("Degraded data redundancy: %d pgs degraded, %d pgs undersized", groups, groups), groups)
	default:
		state = "undersized+degraded+peered"
		complain("PG_DEGRADED", fmt.Sprintf("Degraded data redundancy: %d pgs degraded, %d pgs undersized", groups, groups), groups)
		complain("PG_AVAILABILITY", fmt.Sprintf("Reduced data availability: %d pgs inactive", groups), groups)
	}
	if health != "HEALTH_OK" && len(checks) == 0 { // the seed says that something is wrong, though every copy is there
		complain("POOL_APP_NOT_ENABLED", "1 pool(s) do not have an application enabled", 1)
		if health == "HEALTH_ERR" {
			checks["OSD_SCRUB_ERRORS"] = object{"severity": "HEALTH_ERR", "summary": object{"message": "1 scrub errors", "count": 1}, "muted": false}
		}
	}
	return state, health, checks
}

// cephHosts is the number of nodes with daemons, running or not.
func (c *Cluster) cephHosts() int {
	on := map[string]bool{}
	for _, o := range c.osds {
		on[o.node] = true
	}
	return len(on)
}

func (c *Cluster) cephStatus(r *request) (any, error) {
	node := r.node()
	if node == "" {
		node = c.first()
	}
	if err := c.cephOn(node); err != nil {
		return nil, err
	}
	total, used := c.cephSpace()
	up, _ := c.upOSDs()
	state, health, checks := c.cephState()
	monitors := c.order[:min(3, len(c.order))]
	return object{
		"fsid":   "5f0f7a52-0000-4000-8000-000000000001",
		"health": object{"status": health, "checks": checks, "mutes": []object{}}, "quorum_names": monitors,
		"pgmap": object{
			"pgs_by_state": []object{{"state_name": state, "count": c.pgs()}}, "num_pgs": c.pgs(), "num_pools": len(c.cephPoolRows()),
			"bytes_total": total, "bytes_used": used, "bytes_avail": total - used, "data_bytes": used / cephSize,
		},
		"osdmap": object{"epoch": 100, "num_osds": len(c.osds), "num_up_osds": up, "num_in_osds": len(c.osds), "num_remapped_pgs": 0},
		"monmap": object{"epoch": 3, "num_mons": len(monitors)},
	}, nil
}

func (c *Cluster) cephPools(r *request) (any, error) {
	if err := c.cephOn(r.node()); err != nil {
		return nil, err
	}
	return c.cephPoolRows(), nil
}

// cephPoolRows are a pool for each storage and the one that Ceph makes for itself. The share of use is of the raw bytes that the
// pool has and may still take.
func (c *Cluster) cephPoolRows() []object {
	total, used := c.cephSpace()
	rows := []object{cephPoolRow(1, ".mgr", 1, 0, total-used)}
	for _, name := range slices.Sorted(maps.Keys(c.storages)) {
		s := c.storages[name]
		if s.kind != "rbd" {
			continue
		}
		_, own := s.figures("")
		rows = append(rows, cephPoolRow(len(rows)+1, orElse(s.options["pool"], name), 128, cephSize*own, total-used))
	}
	return rows
}

func cephPoolRow(id int, name string, groups int, used, free int64) object {
	share := 0.0
	if used > 0 {
		share = float64(used) / float64(used+free)
	}
	return object{
		"pool": id, "pool_name": name, "type": "replicated", "size": cephSize, "min_size": cephMinSize, "pg_num": groups, "pg_autoscale_mode": "on",
		"crush_rule": 0, "crush_rule_name": "replicated_rule", "bytes_used": used, "percent_used": math.Round(share*1e12) / 1e12,
	}
}
