package twin

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin/apifacts"
)

// notConfig are parameters of create and change that are not part of a configuration.
var notConfig = []string{
	"node", "vmid", "archive", "bwlimit", "force", "live-restore", "import-working-storage", "pool", "start", "storage", "unique", "ha-managed",
	"delete", "digest", "revert", "skiplock", "background_delay", "ostemplate", "password", "ssh-public-keys", "restore", "ignore-unpack-errors",
}

// available refuses an id that is taken, and a pool that is not there.
func (c *Cluster) available(r *request, id int, kind string) error {
	if c.faults.takeRace() {
		c.rival(r.node(), id)
	}
	if _, taken := c.guests[id]; taken {
		return die("unable to create %s %d: config file already exists", kind, id)
	}
	if name := r.text("pool"); name != "" && c.pools[name] == nil {
		return die("pool '%s' does not exist", name)
	}
	return nil
}

// rival is somebody else who takes an id first.
func (c *Cluster) rival(node string, id int) {
	if c.guests[id] == nil {
		g := &guest{id: id, kind: pve.KindVM, node: node, since: c.now()}
		g.conf = map[string]string{"name": "rival", "memory": "512"}
		c.complete(g, g.conf)
		c.guests[id] = g
	}
}

func (c *Cluster) newGuest(r *request, id int, kind pve.GuestKind, node string) *guest {
	g := &guest{id: id, kind: kind, node: node, pool: r.text("pool"), since: c.now(), conf: map[string]string{}}
	c.guests[id] = g
	return g
}

// createMachine answers POST /nodes/N/qemu.
func (c *Cluster) createMachine(r *request) (any, error) {
	if r.has("archive") {
		return nil, notImplemented("POST", r.endpoint.Path+" with archive")
	}
	if err := checkSlots(pve.KindVM, r.values); err != nil {
		return nil, err
	}
	if err := c.available(r, r.vmid(), "VM"); err != nil {
		return nil, err
	}
	g := c.newGuest(r, r.vmid(), pve.KindVM, r.node())
	g.lock = "create"
	return c.begin(r, g.node, "qmcreate", strconv.Itoa(g.id), func() error {
		g.lock = ""
		if err := c.apply(r, g); err != nil {
			return err
		}
		g.conf["vmgenid"], g.conf["smbios1"] = orElse(g.conf["vmgenid"], uuid(c.random)), orElse(g.conf["smbios1"], "uuid="+uuid(c.random))
		c.complete(g, g.conf)
		if g.conf["boot"] == "" {
			g.conf["boot"] = c.defaultBoot(g)
		}
		g.changed()
		if r.flag("start") {
			if err := c.canStart(g); err != nil {
				return err
			}
			c.powerOn(g)
		}
		return nil
	}, func() { c.remove(g) }), nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// defaultBoot is the order that Proxmox VE writes when none was asked for: disk, CD-ROM, network.
func (c *Cluster) defaultBoot(g *guest) string {
	var disks, drives []string
	for _, key := range c.diskKeys(g) {
		switch {
		case strings.HasPrefix(key, "efidisk"), strings.HasPrefix(key, "tpmstate"), strings.HasPrefix(key, "unused"):
		case parseProperty(g.conf[key]).values["media"] == "cdrom":
			drives = append(drives, key)
		default:
			disks = append(disks, key)
		}
	}
	order := append(disks[:min(1, len(disks))], drives[:min(1, len(drives))]...)
	if g.conf["net0"] != "" {
		order = append(order, "net0")
	}
	return "order=" + strings.Join(order, ";")
}

// apply writes the parameters of a request into a configuration: deletions first, then values in the order of their keys.
func (c *Cluster) apply(r *request, g *guest) error {
	c.config(g)
	for _, key := range r.list("delete") {
		if r.has(key) {
			return reject("delete", "Can't use '-%s' and '-delete %s' at the same time", key, key)
		}
	}
	for _, key := range r.list("revert") {
		delete(g.pending, key)
	}
	for _, key := range r.list("delete") {
		c.drop(g, key, r.flag("force"))
	}
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		if slices.Contains(notConfig, key) {
			continue
		}
		if err := c.set(r, g, key, r.values.Get(key)); err != nil {
			return err
		}
	}
	g.changed()
	return nil
}

// set writes one parameter as Proxmox VE stores it.
func (c *Cluster) set(r *request, g *guest, key, value string) error {
	switch {
	case isDisk(g, key):
		return c.setDisk(g, key, value)
	case isIndexed(key, "net"):
		g.put(key, c.nic(g, key, value, c.effective(g)[key]))
		return nil
	case key == "tags":
		value = normalTags(value)
	case key == "cpu" && !g.container():
		value = strings.TrimPrefix(value, "cputype=")
	case key == "template":
		if value == "1" && g.conf["template"] != "1" {
			c.makeTemplate(g)
		}
		return nil
	default:
		if p, ok := r.endpoint.Param(key); ok && p.Type == "boolean" {
			on, _ := apifacts.ParseBool(value)
			value = strconv.Itoa(flagOf(on))
		}
	}
	g.put(key, value)
	return nil
}

// checkChange is what Proxmox VE refuses before it changes a configuration.
func (c *Cluster) checkChange(r *request, g *guest) error {
	if r.has("digest") && r.text("digest") != digestOf(c.effective(g)) {
		return die("detected modified configuration - file changed by other user? Try again.")
	}
	return checkSlots(g.kind, r.values)
}

func (c *Cluster) updateMachine(r *request) (any, error) {
	g, err := c.claim(r, pve.KindVM)
	if err != nil {
		return nil, err
	}
	if err := c.checkChange(r, g); err != nil {
		return nil, err
	}
	return nil, c.apply(r, g)
}

func (c *Cluster) updateMachineTask(r *request) (any, error) {
	g, err := c.claim(r, pve.KindVM)
	if err != nil {
		return nil, err
	}
	if err := c.checkChange(r, g); err != nil {
		return nil, err
	}
	return c.begin(r, g.node, "qmconfig", strconv.Itoa(g.id), func() error { return c.apply(r, g) }, nil), nil
}

func (c *Cluster) regenerateCloudInit(r *request) (any, error) {
	g, err := c.claim(r, pve.KindVM)
	if err != nil {
		return nil, err
	}
	for _, key := range c.diskKeys(g) {
		if strings.Contains(g.conf[key], "-cloudinit") {
			return nil, nil
		}
	}
	return nil, die("no cloud-init drive found")
}

// destroy makes the handler that removes a guest.
func destroy(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s %d", kindName(g), g.id)
		switch {
		case c.config(g)["protection"] == "1":
			return nil, die("can't remove %s - protection mode enabled", name)
		case c.ha.manages(g) && !r.flag("purge"):
			return nil, die("unable to remove %s - used in HA resources and purge parameter not set.", name)
		case g.running && (!g.container() || !r.flag("force")):
			return nil, die("%s is running - destroy failed", name)
		}
		for _, key := range c.diskKeys(g) {
			if head := parseProperty(g.conf[key], "file", "volume").head; c.owns(g, head) && c.hasLinkedClones(g.node, head) {
				return nil, die("base volume '%s' is still in use by linked cloned", head)
			}
		}
		prefix := "qm"
		if g.container() {
			prefix = "vz"
		}
		return c.begin(r, g.node, prefix+"destroy", strconv.Itoa(g.id), func() error {
			if r.flag("purge") {
				c.forgetHA(sidOf(g))
				c.purgeJobs(g)
			}
			c.remove(g)
			return nil
		}, nil), nil
	}
}
