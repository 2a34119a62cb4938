package pve

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// wantCluster is what the stub's cluster holds, in release 8.
func wantCluster() *Snapshot {
	s := &Snapshot{
		Cluster: "lab", Version: "8.4.1", Quorate: true,
		Nodes: []Node{
			{Name: "pmox01", Status: NodeOnline, CPUs: 8, CPUUsage: 0.25, MemoryBytes: 32e9, MemoryUsedBytes: 8e9, UptimeSeconds: 2000},
			{Name: "pmox02", Status: NodeOnline, CPUs: 16, CPUUsage: 0.5, MemoryBytes: 64e9, MemoryUsedBytes: 32e9, UptimeSeconds: 1000},
			{Name: "pmox03", Status: NodeOffline},
		},
		Guests: []Guest{
			{VMID: 100, Name: "tpl", Kind: KindVM, Node: "pmox02", Status: GuestStopped, Template: true, CPUs: 2, MemoryBytes: 2 << 30,
				Tags: []string{"cloud", "ubuntu"},
				Config: &GuestConfig{Cores: 2, Sockets: 1, MemoryMiB: 2048, Boot: "order=scsi0", NICs: []NIC{},
					Disks: []Disk{{Slot: "scsi0", Storage: "rbd", Volume: "rbd:base-100-disk-0", SizeBytes: 8 << 30}}}},
			{VMID: 101, Name: "web", Kind: KindVM, Node: "pmox01", Status: GuestRunning, CPUs: 4, CPUUsage: 1, MemoryBytes: 4 << 30,
				MemoryUsedBytes: 1 << 30, DiskBytes: 32 << 30, Pool: "prod", HA: true, UptimeSeconds: 3600},
			{VMID: 102, Name: "away", Kind: KindVM, Node: "pmox03", Status: GuestUnknown},
			{VMID: 103, Name: "dns", Kind: KindContainer, Node: "pmox01", Status: GuestRunning, CPUs: 0.5, CPUUsage: 0.25,
				MemoryBytes: 512 << 20, MemoryUsedBytes: 1024, DiskBytes: 8 << 30, UptimeSeconds: 60},
		},
		Storages: []Storage{
			{Name: "cephfs", Node: "pmox01", Type: "cephfs", Shared: true, Active: true, Content: []string{"images", "import", "iso"}, TotalBytes: 5000, UsedBytes: 50},
			{Name: "cephfs", Node: "pmox02", Type: "cephfs", Shared: true, Active: true, Content: []string{"images", "import", "iso"}, TotalBytes: 5000, UsedBytes: 50},
			{Name: "cephfs", Node: "pmox03", Type: "cephfs", Shared: true, Content: []string{"images", "import", "iso"}},
			{Name: "local", Node: "pmox01", Type: "dir", Active: true, Content: []string{"backup", "iso", "vztmpl"}, TotalBytes: 1000, UsedBytes: 100},
			{Name: "local", Node: "pmox02", Type: "dir", Content: []string{"backup", "iso", "vztmpl"}},
			{Name: "local", Node: "pmox03", Type: "dir", Content: []string{"backup", "iso", "vztmpl"}},
			{Name: "rbd", Node: "pmox01", Type: "rbd", Shared: true, Active: true, Content: []string{"images", "rootdir"}, TotalBytes: 9000, UsedBytes: 90},
		},
		Bridges: []Bridge{
			{Name: "vmbr0", Node: "pmox01", Type: "bridge", Active: true, VLANAware: true, CIDR: "192.0.2.11/24", Gateway: "192.0.2.1"},
			{Name: "vmbr0", Node: "pmox02", Type: "bridge", Active: true},
			{Name: "vmbr1", Node: "pmox02", Type: "OVSBridge", VLANAware: true},
		},
		VNets: []VNet{{Name: "web", Zone: "z1", ZoneType: "vlan", Tag: 100, Nodes: []string{"pmox01", "pmox02"},
			Subnets: []Subnet{{CIDR: "10.0.0.0/24"}, {CIDR: "10.1.0.0/24", Gateway: "10.1.0.1"}}}},
		Pools:      []Pool{{Name: "prod", Comment: "production"}},
		HAGroups:   []HAGroup{{Name: "front", Nodes: map[string]int{"pmox01": 0, "pmox02": 2}, Restricted: true}},
		HARules:    []HARule{},
		HAServices: []HAService{{SID: "vm:101", State: "error", Group: "front"}},
		Volumes: []Volume{
			{ID: "cephfs:import/noble.qcow2", Storage: "cephfs", Node: "pmox01", Content: "import", Format: "qcow2", SizeBytes: 600},
			{ID: "local:iso/a.iso", Storage: "local", Node: "pmox01", Content: "iso", Format: "iso", SizeBytes: 7},
		},
		Unknown: []UnknownRef{
			{What: "content of local on pmox02", Reason: reasonStorage},
			{What: "content of local on pmox03", Reason: reasonOffline},
			{What: "hardware of pmox03", Reason: reasonOffline},
			{What: "network of pmox03", Reason: reasonOffline},
		},
	}
	wantDetails(s)
	return s
}

func TestSnapshot(t *testing.T) {
	denied := refuse(http.StatusForbidden, "Permission check failed (/, Sys.Audit)", `{"data":null}`)
	tests := map[string]struct {
		reason  string
		version string
		change  func(map[string]http.HandlerFunc)
		want    func(*Snapshot)
	}{
		"Release8": {
			reason:  "Every kind of thing is read; what lies on the node that is away is unknown, not gone.",
			version: "8.4.1",
		},
		"Release9": {
			reason:  "Release 9 answers 500 for groups because it has rules instead: that is no failure.",
			version: "9.1.2",
			want: func(s *Snapshot) {
				s.Version, s.HAGroups = "9.1.2", []HAGroup{}
				s.HARules = []HARule{
					{Name: "apart", Type: "resource-affinity", Resources: []string{"ct:103", "vm:101"}, Affinity: "negative", Disabled: true},
					{Name: "near", Type: "node-affinity", Resources: []string{"vm:100", "vm:101"}, Nodes: map[string]int{"pmox01": 2, "pmox02": 0}, Strict: true},
				}
			},
		},
		"StandAlone": {
			reason:  "A node without a cluster has no row of type cluster and is quorate.",
			version: "8.4.1",
			change: func(a map[string]http.HandlerFunc) {
				a["/cluster/status"] = data(`[{"type":"node","name":"pmox01","online":1},{"type":"node","name":"pmox02","online":1},{"type":"node","name":"pmox03","online":0}]`)
			},
			want: func(s *Snapshot) {
				s.Membership = Membership{Read: true, Votes: 2, ExpectedVotes: 3, NodeVotes: map[string]int{"pmox01": 1, "pmox02": 1, "pmox03": 1}}
			},
		},
		"NoQuorum": {
			reason:  "Without quorum nothing can be created, so it must be seen.",
			version: "8.4.1",
			change: func(a map[string]http.HandlerFunc) {
				a["/cluster/status"] = data(`[{"type":"cluster","name":"lab","quorate":0},{"type":"node","name":"pmox03","online":0},{"type":"node","name":"pmox04","online":0}]`)
			},
			want: func(s *Snapshot) {
				s.Quorate = false
				s.Nodes = append(s.Nodes, Node{Name: "pmox04", Status: NodeOffline})
				s.Unknown = slices.Insert(s.Unknown, 3, UnknownRef{What: "hardware of pmox04", Reason: reasonOffline})
				s.Unknown = append(s.Unknown, UnknownRef{What: "network of pmox04", Reason: reasonOffline})
			},
		},
		"OptionalDenied": {
			reason:  "A source that the token may not read is named, and the rest is given.",
			version: "8.4.1",
			change: func(a map[string]http.HandlerFunc) {
				a["/cluster/ha/groups"] = denied
				a["/nodes/pmox01/storage/local/content?"] = denied
				a["/nodes/pmox02/qemu/100/config"] = denied
			},
			want: func(s *Snapshot) {
				s.HAGroups = []HAGroup{}
				s.Guests[0].Config = nil
				s.Volumes = s.Volumes[:1]
				s.Unknown = append(s.Unknown, UnknownRef{What: "HA groups", Reason: reasonDenied},
					UnknownRef{What: "content of local on pmox01", Reason: reasonDenied},
					UnknownRef{What: "configuration of template 100", Reason: reasonDenied})
			},
		},
		"NodeJustDied": {
			reason:  "The cluster may still believe in a node that does not answer any more.",
			version: "8.4.1",
			change: func(a map[string]http.HandlerFunc) {
				a["/nodes/pmox02/network"] = refuse(595, "No route to host", "")
			},
			want: func(s *Snapshot) {
				s.Bridges = s.Bridges[:1]
				s.Unknown = append(s.Unknown, UnknownRef{What: "network of pmox02", Reason: reasonNoNode})
			},
		},
		"SharedThroughSecondNode": {
			reason:  "A shared storage is read through the first node on which it is available.",
			version: "8.4.1",
			change: func(a map[string]http.HandlerFunc) {
				resources := a["/cluster/resources"]
				a["/cluster/resources"] = rewritten(resources, `"storage":"cephfs","node":"pmox01","plugintype":"cephfs","status":"available"`,
					`"storage":"cephfs","node":"pmox01","plugintype":"cephfs","status":"unknown"`)
				for _, query := range []string{"?content=import", "?content=iso"} {
					a["/nodes/pmox02/storage/cephfs/content"+query] = a["/nodes/pmox01/storage/cephfs/content"+query]
					delete(a, "/nodes/pmox01/storage/cephfs/content"+query)
				}
			},
			want: func(s *Snapshot) {
				s.Storages[0].Active = false
				s.Volumes[0].Node = "pmox02"
			},
		},
		"NarrowedToken": {
			reason:  "A path on which the token holds less than on / may hide objects.",
			version: "8.4.1",
			change: func(a map[string]http.HandlerFunc) {
				a["/access/permissions"] = data(`{"/":` + auditor + `,"/vms/200":{"VM.PowerMgmt":1}}`)
			},
			want: func(s *Snapshot) {
				s.Unknown = append(s.Unknown, UnknownRef{What: "objects under /vms/200", Reason: reasonNarrow})
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answers := cluster(tc.version)
			if tc.change != nil {
				tc.change(answers)
			}
			want := wantCluster()
			if tc.want != nil {
				tc.want(want)
				want.arrange()
			}
			srv := newStub(t, answers)
			before := time.Now().Add(-time.Second)
			got, err := srv.reader(t, func(c *Config) { c.Cluster = "lab" }).Snapshot(t.Context())
			if err != nil {
				t.Fatalf("%s\n%v", tc.reason, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Snapshot{}, "TakenAt", "Sections")); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
			if got.TakenAt.Before(before) || got.TakenAt.Location() != time.UTC {
				t.Errorf("TakenAt is %v, want now in UTC", got.TakenAt)
			}
			for _, request := range srv.requests() {
				if !strings.HasPrefix(request, "GET ") {
					t.Errorf("the reader sent %s", request)
				}
				if strings.Contains(request, "/nodes/pmox03/") {
					t.Errorf("the reader asked something of a node that is away: %s", request)
				}
			}
		})
	}
}

func TestSnapshotFails(t *testing.T) {
	denied := refuse(http.StatusForbidden, "Permission check failed", "")
	tests := map[string]struct {
		reason string
		path   string
		answer http.HandlerFunc
		want   error
	}{
		"Version":       {"The version decides between groups and rules.", "/version", refuse(500, "x", ""), &StatusError{}},
		"VersionEmpty":  {"An answer without a version is no answer.", "/version", data(`{}`), ErrAnswer},
		"Resources":     {"Without resources a snapshot would read as an empty cluster.", "/cluster/resources", denied, ErrDenied},
		"ResourcesNull": {"Null is no empty list.", "/cluster/resources", data(`null`), ErrAnswer},
		"HTML":          {"A login page of a proxy is not a cluster.", "/cluster/resources", html, ErrAnswer},
		"BadNumber":     {"A figure that is none must not be read as zero.", "/cluster/resources", data(`[{"type":"qemu","maxmem":"lots"}]`), ErrAnswer},
		"Permissions":   {"Privileges decide whether lists are whole.", "/access/permissions", data(`null`), ErrAnswer},
		"NoPrivileges":  {"Lists would be silently short.", "/access/permissions", data(`{}`), ErrIncompleteAccess},
		"OnePrivilege":  {"Lists would be silently short.", "/access/permissions", data(`{"/":{"VM.Audit":1}}`), ErrIncompleteAccess},
		"Revoked":       {"A token that dies half way ends the reading.", "/pools", refuse(401, "no such token", ""), ErrCredentials},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answers := cluster("8.4.1")
			answers[tc.path] = tc.answer
			got, err := newStub(t, answers).reader(t, nil).Snapshot(t.Context())
			if got != nil {
				t.Errorf("%s\ngot a snapshot, want none", tc.reason)
			}
			var status *StatusError
			if _, anyStatus := tc.want.(*StatusError); anyStatus && errors.As(err, &status) {
				return
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("%s\ngot error %v, want %v", tc.reason, err, tc.want)
			}
		})
	}
}

// A cluster has nodes: an empty list must not become an empty cluster.
func TestSnapshotWithoutNodes(t *testing.T) {
	answers := cluster("8.4.1")
	answers["/cluster/resources"], answers["/cluster/status"] = data(`[]`), data(`[]`)
	if got, err := newStub(t, answers).reader(t, nil).Snapshot(t.Context()); got != nil || !errors.Is(err, ErrAnswer) {
		t.Errorf("got %v, %v; want no snapshot and %v", got, err, ErrAnswer)
	}
}

func TestSnapshotNamesMissingPrivileges(t *testing.T) {
	answers := cluster("8.4.1")
	answers["/access/permissions"] = data(`{"/":{"VM.Audit":1,"Sys.Audit":0,"SDN.Audit":1,"Pool.Audit":1}}`)
	_, err := newStub(t, answers).reader(t, nil).Snapshot(t.Context())
	var got *IncompleteAccessError
	if !errors.As(err, &got) {
		t.Fatalf("got error %v, want an IncompleteAccessError", err)
	}
	want := &IncompleteAccessError{Token: "proviso@pve!reader", Missing: []string{"Datastore.Audit", "Sys.Audit"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
}

// The budget is three requests per online node, one per vnet, template and storage with content (two where disks lie there too), and
// about twenty for the cluster.
func TestSnapshotRequests(t *testing.T) {
	srv := newStub(t, cluster("8.4.1"))
	if _, err := srv.reader(t, nil).Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /access/permissions", "GET /cluster/backup", "GET /cluster/backup-info/not-backed-up", "GET /cluster/ceph/status",
		"GET /cluster/config/nodes", "GET /cluster/ha/groups", "GET /cluster/ha/resources", "GET /cluster/ha/status/current",
		"GET /cluster/ha/status/manager_status", "GET /cluster/mapping/pci", "GET /cluster/mapping/usb", "GET /cluster/replication", "GET /cluster/resources", "GET /cluster/sdn/vnets",
		"GET /cluster/sdn/vnets/web/subnets", "GET /cluster/sdn/zones", "GET /cluster/status", "GET /cluster/tasks",
		"GET /nodes/pmox01/ceph/pool", "GET /nodes/pmox01/disks/list", "GET /nodes/pmox01/network", "GET /nodes/pmox01/status", "GET /nodes/pmox01/storage/cephfs/content",
		"GET /nodes/pmox01/storage/cephfs/content", "GET /nodes/pmox01/storage/local/content",
		"GET /nodes/pmox02/disks/list", "GET /nodes/pmox02/network", "GET /nodes/pmox02/qemu/100/config", "GET /nodes/pmox02/status", "GET /pools", "GET /version",
	}
	got := srv.requests()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
}

func TestSnapshotCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	answers := cluster("8.4.1")
	answers["/nodes/pmox01/network"] = func(_ http.ResponseWriter, req *http.Request) {
		cancel()
		<-req.Context().Done()
	}
	got, err := newStub(t, answers).reader(t, nil).Snapshot(ctx)
	if got != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v; want no snapshot and context.Canceled", got, err)
	}
}

func html(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("<html>Please log in</html>"))
}

// rewritten answers as the handler does, with one text replaced by another.
func rewritten(answer http.HandlerFunc, old, replacement string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		answer(replacer{w, strings.NewReplacer(old, replacement)}, req)
	}
}

type replacer struct {
	http.ResponseWriter
	texts *strings.Replacer
}

func (r replacer) Write(p []byte) (int, error) {
	if _, err := r.ResponseWriter.Write([]byte(r.texts.Replace(string(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}
