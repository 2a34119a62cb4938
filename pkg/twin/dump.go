package twin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Dump returns the state that a client can cause, as JSON that is equal when the state is. Clocks, loads, tasks, sessions and
// caches are not in it. A planted guest that nobody changed is only named, so that thousands of them cost little.
func (c *Cluster) Dump() []byte {
	var out []byte
	c.change(func() {
		state := object{
			"guests": c.dumpGuests(), "volumes": c.dumpVolumes(), "storages": c.dumpStorages(), "pools": c.dumpPools(), "networks": c.dumpNetworks(),
			"ha":      object{"groups": c.ha.groups, "rules": c.ha.rules, "resources": c.ha.resources},
			"sdn":     object{"configured": c.sdn.configured.dump(), "running": c.sdn.running.dump()},
			"backups": c.backups, "replication": c.replicas, "firewall": c.dumpFirewalls(), "access": c.access.dump(), "mappings": c.mappings,
		}
		var err error
		if out, err = json.MarshalIndent(state, "", " "); err != nil {
			panic(fmt.Sprintf("dump of the twin: %v", err)) // maps of strings and numbers always encode
		}
	})
	return out
}

func (c *Cluster) dumpGuests() object {
	all := object{}
	for id, g := range c.guests {
		row := object{"node": g.node, "running": g.running, "pool": g.pool, "lock": g.lock}
		if !c.asPlanted(g) {
			row["config"], row["pending"] = g.conf, g.pending
		}
		all[fmt.Sprintf("%s/%d", g.kind, id)] = row
	}
	return all
}

// asPlanted reports whether a guest's configuration is that of the seed.
func (c *Cluster) asPlanted(g *guest) bool {
	return g.seed != nil && (!g.touched || len(g.pending) == 0 && maps.Equal(g.conf, c.planted(g)))
}

// dumpVolumes leaves out the disks of guests that are as planted: they appear when somebody looks at them.
func (c *Cluster) dumpVolumes() []string {
	var all []string
	for key, v := range c.volumes {
		if g := c.guests[v.vmid]; g != nil && c.asPlanted(g) {
			continue
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %d", key.node, v.id, v.content, v.format, v.size))
	}
	slices.Sort(all)
	return all
}

func (c *Cluster) dumpStorages() object {
	all := object{}
	for name, s := range c.storages {
		row := s.row()
		allocated := maps.Clone(s.allocated)
		maps.DeleteFunc(allocated, func(_ string, n int64) bool { return n == 0 })
		row["allocated"] = allocated
		all[name] = row
	}
	return all
}

func (c *Cluster) dumpPools() object {
	all := object{}
	for name, p := range c.pools {
		all[name] = object{"comment": p.comment, "storages": p.storages}
	}
	return all
}

func (c *Cluster) dumpNetworks() object {
	all := object{}
	for name, n := range c.nodes {
		all[name] = object{"configured": n.ifaces, "active": n.active}
	}
	return all
}

func (c *Cluster) dumpFirewalls() object {
	all := object{}
	for key, f := range c.firewall {
		if len(f.options)+len(f.rules) > 0 { // reading one makes an empty entry
			all[key] = object{"options": f.options, "rules": f.rules}
		}
	}
	return all
}

func (n network) dump() object {
	return object{"zones": n.zones, "vnets": n.vnets, "subnets": n.subnets}
}

func (a *access) dump() object {
	users, acl := object{}, []string{}
	for name, u := range a.users {
		users[name] = object{"fields": u.fields, "groups": u.groups, "tokens": u.tokens}
	}
	for _, e := range a.acl {
		acl = append(acl, fmt.Sprintf("%s %s %s %s %t", e.path, e.role, e.kind, e.who, e.propagate))
	}
	slices.Sort(acl)
	return object{"users": users, "roles": a.roles, "groups": a.groups, "acl": acl}
}
