package pve

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What cannot be read is named, and what it would have held does not look as if it were read and empty.
func TestDetailsThatCannotBeRead(t *testing.T) {
	sections := []struct {
		path, what string
		unread     func(*Snapshot) any // the zero value when it was not read
	}{
		{"/cluster/config/nodes", "votes of nodes", func(s *Snapshot) any { return s.Membership.ExpectedVotes }},
		{"/cluster/ha/status/current", "state of HA services", func(s *Snapshot) any { return s.HAManager.Read }},
		{"/cluster/ha/status/manager_status", "nodes of the HA manager", func(s *Snapshot) any { return s.HAManager.Nodes[0].Member }},
		{"/cluster/sdn/zones?running=1", "SDN", func(s *Snapshot) any { return s.Zones[0].Type }},
		{"/cluster/backup", "backup jobs", func(s *Snapshot) any { return s.Backup.JobsRead }},
		{"/cluster/backup-info/not-backed-up", "backup coverage", func(s *Snapshot) any { return s.Backup.CoverageRead }},
		{"/cluster/ceph/status", "Ceph", func(s *Snapshot) any { return string(s.Ceph.Presence) }},
		{"/nodes/pmox01/ceph/pool", "Ceph pools", func(s *Snapshot) any { return s.Ceph.PoolsRead }},
		{"/cluster/replication", "replication jobs", func(s *Snapshot) any { return len(s.Replications) }},
		{"/cluster/tasks", "running tasks", func(s *Snapshot) any { return len(s.Tasks) }},
		{"/cluster/mapping/pci", "PCI mappings", func(s *Snapshot) any { return s.MappingsKnown(MappingPCI) }},
		{"/cluster/mapping/usb", "USB mappings", func(s *Snapshot) any { return s.MappingsKnown(MappingUSB) }},
		{"/nodes/pmox01/status", "hardware of pmox01", func(s *Snapshot) any { _, read := s.HardwareOf("pmox01"); return read }},
		{"/nodes/pmox01/disks/list?skipsmart=1", "disks of pmox01", func(s *Snapshot) any { return s.Hardware[0].DisksRead }},
		{"/nodes/pmox01/network", "network of pmox01", func(s *Snapshot) any { return len(s.PortsOf("pmox01")) }},
	}
	faults := map[string]struct {
		answer http.HandlerFunc
		reason string // empty: any
	}{
		"Denied":   {refuse(http.StatusForbidden, "Permission check failed (/, Sys.Audit)", `{"data":null}`), reasonDenied},
		"NodeDown": {refuse(595, "No route to host", `{"data":null}`), reasonNoNode},
		"Null":     {data(`null`), ""},
		"HTML":     {html, ""},
	}
	for _, sec := range sections {
		for name, fault := range faults {
			t.Run(sec.what+"/"+name, func(t *testing.T) {
				answers := cluster("8.4.1")
				answers[sec.path] = fault.answer
				if sec.what == "Ceph pools" { // asked of the next node when one does not answer
					answers["/nodes/pmox02/ceph/pool"] = fault.answer
				}
				got, err := newStub(t, answers).reader(t, nil).Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				at := slices.IndexFunc(got.Unknown, func(u UnknownRef) bool { return u.What == sec.what })
				if at < 0 || fault.reason != "" && got.Unknown[at].Reason != fault.reason {
					t.Errorf("%s is not named with reason %q in %v", sec.what, fault.reason, got.Unknown)
				}
				if v := sec.unread(got); v != any(false) && v != any(0) && v != any("") {
					t.Errorf("%s could not be read, and still says %v", sec.what, v)
				}
			})
		}
	}
}

func TestBackedUp(t *testing.T) {
	s := &Snapshot{Guests: []Guest{
		{VMID: 100, Node: "a", Pool: "prod/db"}, {VMID: 101, Node: "b", Pool: "prod"}, {VMID: 102, Node: "a"}, {VMID: 103, Node: "a"},
	}}
	all, none := []BackupJob{{Enabled: true, All: true, Exclude: []int{102}}}, []BackupJob{}
	tests := map[string]struct {
		reason         string
		backup         Backup
		vmid           int
		covered, known bool
	}{
		"All":             {"", Backup{JobsRead: true, Jobs: all}, 101, true, true},
		"Excluded":        {"", Backup{JobsRead: true, Jobs: all}, 102, false, true},
		"SubPool":         {"A pool stands for those below it.", Backup{JobsRead: true, Jobs: []BackupJob{{Enabled: true, Pool: "prod"}}}, 100, true, true},
		"OtherNode":       {"A job of one node leaves out guests of others.", Backup{JobsRead: true, Jobs: []BackupJob{{Enabled: true, Pool: "prod", Node: "a"}}}, 101, false, true},
		"ByID":            {"", Backup{JobsRead: true, Jobs: []BackupJob{{Enabled: true, VMIDs: []int{103}}}}, 103, true, true},
		"SwitchedOff":     {"Proxmox VE itself would count it.", Backup{JobsRead: true, CoverageRead: true, Jobs: []BackupJob{{VMIDs: []int{103}}}}, 103, false, true},
		"NoJobs":          {"", Backup{JobsRead: true, Jobs: none}, 103, false, true},
		"NothingRead":     {"Unknown is not no.", Backup{}, 103, false, false},
		"OnlyCoverageNo":  {"Proxmox VE says that no job takes it.", Backup{CoverageRead: true, Uncovered: []int{103}}, 103, false, true},
		"OnlyCoverageYes": {"The job that takes it may be switched off.", Backup{CoverageRead: true}, 103, false, false},
		"NoSuchGuest":     {"", Backup{JobsRead: true, Jobs: all}, 999, false, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s.Backup = tc.backup
			if covered, known := s.BackedUp(tc.vmid); covered != tc.covered || known != tc.known {
				t.Errorf("%s\ngot %t, %t; want %t, %t", tc.reason, covered, known, tc.covered, tc.known)
			}
		})
	}
}

func TestCephVerdict(t *testing.T) {
	here := func(health string, pgs map[string]int, checks ...string) Ceph {
		c := Ceph{Presence: PresenceHere, Health: health, PGs: pgs}
		for _, code := range checks {
			c.Checks = append(c.Checks, CephCheck{Code: code})
		}
		return c
	}
	tests := map[string]struct {
		reason  string
		ceph    Ceph
		want    CephVerdict
		refuses bool
	}{
		"Clean":       {"", here("HEALTH_OK", map[string]int{"active+clean": 129}), CephTakes, false},
		"Scrubbing":   {"", here("HEALTH_OK", map[string]int{"active+clean": 128, "active+clean+scrubbing+deep": 1}), CephTakes, false},
		"WarnOfOther": {"A warning that has nothing to do with copies does not stop anything.", here("HEALTH_WARN", map[string]int{"active+clean": 1}, "POOL_APP_NOT_ENABLED"), CephTakes, false},
		"OneLost":     {"With min_size copies writes go on.", here("HEALTH_WARN", map[string]int{"active+undersized+degraded": 129}, "OSD_DOWN"), CephDegraded, false},
		"BelowMin":    {"", here("HEALTH_WARN", map[string]int{"active+clean": 100, "undersized+degraded+peered": 29}), CephStopped, true},
		"Unavailable": {"The groups may not be listed yet.", here("HEALTH_WARN", nil, "PG_AVAILABILITY"), CephStopped, true},
		"Down":        {"", here("HEALTH_WARN", map[string]int{"down": 1}), CephStopped, true},
		"Full":        {"", here("HEALTH_ERR", map[string]int{"active+clean": 1}, "OSD_FULL"), CephFull, true},
		"Error":       {"", here("HEALTH_ERR", map[string]int{"active+clean+inconsistent": 1}, "OSD_SCRUB_ERRORS"), CephFailed, true},
		"NoHealth":    {"", here("", nil), CephUnknown, true},
		"NotRead":     {"", Ceph{}, CephUnknown, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tc.ceph.Verdict(); got != tc.want || got.Refuses() != tc.refuses {
				t.Errorf("%s\ngot %s, refuses %t; want %s, %t", tc.reason, got, got.Refuses(), tc.want, tc.refuses)
			}
		})
	}
}

func TestZoneBrokenOn(t *testing.T) {
	z := Zone{States: map[string]string{"c": "error", "a": "ok", "b": "available", "d": "unknown", "e": "pending"}}
	if diff := cmp.Diff([]string{"c", "e"}, z.BrokenOn()); diff != "" {
		t.Errorf("a node that does not answer is not broken: -want, +got:\n%s", diff)
	}
}
