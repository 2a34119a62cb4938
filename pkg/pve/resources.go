package pve

import (
	"slices"
	"strconv"
	"strings"
)

// A resourceRow is a row of /cluster/resources. Anything but id, type, node and status may be absent.
type resourceRow struct {
	Type     text   `json:"type"`
	Node     text   `json:"node"`
	Status   text   `json:"status"`
	Name     text   `json:"name"`
	VMID     number `json:"vmid"`
	Template number `json:"template"`
	Uptime   number `json:"uptime"`
	MaxCPU   number `json:"maxcpu"` // a container's limit may be 0.5
	CPU      number `json:"cpu"`    // fraction of maxcpu
	MaxMem   number `json:"maxmem"`
	Mem      number `json:"mem"`
	MaxDisk  number `json:"maxdisk"`
	Disk     number `json:"disk"`
	Pool     text   `json:"pool"`
	Tags     text   `json:"tags"`
	HAState  text   `json:"hastate"`
	Storage  text   `json:"storage"`
	Plugin   text   `json:"plugintype"`
	Shared   number `json:"shared"`
	Content  text   `json:"content"`

	SDN         text `json:"sdn"` // zone, of rows of type sdn (release 8)
	Network     text `json:"network"`
	NetworkType text `json:"network-type"` // of rows of type network (release 9): "zone" or "fabric"
}

// A resourceKey tells rows apart.
type resourceKey struct {
	kind, node, name text
	vmid             number
}

func (row *resourceRow) key() resourceKey {
	switch row.Type {
	case "qemu", "lxc":
		return resourceKey{kind: row.Type, vmid: row.VMID} // it may have moved
	}
	return resourceKey{kind: row.Type, node: row.Node, name: row.Storage + row.Pool}
}

// A statusRow is a row of /cluster/status. A stand-alone node has no row of type cluster.
type statusRow struct {
	Type    text   `json:"type"`
	Name    text   `json:"name"`
	Quorate number `json:"quorate"`
	Online  number `json:"online"`
}

// fill takes nodes, guests, storages and pools from the rows. What the membership says about a node being away wins over
// its statistics, which are up to ten seconds older; members is nil when it is not known.
func (s *Snapshot) fill(rows []*resourceRow, members []statusRow) {
	away := map[text]bool{}
	for _, m := range members {
		if m.Type == "node" {
			away[m.Name] = !m.Online.truth()
		}
	}
	for _, row := range rows {
		if row.Type == "node" {
			s.Nodes = append(s.Nodes, row.asNode(away[row.Node]))
		}
	}
	for name, gone := range away {
		if !slices.ContainsFunc(s.Nodes, func(n Node) bool { return n.Name == string(name) }) {
			status := NodeUnknown
			if gone {
				status = NodeOffline
			}
			s.Nodes = append(s.Nodes, Node{Name: string(name), Status: status})
		}
	}
	s.Guests = make([]Guest, 0, len(rows)) // most rows are guests
	online := make(map[text]bool, len(s.Nodes))
	for _, n := range s.Nodes {
		online[text(n.Name)] = n.Online()
	}
	for _, row := range rows {
		switch row.Type {
		case "qemu", "lxc":
			s.Guests = append(s.Guests, row.asGuest(online[row.Node]))
		case "storage":
			s.Storages = append(s.Storages, row.asStorage(online[row.Node]))
		case "pool":
			s.Pools = append(s.Pools, Pool{Name: string(row.Pool)})
		case "sdn", "network":
			s.zoneState(*row)
		}
	}
}

func (row *resourceRow) asNode(away bool) Node {
	n := Node{Name: string(row.Node), Status: NodeUnknown}
	switch {
	case away || row.Status == "offline":
		n.Status = NodeOffline
	case row.Status == "online":
		n.Status = NodeOnline
		n.CPUs = row.MaxCPU.count()
		n.CPUUsage = row.CPU.share()
		n.MemoryBytes = row.MaxMem.bytes()
		n.MemoryUsedBytes = row.Mem.bytes()
		n.UptimeSeconds = row.Uptime.bytes()
	}
	return n
}

func (row *resourceRow) asGuest(online bool) Guest {
	g := Guest{
		VMID:            row.VMID.count(),
		Name:            string(row.Name),
		Kind:            GuestKind(row.Type),
		Node:            string(row.Node),
		Status:          GuestUnknown,
		Template:        row.Template.truth(),
		CPUs:            float64(row.MaxCPU),
		CPUUsage:        row.CPU.share(),
		MemoryBytes:     row.MaxMem.bytes(),
		MemoryUsedBytes: row.Mem.bytes(),
		DiskBytes:       row.MaxDisk.bytes(),
		Pool:            string(row.Pool),
		Tags:            sortedWords(string(row.Tags)),
		HA:              row.HAState != "",
		UptimeSeconds:   row.Uptime.bytes(),
	}
	if status := GuestStatus(row.Status); online && (status == GuestRunning || status == GuestStopped) {
		g.Status = status
	}
	return g
}

func (row *resourceRow) asStorage(online bool) Storage {
	return Storage{
		Name:       string(row.Storage),
		Node:       string(row.Node),
		Type:       string(row.Plugin),
		Shared:     row.Shared.truth(),
		Active:     online && row.Status == "available",
		Content:    sortedWords(string(row.Content)),
		TotalBytes: row.MaxDisk.bytes(),
		UsedBytes:  row.Disk.bytes(),
	}
}

// sortedWords splits a list into its words, sorted, each once; nil when there are none.
func sortedWords(list string) []string {
	if list == "" {
		return nil
	}
	ws := words(list)
	slices.Sort(ws)
	return slices.Compact(ws)
}

// applyHA marks the guests that are under HA; the rows of guests carry it only while the HA manager runs.
func (s *Snapshot) applyHA() {
	under := make(map[string]bool, len(s.HAServices))
	for _, service := range s.HAServices {
		_, id, _ := strings.Cut(service.SID, ":")
		under[id] = true
	}
	if len(under) == 0 {
		return
	}
	for i := range s.Guests {
		g := &s.Guests[i]
		g.HA = g.HA || under[strconv.Itoa(g.VMID)]
	}
}
