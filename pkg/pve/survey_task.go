package pve

import (
	"context"
	"time"
)

// runningTasks reads what the cluster is doing now. The list that Proxmox VE answers holds the tasks of the last hours; one that
// has not ended has no time of its end.
func (s *survey) runningTasks(ctx context.Context) {
	s.run("running tasks", func() error {
		rows, err := list[taskRow](ctx, s.r, "/cluster/tasks")
		s.with(func(snap *Snapshot) { snap.Tasks = append(snap.Tasks, running(rows)...) })
		return err
	})
}

// A taskRow is a row of /cluster/tasks.
type taskRow struct {
	UPID    text   `json:"upid"`
	Node    text   `json:"node"`
	Type    text   `json:"type"`
	ID      text   `json:"id"`
	User    text   `json:"user"`
	Started number `json:"starttime"`
	Ended   number `json:"endtime"`
}

// running picks the tasks that have not ended.
func running(rows []taskRow) []Task {
	var tasks []Task
	for _, row := range rows {
		if row.Ended != 0 {
			continue
		}
		tasks = append(tasks, Task{
			UPID: string(row.UPID), Node: string(row.Node), Type: string(row.Type), ID: string(row.ID), User: string(row.User),
			StartedAt: time.Unix(row.Started.bytes(), 0).UTC(),
		})
	}
	return tasks
}
