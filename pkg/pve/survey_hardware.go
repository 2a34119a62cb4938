package pve

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// hardware reads what each online node is made of: two requests a node.
func (p *part) hardware(ctx context.Context) {
	p.eachNode("hardware", func(node string) error { return p.hardwareOf(ctx, node) })
}

// hardwareOf reads a node. Its disks may be kept from the token while the rest is not; they go by a name of their own.
func (p *part) hardwareOf(ctx context.Context, node string) error {
	path := "/nodes/" + url.PathEscape(node)
	var status *nodeStatusRow
	if err := p.r.get(ctx, path+"/status", &status); err != nil {
		return err
	}
	if status == nil {
		return fmt.Errorf("read %s/status: %w: it holds no data", path, ErrAnswer)
	}
	h := status.hardware(node)
	// Without skipsmart the node would ask every drive for its health, which wakes those that sleep.
	disks, err := list[diskRow](ctx, p.r, path+"/disks/list?skipsmart=1")
	if err != nil {
		p.missed("disks of "+node, err)
	} else {
		h.DisksRead = true
		for _, row := range disks {
			h.Disks = append(h.Disks, row.disk())
		}
	}
	p.with(func(snap *Snapshot) { snap.Hardware = append(snap.Hardware, h) })
	return nil
}

// joinHardware adds the models of processors to the nodes.
func joinHardware(to, from *Snapshot) {
	to.Hardware = from.Hardware
	to.Nodes = slices.Clone(to.Nodes)
	for i, n := range to.Nodes {
		if h, ok := from.HardwareOf(n.Name); ok {
			to.Nodes[i].CPUModel = h.CPUModel
		}
	}
}

// A nodeStatusRow is the answer of /nodes/N/status.
type nodeStatusRow struct {
	Version  text `json:"pveversion"` // "pve-manager/8.3.0/c1689ccb1065a83b"
	KVersion text `json:"kversion"`   // "Linux 6.8.12-4-pve #1 SMP …", before release 8.1 the only word on the kernel
	Kernel   struct {
		Release text `json:"release"`
	} `json:"current-kernel"`
	CPU struct {
		Model   text   `json:"model"`
		Sockets number `json:"sockets"`
		Cores   number `json:"cores"`
		Threads number `json:"cpus"`
	} `json:"cpuinfo"`
	Memory struct {
		Total number `json:"total"`
	} `json:"memory"`
}

func (row nodeStatusRow) hardware(node string) NodeHardware {
	version := string(row.Version)
	if parts := strings.Split(version, "/"); len(parts) > 1 {
		version = parts[1]
	}
	kernel := ""
	if fields := strings.Fields(string(row.KVersion)); len(fields) > 1 {
		kernel = fields[1]
	}
	return NodeHardware{
		Node: node, PVEVersion: version, Kernel: cmp.Or(string(row.Kernel.Release), kernel), CPUModel: strings.TrimSpace(string(row.CPU.Model)),
		Sockets: row.CPU.Sockets.count(), Cores: row.CPU.Cores.count(), Threads: row.CPU.Threads.count(), MemoryBytes: row.Memory.Total.bytes(),
	}
}

// A diskRow is a row of /nodes/N/disks/list.
type diskRow struct {
	Device text    `json:"devpath"`
	Type   text    `json:"type"` // "nvme", "ssd", "hdd", "usb" or "unknown"
	Vendor text    `json:"vendor"`
	Model  text    `json:"model"`
	Size   number  `json:"size"`
	Used   text    `json:"used"`
	OSD    *number `json:"osdid"` // -1: none
}

func (row diskRow) disk() PhysicalDisk {
	d := PhysicalDisk{Device: string(row.Device), Kind: string(row.Type), Model: strings.TrimSpace(string(row.Model)), SizeBytes: row.Size.bytes(), Use: string(row.Used)}
	if d.Kind == "unknown" {
		d.Kind = ""
	}
	if d.Model == "" || d.Model == "unknown" {
		d.Model = strings.TrimSpace(string(row.Vendor))
	}
	if d.Model == "unknown" {
		d.Model = ""
	}
	d.OSD = row.OSD != nil && *row.OSD >= 0
	return d
}

// A portRow is a row of /nodes/N/network as far as hardware is concerned.
type portRow struct {
	Iface   text   `json:"iface"`
	Type    text   `json:"type"`
	Active  number `json:"active"`
	Slaves  text   `json:"slaves"`
	OVSBond text   `json:"ovs_bonds"`
}

// port is the interface, when it is physical or a bond.
func (row portRow) port(node string) (Port, bool) {
	if row.Type != "eth" && row.Type != "bond" && row.Type != "OVSBond" {
		return Port{}, false
	}
	return Port{
		Node: node, Name: string(row.Iface), Type: string(row.Type), Active: row.Active.truth(), Members: sortedWords(string(cmp.Or(row.Slaves, row.OVSBond))),
	}, true
}
