package pve_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

const gib = int64(1) << 30

// releases runs a test on both releases, on a laboratory that change may alter first.
func releases(t *testing.T, change func(*twin.Seed), test func(*testing.T, *twin.Cluster, *pve.Reader)) {
	t.Helper()
	for version, major := range map[string]int{"8.4.1": 8, "9.1.1": 9} {
		t.Run(version, func(t *testing.T) {
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			if change != nil {
				change(&seed)
			}
			cluster, reader := serve(t, seed, twin.Options{Version: version}, twin.AuditorPrivileges(major))
			test(t, cluster, reader)
		})
	}
}

// Shows: T-3.3.1-01
func TestHardware(t *testing.T) {
	releases(t, func(seed *twin.Seed) {
		seed.Nodes[1].CPUModel, seed.Nodes[1].Sockets, seed.Nodes[1].Cores = "AMD EPYC 7302P", 2, 32
		seed.Nodes[1].Disks = []twin.SeedDisk{{Device: "/dev/sdb", Kind: "hdd", SizeBytes: 4e12}, {Device: "/dev/sda", Kind: "unknown", Model: "Virtual", SizeBytes: 1e11, Use: "ZFS"}}
		seed.Nodes[1].Interfaces = append(seed.Nodes[1].Interfaces, twin.SeedInterface{Name: "bond0", Type: "bond", Slaves: "eno1 eno2", Inactive: true})
	}, func(t *testing.T, cluster *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		first, _ := got.HardwareOf("pmox01")
		want := pve.NodeHardware{
			Node: "pmox01", PVEVersion: got.Version, Kernel: first.Kernel, CPUModel: "12th Gen Intel(R) Core(TM) i7-12700", Sockets: 1, Cores: 12, Threads: 20,
			MemoryBytes: 32 * gib, DisksRead: true, Disks: []pve.PhysicalDisk{{Device: "/dev/sda", Kind: "nvme", Model: "NVMe SSD", SizeBytes: 1_024_209_543_168, Use: "LVM", OSD: true}},
		}
		if diff := cmp.Diff(want, first); diff != "" || first.Kernel == "" {
			t.Errorf("kernel %q; -want, +got:\n%s", first.Kernel, diff)
		}
		second, _ := got.HardwareOf("pmox02")
		wantDisks := []pve.PhysicalDisk{{Device: "/dev/sda", Model: "Virtual", SizeBytes: 1e11, Use: "ZFS"}, {Device: "/dev/sdb", Kind: "hdd", SizeBytes: 4e12}}
		if diff := cmp.Diff(wantDisks, second.Disks); diff != "" || second.Sockets != 2 || second.Cores != 32 {
			t.Errorf("%d sockets, %d cores; disks: -want, +got:\n%s", second.Sockets, second.Cores, diff)
		}
		wantPorts := []pve.Port{{Node: "pmox02", Name: "bond0", Type: "bond", Members: []string{"eno1", "eno2"}}, {Node: "pmox02", Name: "enp1s0", Type: "eth", Active: true}}
		if diff := cmp.Diff(wantPorts, got.PortsOf("pmox02")); diff != "" {
			t.Errorf("ports: -want, +got:\n%s", diff)
		}
		models := map[string][]string{"12th Gen Intel(R) Core(TM) i7-12700": {"pmox01", "pmox03"}, "AMD EPYC 7302P": {"pmox02"}}
		if diff := cmp.Diff(models, got.CPUModels()); diff != "" {
			t.Errorf("unlike processors: -want, +got:\n%s", diff)
		}
		if node, _ := got.Node("pmox02"); node.CPUModel != "AMD EPYC 7302P" {
			t.Errorf("the node's processor is %q", node.CPUModel)
		}
		if _, known := got.HardwareOf("pmox04"); known {
			t.Error("a node that is away has hardware")
		}
		for _, q := range cluster.Requests() {
			if q.Status != 200 && q.Path != "/cluster/ha/groups" {
				t.Errorf("%s was answered with %d", q.Path, q.Status)
			}
		}
	})
}

// Shows: T-3.3.2-05
func TestMembershipAndHAManager(t *testing.T) {
	releases(t, func(seed *twin.Seed) { seed.Nodes[0].Votes = 2 }, func(t *testing.T, cluster *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		want := pve.Membership{Read: true, Name: "pve-cluster", Votes: 4, ExpectedVotes: 5, NodeVotes: map[string]int{"pmox01": 2, "pmox02": 1, "pmox03": 1, "pmox04": 1}}
		if diff := cmp.Diff(want, got.Membership); diff != "" || got.Membership.Needed() != 3 {
			t.Errorf("needed %d; -want, +got:\n%s", got.Membership.Needed(), diff)
		}
		manager := pve.HAManager{Read: true, Quorate: true, Master: "pmox01", State: "active", Nodes: []pve.HANode{
			{Node: "pmox01", State: "active", Member: "online"}, {Node: "pmox02", State: "active", Member: "online"}, {Node: "pmox03", State: "active", Member: "online"},
			{Node: "pmox04", State: "old timestamp - dead?", Member: "unknown"},
		}}
		if diff := cmp.Diff(manager, got.HAManager); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
		for _, node := range []string{"pmox02", "pmox03"} {
			if err := cluster.SetOffline(node, true); err != nil {
				t.Fatal(err)
			}
		}
		got = snapshot(t, reader)
		if got.Quorate || got.HAManager.Quorate || got.Membership.Votes != 2 || got.HAManager.State == "active" {
			t.Errorf("with 2 of 5 votes: quorate %t, manager %+v, membership %+v", got.Quorate, got.HAManager, got.Membership)
		}
	})
}

func TestHANeverUsed(t *testing.T) {
	releases(t, func(seed *twin.Seed) { seed.HAServices, seed.HAGroups = nil, nil }, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		if diff := cmp.Diff(pve.HAManager{Read: true, Quorate: true}, got.HAManager); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
	})
}

// The laboratory has three OSDs of 853.9 GiB, and every object three times.
//
// Shows: T-3.3.2-11
func TestCephOfLaboratory(t *testing.T) {
	releases(t, nil, func(t *testing.T, cluster *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		disk := 853*gib + 9*gib/10
		if got.Ceph.Health != "HEALTH_OK" || got.Ceph.OSDsUp != 3 || got.Ceph.TotalBytes != 3*disk || got.Ceph.Verdict() != pve.CephTakes {
			t.Fatalf("Ceph is %+v", got.Ceph)
		}
		var pool pve.CephPool
		for _, p := range got.Ceph.Pools {
			if p.Name == "pmoxpool01" {
				pool = p
			}
		}
		if pool.Size != 3 || pool.MinSize != 2 || got.Ceph.CapacityBytes(pool) != disk {
			t.Errorf("pool %+v holds %d, want %d: a third of what the disks have", pool, got.Ceph.CapacityBytes(pool), disk)
		}
		storage, _ := got.StorageOn("pmoxpool01", "pmox01")
		free, known := got.Ceph.NetFreeBytes()
		if off := free - (storage.TotalBytes - storage.UsedBytes); !known || off > 1<<20 || off < -1<<20 {
			t.Errorf("net of copies %d are free, known %t; the storage says %d", free, known, storage.TotalBytes-storage.UsedBytes)
		}

		steps := []struct {
			down    string
			health  string
			verdict pve.CephVerdict
			refuses bool
		}{{"pmox02", "HEALTH_WARN", pve.CephDegraded, false}, {"pmox03", "HEALTH_WARN", pve.CephStopped, true}}
		for _, step := range steps {
			if err := cluster.SetOSDs(step.down, false); err != nil {
				t.Fatal(err)
			}
			got = snapshot(t, reader)
			verdict := got.StorageVerdict("pmoxpool01")
			if got.Ceph.Health != step.health || verdict != step.verdict || verdict.Refuses() != step.refuses || len(got.Ceph.Checks) == 0 {
				t.Errorf("without OSDs of %s: %s, %s, checks %v; want %s, %s", step.down, got.Ceph.Health, verdict, got.Ceph.Checks, step.health, step.verdict)
			}
			if got.StorageVerdict("local-lvm") != pve.CephTakes {
				t.Error("a storage elsewhere is judged by Ceph")
			}
		}
	})
}

func TestClusterWithoutCeph(t *testing.T) {
	releases(t, func(seed *twin.Seed) { seed.Ceph = "" }, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		if got.Ceph.Presence != pve.PresenceNone || got.StorageVerdict("pmoxpool01").Refuses() {
			t.Errorf("Ceph is %+v, verdict %s; want none: the RBD storage is somebody else's", got.Ceph, got.StorageVerdict("pmoxpool01"))
		}
		for _, u := range got.Unknown {
			if u.Reason != "node is offline" {
				t.Errorf("unexpected unknown: %+v", u)
			}
		}
	})
}

func TestCephOnSomeNodes(t *testing.T) {
	releases(t, func(seed *twin.Seed) { seed.CephNodes = []string{"pmox02", "pmox03"} }, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		if got.Ceph.Presence != pve.PresenceHere || got.Ceph.Health != "HEALTH_OK" || len(got.Ceph.Pools) != 2 {
			t.Errorf("the node that answers has no monitor, but pmox02 has: got %+v", got.Ceph)
		}
	})
}

func TestBackupOnTwin(t *testing.T) {
	releases(t, func(seed *twin.Seed) {
		seed.BackupJobs = []map[string]string{
			{"id": "pool", "schedule": "*/30", "pool": "Backup-vms-pool", "mode": "snapshot", "storage": "cephfs", "enabled": "1", "prune-backups": "keep-last=8,keep-daily=7"},
			{"id": "off", "schedule": "21:00", "vmid": "101", "mode": "stop", "storage": "cephfs", "enabled": "0"},
		}
	}, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		want := []pve.BackupJob{
			{ID: "off", Schedule: "21:00", Storage: "cephfs", Mode: "stop", VMIDs: []int{101}},
			{ID: "pool", Enabled: true, Schedule: "*/30", Storage: "cephfs", Mode: "snapshot", Pool: "Backup-vms-pool", Retention: map[string]int{"keep-last": 8, "keep-daily": 7}},
		}
		if diff := cmp.Diff(want, got.Backup.Jobs); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
		if diff := cmp.Diff([]int{100}, got.Backup.Uncovered); diff != "" {
			t.Errorf("no job names the template: -want, +got:\n%s", diff)
		}
		for vmid, want := range map[int]bool{119: true, 101: false, 100: false} {
			if covered, known := got.BackedUp(vmid); covered != want || !known {
				t.Errorf("guest %d is backed up: %t, known %t; want %t", vmid, covered, known, want)
			}
		}
	})
}

func TestReplicationSnippetsAndTasks(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for version, major := range map[string]int{"8.4.1": 8, "9.1.1": 9} {
		t.Run(version, func(t *testing.T) {
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			seed.Replications = []pve.Replication{{ID: "119-0", Target: "pmox02", Schedule: "*/5", RateMBs: 20, Disabled: true}}
			seed.Volumes = append(seed.Volumes, twin.SeedVolume{ID: "cephfs:snippets/user.yaml", SizeBytes: 512})
			cluster, reader := serve(t, seed, twin.Options{Version: version, Now: func() time.Time { return now }, TaskTime: func(string) time.Duration { return time.Hour }}, twin.AuditorPrivileges(major))
			if err := cluster.Busy("vzdump", "pmox01", "119"); err != nil {
				t.Fatal(err)
			}
			got := snapshot(t, reader)
			want := []pve.Replication{{ID: "119-0", VMID: 119, Source: "pmox01", Target: "pmox02", Schedule: "*/5", RateMBs: 20, Disabled: true}}
			if diff := cmp.Diff(want, got.Replications); diff != "" {
				t.Errorf("-want, +got:\n%s", diff)
			}
			if len(got.Tasks) != 1 || got.Tasks[0].Type != "vzdump" || got.Tasks[0].VMID() != 119 || !got.Tasks[0].StartedAt.Equal(now) {
				t.Errorf("tasks are %+v, want the backup of 119 that runs since %v", got.Tasks, now)
			}
			snippets := 0
			for _, v := range got.Volumes {
				if v.Content == "snippets" {
					snippets++
				}
			}
			if snippets != 1 {
				t.Errorf("got %d snippets, want one", snippets)
			}
			now = now.Add(2 * time.Hour)
			if got = snapshot(t, reader); len(got.Tasks) != 0 {
				t.Errorf("tasks that have ended still run: %+v", got.Tasks)
			}
		})
	}
}

// A zone of nodes that do not all work shows where it does not.
func TestZones(t *testing.T) {
	releases(t, func(seed *twin.Seed) {
		seed.Zones = append(seed.Zones, twin.SeedZone{Name: "lonely", Type: "simple", Nodes: []string{"pmox03"}, Options: map[string]string{"mtu": "1450"}})
	}, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		want := []pve.Zone{
			{Name: "lonely", Type: "simple", Nodes: []string{"pmox03"}, MTU: 1450, States: map[string]string{"pmox03": "ok"}},
			{Name: "mainzone", Type: "vlan", Bridge: "vmbr0", States: map[string]string{"pmox01": "ok", "pmox02": "ok", "pmox03": "ok", "pmox04": "unknown"}},
		}
		if diff := cmp.Diff(want, snapshot(t, reader).Zones); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
	})
}

// Faults of one path leave the rest, on both releases.
func TestDetailFaultsOfTwin(t *testing.T) {
	faults := map[string]string{
		"/cluster/backup": "backup jobs", "/cluster/backup-info/not-backed-up": "backup coverage", "/cluster/ceph/status": "Ceph",
		"/nodes/*/ceph/pool": "Ceph pools", "/cluster/replication": "replication jobs", "/cluster/tasks": "running tasks",
		"/nodes/pmox02/status": "hardware of pmox02", "/nodes/pmox02/disks/list": "disks of pmox02", "/cluster/config/nodes": "votes of nodes",
		"/cluster/ha/status/manager_status": "nodes of the HA manager",
	}
	for path, what := range faults {
		for _, fault := range []twin.Fault{{Status: 403, Phrase: "Permission check failed"}, {Status: 595, Phrase: "No route to host"}} {
			t.Run(fmt.Sprintf("%s/%d", what, fault.Status), func(t *testing.T) {
				t.Parallel() // a node that does not answer is asked three times
				releases(t, nil, func(t *testing.T, cluster *twin.Cluster, reader *pve.Reader) {
					cluster.Inject(twin.Fault{Path: path, Status: fault.Status, Phrase: fault.Phrase})
					var named []string
					for _, u := range snapshot(t, reader).Unknown {
						if u.Reason != "node is offline" {
							named = append(named, u.What)
						}
					}
					if diff := cmp.Diff([]string{what}, named); diff != "" {
						t.Errorf("-want, +got:\n%s", diff)
					}
				})
			})
		}
	}
}

// A twin of a snapshot has what the snapshot says, so that a reading of it says the same.
func TestTwinOfDetails(t *testing.T) {
	releases(t, func(seed *twin.Seed) {
		seed.Replications = []pve.Replication{{ID: "119-0", Target: "pmox02", Schedule: "*/5", Comment: "near"}}
		seed.Nodes[1].Votes = 3
		seed.Nodes[2].Interfaces = append(seed.Nodes[2].Interfaces, twin.SeedInterface{Name: "bond0", Type: "bond", Slaves: "eno1 eno2"})
	}, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		first := snapshot(t, reader)
		first.Cluster = first.Membership.Name // which is what the operator called it
		_, reader = serve(t, twin.FromSnapshot(first), twin.Options{}, twin.AuditorPrivileges(first.Major()))
		second := snapshot(t, reader)
		for _, section := range []struct {
			name          string
			first, second any
		}{
			{"membership", first.Membership, second.Membership}, {"backup", first.Backup, second.Backup}, {"zones", first.Zones, second.Zones},
			{"replication", first.Replications, second.Replications}, {"hardware", first.Hardware, second.Hardware}, {"ports", first.Ports, second.Ports},
			{"vnets", first.VNets, second.VNets}, {"health of Ceph", first.Ceph.Health, second.Ceph.Health},
		} {
			if diff := cmp.Diff(section.first, section.second); diff != "" {
				t.Errorf("%s: -first, +second:\n%s", section.name, diff)
			}
		}
	})
}

// What is asked of a twin over an hour, a day and a week has the shape of the release, and no gap becomes a zero.
func TestHistoryOnTwin(t *testing.T) {
	shapes := map[string]map[pve.Timeframe]struct {
		points int
		step   time.Duration
	}{
		"8.4.1": {pve.TimeframeHour: {70, time.Minute}, pve.TimeframeDay: {70, 30 * time.Minute}, pve.TimeframeWeek: {70, 3 * time.Hour}},
		"9.1.1": {pve.TimeframeHour: {60, time.Minute}, pve.TimeframeDay: {1440, time.Minute}, pve.TimeframeWeek: {336, 30 * time.Minute}},
	}
	releases(t, nil, func(t *testing.T, cluster *twin.Cluster, reader *pve.Reader) {
		cluster.RRDGaps(true)
		version := snapshot(t, reader).Version
		for timeframe, shape := range shapes[version] {
			h, err := reader.History(t.Context(), pve.HistoryRequest{
				Timeframe: timeframe, Nodes: []string{"pmox01", "pmox04"}, Guests: []pve.GuestRef{{Node: "pmox03", Kind: pve.KindVM, VMID: 123}},
				Storages: []pve.StorageRef{{Node: "pmox01", Name: "pmoxpool01"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(h.Unknown) != 0 {
				t.Errorf("%s: unknown %v; the history of a node that is away is known to the others", timeframe, h.Unknown)
			}
			node, guest, storage := h.Nodes["pmox01"], h.Guests[123], h.Storages[pve.StorageKey("pmox01", "pmoxpool01")]
			for name, s := range map[string]pve.Series{"node": node, "guest": guest, "storage": storage} {
				if s.Points != shape.points || s.Step() != shape.step {
					t.Errorf("%s of %s: %d points of %v, want %d of %v", timeframe, name, s.Points, s.Step(), shape.points, shape.step)
				}
			}
			if known := node.Known(pve.MetricCPU); known >= shape.points || known < shape.points*3/4 {
				t.Errorf("%s: %d of %d points are known, want some gaps", timeframe, known, shape.points)
			}
			for point := range node.Points {
				if cpu, known := node.At(pve.MetricCPU, point); known && (cpu <= 0 || cpu > 1) {
					t.Errorf("%s: point %d of the processor is %v", timeframe, point, cpu)
				}
			}
			if psi := guest.Known(pve.MetricCPUSome) > 0 && node.Known(pve.MetricIOFull) > 0; psi != (version[0] == '9') {
				t.Errorf("%s on %s: pressure is known: %t", timeframe, version, psi)
			}
			if guest.Known(pve.MetricDiskUsed) != 0 || storage.Known(pve.MetricDiskUsed) == 0 || storage.Known(pve.MetricDiskTotal) == 0 {
				t.Errorf("%s: disk of guest known %d times, of storage %d", timeframe, guest.Known(pve.MetricDiskUsed), storage.Known(pve.MetricDiskUsed))
			}
			encoded, err := h.Encode()
			if err != nil {
				t.Fatal(err)
			}
			again, err := pve.DecodeHistory(encoded)
			if diff := cmp.Diff(h, again); err != nil || diff != "" {
				t.Errorf("%s: %v; round trip: -want, +got:\n%s", timeframe, err, diff)
			}
			t.Logf("%s on %s: %d bytes for four series of %d points", timeframe, version, len(encoded), shape.points)
		}
	})
}

func TestHistoryFaultsOfTwin(t *testing.T) {
	releases(t, nil, func(t *testing.T, cluster *twin.Cluster, reader *pve.Reader) {
		cluster.Inject(twin.Fault{Path: "/nodes/pmox01/rrddata", Status: 403, Phrase: "Permission check failed"})
		cluster.Inject(twin.Fault{Path: "/nodes/pmox02/qemu/118/rrddata", Status: 595, Phrase: "No route to host"})
		h, err := reader.History(t.Context(), pve.HistoryRequest{
			Timeframe: pve.TimeframeHour, Nodes: []string{"pmox01", "pmox02"}, Guests: []pve.GuestRef{{Node: "pmox02", Kind: pve.KindVM, VMID: 118}, {Node: "pmox02", Kind: pve.KindVM, VMID: 999}},
		})
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, u := range h.Unknown {
			named[u.What] = u.Reason != ""
		}
		want := map[string]bool{"history of pmox01": true, "history of guest 118": true, "history of guest 999": true}
		if diff := cmp.Diff(want, named); diff != "" || len(h.Nodes) != 1 || len(h.Guests) != 0 {
			t.Errorf("%d nodes, %d guests; -want, +got:\n%s", len(h.Nodes), len(h.Guests), diff)
		}
	})
}

// A guest that is new changes what backups cover, long before the details are old.
func TestRefreshOfCoverage(t *testing.T) {
	const secret = "0b3c7b5e-3333-4444-5555-0123456789ab"
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	seed.BackupJobs = seed.BackupJobs[:1] // of the pool alone
	cluster, reader := serve(t, seed, twin.Options{TokenSecret: secret}, twin.AuditorPrivileges(8))
	follower := pve.NewFollower(reader, pve.FollowerConfig{})
	uncovered := func(want ...int) {
		t.Helper()
		s, err := follower.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.Backup.Uncovered); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
	}
	uncovered(100, 101)
	for _, deed := range []struct {
		method, path, form string
		want               []int
	}{
		{http.MethodPost, "/nodes/pmox02/qemu", "vmid=300&name=new&memory=512", []int{100, 101, 300}},
		{http.MethodPut, "/pools", "poolid=Backup-vms-pool&vms=300", []int{100, 101}},
		{http.MethodPost, "/nodes/pmox02/lxc", "vmid=301&hostname=ct&ostemplate=cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst&rootfs=local-lvm:4", []int{100, 101, 301}},
	} {
		r := httptest.NewRequest(deed.method, "/api2/json"+deed.path, strings.NewReader(deed.form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "PVEAPIToken=root@pam!twin="+secret)
		w := httptest.NewRecorder()
		cluster.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", deed.method, deed.path, w.Code, w.Body)
		}
		uncovered(deed.want...)
	}
}

func TestMappings(t *testing.T) {
	group := 15
	want := []pve.Mapping{
		{Name: "gpu", Kind: pve.MappingPCI, Description: "NVIDIA A2", LiveMigration: true, Devices: []pve.MappingDevice{
			{Node: "pmox01", Path: "0000:01:00.0", ID: "10de:25b6", SubsystemID: "10de:157e", IOMMUGroup: &group}, {Node: "pmox02", Path: "0000:02:00.0", ID: "10de:25b6"},
		}},
		{Name: "key", Kind: pve.MappingUSB, Devices: []pve.MappingDevice{{Node: "pmox03", Path: "1-2", ID: "0529:0001"}}},
	}
	releases(t, func(seed *twin.Seed) { seed.Mappings = want }, func(t *testing.T, _ *twin.Cluster, reader *pve.Reader) {
		got := snapshot(t, reader)
		if diff := cmp.Diff(want, got.Mappings); diff != "" {
			t.Errorf("-want, +got:\n%s", diff)
		}
		again := twin.FromSnapshot(got)
		if diff := cmp.Diff(want, again.Mappings); diff != "" {
			t.Errorf("a twin of the snapshot: -want, +got:\n%s", diff)
		}
		if m, ok := got.Mapping(pve.MappingPCI, "gpu"); !ok || !m.GPU() || !cmp.Equal(m.Nodes(), []string{"pmox01", "pmox02"}) || !got.MappingsKnown(pve.MappingPCI) {
			t.Errorf("mapping %+v, found %t, known %t", m, ok, got.MappingsKnown(pve.MappingPCI))
		}
	})
}
