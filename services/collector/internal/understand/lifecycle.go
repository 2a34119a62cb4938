package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
	"proviso.dev/services/collector/internal/wording"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// operation is something that a person does to a guest; it is no state that a manifest could declare.
type operation struct {
	verb class
	ref  guestRef
	node string // where to, as the cluster writes it
	name string // of the snapshot or clone, as written
	ha   bool   // membership in HA: verb is acAdd or acTake
	disk bool   // the disk is meant, not the guest
	// lost is a node that was named and that the cluster does not have.
	lost string
	// onNode: the node itself is what the operation is about.
	onNode bool
}

// advice is the reply to operations in the making.
type advice struct {
	x    *index
	lang string
	out  *provisov1.Reply
	g    pve.Guest
	op   operation
}

// commandsMost is the contract's bound.
const commandsMost = 16

// advise answers operations on guests that are known: what to check, and the commands for a person. Nothing is run.
func advise(ops []operation, guests []pve.Guest, x *index, lang string) *provisov1.Reply {
	a := &advice{x: x, lang: lang, out: &provisov1.Reply{}}
	for i, op := range ops {
		a.op, a.g = op, guests[i]
		a.operation()
	}
	a.out.Commands = a.out.GetCommands()[:min(len(a.out.GetCommands()), commandsMost)]
	a.out.Text = clip(a.out.GetText(), 4000)
	return a.out
}

func (a *advice) say(key string, args ...any) {
	if a.out.GetText() != "" {
		a.out.Text += " "
	}
	a.out.Text += tell(a.lang, "op."+key, args...)
}

func (a *advice) runf(format string, args ...any) {
	if c := fmt.Sprintf(format, args...); !slices.Contains(a.out.GetCommands(), c) {
		a.out.Commands = append(a.out.Commands, c)
	}
}

func (a *advice) row(label, value, reason string) {
	if len(a.out.GetRows()) == 256 {
		return
	}
	a.out.Rows = append(a.out.Rows, &provisov1.ReplyRow{Label: clip(label, 128), Value: clip(value, 1000), Reason: clip(reason, 1000)})
}

// tool is the command that handles the guest.
func (a *advice) tool() string {
	if a.g.Kind == pve.KindContainer {
		return "pct"
	}
	return "qm"
}

func (a *advice) sid() string {
	if a.g.Kind == pve.KindContainer {
		return "ct:" + strconv.Itoa(a.g.VMID)
	}
	return "vm:" + strconv.Itoa(a.g.VMID)
}

func (a *advice) operation() {
	if a.op.verb == acEvacuate {
		a.evacuate()
		return
	}
	title := guestTitle(&a.g)
	node, _ := a.x.snap.Node(a.g.Node)
	if !node.Online() || !inquiry.Commandable(a.g.Node) {
		a.say("offline", "guest", title, "node", quoteText(a.g.Node))
		return
	}
	args := []any{"guest", title, "node", a.g.Node}
	if a.g.Template && a.op.verb != acDestroy && a.op.verb != acMigrate && a.op.verb != acBackup {
		a.say("template", args...)
		return
	}
	id := a.g.VMID
	switch {
	case a.op.ha:
		a.membership(args)
	case a.op.disk:
		a.moveDisk(args)
	case a.op.verb == acStart:
		a.power(args, pve.GuestRunning, "start", "started")
	case a.op.verb == acStop:
		a.power(args, pve.GuestStopped, "shutdown", "stopped")
	case a.op.verb == acReboot:
		a.need(args, "reboot", pve.GuestRunning, "reboot")
	case a.op.verb == acSuspend:
		a.need(args, "suspend", pve.GuestRunning, "suspend")
	case a.op.verb == acResume:
		a.say("resume", args...)
		a.runf("%s resume %d", a.tool(), id)
	case a.op.verb == acMigrate:
		a.migrate(node)
	case a.op.verb == acSnapshot:
		a.say("snapshot", args...)
		a.runf("%s snapshot %d %s", a.tool(), id, a.snapshotName())
	case a.op.verb == acRollback:
		a.say("rollback", args...)
		a.runf("%s listsnapshot %d", a.tool(), id)
		if name, ok := snapshotLabel(a.op.name); ok {
			a.runf("%s rollback %d %s", a.tool(), id, name)
		}
	case a.op.verb == acForget:
		a.say("delsnapshot", args...)
		a.runf("%s listsnapshot %d", a.tool(), id)
		if name, ok := snapshotLabel(a.op.name); ok {
			a.runf("%s delsnapshot %d %s", a.tool(), id, name)
		}
	case a.op.verb == acBackup:
		a.backup(args)
	case a.op.verb == acRestore:
		a.restore(args)
	case a.op.verb == acClone:
		a.clone(args)
	default:
		a.destroy(args)
	}
}

// power starts or stops a guest; one under HA through the HA manager, which would undo anything else.
func (a *advice) power(args []any, status pve.GuestStatus, verb, state string) {
	switch {
	case a.g.Status == status:
		a.say(verb+"_already", args...)
	case a.g.HA:
		a.say(verb+"_ha", args...)
		a.runf("ha-manager set %s --state %s", a.sid(), state)
	default:
		a.say(verb, args...)
		a.runf("%s %s %d", a.tool(), verb, a.g.VMID)
	}
}

// need is an operation on a guest that must have a status.
func (a *advice) need(args []any, key string, status pve.GuestStatus, verb string) {
	if a.g.Status != status {
		a.say("not_running", args...)
		return
	}
	a.say(key, args...)
	a.runf("%s %s %d", a.tool(), verb, a.g.VMID)
}

func (a *advice) membership(args []any) {
	switch {
	case a.op.verb == acTake && !a.g.HA:
		a.say("ha_not", args...)
	case a.op.verb == acTake:
		a.say("ha_remove", args...)
		a.runf("ha-manager remove %s", a.sid())
	case a.g.HA:
		a.say("ha_already", args...)
	default:
		a.say("ha_add", args...)
		a.runf("ha-manager add %s --state started", a.sid())
	}
}

// disks reports whether every disk of the guest lies on shared storage; known is false when its configuration was not read.
func (a *advice) disks() (local []string, known bool) {
	if a.g.Config == nil {
		return nil, false
	}
	for _, d := range a.g.Config.Disks {
		if st, ok := a.x.snap.StorageOn(d.Storage, a.g.Node); !ok || !st.Shared {
			local = append(local, d.Slot+" ("+quoteText(d.Storage)+")")
		}
	}
	return local, true
}

// migrate gives the command that moves a guest, and what was checked before.
func (a *advice) migrate(from pve.Node) {
	title := guestTitle(&a.g)
	to, exists := a.x.snap.Node(a.op.node)
	rooms := inquiry.Rooms(a.x.snap, a.x.policy)
	memory := a.g.MemoryBytes
	if a.g.Status != pve.GuestRunning {
		memory = 0
	}
	switch {
	case a.op.lost != "":
		a.say("node_unknown", "node", quoteText(a.op.lost), "nodes", listText(a.lang, quoteAll(a.x.nodes)))
		return
	case !exists:
		a.say("migrate_where", "guest", title)
		a.targets(rooms, memory)
		return
	case !to.Online():
		a.say("migrate_offline", "guest", title, "node", quoteText(to.Name))
		a.targets(rooms, memory)
		return
	case to.Name == a.g.Node:
		a.say("migrate_there", "guest", title, "node", quoteText(to.Name))
		return
	}
	free := int64(0)
	for _, r := range rooms {
		if r.Node == to.Name {
			free = r.FreeBytes
		}
	}
	fits := memory <= free
	a.row(tell(a.lang, "label.memory"), tell(a.lang, "op.migrate_memory", "need", wording.Room(a.lang, memory), "free", wording.Room(a.lang, free), "node", quoteText(to.Name)), yesNo(a.lang, fits))
	if !fits {
		a.say("migrate_full", "guest", title, "node", quoteText(to.Name), "need", wording.Room(a.lang, memory), "free", wording.Room(a.lang, free))
		a.targets(rooms, memory)
		return
	}
	if !inquiry.Commandable(to.Name) {
		return
	}
	a.say("migrate", "guest", title, "from", from.Name, "to", to.Name)
	local, known := a.disks()
	switch {
	case !known:
		a.say("migrate_disks_unknown")
		a.runf("%s config %d", a.tool(), a.g.VMID)
	case len(local) == 0:
		a.say("migrate_disks_shared")
	default:
		a.say("migrate_disks_local", "disks", listText(a.lang, local))
	}
	if a.g.Config != nil {
		for _, n := range a.g.Config.NICs {
			if !a.x.snap.HasNetwork(n.Bridge, to.Name) {
				a.say("migrate_network", "network", quoteText(n.Bridge), "node", to.Name)
			}
		}
	}
	if from.CPUModel != "" && to.CPUModel != "" && from.CPUModel != to.CPUModel {
		a.say("migrate_cpu", "from", quoteText(from.CPUModel), "to", quoteText(to.CPUModel))
	} else if from.CPUModel == "" || to.CPUModel == "" {
		a.say("migrate_cpu_unknown")
	}
	a.move(to.Name, len(local) > 0)
}

// move adds the command itself.
func (a *advice) move(to string, withDisks bool) {
	switch {
	case a.g.HA:
		a.say("migrate_ha")
		a.runf("ha-manager migrate %s %s", a.sid(), to)
		return
	case a.g.Kind == pve.KindContainer:
		if a.g.Status == pve.GuestRunning {
			a.say("migrate_restart")
			a.runf("pct migrate %d %s --restart", a.g.VMID, to)
			return
		}
		a.runf("pct migrate %d %s", a.g.VMID, to)
		return
	}
	command := fmt.Sprintf("qm migrate %d %s", a.g.VMID, to)
	if a.g.Status == pve.GuestRunning {
		command += " --online"
	}
	if withDisks {
		command += " --with-local-disks"
	}
	a.runf("%s", command)
}

// targets names the nodes that could take the guest.
func (a *advice) targets(rooms []inquiry.Room, memory int64) {
	var nodes []string
	for _, r := range rooms {
		if r.Online && r.Node != a.g.Node && r.FreeBytes >= memory {
			nodes = append(nodes, quoteText(r.Node))
			a.row(quoteText(r.Node), tell(a.lang, "op.free", "free", wording.Room(a.lang, r.FreeBytes)), "")
		}
	}
	if len(nodes) == 0 {
		a.say("migrate_nowhere")
		return
	}
	a.say("migrate_targets", "nodes", listText(a.lang, nodes))
}

// moveDisk gives the command that moves a disk to another storage.
func (a *advice) moveDisk(args []any) {
	slot := "scsi0"
	if a.g.Config != nil && a.g.Config.BootDisk() != nil {
		slot = a.g.Config.BootDisk().Slot
	} else if a.g.Kind == pve.KindContainer {
		slot = "rootfs"
	}
	a.say("move_disk", append(args, "slot", quoteText(slot))...)
	if written, ok := a.x.find(a.op.name, aStorage); ok && only(written, "._-", 100) && only(slot, "", 16) {
		sub := "disk move"
		if a.g.Kind == pve.KindContainer {
			sub = "move-volume"
		}
		a.runf("%s %s %d %s %s", a.tool(), sub, a.g.VMID, slot, written)
	}
}

// snapshotLabel returns a name that Proxmox VE takes for a snapshot.
func snapshotLabel(name string) (string, bool) {
	name = strings.ReplaceAll(name, " ", "-")
	ok := len(name) >= 2 && len(name) <= 40 && only(name, "_-", 40) && (name[0] >= 'a' && name[0] <= 'z' || name[0] >= 'A' && name[0] <= 'Z')
	return name, ok
}

func (a *advice) snapshotName() string {
	if name, ok := snapshotLabel(a.op.name); ok {
		return name
	}
	return "before-change"
}

// backupStorage returns a storage that takes backups on the guest's node.
func (a *advice) backupStorage() string {
	best := ""
	for _, st := range a.x.snap.Storages {
		if st.Node == a.g.Node && st.Active && st.Holds("backup") && only(st.Name, "._-", 100) && (best == "" || st.Shared) {
			best = st.Name
		}
	}
	return best
}

func (a *advice) backup(args []any) {
	storage := a.backupStorage()
	if storage == "" {
		a.say("backup_nowhere", args...)
		return
	}
	a.say("backup", append(args, "storage", storage)...)
	a.runf("vzdump %d --mode snapshot --storage %s", a.g.VMID, storage)
}

func (a *advice) restore(args []any) {
	a.say("restore", args...)
	if storage := a.backupStorage(); storage != "" {
		a.runf("pvesm list %s --content backup --vmid %d", storage, a.g.VMID)
	}
}

// clone gives the command that copies a guest that is no template.
func (a *advice) clone(args []any) {
	id := 100
	for {
		if _, taken := a.x.snap.Guest(id); !taken {
			break
		}
		id++
	}
	a.say("clone", append(args, "id", id)...)
	name := a.op.name
	if !validLabel(name) {
		name = ""
	}
	flag := "--name"
	if a.g.Kind == pve.KindContainer {
		flag = "--hostname"
	}
	if name != "" {
		a.runf("%s clone %d %d %s %s --full", a.tool(), a.g.VMID, id, flag, name)
		return
	}
	a.runf("%s clone %d %d --full", a.tool(), a.g.VMID, id)
}

// destroy warns of everything that is known to depend on the guest. Proviso removes nothing.
func (a *advice) destroy(args []any) {
	a.say("destroy", args...)
	if a.g.Template {
		a.say("destroy_template")
	}
	if a.g.HA {
		a.say("destroy_ha")
		a.runf("ha-manager remove %s", a.sid())
	}
	if a.g.Status == pve.GuestRunning {
		a.runf("%s shutdown %d", a.tool(), a.g.VMID)
	}
	a.say("destroy_unread")
	a.runf("%s destroy %d --purge", a.tool(), a.g.VMID)
}

// evacuate gives the command that empties a node.
func (a *advice) evacuate() {
	node, ok := a.x.snap.Node(a.op.node)
	if !ok || !node.Online() || !inquiry.Commandable(node.Name) {
		a.say("evacuate_unknown", "node", quoteText(a.op.node))
		return
	}
	a.say("evacuate", "node", node.Name)
	for _, r := range inquiry.Rooms(a.x.snap, a.x.policy) {
		if r.Node != node.Name {
			continue
		}
		for _, g := range r.Guests {
			reason := tell(a.lang, "op.evacuate_ha")
			if !g.HA {
				reason = tell(a.lang, "op.evacuate_hand")
			}
			a.row(guestTitle(&g), wording.Room(a.lang, g.MemoryBytes), reason)
		}
	}
	a.runf("ha-manager crm-command node-maintenance enable %s", node.Name)
}
