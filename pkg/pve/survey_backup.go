package pve

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// backup reads the jobs, and the guests that none of them takes.
func (p *part) backup(ctx context.Context) {
	p.run("backup jobs", func() error {
		rows, err := list[backupRow](ctx, p.r, "/cluster/backup")
		if err != nil {
			return err
		}
		jobs := make([]BackupJob, len(rows))
		for i, row := range rows {
			jobs[i] = row.job()
		}
		p.with(func(snap *Snapshot) { snap.Backup.Jobs, snap.Backup.JobsRead = emptyAsNil(jobs), true })
		return nil
	})
	p.run("backup coverage", func() error {
		rows, err := list[struct {
			VMID number `json:"vmid"`
		}](ctx, p.r, "/cluster/backup-info/not-backed-up")
		if err != nil {
			return err
		}
		var left []int
		for _, row := range rows {
			left = append(left, row.VMID.count())
		}
		p.with(func(snap *Snapshot) { snap.Backup.Uncovered, snap.Backup.CoverageRead = left, true })
		return nil
	})
}

// guestsOf tells which guests there are and in which pools, which is what jobs select by. That a guest moved is left out: hardly
// any job is bound to a node. Of thousands of guests a sum is enough.
func guestsOf(overview *Snapshot) string {
	sum := fnv.New64a()
	for _, g := range overview.Guests {
		fmt.Fprintf(sum, "%d/%s,", g.VMID, g.Pool)
	}
	return strconv.FormatUint(sum.Sum64(), 36)
}

// A backupRow is a row of /cluster/backup. Jobs that were written before release 7.1 have days and a time of day instead of a
// calendar event.
type backupRow struct {
	ID        text      `json:"id"`
	Enabled   *number   `json:"enabled"` // absent: switched on
	Schedule  text      `json:"schedule"`
	Days      text      `json:"dow"`
	StartTime text      `json:"starttime"`
	Storage   text      `json:"storage"`
	Mode      text      `json:"mode"`
	Node      text      `json:"node"`
	All       number    `json:"all"`
	Pool      text      `json:"pool"`
	VMID      text      `json:"vmid"`
	Exclude   text      `json:"exclude"`
	Prune     retention `json:"prune-backups"`
	MaxFiles  number    `json:"maxfiles"`
	Comment   text      `json:"comment"`
}

func (row backupRow) job() BackupJob {
	j := BackupJob{
		ID: string(row.ID), Enabled: row.Enabled == nil || row.Enabled.truth(), Schedule: string(row.Schedule), Storage: string(row.Storage),
		Mode: string(row.Mode), Node: string(row.Node), All: row.All.truth(), Pool: string(row.Pool), VMIDs: numbers(string(row.VMID)),
		Exclude: numbers(string(row.Exclude)), Retention: row.Prune, Comment: string(row.Comment),
	}
	if j.Mode == "" {
		j.Mode = "snapshot" // the default
	}
	if j.Schedule == "" {
		j.Schedule = strings.TrimSpace(string(row.Days) + " " + string(row.StartTime))
	}
	if j.Retention == nil && row.MaxFiles > 0 {
		j.Retention = map[string]int{"keep-last": row.MaxFiles.count()}
	}
	return j
}

// A retention takes {"keep-last":3}, which Proxmox VE answers, and "keep-last=3,keep-daily=7", which it is told.
type retention map[string]int

// UnmarshalJSON implements [json.Unmarshaler].
func (r *retention) UnmarshalJSON(data []byte) error {
	*r = nil
	var fields map[string]number
	if len(data) > 0 && data[0] == '{' {
		if err := json.Unmarshal(data, &fields); err != nil {
			return err
		}
	} else {
		var line text
		if err := line.UnmarshalJSON(data); err != nil {
			return err
		}
		fields = map[string]number{}
		p := ParseProperty(string(line), "keep-last")
		for _, name := range p.Names() {
			n, err := strconv.Atoi(p.Get(name))
			if err != nil {
				return err
			}
			fields[name] = number(n)
		}
	}
	for name, n := range fields {
		if *r == nil {
			*r = retention{}
		}
		(*r)[name] = n.count()
	}
	return nil
}

// numbers reads a list of ids; what is none is passed over.
func numbers(list string) []int {
	var ids []int
	for _, word := range words(list) {
		if id, err := strconv.Atoi(word); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// emptyAsNil keeps one form for a list that has nothing in it, so that a decoded snapshot equals the one that was encoded.
func emptyAsNil[T any](rows []T) []T {
	if len(rows) == 0 {
		return nil
	}
	return rows
}
