package twin

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// migrate makes the handler that moves a guest to another node.
func migrate(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		target := r.text("target")
		switch {
		case target == g.node:
			return nil, reject("target", "target is local node.")
		case c.nodes[target] == nil:
			return nil, die("no such cluster node '%s'", target)
		case c.nodes[target].offline:
			return nil, die("target node '%s' is not online", target)
		}
		if c.ha.manages(g) {
			return c.begin(r, g.node, "hamigrate", strconv.Itoa(g.id), func() error {
				if g.running { // a stopped service only notes the wish
					c.relocate(g, target, "")
				}
				return nil
			}, nil), nil
		}
		if g.running && !r.flag("online") && (!g.container() || !r.flag("restart")) {
			return nil, die("can't migrate running %s without --online", strings.ToLower(kindName(g)))
		}
		return c.startMigration(r, g, target), nil
	}
}

func (c *Cluster) startMigration(r *request, g *guest, target string) string {
	taskType := "qmigrate"
	if g.container() {
		taskType = "vzmigrate"
	}
	targetStorage := r.text("targetstorage")
	if g.container() {
		targetStorage = r.text("target-storage")
	}
	localDisks := r.flag("with-local-disks") || g.container()
	g.lock = "migrate"
	return c.begin(r, g.node, taskType, strconv.Itoa(g.id), func() error {
		g.lock = ""
		if err := c.canRelocate(g, target, targetStorage, localDisks); err != nil {
			return err
		}
		c.relocate(g, target, targetStorage)
		return nil
	}, func() { g.lock = ""; g.changed() })
}

// canRelocate checks that the target has what the guest uses.
func (c *Cluster) canRelocate(g *guest, target, targetStorage string, localDisks bool) error {
	conf := c.effective(g)
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		if isIndexed(key, "net") {
			bridge := parseProperty(conf[key]).values["bridge"]
			if bridge != "" && !c.nodes[target].active[bridge] && !c.sdn.onNode(bridge, target) {
				return die("migration aborted: bridge '%s' does not exist on node '%s'", bridge, target)
			}
		}
		if !isDisk(g, key) {
			continue
		}
		p := parseProperty(conf[key], "file", "volume")
		name, file := splitVolume(p.head)
		s := c.storages[name]
		if file == "" || s == nil {
			continue
		}
		if !s.shared && !localDisks && p.values["media"] != "cdrom" {
			return die("can't migrate VM - check log: can't live migrate attached local disks without with-local-disks option")
		}
		if !s.shared && conf["template"] == "1" {
			return die("can't migrate local base volume '%s'", p.head)
		}
		to := name
		if targetStorage != "" && !s.shared {
			to = mapped(targetStorage, name)
		}
		if _, err := c.storageFor(to, target); err != nil {
			return err
		}
	}
	return nil
}

// mapped reads a storage map, "from:to" pairs or one name for all.
func mapped(pairs, name string) string {
	for _, pair := range splitList(pairs) {
		from, to, ok := strings.Cut(pair, ":")
		if !ok && pair != "1" {
			return pair
		}
		if from == name {
			return to
		}
	}
	return name
}

// relocate moves a guest and its local volumes.
func (c *Cluster) relocate(g *guest, target, targetStorage string) {
	for key, value := range c.config(g) {
		if !isDisk(g, key) {
			continue
		}
		p := parseProperty(value, "file", "volume")
		name, _ := splitVolume(p.head)
		s := c.storages[name]
		v, ok := c.volumeOn(g.node, p.head)
		if s == nil || !ok || s.shared || v.vmid != g.id {
			continue
		}
		to := s
		if targetStorage != "" && c.storages[mapped(targetStorage, name)] != nil {
			to = c.storages[mapped(targetStorage, name)]
		}
		c.free(g.node, p.head)
		stem := "disk"
		if strings.HasSuffix(strings.SplitN(p.head, ".", 2)[0], "-cloudinit") {
			stem = "cloudinit"
		}
		moved, err := c.allocate(to, target, g.id, stem, v.format, v.size, "")
		if err != nil {
			// canRelocate looked before; a name that is taken on the target keeps the guest's own volume id.
			continue
		}
		p.head = moved.id
		g.conf[key] = p.String()
	}
	g.node = target
	g.changed()
}
