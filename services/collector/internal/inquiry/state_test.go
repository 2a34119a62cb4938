package inquiry

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// read is the cluster with the details that a reader adds.
func read() *pve.Snapshot {
	s := cluster()
	s.Membership = pve.Membership{Read: true, Name: "lab", Votes: 2, ExpectedVotes: 3, NodeVotes: map[string]int{"a": 1, "b": 1, "c": 1}}
	s.HAManager = pve.HAManager{Read: true, Quorate: true, Master: "a", State: "active", Nodes: []pve.HANode{
		{Node: "a", State: "active", Member: "online"}, {Node: "c", State: "old timestamp - dead?", Member: "fence"},
	}}
	s.Ceph = pve.Ceph{
		Presence: pve.PresenceHere, Health: "HEALTH_OK", OSDs: 3, OSDsUp: 3, PGs: map[string]int{"active+clean": 128}, TotalBytes: 300 * gib, FreeBytes: 180 * gib, PoolsRead: true,
		Pools: []pve.CephPool{{Name: "vms", Type: "replicated", Size: 3, MinSize: 2, FreeBytes: 60 * gib, FreeKnown: true}},
	}
	s.Zones = []pve.Zone{{Name: "z", Type: "vlan", States: map[string]string{"a": "ok", "b": "error", "c": "unknown"}}}
	s.Backup = pve.Backup{JobsRead: true, CoverageRead: true, Jobs: []pve.BackupJob{
		{ID: "often", Enabled: true, Schedule: "*/30", Storage: "nas", Pool: "backup", Retention: map[string]int{"keep-last": 8}},
		{ID: "paused", Schedule: "21:00", All: true},
	}}
	s.Tasks = []pve.Task{{UPID: "UPID:a", Node: "a", Type: "vzdump", ID: "101", User: "root@pam", StartedAt: time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)}}
	s.Hardware = []pve.NodeHardware{{
		Node: "a", PVEVersion: "8.3.0", Kernel: "6.8.12-9-pve", CPUModel: "Xeon", Sockets: 1, Cores: 8, Threads: 16, MemoryBytes: 32 * gib, DisksRead: true,
		Disks: []pve.PhysicalDisk{{Device: "/dev/nvme0n1", Kind: "nvme", Model: "Fast", SizeBytes: 500 * gib, OSD: true}, {Device: "/dev/sda", SizeBytes: 100 * gib, Use: "LVM"}},
	}}
	s.Ports = []pve.Port{{Node: "a", Name: "bond0", Type: "bond", Active: true, Members: []string{"eno1", "eno2"}}, {Node: "a", Name: "eno1", Type: "eth", Active: true}, {Node: "a", Name: "eno2", Type: "eth"}}
	return s
}

// rows are the lines of a reply, "label | value | reason".
func rows(r *provisov1.Reply) []string {
	var lines []string
	for _, row := range r.GetRows() {
		lines = append(lines, row.GetLabel()+" | "+row.GetValue()+" | "+row.GetReason())
	}
	return lines
}

// Shows: T-3.3.2-05
func TestStateOfCluster(t *testing.T) {
	tests := map[string]struct {
		reason string
		change func(*pve.Snapshot)
		en, fr string
	}{
		"Well": {
			en: "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has quorum: 2 of 3 votes are there and 2 are needed. The HA manager is active on a.",
			fr: "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster a le quorum : 2 voix sur 3, il en faut 2. Le gestionnaire de HA est actif sur a.",
		},
		"NoQuorum": {
			change: func(s *pve.Snapshot) {
				s.Quorate, s.Membership.Votes, s.HAManager.State = false, 1, "old timestamp - dead?"
			},
			en: "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has no quorum: 1 of 3 votes are there and 2 are needed, so nothing can be changed in it. The HA manager on a reports “old timestamp - dead?”: it may restart nothing now.",
			fr: "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster n'a pas le quorum : 1 voix sur 3, il en faut 2 ; rien ne peut y être modifié. Le gestionnaire de HA sur a signale « old timestamp - dead? » : il se peut qu'il ne redémarre rien en ce moment.",
		},
		"QDevice": {
			reason: "A vote that the API does not tell must not make the figures contradict the cluster.",
			change: func(s *pve.Snapshot) { s.Membership.Votes = 1 },
			en:     "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has quorum. The HA manager is active on a.",
			fr:     "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster a le quorum. Le gestionnaire de HA est actif sur a.",
		},
		"Unread": {
			reason: "What was not read is unknown, not fine.",
			change: func(s *pve.Snapshot) {
				s.Membership, s.HAManager, s.Ceph = pve.Membership{}, pve.HAManager{}, pve.Ceph{}
			},
			en: "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has quorum. The state of the HA manager was not read, so it is unknown.",
			fr: "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster a le quorum. L'état du gestionnaire de HA n'a pas été lu : il est inconnu.",
		},
		"HANeverUsed": {
			change: func(s *pve.Snapshot) { s.HAManager = pve.HAManager{Read: true, Quorate: true} },
			en:     "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has quorum: 2 of 3 votes are there and 2 are needed. HA is not in use.",
			fr:     "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster a le quorum : 2 voix sur 3, il en faut 2. La HA n'est pas utilisée.",
		},
		"CephStopped": {
			change: func(s *pve.Snapshot) { s.Ceph.PGs = map[string]int{"undersized+degraded+peered": 128} },
			en:     "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has quorum: 2 of 3 votes are there and 2 are needed. The HA manager is active on a. Ceph: fewer copies than its pools need are left, so writes hang and nothing is placed there.",
			fr:     "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster a le quorum : 2 voix sur 3, il en faut 2. Le gestionnaire de HA est actif sur a. Ceph : il reste moins de copies que ses pools n'en exigent : les écritures sont bloquées et rien n'y est placé.",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := read()
			if tc.change != nil {
				tc.change(s)
			}
			for lang, want := range map[string]string{"en": tc.en, "fr": tc.fr} {
				got := Answer(Facts{Snapshot: s}, Query{Topic: TopicCluster}, lang)
				if diff := cmp.Diff(want, got.GetText()); diff != "" {
					t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
				}
				if err := wire.Validate(got); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestRowsOfCluster(t *testing.T) {
	want := []string{
		"Ceph | HEALTH_OK, 3 of 3 OSDs up; 60 GiB free net of copies | every copy is there",
		"HA on a | active | seen as online",
		"HA on c | old timestamp - dead? | seen as fence",
		"Zone z | does not work on b | ",
		"vzdump 101 | running on a, by root@pam | since 08:30 UTC",
	}
	got := strings.Join(rows(Answer(Facts{Snapshot: read()}, Query{Topic: TopicCluster}, "en")), "\n")
	for _, line := range want {
		if !strings.Contains(got, line) {
			t.Errorf("no row %q in\n%s", line, got)
		}
	}
}

// Shows: T-3.3.1-01
func TestHardwareOfNode(t *testing.T) {
	q := Query{Topic: TopicNode, Node: "a", Aspect: AspectHardware}
	for lang, want := range map[string][]string{
		"en": {
			"a has Xeon: 1 socket, 8 cores, 16 threads, 32 GiB of memory, 2 disks (600 GiB in all) and 2 network interfaces.",
			"Hardware | Xeon: 1 socket, 8 cores, 16 threads | 32 GiB of memory", "Proxmox VE | 8.3.0 | kernel 6.8.12-9-pve",
			"/dev/nvme0n1 | NVMe, 500 GiB | Fast, Ceph OSD", "/dev/sda | unknown, 100 GiB | LVM",
			"bond0 | bond of eno1 and eno2 | active", "eno1 | network interface; its speed is not in the API | active", "eno2 | network interface; its speed is not in the API | inactive",
		},
		"fr": {
			"a a Xeon : 1 socket, 8 cœurs, 16 threads, 32 Gio de mémoire, 2 disques (600 Gio en tout) et 2 interfaces réseau.",
			"Matériel | Xeon : 1 socket, 8 cœurs, 16 threads | 32 Gio de mémoire", "Proxmox VE | 8.3.0 | noyau 6.8.12-9-pve",
			"/dev/nvme0n1 | NVMe, 500 Gio | Fast, OSD Ceph", "/dev/sda | inconnu, 100 Gio | LVM",
			"bond0 | agrégat de eno1 et eno2 | active", "eno1 | interface réseau ; l'API ne donne pas son débit | active", "eno2 | interface réseau ; l'API ne donne pas son débit | inactive",
		},
	} {
		got := Answer(Facts{Snapshot: read()}, q, lang)
		if diff := cmp.Diff(want, append([]string{got.GetText()}, rows(got)...)); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
	}
	s := read()
	s.Hardware, s.Unknown = nil, append(s.Unknown, pve.UnknownRef{What: "hardware of a", Reason: "token may not read it"})
	want := []string{"What a is made of could not be read, so it is unknown.", "Hardware | unknown | "}
	got := Answer(Facts{Snapshot: s}, q, "en")
	if diff := cmp.Diff(want, append([]string{got.GetText()}, rows(got)...)); diff != "" {
		t.Errorf("unread: -want, +got:\n%s", diff)
	}
	if all := strings.Join(rows(Answer(Facts{Snapshot: read()}, Query{Topic: TopicNode, Node: "a"}, "en")), "\n"); !strings.Contains(all, want[1][:8]) || !strings.Contains(all, "/dev/sda") {
		t.Errorf("the view of a node does not show its hardware:\n%s", all)
	}
}

func TestBackupJobs(t *testing.T) {
	tests := map[string]struct {
		reason string
		change func(*pve.Snapshot)
		q      Query
		en, fr string
	}{
		"Without": {
			reason: "A job that is switched off saves nothing.", q: Query{Topic: TopicBackup},
			en: "5 machines are saved by no backup job: db (102), big (103), off (104), gone (105) and box (110).",
			fr: "5 machines ne sont sauvegardées par aucune tâche : db (102), big (103), off (104), gone (105) et box (110).",
		},
		"All": {
			change: func(s *pve.Snapshot) { s.Backup.Jobs[1].Enabled = true }, q: Query{Topic: TopicBackup},
			en: "Every machine is saved by a backup job that is switched on.", fr: "Toutes les machines sont sauvegardées par une tâche active.",
		},
		"GuestYes": {
			q:  Query{Topic: TopicGuest, Guests: []int{101}, Aspect: AspectBackups},
			en: "Yes, web (101) is saved: “*/30” to nas.", fr: "Oui, web (101) est sauvegardé : « */30 » vers nas.",
		},
		"GuestNo": {
			q:  Query{Topic: TopicGuest, Guests: []int{102}, Aspect: AspectBackups},
			en: "No, no backup job that is switched on saves db (102).", fr: "Non, aucune tâche active ne sauvegarde db (102).",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := read()
			if tc.change != nil {
				tc.change(s)
			}
			for lang, want := range map[string]string{"en": tc.en, "fr": tc.fr} {
				if got := Answer(Facts{Snapshot: s}, tc.q, lang).GetText(); got != want {
					t.Errorf("%s\n got %q\nwant %q", tc.reason, got, want)
				}
			}
		})
	}
}
