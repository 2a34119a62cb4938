package strategy

import (
	"slices"

	"proviso.dev/pkg/pve"
)

// takes refuses a storage on a Ceph that takes nothing new: below min_size writes hang, and so does the task that makes a disk.
// One of which copies are missing takes disks; the plan says so.
func (d *Draft) takes(storage string) error {
	switch verdict := d.in.Snapshot.StorageVerdict(storage); {
	case verdict.Refuses():
		return d.refuse(CodeStorageStopped, "ceph_"+string(verdict), "storage", storage)
	case verdict == pve.CephDegraded:
		d.warn("ceph_degraded", "storage", storage)
	}
	return nil
}

// writable leaves out the storages that takes would refuse. The error is the refusal of the first where no other is left.
func (d *Draft) writable(candidates []roomyStorage) ([]roomyStorage, error) {
	left := slices.DeleteFunc(slices.Clone(candidates), func(c roomyStorage) bool { return d.in.Snapshot.StorageVerdict(c.Name).Refuses() })
	if len(left) == 0 && len(candidates) > 0 {
		return nil, d.takes(candidates[0].Name)
	}
	return left, nil
}

// noQuorum says why nothing is planned, with the votes where they are known.
func (d *Draft) noQuorum() error {
	m := d.in.Snapshot.Membership
	if m.ExpectedVotes == 0 || m.Votes >= m.Needed() {
		return d.refuse(CodeNoQuorum, "no_quorum")
	}
	return d.refuse(CodeNoQuorum, "no_quorum_votes", "votes", m.Votes, "expected", m.ExpectedVotes, "needed", m.Needed())
}
