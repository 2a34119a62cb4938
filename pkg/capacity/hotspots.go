package capacity

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The kinds of hot spot. Value and bound are fractions for KindCPU, KindIOWait, KindOvercommit and KindCeph (of placement groups, or of
// raw space), bytes for KindMemory and KindStorage, guests for KindLoss and KindBackup, votes for KindQuorum.
const (
	KindCPU        = "cpu"
	KindMemory     = "memory"
	KindStorage    = "storage"
	KindIOWait     = "iowait"
	KindOvercommit = "overcommit"
	KindLoss       = "loss"
	KindQuorum     = "quorum"
	KindCeph       = "ceph"
	KindBackup     = "backup"
)

// The severities, the gravest first.
const (
	Error   = "error"
	Warning = "warning"
	Info    = "info"
)

// ClusterSubject is what a hot spot of the cluster as a whole is about; others are about "node X", "storage X", "storage X on Y" or
// "HA X".
const ClusterSubject = "cluster"

// maxSubject bounds what a hot spot is about, in bytes.
const maxSubject = 160

func (d *diagnosis) spot(subject, kind, severity string, value, bound float64) *provisov1.HotSpot {
	h := &provisov1.HotSpot{Subject: clip(subject, maxSubject), Kind: kind, Severity: severity, Value: value, Bound: bound}
	d.out.HotSpots = append(d.out.HotSpots, h)
	return h
}

// later is a hot spot that is none yet. One of the next week is a warning.
func (d *diagnosis) later(subject, kind string, value, bound float64, at time.Time) {
	severity := Info
	if at.Before(d.Now.Add(week)) {
		severity = Warning
	}
	d.spot(subject, kind, severity, value, bound).At = timestamppb.New(at)
}

// hotSpots collects what is wrong or soon will be.
func (d *diagnosis) hotSpots() {
	for i := range d.hosts {
		if d.hosts[i].Node.Online() {
			d.hotNode(i)
		}
	}
	for i, st := range d.out.GetStorages() {
		d.hotStorage(st, &d.volumes[i])
	}
	d.hotLoss()
	d.hotQuorum()
	d.hotCeph()
	d.hotBackup()
	rank := map[string]int{Error: 0, Warning: 1, Info: 2}
	slices.SortStableFunc(d.out.GetHotSpots(), func(a, b *provisov1.HotSpot) int {
		return cmp.Or(
			rank[a.GetSeverity()]-rank[b.GetSeverity()],
			a.GetAt().AsTime().Compare(b.GetAt().AsTime()), // nil is 1970: now comes first
			cmp.Compare(a.GetKind(), b.GetKind()),
			cmp.Compare(a.GetSubject(), b.GetSubject()),
		)
	})
}

func (d *diagnosis) hotNode(i int) {
	h, n := &d.hosts[i], d.out.GetNodes()[i]
	subject := "node " + h.Name
	switch use := h.CPUUsage; {
	case use >= d.Bounds.CPUError:
		d.spot(subject, KindCPU, Error, use, d.Bounds.CPUError)
	case use >= d.Bounds.CPU:
		d.spot(subject, KindCPU, Warning, use, d.Bounds.CPU)
	case n.GetCpuPeak() >= d.Bounds.CPU:
		d.later(subject, KindCPU, n.GetCpuPeak(), d.Bounds.CPU, n.GetCpuPeakAt().AsTime())
	}
	d.hotMemory(i, subject)
	switch wait := n.GetIowait(); {
	case wait >= d.Bounds.IOWaitError:
		d.spot(subject, KindIOWait, Error, wait, d.Bounds.IOWaitError)
	case wait >= d.Bounds.IOWait:
		d.spot(subject, KindIOWait, Warning, wait, d.Bounds.IOWait)
	}
	if h.threads > float64(h.VCPULimit) && h.Node.CPUs > 0 {
		d.spot(subject, KindOvercommit, Warning, h.threads/float64(h.Node.CPUs), ratio(float64(h.VCPULimit), float64(h.Node.CPUs)))
	}
	if room := h.MemoryBytes - h.reserve; h.promised > room && h.MemoryBytes > 0 {
		d.spot(subject, KindOvercommit, Warning, ratio(float64(h.promised), float64(h.MemoryBytes)), ratio(float64(room), float64(h.MemoryBytes)))
	}
}

// hotMemory judges memory in use, against what the host does not keep for itself.
func (d *diagnosis) hotMemory(i int, subject string) {
	h := &d.hosts[i]
	room, used := float64(h.MemoryBytes-h.reserve), float64(h.MemoryUsedBytes)
	if room <= 0 {
		return
	}
	bound := d.Bounds.Memory * room
	switch {
	case used >= room:
		d.spot(subject, KindMemory, Error, used, room)
	case used >= bound:
		d.spot(subject, KindMemory, Warning, used, bound)
	default:
		if peak, when, ok := d.memory[i].peak(d.Now, day); ok && peak >= bound {
			d.later(subject, KindMemory, peak, bound, when)
		} else if full := d.out.GetNodes()[i].GetMemoryFullAt(); full != nil {
			d.later(subject, KindMemory, room, room, full.AsTime())
		}
	}
}

func (d *diagnosis) hotStorage(st *provisov1.StorageDiagnosis, v *volume) {
	if !st.GetActive() || st.GetTotalBytes() <= 0 {
		return
	}
	subject := "storage " + st.GetStorage()
	if st.GetNode() != "" {
		subject += " on " + st.GetNode()
	}
	used, full := float64(st.GetUsedBytes()), float64(v.full)
	bound := d.Bounds.Storage * full
	switch {
	case used >= full:
		d.spot(subject, KindStorage, Error, used, full)
	case used >= bound:
		d.spot(subject, KindStorage, Warning, used, bound)
	case st.GetFullAt() != nil:
		d.later(subject, KindStorage, full, full, st.GetFullAt().AsTime())
	}
	if st.PromisedBytes != nil && st.GetPromisedBytes() > st.GetTotalBytes() {
		d.spot(subject, KindOvercommit, Warning, ratio(float64(st.GetPromisedBytes()), float64(st.GetTotalBytes())), 1)
	}
}

// hotLoss names nodes that are away, and guests that would find no room.
func (d *diagnosis) hotLoss() {
	for i := range d.hosts {
		if h := &d.hosts[i]; !h.Node.Online() {
			d.spot("node "+h.Name, KindLoss, Warning, float64(d.stranded(h.Name)), 0)
		}
	}
	for _, h := range d.out.GetHeadroom() {
		if h.GetGuestsWithoutRoom() == 0 {
			continue
		}
		subject, severity := ClusterSubject, Error
		if h.GetGroup() != "" {
			subject = "HA " + h.GetGroup()
		}
		if len(d.hosts) == 1 {
			severity = Info // it cannot be otherwise
		}
		d.spot(subject, KindLoss, severity, float64(h.GetGuestsWithoutRoom()), 0)
	}
}

// stranded counts the guests of a node whose state nobody knows.
func (d *diagnosis) stranded(node string) int {
	n := 0
	for i := range d.s.Guests {
		if g := &d.s.Guests[i]; g.Node == node && !g.Template {
			n++
		}
	}
	return n
}

// hotQuorum judges the votes. Where they were not read each node counts one.
func (d *diagnosis) hotQuorum() {
	votes, needed := d.s.Membership.Votes, d.s.Membership.Needed()
	heaviest := 1
	if needed == 0 {
		votes, needed = 0, len(d.hosts)/2+1
		for i := range d.hosts {
			if d.hosts[i].Node.Online() {
				votes++
			}
		}
	}
	for i := range d.hosts {
		if d.hosts[i].Node.Online() {
			heaviest = max(heaviest, d.s.Membership.NodeVotes[d.hosts[i].Name])
		}
	}
	_, unread := d.missing("quorum")
	switch {
	case unread || len(d.hosts) < 2:
	case !d.s.Quorate:
		d.spot(ClusterSubject, KindQuorum, Error, float64(votes), float64(needed))
	case votes-heaviest < needed:
		// One more loss and nothing is started or changed any more.
		d.spot(ClusterSubject, KindQuorum, Warning, float64(votes-heaviest), float64(needed))
	}
}

func (d *diagnosis) hotCeph() {
	c := d.s.Ceph
	if c.Presence != pve.PresenceHere {
		return
	}
	groups := 0
	for _, n := range c.PGs {
		groups += n
	}
	switch verdict := c.Verdict(); {
	case verdict.Refuses():
		d.spot(ClusterSubject, KindCeph, Error, ratio(float64(c.Stopped()), float64(groups)), 0)
	case verdict == pve.CephDegraded:
		d.spot(ClusterSubject, KindCeph, Warning, ratio(float64(c.Degraded()), float64(groups)), 0)
	case c.Health == "HEALTH_WARN":
		d.spot(ClusterSubject, KindCeph, Info, 0, 0)
	}
	if used := ratio(float64(c.UsedBytes), float64(c.TotalBytes)); used >= nearFull {
		d.spot("storage ceph", KindCeph, Warning, used, nearFull)
	}
}

// hotBackup counts the guests that no job takes, as far as that is known.
func (d *diagnosis) hotBackup() {
	bare := d.unsaved()
	if bare > 0 {
		d.spot(ClusterSubject, KindBackup, Warning, float64(bare), 0)
	}
}

// unsaved counts the guests that no job which is switched on takes; templates can be made again.
func (d *diagnosis) unsaved() int {
	b := &d.s.Backup
	if !b.JobsRead && !b.CoverageRead {
		return 0
	}
	uncovered := make(map[int]bool, len(b.Uncovered))
	for _, vmid := range b.Uncovered {
		uncovered[vmid] = true
	}
	n := 0
	for i := range d.s.Guests {
		g := &d.s.Guests[i]
		if g.Template {
			continue
		}
		taken := func(j pve.BackupJob) bool { return j.Enabled && j.Takes(*g) }
		if uncovered[g.VMID] || b.JobsRead && !slices.ContainsFunc(b.Jobs, taken) {
			n++
		}
	}
	return n
}
