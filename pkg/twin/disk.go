package twin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

const cloudInitSize = 4 << 20

// place turns a disk as requested ("STORE:32", "STORE:cloudinit", "STORE:0,import-from=VOL", an existing volume) into one
// as stored, and makes its volume. It does not touch the configuration.
func (c *Cluster) place(g *guest, key, value string) (string, error) {
	p := parseProperty(value, "file", "volume")
	source, format := p.values["import-from"], p.values["format"]
	p.remove("import-from", "format", "size")
	name, rest := splitVolume(p.head)
	if rest == "" || strings.HasPrefix(p.head, "/") {
		return p.String(), nil // "none", "cdrom", a device or a bind mount of the host
	}
	s, err := c.storageFor(name, g.node)
	if err != nil {
		return "", err
	}
	if rest == "cloudinit" {
		if err := s.mayHold(g); err != nil {
			return "", err
		}
		v, err := c.allocate(s, g.node, g.id, "cloudinit", format, cloudInitSize, "")
		if err != nil {
			return "", err
		}
		p.head = v.id
		p.set("media", "cdrom")
		return p.String(), nil
	}
	if gibs, err := strconv.ParseFloat(rest, 64); err == nil {
		size := int64(gibs * float64(gib))
		switch stemOf(key) {
		case "efidisk", "tpmstate":
			size = cloudInitSize
		}
		if source != "" {
			from, err := c.importable(g.node, source)
			if err != nil {
				return "", err
			}
			size = from.importedSize()
		}
		if err := s.mayHold(g); err != nil {
			return "", err
		}
		v, err := c.allocate(s, g.node, g.id, "disk", format, size, "")
		if err != nil {
			return "", err
		}
		p.head = v.id
		p.set("size", formatSize(v.size))
		return p.String(), nil
	}
	v, ok := c.volumeOn(g.node, p.head)
	if !ok {
		return "", die("volume '%s' does not exist", p.head)
	}
	if strings.HasSuffix(strings.SplitN(rest, ".", 2)[0], "-cloudinit") {
		p.set("media", "cdrom")
	}
	p.set("size", formatSize(v.size))
	return p.String(), nil
}

// mayHold refuses a storage that is not for disks of this kind of guest.
func (s *storage) mayHold(g *guest) error {
	switch {
	case g.container() && !s.holds("rootdir"):
		return reject("storage", "storage '%s' does not support container directories", s.name)
	case !g.container() && !s.holds("images"):
		return reject("storage", "storage '%s' does not support vm images", s.name)
	}
	return nil
}

// importable finds the source of an import.
func (c *Cluster) importable(node, id string) (*volume, error) {
	v, ok := c.volumeOn(node, id)
	if !ok {
		return nil, die("cannot import from '%s': volume does not exist", id)
	}
	if v.content != "import" && v.content != "images" && v.content != "iso" {
		return nil, die("cannot import from '%s': content type '%s'", id, v.content)
	}
	return v, nil
}

// importedSize is the size of the disk inside an image: cloud images are packed, and hold at least two gibibytes.
func (v *volume) importedSize() int64 {
	return max(v.size, 2*gib+gib/4+mib-1) &^ (mib - 1)
}

// setDisk writes a disk into a slot; what was there becomes unused.
func (c *Cluster) setDisk(g *guest, key, value string) error {
	placed, err := c.place(g, key, value)
	if err != nil {
		return err
	}
	next := parseProperty(placed, "file", "volume").head
	if old, ok := c.effective(g)[key]; ok {
		if parseProperty(old, "file", "volume").head != next {
			c.detach(g, old, false)
		}
	}
	for k, v := range g.conf {
		if isIndexed(k, "unused") && v == next {
			delete(g.conf, k)
		}
	}
	g.put(key, placed)
	return nil
}

// detach lets go of a disk: a cloud-init drive is freed, a disk of the guest becomes unused unless it is to be destroyed.
func (c *Cluster) detach(g *guest, value string, destroyIt bool) {
	p := parseProperty(value, "file", "volume")
	v, ok := c.volumeOn(g.node, p.head)
	switch {
	case !ok || v.vmid != g.id:
		return
	case destroyIt || p.values["media"] == "cdrom":
		c.free(g.node, p.head)
	default:
		g.conf[g.freeUnused()] = p.head
	}
}

func (g *guest) freeUnused() string {
	for i := 0; ; i++ {
		if key := fmt.Sprintf("unused%d", i); g.conf[key] == "" {
			return key
		}
	}
}

// drop deletes a key of the configuration. Unknown keys are fine.
func (c *Cluster) drop(g *guest, key string, force bool) {
	value, ok := c.effective(g)[key]
	if !ok {
		delete(g.pending, key)
		return
	}
	if isDisk(g, key) {
		delete(g.conf, key) // first, so that the slot of an unused disk is free
		delete(g.pending, key)
		c.detach(g, value, force || stemOf(key) == "unused")
		return
	}
	g.put(key, "")
}

// resize makes the handler that grows a disk.
func resize(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		key := r.text("disk")
		value, ok := c.effective(g)[key]
		if !ok || !isDisk(g, key) {
			return nil, die("disk '%s' does not exist", key)
		}
		p := parseProperty(value, "file", "volume")
		v, ok := c.volumeOn(g.node, p.head)
		if !ok {
			return nil, die("volume '%s' does not exist", p.head)
		}
		by, relative := strings.CutPrefix(r.text("size"), "+")
		size, ok := parseSize(by)
		if !ok {
			return nil, reject("size", "value does not match the regex pattern")
		}
		if relative {
			size += v.size
		}
		if size < v.size {
			return nil, die("shrinking disks is not supported")
		}
		return c.begin(r, g.node, "resize", strconv.Itoa(g.id), func() error {
			s := c.storages[c.keyOf(g.node, p.head).storage]
			total, used := s.figures(g.node)
			if s.full || !s.thin() && used+size-v.size > total {
				return die("unable to resize volume: not enough free space on storage '%s'", s.name)
			}
			if !s.thin() {
				s.allocated[s.key(g.node)] += size - v.size
			}
			v.size = size
			p.set("size", formatSize(size))
			g.conf[key] = p.String()
			g.changed()
			return nil
		}, nil), nil
	}
}

// moveDisk makes the handler that moves a disk to another storage.
func moveDisk(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		key := r.text("disk")
		if kind == pve.KindContainer {
			key = r.text("volume")
		}
		value, ok := c.effective(g)[key]
		if !ok || !isDisk(g, key) {
			return nil, die("disk '%s' does not exist", key)
		}
		p := parseProperty(value, "file", "volume")
		from, ok := c.volumeOn(g.node, p.head)
		if !ok {
			return nil, die("volume '%s' does not exist", p.head)
		}
		to, err := c.storageFor(r.text("storage"), g.node)
		if err != nil {
			return nil, err
		}
		if err := to.mayHold(g); err != nil {
			return nil, err
		}
		if here, _ := splitVolume(p.head); here == to.name && (r.text("format") == "" || r.text("format") == from.format) {
			return nil, die("you can't move to the same storage with same format")
		}
		if r.has("target-vmid") {
			return nil, notImplemented("POST", r.endpoint.Path+" with target-vmid")
		}
		taskType := "qmmove"
		if g.container() {
			taskType = "move_volume"
		}
		return c.begin(r, g.node, taskType, strconv.Itoa(g.id), func() error {
			moved, err := c.allocate(to, g.node, g.id, "disk", r.text("format"), from.size, "")
			if err != nil {
				return err
			}
			old := p.head
			p.head = moved.id
			g.conf[key] = p.String()
			g.changed()
			if r.flag("delete") {
				c.free(g.node, old)
			} else {
				g.conf[g.freeUnused()] = old
			}
			return nil
		}, nil), nil
	}
}

// template makes the handler that turns a guest into a template.
func template(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		conf := c.config(g)
		switch {
		case g.running:
			return nil, die("you can't convert a VM to template if VM is running")
		case conf["template"] == "1":
			return nil, die("you can't convert a template to a template")
		}
		prefix := "qm"
		if g.container() {
			prefix = "vz"
		}
		return c.begin(r, g.node, prefix+"template", strconv.Itoa(g.id), func() error {
			c.makeTemplate(g)
			return nil
		}, nil), nil
	}
}

// makeTemplate renames the guest's disks to base volumes.
func (c *Cluster) makeTemplate(g *guest) {
	g.settlePending()
	for key, value := range g.conf {
		p := parseProperty(value, "file", "volume")
		v, ok := c.volumeOn(g.node, p.head)
		if !isDisk(g, key) || !ok || v.vmid != g.id || p.values["media"] == "cdrom" {
			continue
		}
		old := c.keyOf(g.node, p.head)
		delete(c.volumes, old)
		i := strings.LastIndex(v.id, "vm-"+strconv.Itoa(g.id))
		if i >= 0 {
			v.id = v.id[:i] + "base-" + v.id[i+len("vm-"):]
		}
		v.parent = ""
		c.volumes[c.keyOf(g.node, v.id)] = v
		p.head = v.id
		g.conf[key] = p.String()
	}
	g.conf["template"] = "1"
	g.changed()
}

// diskKeys are the keys of a guest's volumes, sorted.
func (c *Cluster) diskKeys(g *guest) []string {
	var keys []string
	for key := range c.config(g) {
		if isDisk(g, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
