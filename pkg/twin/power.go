package twin

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// powerOn starts a guest with its pending changes.
func (c *Cluster) powerOn(g *guest) {
	c.config(g)
	g.settlePending()
	g.running, g.since, g.uptime0 = true, c.now(), 0
	if g.cpuUsage == 0 {
		g.cpuUsage = 0.02
	}
	g.changed()
}

func (c *Cluster) powerOff(g *guest) {
	g.running = false
	g.settlePending()
	g.changed()
}

// canStart is what a start finds out about the node: bridges, volumes, memory, processors.
func (c *Cluster) canStart(g *guest) error {
	n := c.nodes[g.node]
	conf := c.effective(g)
	if conf["template"] == "1" {
		return die("you can't start a vm if it's a template")
	}
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		switch {
		case isIndexed(key, "net"):
			if bridge := parseProperty(conf[key]).values["bridge"]; bridge != "" && !n.active[bridge] && !c.sdn.onNode(bridge, n.Name) {
				return die("bridge '%s' does not exist", bridge)
			}
		case isDisk(g, key) && stemOf(key) != "unused":
			if err := c.canUse(g, parseProperty(conf[key], "file", "volume").head); err != nil {
				return err
			}
		}
	}
	if g.container() {
		return nil
	}
	cores := intOf(conf["cores"], 1) * intOf(conf["sockets"], 1)
	if cores > n.CPUs && n.CPUs > 0 {
		return die("MAX %d vcpus allowed per VM on this node", n.CPUs)
	}
	if n.MemoryBytes > 0 && int64(intOf(conf["memory"], 512))<<20 > n.MemoryBytes {
		return die("start failed: QEMU exited with code 1: cannot set up guest memory 'pc.ram': Cannot allocate memory")
	}
	return nil
}

// canUse reports whether the node reaches a volume. Devices of the host and empty drives are not volumes.
func (c *Cluster) canUse(g *guest, id string) error {
	name, file := splitVolume(id)
	if file == "" || strings.HasPrefix(id, "/") {
		return nil
	}
	if _, err := c.storageFor(name, g.node); err != nil {
		return err
	}
	if _, ok := c.volumeOn(g.node, id); !ok {
		return die("volume '%s' does not exist", id)
	}
	return nil
}

// power makes the handler of one action on a guest's state.
func power(kind pve.GuestKind, action string) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.claim(r, kind)
		if err != nil {
			return nil, err
		}
		if c.ha.manages(g) && (action == "start" || action == "stop" || action == "shutdown") {
			return c.powerHA(r, g, action), nil
		}
		prefix := "qm"
		if g.container() {
			prefix = "vz"
		}
		id := strconv.Itoa(g.id)
		switch action {
		case "start":
			if g.running {
				return nil, die("%s %d already running", kindName(g), g.id)
			}
			return c.begin(r, g.node, prefix+"start", id, func() error {
				if err := c.canStart(g); err != nil {
					return err
				}
				c.powerOn(g)
				return nil
			}, nil), nil
		case "stop", "shutdown":
			return c.begin(r, g.node, prefix+action, id, func() error {
				if !g.running && g.container() {
					return die("CT %d not running", g.id)
				}
				c.powerOff(g)
				return nil
			}, nil), nil
		case "suspend", "resume":
			return c.begin(r, g.node, prefix+action, id, func() error { return nil }, nil), nil
		default: // reboot, reset
			if !g.running {
				return nil, die("%s %d not running", kindName(g), g.id)
			}
			return c.begin(r, g.node, prefix+action, id, func() error {
				if action == "reset" {
					return nil // the machine keeps its processes, so nothing pending becomes active
				}
				c.powerOff(g)
				if err := c.canStart(g); err != nil {
					return err
				}
				c.powerOn(g)
				return nil
			}, nil), nil
		}
	}
}

// powerHA passes an action to the HA manager, whose task ends as soon as the wish is noted.
func (c *Cluster) powerHA(r *request, g *guest, action string) string {
	state, kind := "started", "hastart"
	if action != "start" {
		state, kind = "stopped", "hastop"
	}
	return c.begin(r, g.node, kind, strconv.Itoa(g.id), func() error {
		if action == "start" {
			if err := c.canStart(g); err != nil {
				return err
			}
		}
		c.ha.resources[sidOf(g)].Set("state", state)
		c.enforce(g, state)
		return nil
	}, nil)
}

func (c *Cluster) statusCurrent(r *request) (any, error) {
	g, err := c.anyGuest(r)
	if err != nil {
		return nil, err
	}
	conf := c.config(g)
	row := c.rowOf(g)
	answer := object{
		"vmid": g.id, "name": g.name(), "status": g.status(), "uptime": row.Uptime, "cpus": row.MaxCPU, "cpu": row.CPU, "maxmem": row.MaxMem,
		"mem": row.Mem, "maxdisk": row.MaxDisk, "disk": row.Disk, "netin": row.NetIn, "netout": row.NetOut, "diskread": row.DiskRead, "diskwrite": row.DiskWrite,
	}
	if c.ha.manages(g) {
		answer["ha"] = object{"managed": 1, "state": c.ha.stateOf(g)}
	} else {
		answer["ha"] = object{"managed": 0}
	}
	if g.running {
		answer["pid"] = 100_000 + g.id
	}
	if row.Lock != "" {
		answer["lock"] = row.Lock
	}
	if row.Tags != "" {
		answer["tags"] = row.Tags
	}
	if row.Template == 1 {
		answer["template"] = 1
	}
	if g.container() {
		answer["type"] = "lxc"
		answer["maxswap"] = int64(intOf(conf["swap"], 512)) << 20
		answer["swap"] = 0
		return answer, nil
	}
	answer["qmpstatus"] = g.status()
	if agentEnabled(conf) {
		answer["agent"] = 1
	}
	return answer, nil
}

// listGuests answers GET /nodes/N/qemu and /nodes/N/lxc.
func listGuests(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		rows := []any{}
		for _, id := range c.guestIDs() {
			g := c.guests[id]
			if g.kind != kind || g.node != r.node() || !r.who.has("/vms/"+strconv.Itoa(id), "VM.Audit") {
				continue
			}
			row := c.rowOf(g)
			listed := object{
				"vmid": id, "name": row.Name, "status": row.Status, "uptime": row.Uptime, "cpus": row.MaxCPU, "cpu": row.CPU, "maxmem": row.MaxMem, "mem": row.Mem,
				"maxdisk": row.MaxDisk, "disk": row.Disk, "netin": row.NetIn, "netout": row.NetOut, "diskread": row.DiskRead, "diskwrite": row.DiskWrite,
			}
			if row.Template == 1 {
				listed["template"] = 1
			}
			if row.Tags != "" {
				listed["tags"] = row.Tags
			}
			if kind == pve.KindContainer {
				listed["type"] = "lxc"
			}
			rows = append(rows, listed)
		}
		return rows, nil
	}
}

// snapshotList knows only the present: the twin takes no snapshots.
func (c *Cluster) snapshotList(r *request) (any, error) {
	if _, err := c.anyGuest(r); err != nil {
		return nil, err
	}
	return []object{{"name": "current", "description": "You are here!", "running": 1}}, nil
}
