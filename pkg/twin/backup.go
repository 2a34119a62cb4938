package twin

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// backupRow shows a job. Property strings of the request come back as objects.
func backupRow(v url.Values) object {
	row := object{}
	for key, all := range v {
		switch key {
		case "prune-backups", "fleecing", "performance":
			p := parseProperty(v.Get(key), "enabled")
			fields := object{}
			if p.head != "" {
				fields["enabled"] = p.head
			}
			for k, value := range p.values {
				fields[k] = value
			}
			row[key] = fields
		case "enabled", "all", "maxfiles", "bwlimit", "ionice", "lockwait", "pigz", "quiet", "remove", "repeat-missed", "stdexcludes", "stopwait", "zstd", "protected", "pbs-change-detection":
			row[key] = intOr(v.Get(key))
		case "exclude-path":
			row[key] = slices.Clone(all)
		default:
			row[key] = v.Get(key)
		}
	}
	row["type"] = "vzdump"
	return row
}

func (c *Cluster) listBackups(r *request) (any, error) {
	rows := []object{}
	for _, id := range slices.Sorted(maps.Keys(c.backups)) {
		rows = append(rows, backupRow(c.backups[id]))
	}
	return rows, nil
}

func (c *Cluster) readBackup(r *request) (any, error) {
	v, ok := c.backups[r.text("id")]
	if !ok {
		return nil, reject("id", "No such job '%s'", r.text("id"))
	}
	return backupRow(v), nil
}

// checkBackup holds a job against the cluster: a storage for backups, and one selection of guests.
func (c *Cluster) checkBackup(v url.Values) error {
	if name := v.Get("storage"); name != "" {
		s, ok := c.storages[name]
		if !ok {
			return die("storage '%s' does not exist", name)
		}
		if !s.holds("backup") {
			return reject("storage", "storage '%s' does not support backups", name)
		}
	}
	if name := v.Get("pool"); name != "" && c.pools[name] == nil {
		return die("pool '%s' does not exist", name)
	}
	count := 0
	for _, key := range []string{"vmid", "pool"} {
		if v.Get(key) != "" {
			count++
		}
	}
	if v.Get("all") == "1" {
		count++
	}
	if count == 0 {
		return reject("vmid", "property is missing and it is not optional")
	}
	if count > 1 {
		return reject("vmid", "option conflict: only one of all, pool and vmid")
	}
	return nil
}

func (c *Cluster) createBackup(r *request) (any, error) {
	v := url.Values{"enabled": {"1"}}
	merge(v, r.values)
	id := v.Get("id")
	if id == "" {
		id = fmt.Sprintf("backup-%s-%s", uuid(c.random)[:8], uuid(c.random)[9:13])
		v.Set("id", id)
	}
	if c.backups[id] != nil {
		return nil, die("Job '%s' already exists", id)
	}
	if err := c.checkBackup(v); err != nil {
		return nil, err
	}
	c.backups[id] = v
	return nil, nil
}

func (c *Cluster) updateBackup(r *request) (any, error) {
	old, ok := c.backups[r.text("id")]
	if !ok {
		return nil, reject("id", "No such job '%s'", r.text("id"))
	}
	v := maps.Clone(old)
	// A new selection of guests replaces the old one.
	for _, key := range []string{"vmid", "pool", "all"} {
		if r.has(key) && r.text(key) != "0" {
			for _, other := range []string{"vmid", "pool", "all"} {
				v.Del(other)
			}
			break
		}
	}
	merge(v, r.values)
	if err := c.checkBackup(v); err != nil {
		return nil, err
	}
	c.backups[r.text("id")] = v
	return nil, nil
}

func (c *Cluster) deleteBackup(r *request) (any, error) {
	if _, ok := c.backups[r.text("id")]; !ok {
		return nil, reject("id", "No such job '%s'", r.text("id"))
	}
	delete(c.backups, r.text("id"))
	return nil, nil
}

// notBackedUp answers which guests no job covers. Like Proxmox VE it counts jobs that are switched off, and templates.
func (c *Cluster) notBackedUp(r *request) (any, error) {
	rows := []object{}
	for _, id := range c.guestIDs() {
		g := c.guests[id]
		if slices.ContainsFunc(slices.Collect(maps.Values(c.backups)), func(job url.Values) bool { return covers(job, g) }) {
			continue
		}
		rows = append(rows, object{"vmid": id, "name": g.name(), "type": string(g.kind)})
	}
	return rows, nil
}

func covers(job url.Values, g *guest) bool {
	if job.Get("node") != "" && job.Get("node") != g.node {
		return false
	}
	id := strconv.Itoa(g.id)
	switch {
	case job.Get("all") == "1":
		return !slices.Contains(splitList(job.Get("exclude")), id)
	case job.Get("pool") != "":
		return g.pool == job.Get("pool") || strings.HasPrefix(g.pool, job.Get("pool")+"/")
	default:
		return slices.Contains(splitList(job.Get("vmid")), id)
	}
}

// purgeJobs takes a destroyed guest out of jobs and replication.
func (c *Cluster) purgeJobs(g *guest) {
	id := strconv.Itoa(g.id)
	for _, job := range c.backups {
		if ids := splitList(job.Get("vmid")); slices.Contains(ids, id) {
			job.Set("vmid", strings.Join(slices.DeleteFunc(ids, func(v string) bool { return v == id }), ","))
		}
	}
	for job := range c.replicas {
		if strings.HasPrefix(job, id+"-") {
			delete(c.replicas, job)
		}
	}
}

func (c *Cluster) plantReplicas(seed Seed) {
	for _, job := range seed.Replications {
		v := url.Values{"id": {job.ID}, "type": {"local"}, "target": {job.Target}}
		if job.Schedule != "" {
			v.Set("schedule", job.Schedule)
		}
		if job.RateMBs > 0 {
			v.Set("rate", strconv.FormatFloat(job.RateMBs, 'f', -1, 64))
		}
		if job.Disabled {
			v.Set("disable", "1")
		}
		if job.Comment != "" {
			v.Set("comment", job.Comment)
		}
		c.replicas[job.ID] = v
	}
}

func (c *Cluster) listReplicas(r *request) (any, error) {
	rows := []object{}
	for _, id := range slices.Sorted(maps.Keys(c.replicas)) {
		rows = append(rows, c.replicaRow(id))
	}
	return rows, nil
}

func (c *Cluster) replicaRow(id string) object {
	guest, job, _ := strings.Cut(id, "-")
	row := object{"guest": intOf(guest, 0), "jobnum": intOf(job, 0)}
	for key := range c.replicas[id] {
		row[key] = c.replicas[id].Get(key)
		if key == "disable" || key == "rate" {
			row[key] = intOr(c.replicas[id].Get(key))
		}
	}
	if g := c.guests[intOf(guest, 0)]; g != nil {
		row["source"] = g.node
	}
	return row
}

func (c *Cluster) readReplica(r *request) (any, error) {
	if c.replicas[r.text("id")] == nil {
		return nil, die("no such replication job '%s'", r.text("id"))
	}
	return c.replicaRow(r.text("id")), nil
}

func (c *Cluster) createReplica(r *request) (any, error) {
	id := r.text("id")
	guest, _, _ := strings.Cut(id, "-")
	switch {
	case c.replicas[id] != nil:
		return nil, die("create replication job failed: replication job '%s' already exists", id)
	case c.guests[intOf(guest, 0)] == nil:
		return nil, die("create replication job failed: guest '%s' does not exist", guest)
	case c.nodes[r.text("target")] == nil:
		return nil, reject("target", "node '%s' does not exist", r.text("target"))
	}
	v := url.Values{}
	merge(v, r.values)
	c.replicas[id] = v
	return nil, nil
}

func (c *Cluster) updateReplica(r *request) (any, error) {
	v := c.replicas[r.text("id")]
	if v == nil {
		return nil, die("no such replication job '%s'", r.text("id"))
	}
	merge(v, r.values)
	return nil, nil
}

func (c *Cluster) deleteReplica(r *request) (any, error) {
	if c.replicas[r.text("id")] == nil {
		return nil, die("no such replication job '%s'", r.text("id"))
	}
	delete(c.replicas, r.text("id"))
	return nil, nil
}
