package inquiry

import (
	"slices"
	"strconv"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// hardware tells in a sentence what a node is made of.
func (a *answer) hardware(node string) {
	h, known := a.s.HardwareOf(node)
	if !known {
		a.text("hardware_unread", "node", wording.Quote(node))
		return
	}
	disks := a.say("hardware_disks_unread")
	if h.DisksRead {
		var size int64
		for _, d := range h.Disks {
			size += d.SizeBytes
		}
		disks = a.say("hardware_disks", "disks", a.count("disk", len(h.Disks)), "size", wording.Room(a.lang, size))
	}
	a.text("hardware", "node", wording.Quote(node), "processor", a.processorOf(h), "memory", wording.Room(a.lang, h.MemoryBytes), "disks", disks,
		"ports", a.count("port", a.ports(node)))
}

// ports counts the interfaces that are hardware; a bond joins some of them.
func (a *answer) ports(node string) int {
	n := 0
	for _, p := range a.s.PortsOf(node) {
		if p.Type == "eth" {
			n++
		}
	}
	return n
}

// processorOf writes sockets, cores and threads: Proxmox VE counts threads as processors.
func (a *answer) processorOf(h pve.NodeHardware) string {
	model := wording.Quote(h.CPUModel)
	if model == "" {
		model = a.say("unknown")
	}
	return a.say("hardware_cpu", "model", model, "sockets", wording.Count(a.lang, "socket", h.Sockets), "cores", wording.Count(a.lang, "core", h.Cores),
		"threads", a.count("thread", h.Threads))
}

// hardwareRows lists what a node is made of. A node of which that could not be read has one row that says so.
func (a *answer) hardwareRows(node string) {
	h, known := a.s.HardwareOf(node)
	if !known {
		if a.isUnknown("hardware of " + node) {
			a.row(a.say("label.hardware"), a.say("unknown"), "")
		}
		return
	}
	a.row(a.say("label.hardware"), a.processorOf(h), a.say("hardware_memory", "memory", wording.Room(a.lang, h.MemoryBytes)))
	if h.PVEVersion != "" {
		a.row("Proxmox VE", wording.Quote(h.PVEVersion), a.say("hardware_kernel", "kernel", wording.Quote(h.Kernel)))
	}
	for _, d := range h.Disks {
		kind := a.say("unknown")
		if slices.Contains([]string{"nvme", "ssd", "hdd", "usb"}, d.Kind) {
			kind = a.say("disk_kind." + d.Kind)
		}
		use := wording.Quote(d.Use)
		if d.OSD {
			use = a.say("disk_osd")
		}
		if d.Model != "" && use != "" {
			use = ", " + use
		}
		a.row(d.Device, a.say("hardware_disk", "kind", kind, "size", wording.Room(a.lang, d.SizeBytes)), wording.Quote(d.Model)+use)
	}
	if !h.DisksRead {
		a.row(a.say("label.disks"), a.say("unknown"), "")
	}
	for _, p := range a.s.PortsOf(node) {
		what := "port." + p.Type
		if p.Type != "eth" {
			what = "port.bond"
		}
		a.row(p.Name, a.say(what, "members", a.orNothing(p.Members)), a.say("port_active."+strconv.FormatBool(p.Active)))
	}
}

// isUnknown reports whether the snapshot says that something could not be read.
func (a *answer) isUnknown(what string) bool {
	return slices.ContainsFunc(a.s.Unknown, func(u pve.UnknownRef) bool { return u.What == what })
}
