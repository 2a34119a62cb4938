package twin

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// volumeKey finds a volume: node is empty where the storage is shared.
type volumeKey struct{ node, storage, id string }

// volume is one disk or file on a storage.
type volume struct {
	id, content, format string
	size                int64
	vmid                int // of the guest it belongs to; 0: none
	parent              string
	ctime               int64
	notes               string
	protected           bool
}

func splitVolume(id string) (storage, name string) {
	storage, name, _ = strings.Cut(id, ":")
	return storage, name
}

func (c *Cluster) keyOf(node, id string) volumeKey {
	name, _ := splitVolume(id)
	key := volumeKey{storage: name, id: id, node: node}
	if s, ok := c.storages[name]; ok {
		key.node = s.key(node)
	}
	return key
}

// volumeOn finds a volume as one node sees it.
func (c *Cluster) volumeOn(node, id string) (*volume, bool) {
	v, ok := c.volumes[c.keyOf(node, id)]
	return v, ok
}

func (c *Cluster) plantVolume(s SeedVolume) error {
	name, file := splitVolume(s.ID)
	if c.storages[name] == nil {
		return fmt.Errorf("%w: volume %q is on an unknown storage", ErrSeed, s.ID)
	}
	content, _, _ := strings.Cut(file, "/")
	format := s.Format
	if format == "" {
		format = formatOf(content, file)
	}
	c.volumes[c.keyOf(s.Node, s.ID)] = &volume{id: s.ID, content: content, format: format, size: s.SizeBytes, ctime: c.booted.Unix()}
	return nil
}

// formatOf is what Proxmox VE calls a file's format, by its place and name.
func formatOf(content, file string) string {
	switch {
	case content == "iso":
		return "iso"
	case content == "snippets":
		return "snippet"
	case strings.HasSuffix(file, ".tar.gz"):
		return "tgz"
	case strings.HasSuffix(file, ".tar.xz"):
		return "txz"
	case strings.HasSuffix(file, ".tar.zst"):
		return "tzst"
	}
	switch ext := strings.TrimPrefix(path.Ext(file), "."); ext {
	case "qcow2", "raw", "vmdk", "vma", "ova", "iso":
		return ext
	case "img":
		return "raw"
	}
	return "raw"
}

// allocate makes a guest's volume. stem is "disk" or "cloudinit"; the size is what the guest sees.
func (c *Cluster) allocate(s *storage, node string, vmid int, stem, format string, size int64, parent string) (*volume, error) {
	total, used := s.figures(node)
	if s.full || !s.thin() && used+size > total {
		return nil, die("unable to allocate image: not enough free space on storage '%s'", s.name)
	}
	if s.block() || format == "" && parent == "" {
		format = "raw"
	}
	if !s.block() && parent != "" {
		format = "qcow2" // a linked clone is an overlay
	}
	name := fmt.Sprintf("vm-%d-cloudinit", vmid)
	if stem == "disk" {
		name = c.freeName(s, node, vmid)
	}
	id := s.volumeID(vmid, name, format, parent, stem)
	key := volumeKey{node: s.key(node), storage: s.name, id: id}
	if c.volumes[key] != nil {
		return nil, die("unable to create image: '%s' already exists", id)
	}
	v := &volume{id: id, content: "images", format: format, size: size, vmid: vmid, parent: parent, ctime: c.now().Unix()}
	if c.guests[vmid] != nil && c.guests[vmid].container() {
		v.content = "rootdir"
	}
	c.volumes[key] = v
	if !s.thin() {
		s.allocated[s.key(node)] += size
	}
	return v, nil
}

// volumeID writes a volume id by the rules of the storage's kind.
func (s *storage) volumeID(vmid int, name, format, parent, stem string) string {
	_, base := splitVolume(parent)
	switch {
	case s.block() && base != "":
		return s.name + ":" + base + "/" + name
	case s.block():
		return s.name + ":" + name
	case stem == "cloudinit" && format == "raw":
		return fmt.Sprintf("%s:%d/%s.qcow2", s.name, vmid, name)
	case base != "":
		return fmt.Sprintf("%s:%s/%d/%s.%s", s.name, base, vmid, name, format)
	default:
		return fmt.Sprintf("%s:%d/%s.%s", s.name, vmid, name, format)
	}
}

// freeName is the first disk name that no volume of the guest on this storage has.
func (c *Cluster) freeName(s *storage, node string, vmid int) string {
	taken := map[string]bool{}
	for key, v := range c.volumes {
		if v.vmid == vmid && key.storage == s.name && key.node == s.key(node) {
			name := path.Base(v.id[strings.Index(v.id, ":")+1:])
			name, _, _ = strings.Cut(name, ".")
			taken[strings.Replace(name, "base-", "vm-", 1)] = true
		}
	}
	for i := 0; ; i++ {
		if name := fmt.Sprintf("vm-%d-disk-%d", vmid, i); !taken[name] {
			return name
		}
	}
}

// free removes a volume; what is not there is gone already.
func (c *Cluster) free(node, id string) {
	key := c.keyOf(node, id)
	v, ok := c.volumes[key]
	if !ok {
		return
	}
	delete(c.volumes, key)
	if s := c.storages[key.storage]; s != nil && !s.thin() {
		s.allocated[key.node] -= v.size
	}
}

// listContent answers GET /nodes/N/storage/S/content.
func (c *Cluster) listContent(r *request) (any, error) {
	s, err := c.storageFor(r.text("storage"), r.node())
	if err != nil {
		return nil, err
	}
	c.materialiseOn(s, r.node())
	var found []*volume
	for key, v := range c.volumes {
		if key.storage != s.name || key.node != s.key(r.node()) {
			continue
		}
		if r.has("content") && v.content != r.text("content") || r.has("vmid") && v.vmid != r.vmid() {
			continue
		}
		if !c.maySee(r.who, s, v) {
			continue
		}
		found = append(found, v)
	}
	slices.SortFunc(found, func(a, b *volume) int { return cmp.Compare(a.id, b.id) })
	rows := make([]object, len(found))
	for i, v := range found {
		rows[i] = v.row()
	}
	return rows, nil
}

// maySee hides what the caller may not read: volumes of guests need the guest, the rest needs the storage.
func (c *Cluster) maySee(who identity, s *storage, v *volume) bool {
	if who.has("/storage/"+s.name, "Datastore.Allocate") {
		return true
	}
	switch v.content {
	case "images", "rootdir":
		return who.hasAny("/vms/"+strconv.Itoa(v.vmid), "VM.Audit", "VM.Config.Disk")
	case "backup":
		return who.has("/vms/"+strconv.Itoa(v.vmid), "VM.Backup")
	}
	return c.mayUse(who, s.name)
}

func (v *volume) row() object {
	row := object{"volid": v.id, "content": v.content, "format": v.format, "size": v.size, "ctime": v.ctime}
	if v.vmid > 0 {
		row["vmid"] = v.vmid
	}
	if v.parent != "" {
		_, row["parent"], _ = strings.Cut(v.parent, ":")
	}
	if v.notes != "" {
		row["notes"] = v.notes
	}
	if v.protected {
		row["protected"] = 1
	}
	return row
}

// requestedVolume is the volume that a path names, with or without the storage's name in front.
func requestedVolume(r *request) string {
	id := r.text("volume")
	if !strings.Contains(id, ":") {
		id = r.text("storage") + ":" + id
	}
	return id
}

func (c *Cluster) readVolume(r *request) (any, error) {
	s, err := c.storageFor(r.text("storage"), r.node())
	if err != nil {
		return nil, err
	}
	id := requestedVolume(r)
	v, ok := c.volumeOn(r.node(), id)
	if !ok {
		c.materialiseOn(s, r.node())
		v, ok = c.volumeOn(r.node(), id)
	}
	if !ok {
		return nil, die("volume '%s' does not exist", id)
	}
	row := object{"path": s.pathOf(v), "size": v.size, "used": v.size, "format": v.format}
	if v.notes != "" {
		row["notes"] = v.notes
	}
	if v.protected {
		row["protected"] = 1
	}
	return row, nil
}

func (s *storage) pathOf(v *volume) string {
	_, name := splitVolume(v.id)
	switch {
	case s.kind == "rbd":
		return "rbd:" + s.options["pool"] + "/" + path.Base(name)
	case s.block():
		return "/dev/" + s.options["vgname"] + "/" + path.Base(name)
	case v.content == "iso", v.content == "vztmpl":
		return s.options["path"] + "/template/" + strings.Replace(name, "vztmpl/", "cache/", 1)
	case v.content == "images", v.content == "rootdir":
		return s.options["path"] + "/images/" + name
	case v.content == "backup":
		return s.options["path"] + "/dump/" + path.Base(name)
	}
	return s.options["path"] + "/" + name
}

func (c *Cluster) updateVolume(r *request) (any, error) {
	v, ok := c.volumeOn(r.node(), requestedVolume(r))
	if !ok {
		return nil, die("volume '%s' does not exist", requestedVolume(r))
	}
	if r.has("notes") {
		v.notes = r.text("notes")
	}
	if r.has("protected") {
		v.protected = r.flag("protected")
	}
	return nil, nil
}

func (c *Cluster) deleteVolume(r *request) (any, error) {
	id := requestedVolume(r)
	v, ok := c.volumeOn(r.node(), id)
	if !ok {
		return nil, die("volume '%s' does not exist", id)
	}
	if v.protected {
		return nil, die("cannot remove protected volume '%s' on '%s'", id, r.node())
	}
	if c.hasLinkedClones(r.node(), id) {
		return nil, die("base volume '%s' is still in use by linked clones", id)
	}
	return c.begin(r, r.node(), "imgdel", fmt.Sprintf("%d@%s", v.vmid, r.text("storage")), func() error {
		c.free(r.node(), id)
		return nil
	}, nil), nil
}

func (c *Cluster) hasLinkedClones(node, id string) bool {
	key := c.keyOf(node, id)
	for k, v := range c.volumes {
		if v.parent == id && k.node == key.node {
			return true
		}
	}
	return false
}
