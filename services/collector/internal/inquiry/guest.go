package inquiry

import (
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// size writes the size of a guest: "2 cores, 4 GiB, disk 32 GiB"; what an offline node hides is said to be unknown.
func (a *answer) size(g pve.Guest) string {
	if g.MemoryBytes == 0 && g.CPUs == 0 {
		return a.say("size_unknown")
	}
	s := a.say("size", "cores", a.count("vcpu", int(g.CPUs+0.999)), "memory", wording.Room(a.lang, g.MemoryBytes))
	if g.DiskBytes > 0 {
		s += ", " + a.say("disk", "size", wording.Room(a.lang, g.DiskBytes))
	}
	return s
}

// guest answers for the guests that were named.
func (a *answer) guest() {
	for _, id := range a.q.Guests {
		if g, ok := a.s.Guest(id); ok {
			a.aspect(g)
		}
	}
	if a.out.GetText() == "" {
		a.text("unanswered")
	}
}

func (a *answer) aspect(g pve.Guest) {
	name := title(g)
	if n, ok := a.s.Node(g.Node); ok && !n.Online() && a.q.Aspect != AspectTags && a.q.Aspect != AspectPool && a.q.Aspect != AspectHA {
		a.text("guest_unknown", "guest", name, "node", wording.Quote(g.Node))
		a.guestRows(g)
		return
	}
	switch a.q.Aspect {
	case AspectNode:
		a.text("guest_node."+string(g.Status), "guest", name, "node", wording.Quote(g.Node))
	case AspectAddress:
		a.address(g)
	case AspectSize:
		a.text("guest_size", "guest", name, "size", a.size(g))
	case AspectStatus:
		a.text("guest_status", "guest", name, "status", a.say("status."+string(g.Status)), "node", wording.Quote(g.Node))
		if g.Status == pve.GuestRunning && g.UptimeSeconds >= 3600 {
			a.text("guest_uptime", "uptime", a.uptime(g.UptimeSeconds))
		}
	case AspectHA:
		a.ha(g)
	case AspectTags:
		a.orNone("tags", name, g.Tags)
	case AspectPool:
		a.orNone("pool", name, strings.Fields(g.Pool))
	case AspectNetwork:
		a.network(g)
	case AspectDescription:
		a.text("guest_description", "guest", name)
		a.configCommand(g)
	case AspectConfig:
		a.setting(g)
	case AspectUptime:
		a.guestUptime(g)
	case AspectOS, AspectSnapshots, AspectBackups:
		a.unreadAspect(g)
	case AspectDisks:
		a.disks(g)
	case AspectUsage:
		a.usage(g)
	default:
		a.text("guest", "guest", name, "status", a.say("status."+string(g.Status)), "node", wording.Quote(g.Node), "size", a.size(g))
	}
	a.guestRows(g)
}

// orNone answers with a list that may be empty.
func (a *answer) orNone(what, name string, list []string) {
	if len(list) == 0 {
		a.text("guest_no_"+what, "guest", name)
		return
	}
	a.text("guest_"+what, "guest", name, "names", a.names(list))
}

func (a *answer) uptime(seconds int64) string {
	if days := int(seconds / 86400); days > 0 {
		return a.count("day", days)
	}
	if seconds < 3600 {
		return a.say("less_than_hour")
	}
	return a.count("hour", int(seconds/3600))
}

// address: a snapshot holds no addresses of guests; the guest agent and the DHCP server know them.
func (a *answer) address(g pve.Guest) {
	a.text("guest_address", "guest", title(g))
	if g.Status != pve.GuestRunning {
		a.text("guest_address_stopped")
		return
	}
	if !Commandable(g.Node) {
		return
	}
	a.text("run_on", "node", g.Node)
	if g.Kind == pve.KindContainer {
		a.command(fmt.Sprintf("pct exec %d -- ip -4 addr", g.VMID))
		return
	}
	a.text("needs_agent")
	a.command(fmt.Sprintf("qm guest cmd %d network-get-interfaces", g.VMID))
}

func (a *answer) configCommand(g pve.Guest) {
	if !Commandable(g.Node) {
		return
	}
	a.text("run_on", "node", g.Node)
	tool := "qm"
	if g.Kind == pve.KindContainer {
		tool = "pct"
	}
	a.command(fmt.Sprintf("%s config %d", tool, g.VMID))
}

func (a *answer) network(g pve.Guest) {
	if g.Config == nil {
		a.text("guest_network_unread", "guest", title(g))
		a.configCommand(g)
		return
	}
	var nics []string
	for _, n := range g.Config.NICs {
		nics = append(nics, n.Bridge)
	}
	a.orNone("network", title(g), nics)
}

// sid is how the HA manager calls a guest.
func sid(g pve.Guest) string {
	if g.Kind == pve.KindContainer {
		return fmt.Sprintf("ct:%d", g.VMID)
	}
	return fmt.Sprintf("vm:%d", g.VMID)
}

func (a *answer) ha(g pve.Guest) {
	i := slices.IndexFunc(a.s.HAServices, func(s pve.HAService) bool { return s.SID == sid(g) })
	switch {
	case i >= 0 && a.s.HAServices[i].Group != "":
		a.text("guest_ha_group", "guest", title(g), "state", wording.Quote(a.s.HAServices[i].State), "group", wording.Quote(a.s.HAServices[i].Group))
	case i >= 0:
		a.text("guest_ha_state", "guest", title(g), "state", wording.Quote(a.s.HAServices[i].State))
	case g.HA:
		a.text("guest_ha", "guest", title(g))
	default:
		a.text("guest_no_ha", "guest", title(g))
	}
}

// guestRows are the figures of one guest.
func (a *answer) guestRows(g pve.Guest) {
	prefix := ""
	if len(a.q.Guests) > 1 {
		prefix = title(g) + " · "
	}
	add := func(label, value string) { a.row(prefix+a.say("label."+label), value, "") }
	add("status", a.say("status."+string(g.Status)))
	add("node", wording.Quote(g.Node))
	add("size", a.size(g))
	add("ha", wording.YesNo(a.lang, g.HA))
	if g.Pool != "" {
		add("pool", wording.Quote(g.Pool))
	}
	if len(g.Tags) > 0 {
		add("tags", a.names(g.Tags))
	}
	if g.Config != nil {
		for _, d := range g.Config.Disks {
			a.row(prefix+d.Slot, a.say("disk_row", "size", wording.Room(a.lang, d.SizeBytes), "storage", wording.Quote(d.Storage)), "")
		}
	}
}

// backup: where the jobs could not be read, a pool whose name speaks of backups is a hint.
func (a *answer) backup() {
	if a.covered() {
		return
	}
	a.text("backup_unknown")
	a.command("pvesh get /cluster/backup-info/not-backed-up")
	i := slices.IndexFunc(a.s.Pools, func(p pve.Pool) bool {
		n := strings.ToLower(p.Name)
		return strings.Contains(n, "backup") || strings.Contains(n, "sauvegarde")
	})
	if i < 0 {
		return
	}
	var outside []string
	for _, g := range a.s.Guests {
		if !g.Template && g.Pool != a.s.Pools[i].Name {
			outside = append(outside, title(g))
			a.row(title(g), a.say("backup_outside"), a.say("on_node", "node", wording.Quote(g.Node)))
		}
	}
	pool := wording.Quote(a.s.Pools[i].Name)
	if len(outside) == 0 {
		a.text("backup_all", "pool", pool)
		return
	}
	a.sentence(wording.Plural(a.lang, "inquiry.backup_pool", len(outside), "pool", pool, "names", a.names(outside)))
}
