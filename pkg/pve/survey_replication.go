package pve

import (
	"cmp"
	"context"
)

// replication reads the jobs that copy disks between nodes.
func (p *part) replication(ctx context.Context) {
	p.run("replication jobs", func() error {
		rows, err := list[struct {
			ID       text   `json:"id"`
			Guest    number `json:"guest"`
			Source   text   `json:"source"`
			Target   text   `json:"target"`
			Schedule text   `json:"schedule"`
			Rate     number `json:"rate"`
			Disable  number `json:"disable"`
			Remove   text   `json:"remove_job"`
			Comment  text   `json:"comment"`
		}](ctx, p.r, "/cluster/replication")
		p.with(func(snap *Snapshot) {
			for _, row := range rows {
				if row.Remove != "" {
					continue // on its way out
				}
				snap.Replications = append(snap.Replications, Replication{
					ID: string(row.ID), VMID: row.Guest.count(), Source: string(row.Source), Target: string(row.Target),
					Schedule: string(cmp.Or(row.Schedule, "*/15")), RateMBs: float64(row.Rate), Disabled: row.Disable.truth(), Comment: string(row.Comment),
				})
			}
		})
		return err
	})
}
