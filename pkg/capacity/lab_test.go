package capacity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The laboratory of the thesis with pmox04 off, read by the real reader on both releases. Each node has 32 GiB, of which the host keeps
// 2, and 20 threads; pmox01 runs 4+4+8 GiB with 10 vCPUs, pmox02 8+4+8 with 12, pmox03 4+8 with 8.
//
// Shows: T-3.3.5-211
func TestLaboratory(t *testing.T) {
	for version, major := range map[string]int{"8.4.1": 8, "9.1.1": 9} {
		t.Run(version, func(t *testing.T) {
			s, h := laboratory(t, version, major)
			a := capacity.Analyse(capacity.Input{Snapshot: s, History: h, Forecaster: forecast.New(), Now: s.TakenAt})

			type row struct {
				Roles          string
				VCPUs          int32
				Promised, Free int64 // GiB
			}
			got := map[string]row{}
			for _, n := range a.GetNodes() {
				got[n.GetNode()] = row{strings.Join(n.GetRoles(), " "), n.GetVcpus(), n.GetMemoryPromisedMib() / 1024, n.GetMemoryFreeMib() / 1024}
				if online := n.GetStatus() == "online"; online != (n.CpuPeak != nil) || online && (n.GetCpuPeak() < n.GetCpuUsage()/2 || n.GetCpuPeak() > 1 || n.GetMemoryPeakMib() <= 0) {
					t.Errorf("%s is %s; its CPU peaks at %v, its memory at %d MiB", n.GetNode(), n.GetStatus(), n.CpuPeak, n.GetMemoryPeakMib())
				}
			}
			want := map[string]row{
				"pmox01": {"ceph-osd ha-master", 10, 16, 14}, "pmox02": {"ceph-osd", 12, 20, 10}, "pmox03": {"ceph-osd", 8, 12, 18}, "pmox04": {},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("nodes: -want, +got:\n%s", diff)
			}
			if a.GetVcpuOvercommit() != 0.5 || a.GetMemoryOvercommit() != 0.5 || !a.GetSurvivesNodeLoss() {
				t.Errorf("30 of 60 vCPUs and 48 of 96 GiB are promised: %v, %v; survives %t", a.GetVcpuOvercommit(), a.GetMemoryOvercommit(), a.GetSurvivesNodeLoss())
			}
			// pmox01 lost: 8 to pmox03 (10), 4 to pmox02 (6), 4 to pmox03 (6). The others leave as much, so that the first is the worst. The
			// group, or the rule that it became, has the same three nodes.
			if len(a.GetHeadroom()) != 2 {
				t.Fatalf("headroom of %d sets, want the cluster and mainHA: %v", len(a.GetHeadroom()), a.GetHeadroom())
			}
			for _, loss := range a.GetHeadroom() {
				if loss.GetWorstNode() != "pmox01" || loss.GetMemoryFreeMib() != 12*1024 || loss.GetLargestGuestMib() != 6*1024 || loss.GetGuestsWithoutRoom() != 0 {
					t.Errorf("headroom %v, want 12 GiB and 6 in one piece without pmox01", loss)
				}
			}
			features(t, a, major)
			storage(t, s, a)
		})
	}
}

func features(t *testing.T, a *provisov1.InfrastructureAnalysis, major int) {
	t.Helper()
	want := map[string]string{
		capacity.FeatureCeph: "available: cephfs pmoxpool01", capacity.FeatureSDN: "available: mainvnet", capacity.FeatureCloudInit: "available: k3s-template",
		capacity.FeatureLiveMigration: "available: pmoxpool01", capacity.FeatureGPUMapping: "absent:", capacity.FeatureReplication: "absent:",
		capacity.FeatureBackup: "available: backup-all backup-k3s", capacity.FeatureAutoscaling: "unknown:",
	}
	want[capacity.FeatureHAGroups], want[capacity.FeatureHARules] = "available: mainHA", "absent:"
	if major >= 9 {
		want[capacity.FeatureHAGroups] = "absent:"
		delete(want, capacity.FeatureHARules) // its name is Proxmox VE's choice
		if f := capacity.Find(a, capacity.FeatureHARules); f.GetState() != capacity.Available || len(f.GetNames()) != 1 {
			t.Errorf("rules of release 9: %v", f)
		}
	}
	for name, says := range want {
		f := capacity.Find(a, name)
		if got := strings.TrimSpace(f.GetState() + ": " + strings.Join(f.GetNames(), " ")); got != says {
			t.Errorf("%s is %q (%s), want %q", name, got, f.GetEvidence(), says)
		}
	}
}

// storage checks the pool: three hosts with one disk each and three copies. There is no fourth host to make a lost copy on, so that
// only what brings Ceph near full is kept.
func storage(t *testing.T, s *pve.Snapshot, a *provisov1.InfrastructureAnalysis) {
	t.Helper()
	pool := capacity.Storage(a, "pmoxpool01", "pmox02")
	want := int64(0.85*float64(s.Ceph.TotalBytes)-float64(s.Ceph.UsedBytes)) / 3
	if off := pool.GetUsableBytes() - want; off > 1<<30 || off < -1<<30 || pool.GetCopies() != 3 || pool.GetMedium() != "nvme" || !pool.GetThin() {
		t.Errorf("of the pool %d GiB are usable, want %d: %v", pool.GetUsableBytes()>>30, want>>30, pool)
	}
	if local := capacity.Storage(a, "local-lvm", "pmox04"); local.GetActive() || local.GetUsableBytes() != 0 {
		t.Errorf("a storage of a node that is off has room: %v", local)
	}
}

func laboratory(t *testing.T, version string, major int) (*pve.Snapshot, *pve.History) {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := twin.New(seed, twin.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	token := twin.Token{ID: "proviso@pve!reader", Secret: "5f1b7c0e-aaaa-bbbb-cccc-0123456789ab", Privileges: twin.AuditorPrivileges(major)}
	cluster.AddToken(token)
	srv, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	r, err := pve.NewReader(pve.Config{Endpoint: srv.URL(), Token: token.ID + "=" + token.Secret, CAPEM: srv.CAPEM(), Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h, err := r.History(t.Context(), pve.HistoryRequest{Timeframe: pve.TimeframeWeek, Nodes: []string{"pmox01", "pmox02", "pmox03", "pmox04"}})
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}
