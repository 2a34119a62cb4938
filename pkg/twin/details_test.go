package twin

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Health follows from the daemons that run: of three hosts one may be lost, and two stop the pools.
func TestCephHealth(t *testing.T) {
	type status struct {
		Health struct {
			Status string
			Checks map[string]struct {
				Summary struct{ Message string }
			}
		}
		PGMap struct {
			States []struct {
				Name string `json:"state_name"`
			} `json:"pgs_by_state"`
			Total int64 `json:"bytes_total"`
		}
		OSDMap struct {
			Up int `json:"num_up_osds"`
		}
	}
	steps := []struct {
		down          string
		health, state string
		up            int
		checks        []string
	}{
		{"", "HEALTH_OK", "active+clean", 3, nil},
		{"pmox02", "HEALTH_WARN", "active+undersized+degraded", 2, []string{"OSD_DOWN", "PG_DEGRADED"}},
		{"pmox03", "HEALTH_WARN", "undersized+degraded+peered", 1, []string{"OSD_DOWN", "PG_AVAILABILITY", "PG_DEGRADED"}},
	}
	c := newLab(t, Options{})
	for _, step := range steps {
		if step.down != "" {
			if err := c.cluster.SetOSDs(step.down, false); err != nil {
				t.Fatal(err)
			}
		}
		var got status
		c.must("GET /cluster/ceph/status", "", &got)
		var checks []string
		for _, code := range []string{"OSD_DOWN", "PG_AVAILABILITY", "PG_DEGRADED"} {
			if got.Health.Checks[code].Summary.Message != "" {
				checks = append(checks, code)
			}
		}
		if got.Health.Status != step.health || got.PGMap.States[0].Name != step.state || got.OSDMap.Up != step.up || !cmp.Equal(checks, step.checks) {
			t.Errorf("after %q: %+v, checks %v; want %+v", step.down, got, checks, step)
		}
		if want := 3 * (853*gib + 9*gib/10); got.PGMap.Total != want {
			t.Errorf("raw space is %d, want %d", got.PGMap.Total, want)
		}
	}
	if err := c.cluster.SetOSDs("pmox02", true); err != nil {
		t.Fatal(err)
	}
	var back status
	c.must("GET /nodes/pmox01/ceph/status", "", &back)
	if back.PGMap.States[0].Name != "active+undersized+degraded" {
		t.Errorf("with two hosts again: %+v", back)
	}
	if err := c.cluster.SetOSDs("pmox04", false); !errors.Is(err, ErrSeed) {
		t.Errorf("a node without OSD: got %v, want %v", err, ErrSeed)
	}
}

// A node that goes away takes its daemons along.
func TestCephFollowsNodes(t *testing.T) {
	c := newLab(t, Options{})
	if err := c.cluster.SetOffline("pmox03", true); err != nil {
		t.Fatal(err)
	}
	var got struct{ Health struct{ Status string } }
	c.must("GET /cluster/ceph/status", "", &got)
	if got.Health.Status != "HEALTH_WARN" {
		t.Errorf("health is %s, want HEALTH_WARN", got.Health.Status)
	}
}

func TestWithoutCeph(t *testing.T) {
	seed, err := Lab(S2)
	if err != nil {
		t.Fatal(err)
	}
	seed.CephNodes = []string{"pmox02"}
	c := newCaller(t, seed, Options{})
	for call, status := range map[string]int{
		"GET /cluster/ceph/status": 500, "GET /nodes/pmox01/ceph/pool": 500, "GET /nodes/pmox02/ceph/pool": 200, "GET /nodes/pmox02/ceph/status": 200,
	} {
		if got := c.do(call, ""); got.Status != status || status == 500 && got.Message != "binary not installed: /usr/bin/ceph-mon\n" {
			t.Errorf("%s: got %d %q, want %d", call, got.Status, got.Message, status)
		}
	}
}

// Proxmox VE counts a job that is switched off, and templates.
func TestNotBackedUp(t *testing.T) {
	seed, err := Lab(S2)
	if err != nil {
		t.Fatal(err)
	}
	seed.BackupJobs = []map[string]string{
		{"id": "pool", "pool": labPool, "schedule": "21:00", "storage": "cephfs", "enabled": "1"},
		{"id": "off", "vmid": "101", "schedule": "21:00", "storage": "cephfs", "enabled": "0"},
	}
	var rows []struct {
		VMID int
		Type string
	}
	newCaller(t, seed, Options{}).must("GET /cluster/backup-info/not-backed-up", "", &rows)
	if len(rows) != 1 || rows[0].VMID != 100 || rows[0].Type != "qemu" {
		t.Errorf("got %+v, want the template alone", rows)
	}
}

// Votes decide on quorum, not nodes.
func TestVotes(t *testing.T) {
	seed, err := Lab(S0)
	if err != nil {
		t.Fatal(err)
	}
	seed.Nodes[0].Votes = 3
	c := newCaller(t, seed, Options{})
	for _, node := range []string{"pmox02", "pmox03"} {
		if err := c.cluster.SetOffline(node, true); err != nil {
			t.Fatal(err)
		}
	}
	var rows []struct{ Quorate int }
	c.must("GET /cluster/status", "", &rows)
	if rows[0].Quorate != 1 {
		t.Error("three of five votes are no quorum")
	}
	var votes []struct {
		Node  string
		Votes string `json:"quorum_votes"`
	}
	c.must("GET /cluster/config/nodes", "", &votes)
	if len(votes) != 3 || votes[0].Votes != "3" || votes[1].Votes != "1" {
		t.Errorf("got %+v", votes)
	}
}

// Equal moments give equal figures, whatever is asked for, and a working day is busier than the night before it.
func TestLevels(t *testing.T) {
	noon, night := int64(1_763_726_400), int64(1_763_726_400-10*3600) // Friday, 21 November 2025, 12:00 and 02:00 UTC
	if levelAt(noon, 7) != levelAt(noon, 7) || levelAt(noon, 7) == levelAt(noon, 8) {
		t.Error("the level does not depend on moment and thing alone")
	}
	if levelAt(noon, 7) <= levelAt(night, 7) {
		t.Errorf("noon %v, night %v", levelAt(noon, 7), levelAt(night, 7))
	}
	sum, n := 0.0, 0
	for at := noon; at < noon+7*86400; at += 60 {
		level := levelAt(at, 7)
		if level < 0.3 || level > 1.6 {
			t.Fatalf("level %v at %d", level, at)
		}
		sum, n = sum+level, n+1
	}
	if mean := sum / float64(n); mean < 0.9 || mean > 1 {
		t.Errorf("the mean of a week is %v, want a little below 1", mean)
	}
}
