package inquiry

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// roomMost bounds the answer to "how many fit".
const roomMost = 1000

// orNothing joins names; French and English have a dash for none.
func (a *answer) orNothing(names []string) string {
	if len(names) == 0 {
		return "—"
	}
	return a.names(names)
}

// totals says what the online nodes have together.
func (a *answer) totals(rooms []Room) {
	threads, online := 0, 0
	var total, free int64
	for _, r := range rooms {
		if r.Online {
			online++
			threads += r.Threads
			total += r.TotalBytes
			free += r.FreeBytes
		}
	}
	if online > 1 {
		a.text("totals", "threads", threads, "total", wording.Room(a.lang, total), "free", wording.Room(a.lang, free))
	}
}

// nodeRow writes the aspect that is asked of a node.
func (a *answer) nodeRow(r Room) {
	n, _ := a.s.Node(r.Node)
	if a.q.Aspect == AspectUptime {
		a.row(r.Node, a.uptime(n.UptimeSeconds), "")
		return
	}
	if h, known := a.s.HardwareOf(r.Node); known && a.q.Aspect == AspectHardware {
		a.row(r.Node, a.processorOf(h), a.say("hardware_memory", "memory", wording.Room(a.lang, h.MemoryBytes)))
		return
	}
	model := wording.Quote(n.CPUModel)
	if model == "" {
		model = a.say("unknown")
	}
	a.row(r.Node, model, a.say("node_cpu", "threads", r.Threads, "vcpus", r.VCPUs, "load", a.percent(r.Load)))
}

// processor tells the model and the load of a node's processor.
func (a *answer) processor(n pve.Node, r Room) {
	if n.CPUModel == "" {
		a.text("node_cpu_unread", "node", n.Name)
		a.command("lscpu")
	} else {
		a.text("node_cpu_model", "node", n.Name, "model", wording.Quote(n.CPUModel))
	}
	a.text("node_cpu_use", "load", a.percent(r.Load), "threads", r.Threads, "vcpus", r.VCPUs)
}

func (a *answer) guestUptime(g pve.Guest) {
	if g.Status != pve.GuestRunning {
		a.text("guest_status", "guest", title(g), "status", a.say("status."+string(g.Status)), "node", wording.Quote(g.Node))
		return
	}
	a.text("guest_up", "guest", title(g), "node", wording.Quote(g.Node), "uptime", a.uptime(g.UptimeSeconds))
}

// setting answers with one key of the configuration where that was read, else with the command that shows it.
func (a *answer) setting(g pve.Guest) {
	if g.Config == nil || g.Config.Lines == nil || a.q.Setting == "" {
		a.text("guest_config", "guest", title(g))
		a.configCommand(g)
		return
	}
	on := g.Config.Lines[a.q.Setting]
	a.text("setting."+a.q.Setting+"."+strconv.FormatBool(on == "1"), "guest", title(g))
}

// unreadAspect answers what a snapshot does not hold of a guest with the command that tells it.
func (a *answer) unreadAspect(g pve.Guest) {
	key, command := "guest_os", fmt.Sprintf("qm guest cmd %d get-osinfo", g.VMID)
	tool := "qm"
	if g.Kind == pve.KindContainer {
		tool, command = "pct", fmt.Sprintf("pct config %d", g.VMID)
	}
	switch a.q.Aspect {
	case AspectSnapshots:
		key, command = "guest_snapshots", fmt.Sprintf("%s listsnapshot %d", tool, g.VMID)
	case AspectBackups:
		if a.guestBackup(g) {
			return
		}
		key, command = "guest_backups", "pvesh get /cluster/backup-info/not-backed-up"
	}
	a.text(key, "guest", title(g))
	if !Commandable(g.Node) {
		return
	}
	a.text("run_on", "node", g.Node)
	if key == "guest_os" && tool == "qm" {
		a.text("needs_agent")
	}
	a.command(command)
	if key == "guest_backups" {
		for _, st := range a.s.Storages {
			if st.Node == g.Node && st.Active && st.Holds("backup") && storageName(st.Name) {
				a.command(fmt.Sprintf("pvesm list %s --content backup --vmid %d", st.Name, g.VMID))
			}
		}
	}
}

// storageName reports whether the name of a storage may stand in a command.
func storageName(name string) bool {
	return name != "" && len(name) <= 100 && name[0] != '-' && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}

func (a *answer) disks(g pve.Guest) {
	if g.Config == nil {
		a.text("guest_disks_unread", "guest", title(g), "size", wording.Room(a.lang, g.DiskBytes))
		a.configCommand(g)
		return
	}
	var disks []string
	for _, d := range g.Config.Disks {
		disks = append(disks, d.Slot+" ("+a.say("disk_row", "size", wording.Room(a.lang, d.SizeBytes), "storage", wording.Quote(d.Storage))+")")
	}
	a.orNone("disks", title(g), disks)
}

// onStorage names the guests with disks on a storage, as far as their configurations were read, and the command for the rest.
func (a *answer) onStorage() {
	var names []string
	unread := 0
	for _, g := range a.s.Guests {
		if g.Config == nil {
			unread++
			continue
		}
		for _, d := range g.Config.Disks {
			if d.Storage == a.q.Storage {
				names = append(names, title(g))
				a.row(title(g), a.say("disk_row", "size", wording.Room(a.lang, d.SizeBytes), "storage", wording.Quote(d.Storage)), d.Slot)
			}
		}
	}
	names = slices.Compact(names)
	if len(names) > 0 {
		a.text("on_storage", "storage", wording.Quote(a.q.Storage), "names", a.names(names))
	} else {
		a.text("on_storage_none", "storage", wording.Quote(a.q.Storage))
	}
	if unread == 0 {
		return
	}
	a.sentence(wording.Plural(a.lang, "inquiry.on_storage_unread", unread))
	if storageName(a.q.Storage) {
		a.command("pvesm list " + a.q.Storage)
	}
}

// agent names the machines without the guest agent, as far as their configurations were read, and the command for the rest.
func (a *answer) agent() {
	var without []string
	unread := 0
	for _, g := range a.s.Guests {
		switch {
		case g.Template || g.Kind != pve.KindVM:
		case g.Config == nil:
			unread++
		case !g.Config.Agent:
			without = append(without, title(g))
			a.row(title(g), a.say("no_agent"), a.say("on_node", "node", wording.Quote(g.Node)))
		}
	}
	switch {
	case len(without) > 0:
		a.text("agent_without", "names", a.names(without))
	case unread == 0:
		a.text("agent_all")
	}
	if unread > 0 {
		a.sentence(wording.Plural(a.lang, "inquiry.agent_unread", unread))
		a.command("grep -L '^agent:.*1' /etc/pve/nodes/*/qemu-server/*.conf")
	}
}

// ipFree: a snapshot holds no addresses of guests, so whether one is free is for the network to say.
func (a *answer) ipFree() {
	for _, v := range a.s.VNets {
		for _, n := range v.Subnets {
			if n.Gateway == a.q.IP {
				a.text("ip_gateway", "ip", a.q.IP, "network", wording.Quote(v.Name))
				return
			}
		}
	}
	a.text("ip_unknown", "ip", a.q.IP)
	a.command("ping -c 2 " + a.q.IP)
	a.command("pvesh get /cluster/sdn/ipams/pve/status")
}

// likeTemplate reports whether a template is one that is asked for.
func (a *answer) likeTemplate(g pve.Guest) bool {
	switch a.q.Like {
	case "":
		return true
	case "cloud-init":
		return g.Config != nil && g.Config.CloudInit != ""
	}
	return strings.Contains(strings.ToLower(g.Name), a.q.Like)
}

// noSuchTemplate says that no template is like what is asked for, and what there is instead: images and other templates.
func (a *answer) noSuchTemplate() {
	var others, images []string
	for _, t := range a.s.Templates() {
		others = append(others, title(t))
	}
	for _, v := range a.s.Volumes {
		base := v.ID[strings.LastIndexByte(v.ID, '/')+1:]
		if a.q.Like != "cloud-init" && strings.Contains(strings.ToLower(base), a.q.Like) && !slices.Contains(images, wording.Quote(base)) {
			images = append(images, base)
			a.row(base, a.say("content."+v.Content), wording.Quote(v.Storage))
		}
	}
	a.text("template_none", "name", wording.Quote(a.q.Like))
	if len(others) > 0 {
		a.text("template_others", "names", a.names(others))
	}
	if len(images) > 0 {
		a.text("template_images", "names", a.names(images))
	}
}

// usage tells what a guest uses of what it has.
func (a *answer) usage(g pve.Guest) {
	if g.Status != pve.GuestRunning {
		a.text("guest_status", "guest", title(g), "status", a.say("status."+string(g.Status)), "node", wording.Quote(g.Node))
		return
	}
	a.text("guest_usage", "guest", title(g), "cpu", a.say("cpu_use", "load", a.percent(g.CPUUsage), "vcpus", wording.Amount(a.lang, g.CPUs)),
		"used", wording.Room(a.lang, g.MemoryUsedBytes), "total", wording.Room(a.lang, g.MemoryBytes))
}

// onNetwork names the guests on a network, as far as their configurations were read, and the command for the rest.
func (a *answer) onNetwork() {
	var names []string
	unread := 0
	for _, g := range a.s.Guests {
		if g.Config == nil {
			unread++
			continue
		}
		for _, n := range g.Config.NICs {
			if n.Bridge == a.q.Network {
				names = append(names, title(g))
				a.row(title(g), n.Slot, a.say("on_node", "node", wording.Quote(g.Node)))
			}
		}
	}
	names = slices.Compact(names)
	if len(names) > 0 {
		a.text("on_network", "network", wording.Quote(a.q.Network), "names", a.names(names))
	} else {
		a.text("on_network_none", "network", wording.Quote(a.q.Network))
	}
	if unread > 0 {
		a.sentence(wording.Plural(a.lang, "inquiry.on_network_unread", unread))
		if storageName(a.q.Network) {
			a.command("grep -rlw " + a.q.Network + " /etc/pve/nodes")
		}
	}
}
