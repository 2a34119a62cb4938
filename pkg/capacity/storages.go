package capacity

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// maxContent is how many kinds of content a row holds.
const maxContent = 32

// What stays free on a storage, as a fraction of its size.
const (
	// nearFull is the share of its disks from which Ceph warns; further disks may not bring it there.
	nearFull = 0.85
	// rootShare is what a file system keeps for root, which the list of resources counts as free: 5 % of ext4. Whether it is another one,
	// or another share, is not part of a snapshot.
	rootShare = 0.05
)

// A volume is what is worked out of a row of storages beside what the analysis says.
type volume struct {
	full int64 // bytes in use at which no further disk may be put
}

// storages diagnoses each storage, a shared one once.
func (d *diagnosis) storages() {
	for from := 0; from < len(d.s.Storages); {
		to := from + 1
		for to < len(d.s.Storages) && d.s.Storages[to].Name == d.s.Storages[from].Name {
			to++
		}
		rows := d.s.Storages[from:to]
		if rows[0].Shared {
			d.storage(shared(rows), "", rows)
		} else {
			for i := range rows {
				d.storage(rows[i], rows[i].Node, rows[i:i+1])
			}
		}
		from = to
	}
}

// shared is one report of a storage that many nodes report: of those that can use it the one that sees least room, because something
// was written between them.
func shared(rows []pve.Storage) pve.Storage {
	best := rows[0]
	for _, r := range rows[1:] {
		if r.Active && (!best.Active || r.TotalBytes-r.UsedBytes < best.TotalBytes-best.UsedBytes) {
			best = r
		}
	}
	return best
}

func (d *diagnosis) storage(st pve.Storage, node string, rows []pve.Storage) {
	row := &provisov1.StorageDiagnosis{
		Storage: st.Name, Node: node, Type: st.Type, Content: slices.Sorted(slices.Values(st.Content)), Active: st.Active,
		TotalBytes: st.TotalBytes, UsedBytes: st.UsedBytes, Thin: st.Thin(), Medium: d.medium(st), Copies: copies(st),
	}
	row.Content = row.GetContent()[:min(len(row.GetContent()), maxContent)]
	kept := d.kept(st)
	if pool, ok := d.pool(st); ok {
		row.Copies = int32(pool.Size)
		kept = max(kept, d.keptByCeph(st, pool))
		if pool.FreeKnown {
			// Pools share their disks: what others have written is gone here, too.
			kept = max(kept, st.TotalBytes-st.UsedBytes-pool.FreeBytes)
		}
	}
	v := volume{full: max(0, st.TotalBytes-kept)}
	if st.Active && !d.s.StorageVerdict(st.Name).Refuses() {
		row.UsableBytes = max(0, v.full-st.UsedBytes)
	}
	row.PromisedBytes = d.promised(rows)
	d.fullAt(row, v, rows)
	d.out.Storages = append(d.out.Storages, row)
	d.volumes = append(d.volumes, v)
}

// kept is what stays free without looking at Ceph.
func (d *diagnosis) kept(st pve.Storage) int64 {
	switch st.Type {
	case "rbd", "cephfs":
		return st.TotalBytes - int64(nearFull*float64(st.TotalBytes))
	case "dir", "nfs", "cifs":
		return int64(rootShare * float64(st.TotalBytes))
	}
	return 0
}

// pool is the pool of the cluster's own Ceph on which a storage lies. The snapshot does not tell it: it is the one of the storage's
// name, as Proxmox VE makes them, or the only one that there is.
func (d *diagnosis) pool(st pve.Storage) (pve.CephPool, bool) {
	if !st.OnCeph() || d.s.Ceph.Presence != pve.PresenceHere || !d.s.Ceph.PoolsRead {
		return pve.CephPool{}, false
	}
	var pools []pve.CephPool
	for _, p := range d.s.Ceph.Pools {
		switch {
		case p.Name == st.Name, st.Type == "cephfs" && p.Name == st.Name+"_data", st.Type == "cephfs" && p.Name == "cephfs."+st.Name+".data":
			return p, true
		case !strings.HasPrefix(p.Name, ".") && !strings.HasSuffix(p.Name, "_metadata") && !strings.HasSuffix(p.Name, ".meta"):
			pools = append(pools, p)
		}
	}
	if len(pools) == 1 {
		return pools[0], true
	}
	return pve.CephPool{}, false
}

// keptByCeph is what stays free of a pool, net of copies, so that every copy can be made anew after the loss of a host, or of a disk where
// there are not more hosts than copies, without Ceph coming near full. A cluster with one disk a host and as many hosts as copies has
// no place for them in any case and keeps nothing for that.
func (d *diagnosis) keptByCeph(st pve.Storage, pool pve.CephPool) int64 {
	c := d.s.Ceph
	if pool.Type != "replicated" || pool.Size <= 0 || c.TotalBytes <= 0 {
		return 0
	}
	raw := float64(c.TotalBytes)
	hosts, read := d.disksOfCeph()
	lost := 0.0
	switch {
	case read && len(hosts) > pool.Size:
		for _, h := range hosts {
			lost = max(lost, h.share)
		}
	case read:
		// Each host has a copy of everything: the one with least room after losing a disk bounds all.
		least := 1.0
		for _, h := range hosts {
			if h.disks > 1 {
				h.share -= h.largest
			}
			least = min(least, h.share)
		}
		lost = 1 - least*float64(len(hosts))
	case c.OSDs > pool.Size: // on which hosts the disks are is not known
		lost = 1 / float64(c.OSDs)
	}
	room := nearFull * raw * (1 - lost)
	left := (room - float64(c.UsedBytes)) / float64(pool.Size)
	return st.TotalBytes - st.UsedBytes - int64(max(0, left))
}

// A cephHost is a node with disks of Ceph.
type cephHost struct {
	disks          int
	share, largest float64 // of all disks of Ceph: its own, and its largest
}

// disksOfCeph says how the disks of Ceph are spread over hosts; read is false where not every one was seen.
func (d *diagnosis) disksOfCeph() (hosts []cephHost, read bool) {
	seen, total := 0, 0.0
	for _, h := range d.s.Hardware {
		var host cephHost
		for _, disk := range h.Disks {
			if disk.OSD {
				host.disks++
				host.share += float64(disk.SizeBytes)
				host.largest = max(host.largest, float64(disk.SizeBytes))
			}
		}
		if host.disks > 0 {
			hosts = append(hosts, host)
		}
		seen, total = seen+host.disks, total+host.share
	}
	for i := range hosts {
		hosts[i].share, hosts[i].largest = ratio(hosts[i].share, total), ratio(hosts[i].largest, total)
	}
	return hosts, seen > 0 && seen == d.s.Ceph.OSDs && total > 0
}

// copies is what the kind of storage tells: LVM keeps one. Whether a RAID or a pool of ZFS lies below is not part of a snapshot.
func copies(st pve.Storage) int32 {
	if st.Type == "lvm" || st.Type == "lvmthin" {
		return 1
	}
	return 0
}

// medium is the kind of disk below a storage, where all that may be are of one kind.
func (d *diagnosis) medium(st pve.Storage) string {
	kinds := map[string]bool{}
	look := func(h pve.NodeHardware, counts func(pve.PhysicalDisk) bool) {
		for _, disk := range h.Disks {
			if counts(disk) {
				kinds[disk.Kind] = true
			}
		}
	}
	switch {
	case st.OnCeph():
		if _, read := d.disksOfCeph(); !read || d.s.Ceph.Presence != pve.PresenceHere {
			return ""
		}
		for _, h := range d.s.Hardware {
			look(h, func(disk pve.PhysicalDisk) bool { return disk.OSD })
		}
	case st.Shared:
		return "" // somebody else's disks
	default:
		h, read := d.s.HardwareOf(st.Node)
		if !read || !h.DisksRead {
			return ""
		}
		use := map[string]string{"lvm": "LVM", "lvmthin": "LVM", "zfspool": "ZFS"}[st.Type]
		look(h, func(disk pve.PhysicalDisk) bool { return disk.Use != "" && (use == "" || disk.Use == use) })
	}
	for _, kind := range []string{"nvme", "ssd", "hdd"} {
		if len(kinds) == 1 && kinds[kind] {
			return kind
		}
	}
	return ""
}

// promised is the sum of the disks of guests on a storage. It is known only where the configuration of every guest that may have one
// there was read: those of its nodes, and of every node where it is shared.
func (d *diagnosis) promised(rows []pve.Storage) *int64 {
	if !rows[0].Holds("images") && !rows[0].Holds("rootdir") {
		return nil
	}
	disks, known := d.disksOn(rows[0])
	if !known {
		return nil
	}
	return &disks
}

// disksOn sums the disks on a storage over the guests that reach it.
func (d *diagnosis) disksOn(st pve.Storage) (sum int64, known bool) {
	for i := range d.s.Guests {
		g := &d.s.Guests[i]
		if !st.Shared && g.Node != st.Node {
			continue
		}
		if g.Config == nil {
			return 0, false
		}
		for _, disk := range g.Config.Disks {
			if disk.Storage == st.Name {
				sum += disk.SizeBytes
			}
		}
	}
	return sum, true
}

// fullAt says when a storage is full. Its history is kept by node: of a shared one the first will do.
func (d *diagnosis) fullAt(row *provisov1.StorageDiagnosis, v volume, rows []pve.Storage) {
	if !row.GetActive() || row.GetTotalBytes() == 0 {
		return
	}
	if row.GetUsedBytes() >= v.full {
		row.FullAt, row.FullAtEarliest = timestamppb.New(d.Now), timestamppb.New(d.Now)
		return
	}
	if d.History == nil {
		return
	}
	for _, r := range rows {
		series, ok := d.History.Storages[pve.StorageKey(r.Node, r.Name)]
		if !ok {
			continue
		}
		if used, ok := d.outlook("storage "+r.Name, series, pve.MetricDiskUsed, week, float64(row.GetTotalBytes())); ok {
			row.FullAt, row.FullAtEarliest = used.full(d.Now, float64(v.full))
		}
		return
	}
}
