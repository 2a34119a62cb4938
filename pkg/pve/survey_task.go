package pve

import "time"

// running picks the tasks that have not ended. The list that Proxmox VE answers holds those of the last hours, too.
func running(rows []taskRow) []Task {
	var tasks []Task
	for _, row := range rows {
		if row.End != 0 {
			continue
		}
		tasks = append(tasks, Task{
			UPID: string(row.UPID), Node: string(row.Node), Type: string(row.Type), ID: string(row.ID), User: string(row.User),
			StartedAt: time.Unix(row.Start.bytes(), 0).UTC(),
		})
	}
	return tasks
}

// running makes the section of the tasks that run.
func (s *survey) running(rows []taskRow, failed error) *part {
	p := &part{r: s.r, began: s.began, snap: &Snapshot{Tasks: running(rows)}}
	if failed != nil {
		p.missed("running tasks", failed)
	}
	p.snap.arrange()
	return p
}
