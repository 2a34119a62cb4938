package twin

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// addDetails adds what a snapshot says beyond its overview. What it did not read stays as plain as a seed without it. Of Ceph only
// the health is kept: which daemons are down it does not say.
func (seed *Seed) addDetails(s *pve.Snapshot, index map[string]*SeedNode) {
	if s.Ceph.Presence == pve.PresenceHere {
		seed.Ceph = s.Ceph.Health
	}
	seed.Replications, seed.Mappings = s.Replications, s.Mappings
	for _, j := range s.Backup.Jobs {
		seed.BackupJobs = append(seed.BackupJobs, jobFrom(j))
	}
	for _, z := range s.Zones {
		if z.Type == "" {
			continue
		}
		zone := SeedZone{Name: z.Name, Type: z.Type, Nodes: z.Nodes, Options: map[string]string{}}
		if z.Bridge != "" {
			zone.Options["bridge"] = z.Bridge
		}
		if z.MTU > 0 {
			zone.Options["mtu"] = strconv.Itoa(z.MTU)
		}
		seed.Zones = append(seed.Zones, zone)
	}
	for node, votes := range s.Membership.NodeVotes {
		if n := index[node]; n != nil {
			n.Votes = votes
		}
	}
	for _, h := range s.Hardware {
		n := index[h.Node]
		if n == nil {
			continue
		}
		n.Sockets, n.Cores, n.CPUModel = h.Sockets, h.Cores, orElse(h.CPUModel, n.CPUModel)
		for i, d := range h.Disks {
			disk := SeedDisk{Device: d.Device, Kind: orElse(d.Kind, "unknown"), Model: d.Model, SizeBytes: d.SizeBytes, Use: d.Use}
			if d.OSD {
				disk.OSD = &i
			}
			n.Disks = append(n.Disks, disk)
		}
	}
	for _, p := range s.Ports {
		if n := index[p.Node]; n != nil {
			n.Interfaces = append(n.Interfaces, SeedInterface{Name: p.Name, Type: p.Type, Slaves: strings.Join(p.Members, " "), Inactive: !p.Active})
		}
	}
}

// jobFrom writes a job as POST /cluster/backup takes it.
func jobFrom(j pve.BackupJob) map[string]string {
	job := map[string]string{"id": j.ID, "enabled": fmt.Sprint(flagOf(j.Enabled)), "schedule": j.Schedule, "mode": j.Mode}
	for key, value := range map[string]string{
		"storage": j.Storage, "node": j.Node, "pool": j.Pool, "comment": j.Comment, "vmid": idList(j.VMIDs), "exclude": idList(j.Exclude),
	} {
		if value != "" {
			job[key] = value
		}
	}
	if j.All {
		job["all"] = "1"
	}
	var kept []string
	for _, name := range slices.Sorted(maps.Keys(j.Retention)) {
		kept = append(kept, fmt.Sprintf("%s=%d", name, j.Retention[name]))
	}
	if len(kept) > 0 {
		job["prune-backups"] = strings.Join(kept, ",")
	}
	return job
}

func idList(ids []int) string {
	var words []string
	for _, id := range ids {
		words = append(words, strconv.Itoa(id))
	}
	return strings.Join(words, ",")
}
