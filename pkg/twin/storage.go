package twin

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// storage is one storage of the cluster's configuration.
type storage struct {
	name     string
	kind     string
	content  []string
	shared   bool
	nodes    []string // empty: every node
	disabled bool
	options  map[string]string

	total, used     int64
	totalOn, usedOn map[string]int64
	allocated       map[string]int64 // by the twin, by node ("" where shared); thick storages only
	full            bool
}

func newStorage(s SeedStorage) *storage {
	options := maps.Clone(s.Options)
	if options == nil {
		options = map[string]string{}
	}
	if s.Path != "" {
		options["path"] = s.Path
	}
	return &storage{
		name: s.Name, kind: s.Type, content: s.Content, shared: s.Shared, nodes: s.Nodes, disabled: s.Disabled, options: options,
		total: s.TotalBytes, used: s.UsedBytes, totalOn: s.TotalOn, usedOn: s.UsedOn, allocated: map[string]int64{},
	}
}

// block reports whether guests' disks are block devices rather than files.
func (s *storage) block() bool {
	return slices.Contains([]string{"rbd", "lvm", "lvmthin", "zfspool", "zfs", "iscsi", "iscsidirect"}, s.kind)
}

// thin reports whether a disk takes space only as it is written; the twin writes nothing.
func (s *storage) thin() bool {
	return !slices.Contains([]string{"lvm", "iscsi", "iscsidirect"}, s.kind)
}

// key is the part of a volume's key that tells nodes apart.
func (s *storage) key(node string) string {
	if s.shared {
		return ""
	}
	return node
}

func (s *storage) on(node string) bool { return len(s.nodes) == 0 || slices.Contains(s.nodes, node) }

func (s *storage) holds(content string) bool { return slices.Contains(s.content, content) }

// figures are total and used bytes as one node sees them.
func (s *storage) figures(node string) (total, used int64) {
	total, used = s.total, s.used
	if v, ok := s.totalOn[node]; ok {
		total = v
	}
	if v, ok := s.usedOn[node]; ok {
		used = v
	}
	used += s.allocated[s.key(node)]
	if s.full {
		used = total
	}
	return total, min(used, total)
}

// storageFor finds a storage that a node can use. The errors are those of Proxmox VE.
func (c *Cluster) storageFor(name, node string) (*storage, error) {
	s, ok := c.storages[name]
	if !ok {
		return nil, die("storage '%s' does not exist", name)
	}
	if s.disabled {
		return nil, die("storage '%s' is disabled", name)
	}
	if !s.on(node) {
		return nil, die("storage '%s' is not available on node '%s'", name, node)
	}
	return s, nil
}

func (c *Cluster) sortedStorages() []string { return slices.Sorted(maps.Keys(c.storages)) }

func (c *Cluster) mayUse(who identity, name string) bool {
	return who.hasAny("/storage/"+name, "Datastore.Audit", "Datastore.AllocateSpace")
}

// listStorages answers GET /storage.
func (c *Cluster) listStorages(r *request) (any, error) {
	rows := []object{}
	for _, name := range c.sortedStorages() {
		s := c.storages[name]
		if r.has("type") && r.text("type") != s.kind || !c.mayUse(r.who, name) {
			continue
		}
		rows = append(rows, s.row())
	}
	return rows, nil
}

// row is the storage's configuration: booleans are numbers here, which a client insists on.
func (s *storage) row() object {
	row := object{"storage": s.name, "type": s.kind, "content": strings.Join(s.content, ","), "digest": digestOf(s.options)}
	if s.shared {
		row["shared"] = 1
	}
	if s.disabled {
		row["disable"] = 1
	}
	if len(s.nodes) > 0 {
		row["nodes"] = strings.Join(s.nodes, ",")
	}
	for k, v := range s.options {
		switch k {
		case "create-base-path", "create-subdirs", "mkdir", "sparse", "krbd", "preallocation-bool", "disable", "saferemove", "tagged_only":
			row[k] = intOr(v)
		default:
			row[k] = v
		}
	}
	return row
}

func (c *Cluster) readStorage(r *request) (any, error) {
	s, ok := c.storages[r.text("storage")]
	if !ok {
		return nil, die("storage '%s' does not exist", r.text("storage"))
	}
	return s.row(), nil
}

// sharedKinds are storages that every node sees alike.
var sharedKinds = []string{"nfs", "cifs", "cephfs", "rbd", "iscsi", "iscsidirect", "pbs", "glusterfs", "zfs", "esxi"}

func (c *Cluster) createStorage(r *request) (any, error) {
	name := r.text("storage")
	if _, ok := c.storages[name]; ok {
		return nil, die("create storage failed: storage ID '%s' already defined", name)
	}
	kind := r.text("type")
	s := newStorage(SeedStorage{Name: name, Type: kind, Shared: slices.Contains(sharedKinds, kind) || r.flag("shared"), TotalBytes: 1 << 40})
	s.content = []string{"images", "rootdir"}
	s.apply(r.values)
	c.storages[name] = s
	return object{"storage": name, "type": kind, "config": object{}}, nil
}

func (c *Cluster) updateStorage(r *request) (any, error) {
	s, ok := c.storages[r.text("storage")]
	if !ok {
		return nil, die("update storage failed: storage '%s' does not exist", r.text("storage"))
	}
	s.apply(r.values)
	for _, key := range r.list("delete") {
		switch key {
		case "nodes":
			s.nodes = nil
		case "disable":
			s.disabled = false
		}
		delete(s.options, key)
	}
	return object{"storage": s.name, "type": s.kind, "config": object{}}, nil
}

func (s *storage) apply(values url.Values) {
	for key := range values {
		value := values.Get(key)
		switch key {
		case "storage", "type", "delete", "digest":
		case "content":
			s.content = splitList(value)
			slices.Sort(s.content)
		case "nodes":
			s.nodes = splitList(value)
			slices.Sort(s.nodes)
		case "disable":
			s.disabled = value == "1"
		case "shared":
			s.shared = value == "1"
		default:
			s.options[key] = value
		}
	}
	if s.options["path"] == "" && slices.Contains([]string{"nfs", "cifs", "cephfs", "glusterfs"}, s.kind) {
		s.options["path"] = "/mnt/pve/" + s.name
	}
}

func (c *Cluster) deleteStorage(r *request) (any, error) {
	name := r.text("storage")
	if c.storages[name] == nil {
		return nil, die("delete storage failed: storage '%s' does not exist", name)
	}
	delete(c.storages, name)
	for key := range c.volumes {
		if key.storage == name {
			delete(c.volumes, key)
		}
	}
	return nil, nil
}

// nodeStorages answers GET /nodes/N/storage.
func (c *Cluster) nodeStorages(r *request) (any, error) {
	rows := []object{}
	for _, name := range c.sortedStorages() {
		s := c.storages[name]
		switch {
		case !s.on(r.node()), !c.mayUse(r.who, name):
		case r.has("storage") && r.text("storage") != name:
		case r.has("content") && !slices.ContainsFunc(r.list("content"), s.holds):
		case r.flag("enabled") && s.disabled:
		default:
			rows = append(rows, s.statusOn(r.node()))
		}
	}
	return rows, nil
}

func (s *storage) statusOn(node string) object {
	total, used := s.figures(node)
	row := object{
		"storage": s.name, "type": s.kind, "content": strings.Join(s.content, ","), "shared": flagOf(s.shared),
		"enabled": flagOf(!s.disabled), "active": flagOf(!s.disabled), "total": total, "used": used, "avail": total - used, "used_fraction": 0.0,
	}
	if total > 0 {
		row["used_fraction"] = float64(used) / float64(total)
	}
	return row
}

func (c *Cluster) storageStatus(r *request) (any, error) {
	s, err := c.storageFor(r.text("storage"), r.node())
	if err != nil {
		return nil, err
	}
	row := s.statusOn(r.node())
	delete(row, "storage")
	delete(row, "used_fraction")
	return row, nil
}
