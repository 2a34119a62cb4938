package inquiry

import (
	"slices"
	"strings"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// quorum tells whether the cluster may act, and by how many votes.
func (a *answer) quorum() {
	m := a.s.Membership
	votes := []any{"votes", m.Votes, "expected", m.ExpectedVotes, "needed", m.Needed()}
	switch {
	case m.Read && m.Name == "" && len(a.s.Nodes) == 1:
		a.text("cluster_alone")
	case a.s.Quorate && m.Votes >= m.Needed() && m.ExpectedVotes > 0:
		a.text("cluster_quorate_votes", votes...)
	case a.s.Quorate: // the votes are unknown, or a QDevice has one that the API does not tell
		a.text("cluster_quorate")
	case m.Votes < m.Needed():
		a.text("cluster_inquorate_votes", votes...)
	default:
		a.text("cluster_inquorate")
	}
	if !a.s.Quorate {
		a.command("pvecm status")
	}
}

// haManager tells whether somebody is there to restart guests, and what each node's local manager does.
func (a *answer) haManager() {
	m := a.s.HAManager
	switch {
	case !m.Read:
		a.text("ha_manager.unread")
	case m.Master == "":
		a.text("ha_manager.unused")
	case m.State == "active" || m.State == "idle":
		a.text("ha_manager."+m.State, "node", wording.Quote(m.Master))
	default:
		a.text("ha_manager.doubtful", "node", wording.Quote(m.Master), "state", wording.Quote(m.State))
	}
	for _, n := range m.Nodes {
		member := ""
		if n.Member != "" {
			member = a.say("ha_member", "state", wording.Quote(n.Member))
		}
		a.row(a.say("label.ha_node", "node", wording.Quote(n.Node)), wording.Quote(n.State), member)
	}
}

// ceph tells health and room of the storage that the nodes form, and whether it takes anything new.
func (a *answer) ceph() {
	c := a.s.Ceph
	if c.Presence != pve.PresenceHere {
		return
	}
	room := a.say("unknown")
	if free, known := c.NetFreeBytes(); known {
		room = wording.Room(a.lang, free)
	}
	verdict := c.Verdict()
	a.row("Ceph", a.say("ceph", "health", wording.Quote(c.Health), "up", c.OSDsUp, "osds", c.OSDs, "free", room), a.say("ceph."+string(verdict)))
	for _, check := range c.Checks {
		if !check.Muted {
			a.row(check.Code, wording.Quote(check.Message), wording.Quote(check.Severity))
		}
	}
	if verdict != pve.CephTakes {
		a.text("ceph_verdict", "verdict", a.say("ceph."+string(verdict)))
	}
}

// atWork tells what the cluster is doing now.
func (a *answer) atWork() {
	for _, t := range a.s.Tasks {
		what := wording.Quote(t.Type)
		if t.ID != "" {
			what += " " + wording.Quote(t.ID)
		}
		a.row(what, a.say("task_row", "node", wording.Quote(t.Node), "user", wording.Quote(t.User)), a.say("task_since", "time", t.StartedAt.Format("15:04")))
	}
}

// zones tells where a zone of the SDN does not work.
func (a *answer) zones() {
	for _, z := range a.s.Zones {
		if broken := z.BrokenOn(); len(broken) > 0 {
			a.row(a.say("label.zone", "zone", wording.Quote(z.Name)), a.say("zone_broken", "nodes", a.names(broken)), "")
		}
	}
}

// jobs names the backup jobs that save a guest.
func (a *answer) jobs(g pve.Guest) []string {
	var names []string
	for _, j := range a.s.Backup.Jobs {
		if j.Enabled && j.Takes(g) {
			names = append(names, a.job(j))
		}
	}
	return names
}

// job names a job by what a person knows of it: when, and where to.
func (a *answer) job(j pve.BackupJob) string {
	if j.Storage == "" {
		return a.say("backup_job_default", "schedule", wording.Quote(j.Schedule))
	}
	return a.say("backup_job", "schedule", wording.Quote(j.Schedule), "storage", wording.Quote(j.Storage))
}

// covered answers which guests no backup job saves; false when neither jobs nor coverage were read.
func (a *answer) covered() bool {
	var without, unknown []string
	for _, g := range a.s.Guests {
		if g.Template {
			continue // a template can be made again; who wants it saved has a job for it
		}
		covered, known := a.s.BackedUp(g.VMID)
		switch {
		case !known:
			unknown = append(unknown, title(g))
		case !covered:
			without = append(without, title(g))
			a.row(title(g), a.say("backup_none"), a.say("on_node", "node", wording.Quote(g.Node)))
		}
	}
	if !a.s.Backup.JobsRead && len(without) == 0 {
		return false
	}
	for _, j := range a.s.Backup.Jobs {
		state := "backup_on"
		if !j.Enabled {
			state = "backup_off"
		}
		a.row(wording.Quote(j.ID), a.job(j)+", "+a.selection(j), a.say(state)+", "+a.retention(j))
	}
	switch {
	case len(without) > 0:
		a.sentence(wording.Plural(a.lang, "inquiry.backup_without", len(without), "names", a.names(without)))
	case len(unknown) == 0:
		a.text("backup_covered")
	}
	if len(unknown) > 0 {
		a.text("unread", "names", a.names(unknown))
	}
	return true
}

// selection says which guests a job takes.
func (a *answer) selection(j pve.BackupJob) string {
	switch {
	case j.Pool != "":
		return a.say("backup_pool_of", "pool", wording.Quote(j.Pool))
	case len(j.VMIDs) > 0:
		return a.count("guest", len(j.VMIDs))
	case len(j.Exclude) > 0:
		return a.say("backup_all_but", "guests", a.count("guest", len(j.Exclude)))
	}
	return a.say("backup_everything")
}

// retention says what a job keeps: "keep-last 8".
func (a *answer) retention(j pve.BackupJob) string {
	if len(j.Retention) == 0 {
		return a.say("backup_keeps_default")
	}
	var kept []string
	for name, n := range j.Retention {
		if name == "keep-all" && n != 0 {
			return a.say("backup_keeps_all")
		}
		if n > 0 {
			kept = append(kept, a.say("backup_keeps", "n", n, "unit", a.period(strings.TrimPrefix(name, "keep-"))))
		}
	}
	slices.Sort(kept)
	return strings.Join(kept, ", ")
}

// period names what a number of kept backups counts: "daily", « par jour »; one that a later Proxmox VE adds stands as it is.
func (a *answer) period(name string) string {
	if i18n.Has(a.lang, "inquiry.backup_keeps."+name) {
		return a.say("backup_keeps." + name)
	}
	return name
}

// guestBackup answers whether a guest is saved; false when that is not known.
func (a *answer) guestBackup(g pve.Guest) bool {
	covered, known := a.s.BackedUp(g.VMID)
	if !known {
		return false
	}
	if !covered {
		a.text("guest_backup_none", "guest", title(g))
		return true
	}
	a.text("guest_backup_jobs", "guest", title(g), "jobs", wording.List(a.lang, a.jobs(g)))
	return true
}
