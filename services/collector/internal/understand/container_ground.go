package understand

import (
	"slices"
	"strings"
)

// The fields of questions that only containers, pools and workloads have.
const (
	fieldKind = "kind"
	fieldSwap = "swap"
)

// The size of a container whose role and words say nothing: what Proxmox VE itself proposes.
const (
	plainContainerCores     = 1
	plainContainerMemoryMiB = 512
	plainContainerDiskMiB   = 8 * 1024
	keepingContainerDiskMiB = 32 * 1024
	plainSwapMiB            = 512
)

// keeping are the roles whose containers hold data, so that the usual root disk would soon be full.
var keeping = map[string]bool{"database": true, "logging": true, "file-server": true, "media-server": true, "backup-server": true,
	"registry": true, "git-server": true, "mail-server": true, "monitoring": true, "message-broker": true}

// guest prepares the group at hand for the checks of its kind, and reports whether there are any: what shall run a Docker
// container is asked before everything else, since the other questions depend on it.
func (gr *grounder) guest() bool {
	g := gr.g
	if g.Kind.V == GuestDocker {
		gr.ask(fieldKind, guestText(gr.lang, "ask.docker"), []option{
			{"vm", guestText(gr.lang, "option.vm")}, {"container", guestText(gr.lang, "option.container")}})
		*g = Group{Role: g.Role, nature: nature{Kind: g.Kind}} // nothing else of it has been checked
		return false
	}
	if g.container() {
		if !g.Kind.said() && g.Kind.Reason == "" {
			g.Kind.Reason = guestText(gr.lang, "reason.container")
		}
		gr.leaveOut()
	} else {
		unused(gr, &g.SwapMiB, "vm_only.swap")
		unused(gr, &g.Unprivileged, "vm_only.unprivileged")
		unused(gr, &g.Nesting, "vm_only.nesting")
	}
	gr.clusterDefaults()
	return true
}

// leaveOut drops what containers do not have. The words stay, as not understood, with the reason.
func (gr *grounder) leaveOut() {
	g := gr.g
	unused(gr, &g.CPUType, "ct_only.cpu_type")
	unused(gr, &g.Sockets, "ct_only.sockets")
	unused(gr, &g.FullClone, "ct_only.full_clone")
	unused(gr, &g.Agent, "ct_only.agent")
	unused(gr, &g.MemoryMin, "ct_only.memory_min")
	if g.User.V == "root" {
		g.User = Value[string]{} // what it is anyway
	}
	unused(gr, &g.User, "ct_only.user")
	for k := range g.Disks {
		if k > 0 || g.Disks[k].extra {
			unused(gr, &g.Disks[k].MiB, "ct_only.disks")
		}
	}
	g.Disks = slices.DeleteFunc(g.Disks, func(d Disk) bool { return d.extra })
	delete(g.conflicts, fieldCPUType)
	delete(g.conflicts, fieldSockets)
	delete(g.conflicts, fieldUser)
}

// unused drops a value that the kind of guest has no use for.
func unused[T any](gr *grounder, v *Value[T], reason string) {
	if v.said() {
		words := v.Text
		if words == "" {
			words = guestText(gr.lang, reason+".words")
		}
		if gr.out.Reasons == nil {
			gr.out.Reasons = map[string]string{}
		}
		gr.out.Reasons[words] = guestText(gr.lang, reason)
		if !slices.Contains(gr.out.NotUnderstood, words) {
			gr.out.NotUnderstood = append(gr.out.NotUnderstood, words)
		}
	}
	*v = Value[T]{}
}

// containerCores and the others fill in the size of containers. They are smaller than those of machines of the same role: a
// container brings no kernel and no hardware of its own, and shares the node's page cache.
func (gr *grounder) containerCores() {
	if p, ok := roleOf(gr.g.Role.V); ok {
		gr.g.Cores.assume(max(1, p.cores/2), Assumed, guestText(gr.lang, "reason.size_role", "role", roleText(gr.lang, gr.g.Role.V)))
		return
	}
	gr.g.Cores.assume(plainContainerCores, Assumed, guestText(gr.lang, "reason.size_plain"))
}

func (gr *grounder) containerMemory() {
	if p, ok := roleOf(gr.g.Role.V); ok {
		gr.g.MemoryMiB.assume(max(plainContainerMemoryMiB, p.memoryMiB/2), Assumed, guestText(gr.lang, "reason.size_role", "role", roleText(gr.lang, gr.g.Role.V)))
		return
	}
	gr.g.MemoryMiB.assume(plainContainerMemoryMiB, Assumed, guestText(gr.lang, "reason.size_plain"))
}

func (gr *grounder) containerDisk(d *Disk) {
	if keeping[gr.g.Role.V] {
		d.MiB.assume(keepingContainerDiskMiB, Assumed, guestText(gr.lang, "reason.disk_role", "role", roleText(gr.lang, gr.g.Role.V)))
		return
	}
	d.MiB.assume(plainContainerDiskMiB, Assumed, guestText(gr.lang, "reason.disk_plain"))
}

// containerRest checks the swap and fills in what only containers have.
func (gr *grounder) containerRest() {
	g := gr.g
	if !g.container() {
		return
	}
	if gr.contradicted(fieldSwap) || g.SwapMiB.V < 0 || g.SwapMiB.V > memoryMost {
		gr.ask(fieldSwap, guestText(gr.lang, "ask.swap_range", "size", sizeText(gr.lang, g.SwapMiB.V), "most", sizeText(gr.lang, memoryMost)), nil)
		g.SwapMiB = Value[int]{}
	}
	if !gr.asked(fieldSwap) {
		g.SwapMiB.assume(plainSwapMiB, Assumed, guestText(gr.lang, "reason.swap"))
	}
	g.Unprivileged.assume(true, Assumed, guestText(gr.lang, "reason.unprivileged"))
	if strings.HasPrefix(g.Role.V, "k3s-") || slices.ContainsFunc(g.programs, func(p string) bool { return runsContainers[fold(p)] }) {
		g.Nesting.assume(true, Derived, guestText(gr.lang, "reason.nesting_inside"))
	}
	g.Nesting.assume(false, Assumed, guestText(gr.lang, "reason.nesting"))
	g.Started.assume(true, Assumed, guestText(gr.lang, "reason.started"))
	gr.templateReach()
}

// runsContainers are the programs that run containers themselves.
var runsContainers = map[string]bool{"docker": true, "podman": true, "docker engine": true}

// storagesFor are the storages that take the disks of a group.
func (gr *grounder) storagesFor() []string {
	if gr.g != nil && gr.g.container() {
		return gr.x.rootdirs
	}
	return gr.x.storages
}

// containerRole notes that the role of a container brings no software.
func (gr *grounder) containerRole(g *Group) {
	if g.Role.V != "" {
		gr.out.omit("software", guestText(gr.lang, "omission.software", "role", roleText(gr.lang, g.Role.V)))
	}
}
