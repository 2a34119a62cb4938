package pve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// ceph reads health, space and pools of the Ceph that the nodes form.
func (p *part) ceph(ctx context.Context) {
	nodes := make([]string, 0, len(p.base.Nodes))
	for _, n := range p.base.Nodes {
		if n.Online() {
			nodes = append(nodes, n.Name)
		}
	}
	slices.Sort(nodes)
	expected := slices.ContainsFunc(p.base.Storages, Storage.OnCeph)
	p.run("Ceph", func() error {
		var status cephStatus
		err := p.r.get(ctx, "/cluster/ceph/status", &status)
		asked := ""
		if noCeph(err) && expected {
			// The node that answered has no monitor installed, but others may: storages on Ceph exist.
			for _, node := range nodes {
				if err = p.r.get(ctx, "/nodes/"+url.PathEscape(node)+"/ceph/status", &status); !noCeph(err) {
					asked = node
					break
				}
			}
		}
		switch {
		case noCeph(err):
			p.with(func(snap *Snapshot) { snap.Ceph = Ceph{Presence: PresenceNone} })
			return nil
		case err != nil:
			return err
		case status.Health.Status == "":
			return fmt.Errorf("read Ceph's status: %w: it holds no health", ErrAnswer)
		}
		found := status.ceph()
		p.with(func(snap *Snapshot) {
			pools, read := snap.Ceph.Pools, snap.Ceph.PoolsRead
			snap.Ceph = found
			snap.Ceph.Pools, snap.Ceph.PoolsRead = pools, read
		})
		if asked != "" {
			nodes = []string{asked}
		}
		p.run("Ceph pools", func() error { return p.cephPools(ctx, nodes, found) })
		return nil
	})
}

// cephPools reads the pools through the first node that has what it takes.
func (p *part) cephPools(ctx context.Context, nodes []string, found Ceph) error {
	failed := fmt.Errorf("read pools of Ceph: %w: no node is online", ErrUnreachable)
	for _, node := range nodes {
		rows, err := list[cephPoolRow](ctx, p.r, "/nodes/"+url.PathEscape(node)+"/ceph/pool")
		var status *StatusError
		if noCeph(err) || errors.As(err, &status) && status.nodeDown() {
			failed = err
			continue
		}
		if err != nil {
			return err
		}
		var pools []CephPool
		for _, row := range rows {
			pools = append(pools, row.pool(found))
		}
		p.with(func(snap *Snapshot) { snap.Ceph.Pools, snap.Ceph.PoolsRead = pools, true })
		return nil
	}
	return failed
}

// noCeph reports whether an answer says that Ceph is not installed or not set up on the node that gave it. Nothing else says so:
// a monitor that does not answer belongs to a Ceph that is there.
func noCeph(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == http.StatusInternalServerError &&
		(status.says("binary not installed") || status.says("configuration not initialized"))
}

// A cephStatus is the answer of "ceph status". Releases before Octopus nested the map of OSDs once more.
type cephStatus struct {
	Health struct {
		Status text `json:"status"`
		Checks map[string]struct {
			Severity text   `json:"severity"`
			Muted    number `json:"muted"`
			Summary  struct {
				Message text `json:"message"`
			} `json:"summary"`
		} `json:"checks"`
	} `json:"health"`
	PGMap struct {
		States []struct {
			Name  text   `json:"state_name"`
			Count number `json:"count"`
		} `json:"pgs_by_state"`
		Total number `json:"bytes_total"`
		Used  number `json:"bytes_used"`
		Avail number `json:"bytes_avail"`
	} `json:"pgmap"`
	OSDMap struct {
		cephOSDs
		Nested *cephOSDs `json:"osdmap"`
	} `json:"osdmap"`
}

type cephOSDs struct {
	OSDs number `json:"num_osds"`
	Up   number `json:"num_up_osds"`
	In   number `json:"num_in_osds"`
}

func (c cephStatus) ceph() Ceph {
	osds := c.OSDMap.cephOSDs
	if c.OSDMap.Nested != nil {
		osds = *c.OSDMap.Nested
	}
	out := Ceph{
		Presence: PresenceHere, Health: string(c.Health.Status), OSDs: osds.OSDs.count(), OSDsUp: osds.Up.count(), OSDsIn: osds.In.count(),
		TotalBytes: c.PGMap.Total.bytes(), UsedBytes: c.PGMap.Used.bytes(), FreeBytes: c.PGMap.Avail.bytes(),
	}
	for code, check := range c.Health.Checks {
		out.Checks = append(out.Checks, CephCheck{
			Code: code, Severity: string(check.Severity), Message: string(check.Summary.Message), Muted: check.Muted.truth(),
		})
	}
	for _, state := range c.PGMap.States {
		if out.PGs == nil {
			out.PGs = map[string]int{}
		}
		out.PGs[string(state.Name)] += state.Count.count()
	}
	return out
}

// A cephPoolRow is a row of /nodes/N/ceph/pool.
type cephPoolRow struct {
	Name    text    `json:"pool_name"`
	Type    text    `json:"type"` // absent before release 7.3, which had replicated pools only
	Size    number  `json:"size"`
	MinSize number  `json:"min_size"`
	PGs     number  `json:"pg_num"`
	Used    number  `json:"bytes_used"`
	Share   *number `json:"percent_used"` // a fraction: raw bytes used, of those and the raw bytes that it may still take
}

// pool computes what the pool has free, which the API does not tell: from its share of use, or from the whole cluster's free
// space when the pool is empty.
func (row cephPoolRow) pool(c Ceph) CephPool {
	p := CephPool{
		Name: string(row.Name), Type: string(row.Type), Size: row.Size.count(), MinSize: row.MinSize.count(), PGs: row.PGs.count(),
		UsedBytes: row.Used.bytes(),
	}
	if p.Type == "" {
		p.Type = poolReplicated
	}
	if p.Type != poolReplicated || p.Size <= 0 {
		return p
	}
	raw := float64(c.FreeBytes)
	if row.Share != nil && *row.Share > 0 && row.Used > 0 {
		share := min(float64(*row.Share), 1)
		raw = min(raw, float64(row.Used)*(1-share)/share)
	}
	p.FreeBytes, p.FreeKnown = int64(raw)/int64(p.Size), true
	return p
}
