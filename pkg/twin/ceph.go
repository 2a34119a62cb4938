package twin

import (
	"maps"
	"slices"
)

func (c *Cluster) cephStatus(r *request) (any, error) {
	if c.ceph == "" {
		return nil, die("binary not installed: /usr/bin/ceph-mon")
	}
	var total, used int64
	for _, name := range c.sortedStorages() {
		if s := c.storages[name]; s.kind == "rbd" {
			t, u := s.figures("")
			total, used = total+3*t, used+3*u
		}
	}
	return object{
		"health": object{"status": c.ceph, "checks": object{}}, "quorum_names": c.order[:min(3, len(c.order))],
		"pgmap":  object{"bytes_total": total, "bytes_used": used, "bytes_avail": total - used, "num_pgs": 129},
		"osdmap": object{"num_osds": min(3, len(c.order)), "num_up_osds": min(3, len(c.order)), "num_in_osds": min(3, len(c.order))},
		"monmap": object{"num_mons": min(3, len(c.order))},
	}, nil
}

func (c *Cluster) cephPools(r *request) (any, error) {
	rows := []object{}
	for i, name := range slices.Sorted(maps.Keys(c.storages)) {
		s := c.storages[name]
		if s.kind != "rbd" {
			continue
		}
		_, used := s.figures("")
		rows = append(rows, object{"pool": i + 1, "pool_name": s.options["pool"], "size": 3, "min_size": 2, "pg_num": 128, "type": "replicated", "bytes_used": used})
	}
	return rows, nil
}
