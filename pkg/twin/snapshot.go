package twin

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// FromSnapshot returns the seed of a cluster that looks like a real one did: the same nodes, guests, storages, networks,
// pools and HA entries. A snapshot knows the configuration of templates and of guests that were asked for, but not of every
// guest; those get a plain one of the right size when somebody asks for it. The snapshot is not changed and may be shared.
func FromSnapshot(s *pve.Snapshot) Seed {
	seed := Seed{
		Name: s.Cluster, Version: s.Version, Pools: s.Pools, HAGroups: s.HAGroups, HARules: s.HARules, HAServices: s.HAServices, VNets: s.VNets,
		Nodes: make([]SeedNode, len(s.Nodes)), Guests: make([]SeedGuest, len(s.Guests)),
	}
	if seed.Name == "" && len(s.Nodes) > 1 {
		seed.Name = "cluster"
	}
	index := make(map[string]*SeedNode, len(s.Nodes))
	for i, n := range s.Nodes {
		seed.Nodes[i] = SeedNode{
			Name: n.Name, Offline: !n.Online(), CPUs: n.CPUs, CPUModel: n.CPUModel, MemoryBytes: n.MemoryBytes, UptimeSeconds: n.UptimeSeconds,
			CPUUsage: n.CPUUsage, MemoryUsedBytes: n.MemoryUsedBytes,
		}
		index[n.Name] = &seed.Nodes[i]
	}
	for _, b := range s.Bridges {
		if n := index[b.Node]; n != nil {
			n.Interfaces = append(n.Interfaces, SeedInterface{Name: b.Name, Type: b.Type, CIDR: b.CIDR, Gateway: b.Gateway, VLANAware: b.VLANAware, Inactive: !b.Active})
			if address, _, ok := strings.Cut(b.CIDR, "/"); ok && n.Address == "" {
				n.Address = address
			}
		}
	}
	pools := map[string]bool{}
	for _, p := range s.Pools {
		pools[p.Name] = true
	}
	for i := range s.Guests {
		seed.Guests[i] = guestFrom(&s.Guests[i])
		subtract(index[s.Guests[i].Node], &s.Guests[i])
		if p := s.Guests[i].Pool; p != "" && !pools[p] {
			pools[p] = true
			seed.Pools = append(slices.Clip(seed.Pools), pve.Pool{Name: p})
		}
	}
	seed.Guests = slices.DeleteFunc(seed.Guests, func(g SeedGuest) bool { return index[g.Node] == nil })
	seed.Storages = storagesFrom(s)
	seed.Zones = zonesFrom(s)
	seed.addDetails(s, index)
	for _, v := range s.Volumes {
		if _, ok := s.StorageOn(v.Storage, v.Node); ok {
			seed.Volumes = append(seed.Volumes, SeedVolume{ID: v.ID, Node: v.Node, SizeBytes: v.SizeBytes, Format: v.Format})
		}
	}
	return seed
}

// subtract leaves to the node what it uses itself: the snapshot counts its guests in.
func subtract(n *SeedNode, g *pve.Guest) {
	if n == nil || g.Status != pve.GuestRunning {
		return
	}
	n.MemoryUsedBytes = max(n.MemoryUsedBytes-g.MemoryUsedBytes, 0)
	if n.CPUs > 0 {
		n.CPUUsage = max(n.CPUUsage-g.CPUUsage*g.CPUs/float64(n.CPUs), 0)
	}
}

func guestFrom(g *pve.Guest) SeedGuest {
	s := SeedGuest{
		VMID: g.VMID, Kind: g.Kind, Name: g.Name, Node: g.Node, Running: g.Status == pve.GuestRunning, Template: g.Template, Pool: g.Pool, Tags: g.Tags,
		CPUs: g.CPUs, MemoryBytes: g.MemoryBytes, DiskBytes: g.DiskBytes, CPUUsage: g.CPUUsage, MemoryUsedBytes: g.MemoryUsedBytes, UptimeSeconds: g.UptimeSeconds,
	}
	switch {
	case g.Config == nil:
	case g.Config.Lines != nil:
		s.Config = maps.Clone(g.Config.Lines)
		if text := s.Config["description"]; text != "" {
			s.Config["description"] = strings.TrimSuffix(text, "\n") // added when a container's is read
		}
	default:
		s.Config = configFrom(g)
	}
	return s
}

// configFrom writes a configuration from what the snapshot says of it.
func configFrom(g *pve.Guest) map[string]string {
	k := g.Config
	conf := map[string]string{"cores": strconv.Itoa(max(k.Cores, 1)), "memory": strconv.Itoa(max(k.MemoryMiB, 16))}
	name := "name"
	if g.Kind == pve.KindContainer {
		name = "hostname"
	} else {
		conf["sockets"] = strconv.Itoa(max(k.Sockets, 1))
	}
	conf[name] = g.Name
	for key, value := range map[string]string{"cpu": k.CPUType, "bios": k.BIOS, "machine": k.Machine, "ostype": k.OSType, "scsihw": k.SCSIHW, "boot": k.Boot, "vga": k.VGA} {
		if value != "" {
			conf[key] = value
		}
	}
	if k.Agent {
		conf["agent"] = "1"
	}
	if k.Serial0 {
		conf["serial0"] = "socket"
	}
	storage := ""
	for _, d := range k.Disks {
		value := d.Volume
		if d.Discard {
			value += ",discard=on"
		}
		if d.IOThread {
			value += ",iothread=1"
		}
		if d.SSD {
			value += ",ssd=1"
		}
		conf[d.Slot] = value + ",size=" + formatSize(d.SizeBytes)
		storage = orElse(storage, d.Storage)
	}
	if k.CloudInit != "" && storage != "" {
		conf[k.CloudInit] = fmt.Sprintf("%s:vm-%d-cloudinit,media=cdrom", storage, g.VMID)
	}
	for _, n := range k.NICs {
		value := orElse(n.Model, "virtio")
		if n.MAC != "" {
			value += "=" + n.MAC
		}
		value += ",bridge=" + n.Bridge
		if n.VLAN > 0 {
			value += ",tag=" + strconv.Itoa(n.VLAN)
		}
		conf[n.Slot] = value
	}
	return conf
}

// storagesFrom gathers the rows, one per node, into the cluster's configuration.
func storagesFrom(s *pve.Snapshot) []SeedStorage {
	var out []SeedStorage
	at := map[string]int{}
	for _, row := range s.Storages {
		i, ok := at[row.Name]
		if !ok {
			i = len(out)
			at[row.Name] = i
			out = append(out, SeedStorage{
				Name: row.Name, Type: row.Type, Content: row.Content, Shared: row.Shared, TotalBytes: row.TotalBytes, UsedBytes: row.UsedBytes,
				TotalOn: map[string]int64{}, UsedOn: map[string]int64{}, Path: pathOfKind(row.Type, row.Name),
			})
		}
		st := &out[i]
		if n, _ := s.Node(row.Node); row.Active || !n.Online() { // whether a node that is off can use it shows when it is on
			st.Nodes = append(st.Nodes, row.Node)
		}
		if st.TotalBytes == 0 { // the first row may be of a node that is not online
			st.TotalBytes, st.UsedBytes = row.TotalBytes, row.UsedBytes
		}
		if !row.Shared {
			st.TotalOn[row.Node], st.UsedOn[row.Node] = row.TotalBytes, row.UsedBytes
		}
	}
	for i := range out {
		switch len(out[i].Nodes) {
		case 0:
			out[i].Disabled = true
		case len(s.Nodes):
			out[i].Nodes = nil
		}
	}
	return out
}

func pathOfKind(kind, name string) string {
	switch kind {
	case "dir":
		if name == "local" {
			return "/var/lib/vz"
		}
		return "/srv/" + name
	case "nfs", "cifs", "cephfs", "glusterfs":
		return "/mnt/pve/" + name
	}
	return ""
}

func zonesFrom(s *pve.Snapshot) []SeedZone {
	var out []SeedZone
	for _, v := range s.VNets {
		if slices.ContainsFunc(out, func(z SeedZone) bool { return z.Name == v.Zone }) {
			continue
		}
		if slices.ContainsFunc(s.Zones, func(z pve.Zone) bool { return z.Name == v.Zone && z.Type != "" }) {
			continue // see addDetails
		}
		zone := SeedZone{Name: v.Zone, Type: orElse(v.ZoneType, "simple"), Nodes: v.Nodes}
		if zone.Type == "vlan" {
			zone.Options = map[string]string{"bridge": "vmbr0"}
		}
		out = append(out, zone)
	}
	return out
}
