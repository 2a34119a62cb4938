package twin

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// pool is a resource pool. Its guests know it by name; its storages are listed here.
type pool struct {
	comment  string
	storages map[string]bool
}

// listPools answers GET /pools, and GET /pools?poolid=P, which is a list of one.
func (c *Cluster) listPools(r *request) (any, error) {
	if name := r.text("poolid"); name != "" {
		if err := c.mayReadPool(r.who, name); err != nil {
			return nil, err
		}
		row := c.poolMembers(r, name)
		row["poolid"] = name
		return []object{row}, nil
	}
	rows := []object{}
	for _, name := range slices.Sorted(maps.Keys(c.pools)) {
		if !r.who.has("/pool/"+name, "Pool.Audit") {
			continue
		}
		row := object{"poolid": name}
		if p := c.pools[name]; p.comment != "" {
			row["comment"] = p.comment
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *Cluster) mayReadPool(who identity, name string) error {
	if c.pools[name] == nil {
		return die("pool '%s' does not exist", name)
	}
	if !who.has("/pool/"+name, "Pool.Audit") {
		return forbid("/pool/"+name, []string{"Pool.Audit"})
	}
	return nil
}

// readPool answers GET /pools/P, the older form.
func (c *Cluster) readPool(r *request) (any, error) {
	if err := c.mayReadPool(r.who, r.text("poolid")); err != nil {
		return nil, err
	}
	return c.poolMembers(r, r.text("poolid")), nil
}

func (c *Cluster) poolMembers(r *request, name string) object {
	p := c.pools[name]
	members := []any{}
	for _, id := range c.guestIDs() {
		g := c.guests[id]
		if g.pool == name && (!r.has("type") || r.text("type") == string(g.kind)) {
			members = append(members, c.rowOf(g))
		}
	}
	if !r.has("type") || r.text("type") == "storage" {
		for _, storage := range slices.Sorted(maps.Keys(p.storages)) {
			node := c.first()
			members = append(members, object{"id": "storage/" + node + "/" + storage, "type": "storage", "node": node, "storage": storage, "status": "available"})
		}
	}
	row := object{"members": members}
	if p.comment != "" {
		row["comment"] = p.comment
	}
	return row
}

func (c *Cluster) createPool(r *request) (any, error) {
	name := r.text("poolid")
	if c.pools[name] != nil {
		return nil, die("create pool failed: pool '%s' already exists", name)
	}
	if parent, _, nested := cutLast(name, "/"); nested && c.pools[parent] == nil {
		return nil, die("create pool failed: parent pool '%s' does not exist", parent)
	}
	c.pools[name] = &pool{comment: r.text("comment"), storages: map[string]bool{}}
	return nil, nil
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

func (c *Cluster) updatePool(r *request) (any, error) {
	name := r.text("poolid")
	p := c.pools[name]
	if p == nil {
		return nil, die("update pool failed: pool '%s' does not exist", name)
	}
	remove := r.flag("delete")
	for _, text := range r.list("vms") {
		id, err := strconv.Atoi(text)
		if err != nil {
			return nil, reject("vms", "invalid format - value '%s' does not look like a valid vmid", text)
		}
		if err := c.movePool(id, name, remove, r.flag("allow-move")); err != nil {
			return nil, err
		}
	}
	for _, storage := range r.list("storage") {
		switch {
		case remove && !p.storages[storage]:
			return nil, die("update pool failed: Storage '%s' is not a pool member", storage)
		case remove:
			delete(p.storages, storage)
		case c.storages[storage] == nil:
			return nil, die("update pool failed: storage '%s' does not exist", storage)
		case p.storages[storage]:
			return nil, die("update pool failed: Storage '%s' is already a pool member", storage)
		default:
			p.storages[storage] = true
		}
	}
	if r.has("comment") {
		p.comment = r.text("comment")
	}
	return nil, nil
}

func (c *Cluster) movePool(vmid int, name string, remove, allowMove bool) error {
	g := c.guests[vmid]
	switch {
	case g == nil && remove:
		return die("update pool failed: VM %d is not a pool member", vmid)
	case g == nil:
		return die("update pool failed: VM %d does not exist", vmid)
	case remove && g.pool != name:
		return die("update pool failed: VM %d is not a pool member", vmid)
	case remove:
		g.pool = ""
	case g.pool == name:
		return die("update pool failed: VM %d is already a pool member", vmid)
	case g.pool != "" && !allowMove:
		return die("update pool failed: VM %d belongs to pool '%s' already", vmid, g.pool)
	default:
		g.pool = name
	}
	g.changed()
	return nil
}

func (c *Cluster) deletePool(r *request) (any, error) {
	name := r.text("poolid")
	p := c.pools[name]
	if p == nil {
		return nil, die("delete pool failed: pool '%s' does not exist", name)
	}
	for _, g := range c.guests {
		if g.pool == name {
			return nil, die("delete pool failed: pool '%s' is not empty (contains VM)", name)
		}
	}
	if len(p.storages) > 0 {
		return nil, die("delete pool failed: pool '%s' is not empty (contains storage)", name)
	}
	delete(c.pools, name)
	return nil, nil
}
