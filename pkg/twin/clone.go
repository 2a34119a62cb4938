package twin

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"proviso.dev/pkg/pve"
)

// clone makes the handler that copies a guest.
func clone(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		source, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		id := int(r.number("newid"))
		if err := c.available(r, id, kindName(source)); err != nil {
			return nil, err
		}
		full := r.flagOr("full", !source.template())
		target := orElse(r.text("target"), source.node)
		if err := c.checkClone(r, source, full, target); err != nil {
			return nil, err
		}
		prefix := "qm"
		if source.container() {
			prefix = "vz"
		}
		g := c.newGuest(r, id, kind, target)
		g.lock = "clone"
		g.conf = map[string]string{}
		return c.begin(r, source.node, prefix+"clone", strconv.Itoa(source.id), func() error {
			g.lock = ""
			g.changed()
			return c.copyGuest(r, source, g, full)
		}, func() { c.remove(g) }), nil
	}
}

func (c *Cluster) checkClone(r *request, source *guest, full bool, target string) error {
	if r.has("storage") && !full {
		return die("parameter 'storage' not allowed for linked clones")
	}
	if c.nodes[target] == nil {
		return die("no such cluster node '%s'", target)
	}
	if source.container() && source.running && full {
		return die("Cannot do full clones on a running container without snapshots")
	}
	conf := c.config(source)
	for _, key := range c.diskKeys(source) {
		p := parseProperty(conf[key], "file", "volume")
		name, file := splitVolume(p.head)
		s := c.storages[name]
		if file == "" || s == nil || stemOf(key) == "unused" {
			continue
		}
		if target != source.node && !s.shared {
			return die("can't clone VM to node '%s' (VM uses local storage)", target)
		}
		if !full && !source.template() && p.values["media"] != "cdrom" {
			return die("Linked clone feature is not supported for drive '%s'", key)
		}
		if name := r.text("storage"); name != "" {
			to, err := c.storageFor(name, target)
			if err != nil {
				return err
			}
			if err := to.mayHold(source); err != nil {
				return err
			}
			if target != source.node && !to.shared {
				return die("can't clone to non-shared storage '%s'", name)
			}
		} else if _, err := c.storageFor(s.name, target); err != nil {
			return err
		}
	}
	return nil
}

// copyGuest fills in a clone: everything of the source but its identity.
func (c *Cluster) copyGuest(r *request, source, g *guest, full bool) error {
	conf := c.effective(source)
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		value := conf[key]
		switch {
		case key == "template", key == "lock", key == "parent", key == "vmgenid", stemOf(key) == "unused":
		case key == "smbios1":
			g.conf[key] = "uuid=" + uuid(c.random)
		case isIndexed(key, "net"):
			p := parseProperty(value)
			for _, k := range p.keys {
				if k == "hwaddr" {
					p.remove(k)
				} else if slices.Contains(nicModels, k) {
					p.values[k] = ""
				}
			}
			g.conf[key] = c.nic(g, key, p.String(), "")
		case isDisk(g, key):
			copied, err := c.copyDisk(r, source, g, value, full)
			if err != nil {
				return err
			}
			g.conf[key] = copied
		default:
			g.conf[key] = value
		}
	}
	c.nameClone(r, source, g)
	if r.has("description") {
		g.conf["description"] = r.text("description")
	}
	g.changed()
	return nil
}

func (c *Cluster) nameClone(r *request, source, g *guest) {
	if g.container() {
		g.conf["hostname"] = orElse(r.text("hostname"), "Copy-of-CT-"+source.name())
		return
	}
	g.conf["vmgenid"] = uuid(c.random)
	g.conf["name"] = orElse(r.text("name"), "Copy-of-VM-"+source.name())
	g.conf["meta"] = fmt.Sprintf("creation-qemu=9.0.2,ctime=%d", c.now().Unix())
}

// copyDisk copies one volume. Images that the source only reads stay shared.
func (c *Cluster) copyDisk(r *request, source, g *guest, value string, full bool) (string, error) {
	p := parseProperty(value, "file", "volume")
	v, ok := c.volumeOn(source.node, p.head)
	if !ok || v.vmid != source.id {
		return value, nil
	}
	name, _ := splitVolume(p.head)
	s := c.storages[name]
	cloudInit := p.values["media"] == "cdrom"
	stem, parent, format := "disk", "", v.format
	switch {
	case cloudInit:
		stem = "cloudinit"
	case !full:
		parent = v.id
	}
	if to := r.text("storage"); to != "" && (full || cloudInit) {
		s = c.storages[to]
		format = r.text("format")
	}
	copied, err := c.allocate(s, g.node, g.id, stem, format, v.size, parent)
	if err != nil {
		return "", die("clone failed: %s", refusalText(err))
	}
	p.head = copied.id
	if !cloudInit {
		p.set("size", formatSize(copied.size))
	}
	return p.String(), nil
}
