package capacity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func TestHotSpots(t *testing.T) {
	away := &provisov1.HotSpot{Subject: "node n4", Kind: KindLoss, Severity: Warning, Value: 1} // with guest 107
	tests := map[string]struct {
		reason string
		change func(*pve.Snapshot)
		kind   string
		want   []*provisov1.HotSpot
	}{
		"Away": {"The guests of a node that is away are in an unknown state.", nil, KindLoss, []*provisov1.HotSpot{away}},
		"NoRoom": {"", func(s *pve.Snapshot) {
			s.Guests[2].MemoryBytes, s.Guests[6].MemoryBytes, s.Nodes[2].MemoryUsedBytes = 24*gib, 16*gib, 16*gib
		}, KindLoss, []*provisov1.HotSpot{{Subject: "cluster", Kind: KindLoss, Severity: Error, Value: 1}, away}},
		"Quorum": {"Three of four nodes are on: without one more two are left, and three are needed.", nil, KindQuorum,
			[]*provisov1.HotSpot{{Subject: "cluster", Kind: KindQuorum, Severity: Warning, Value: 2, Bound: 3}}},
		"QuorumWide": {"", func(s *pve.Snapshot) { s.Membership = pve.Membership{Votes: 4, ExpectedVotes: 5} }, KindQuorum, nil},
		"HeavyVote": {"The node with two votes may be the one that is lost.", func(s *pve.Snapshot) {
			s.Membership = pve.Membership{Votes: 4, ExpectedVotes: 5, NodeVotes: map[string]int{"n1": 2}}
		}, KindQuorum, []*provisov1.HotSpot{{Subject: "cluster", Kind: KindQuorum, Severity: Warning, Value: 2, Bound: 3}}},
		"QuorumLost": {"", func(s *pve.Snapshot) { s.Quorate, s.Membership = false, pve.Membership{Votes: 2, ExpectedVotes: 4} }, KindQuorum,
			[]*provisov1.HotSpot{{Subject: "cluster", Kind: KindQuorum, Severity: Error, Value: 2, Bound: 3}}},
		"QuorumUnread": {"What was not read is not lost.", func(s *pve.Snapshot) {
			s.Quorate, s.Unknown = false, []pve.UnknownRef{{What: "quorum", Reason: "no answer in time"}}
		}, KindQuorum, nil},
		"CPU": {"", func(s *pve.Snapshot) { s.Nodes[0].CPUUsage, s.Nodes[1].CPUUsage = 0.82, 0.97 }, KindCPU, []*provisov1.HotSpot{
			{Subject: "node n2", Kind: KindCPU, Severity: Error, Value: 0.97, Bound: 0.95}, {Subject: "node n1", Kind: KindCPU, Severity: Warning, Value: 0.82, Bound: 0.8},
		}},
		"Memory": {"Of 40 GiB the host keeps 2: 38 is full, nine tenths of it is a warning.", func(s *pve.Snapshot) {
			s.Nodes[0].MemoryUsedBytes, s.Nodes[1].MemoryUsedBytes, s.Nodes[2].MemoryUsedBytes = 38*gib, 35*gib, 34*gib
		}, KindMemory, []*provisov1.HotSpot{
			{Subject: "node n1", Kind: KindMemory, Severity: Error, Value: float64(38 * gib), Bound: float64(38 * gib)},
			{Subject: "node n2", Kind: KindMemory, Severity: Warning, Value: float64(35 * gib), Bound: 0.9 * float64(38*gib)},
		}},
		"Promised": {"n1 promises 41 of 40 GiB, of which guests may have 38; 69 vCPUs are more than four for each of 16 threads.", func(s *pve.Snapshot) {
			s.Guests[1].MemoryBytes, s.Guests[1].CPUs = 25*gib, 65
		}, KindOvercommit, []*provisov1.HotSpot{
			{Subject: "node n1", Kind: KindOvercommit, Severity: Warning, Value: 69.0 / 16, Bound: 4},
			{Subject: "node n1", Kind: KindOvercommit, Severity: Warning, Value: 41.0 / 40, Bound: 38.0 / 40},
		}},
		"CephWell": {"", func(s *pve.Snapshot) { s.Ceph = pve.Ceph{Presence: pve.PresenceHere, Health: "HEALTH_OK"} }, KindCeph, nil},
		"CephDegraded": {"A quarter of the groups miss a copy.", func(s *pve.Snapshot) {
			s.Ceph = pve.Ceph{Presence: pve.PresenceHere, Health: "HEALTH_WARN", PGs: map[string]int{"active+clean": 96, "active+undersized+degraded": 32}}
		}, KindCeph, []*provisov1.HotSpot{{Subject: "cluster", Kind: KindCeph, Severity: Warning, Value: 0.25}}},
		"CephStopped": {"", func(s *pve.Snapshot) {
			s.Ceph = pve.Ceph{Presence: pve.PresenceHere, Health: "HEALTH_WARN", PGs: map[string]int{"active+clean": 64, "undersized+degraded+peered": 64}}
		}, KindCeph, []*provisov1.HotSpot{{Subject: "cluster", Kind: KindCeph, Severity: Error, Value: 0.5}}},
		"CephNearFull": {"", func(s *pve.Snapshot) {
			s.Ceph = pve.Ceph{Presence: pve.PresenceHere, Health: "HEALTH_OK", UsedBytes: 86, TotalBytes: 100}
		}, KindCeph, []*provisov1.HotSpot{{Subject: "storage ceph", Kind: KindCeph, Severity: Warning, Value: 0.86, Bound: 0.85}}},
		"Saved": {"", nil, KindBackup, nil},
		"Unsaved": {"The job is of n1 alone, and leaves out 103; the template can be made again.", func(s *pve.Snapshot) {
			s.Backup.Jobs[0].Node, s.Backup.Jobs[0].Exclude = "n1", []int{103}
		}, KindBackup, []*provisov1.HotSpot{{Subject: "cluster", Kind: KindBackup, Severity: Warning, Value: 5}}},
		"BackupUnread": {"", func(s *pve.Snapshot) { s.Backup = pve.Backup{} }, KindBackup, nil},
		"OnlyCoverage": {"Proxmox VE names guests that no job takes.", func(s *pve.Snapshot) { s.Backup = pve.Backup{CoverageRead: true, Uncovered: []int{101, 103}} }, KindBackup,
			[]*provisov1.HotSpot{{Subject: "cluster", Kind: KindBackup, Severity: Warning, Value: 2}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := small()
			if tc.change != nil {
				tc.change(s)
			}
			if diff := cmp.Diff(tc.want, spots(analyse(t, s, nil), tc.kind), protocmp.Transform()); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
