package pve_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

const (
	auditorToken  = "proviso@pve!reader"
	auditorSecret = "0b3c7b5e-1111-2222-3333-0123456789ab"
)

// lab serves the laboratory of the thesis with pmox04 away, and returns a reader that may audit and nothing more.
func lab(t *testing.T, version string, privileges []string) (*twin.Cluster, *pve.Reader) {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, seed, twin.Options{Version: version}, privileges)
}

// serve serves a cluster, and returns a reader of it.
func serve(t *testing.T, seed twin.Seed, options twin.Options, privileges []string) (*twin.Cluster, *pve.Reader) {
	t.Helper()
	cluster, err := twin.New(seed, options)
	if err != nil {
		t.Fatal(err)
	}
	cluster.AddToken(twin.Token{ID: auditorToken, Secret: auditorSecret, Privileges: privileges})
	srv, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	reader, err := pve.NewReader(pve.Config{Endpoint: srv.URL(), Token: auditorToken + "=" + auditorSecret, CAPEM: srv.CAPEM(), Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return cluster, reader
}

func snapshot(t *testing.T, r *pve.Reader) *pve.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := r.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the thesis says of its laboratory must be found in the snapshot of its twin.
func TestLaboratory(t *testing.T) {
	cluster, reader := lab(t, "", twin.AuditorPrivileges(8))
	got := snapshot(t, reader)

	nodes := map[string]pve.NodeStatus{}
	for _, n := range got.Nodes {
		nodes[n.Name] = n.Status
		if n.Online() && (n.CPUs != 20 || n.MemoryBytes != 32<<30) {
			t.Errorf("%s has %d threads and %d bytes, want 20 and 32 GiB", n.Name, n.CPUs, n.MemoryBytes)
		}
	}
	wantNodes := map[string]pve.NodeStatus{"pmox01": pve.NodeOnline, "pmox02": pve.NodeOnline, "pmox03": pve.NodeOnline, "pmox04": pve.NodeOffline}
	if diff := cmp.Diff(wantNodes, nodes); diff != "" {
		t.Errorf("nodes: -want, +got:\n%s", diff)
	}

	if !got.Quorate || got.Version != "8.3.0" {
		t.Errorf("version %s, quorate %t; want 8.3.0 with quorum", got.Version, got.Quorate)
	}

	var templates []pve.Guest
	for _, g := range got.Templates() {
		templates = append(templates, pve.Guest{VMID: g.VMID, Name: g.Name, Node: g.Node, Config: g.Config})
	}
	wantTemplates := []pve.Guest{{VMID: 100, Name: "k3s-template", Node: "pmox01", Config: &pve.GuestConfig{
		Cores: 2, Sockets: 1, MemoryMiB: 2048, OSType: "l26", SCSIHW: "virtio-scsi-pci", Boot: "order=ide2;scsi0;net0", Agent: true,
		CloudInit: "ide2", Serial0: true, VGA: "serial0",
		Disks: []pve.Disk{{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:base-100-disk-0", SizeBytes: 32 << 30}},
		NICs:  []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "vmbr0"}},
	}}}
	if diff := cmp.Diff(wantTemplates, templates, cmpopts.IgnoreFields(pve.NIC{}, "MAC")); diff != "" {
		t.Errorf("templates: -want, +got:\n%s", diff)
	}

	wantVNets := []pve.VNet{{Name: "mainvnet", Zone: "mainzone", ZoneType: "vlan", Tag: 100,
		Subnets: []pve.Subnet{{CIDR: "192.168.0.0/16", Gateway: "192.168.0.1"}}}}
	if diff := cmp.Diff(wantVNets, got.VNets); diff != "" {
		t.Errorf("vnets: -want, +got:\n%s", diff)
	}

	wantGroups := []pve.HAGroup{{Name: "mainHA", Nodes: map[string]int{"pmox01": 0, "pmox02": 0, "pmox03": 0}, NoFailback: true}}
	if diff := cmp.Diff(wantGroups, got.HAGroups); diff != "" {
		t.Errorf("HA groups: -want, +got:\n%s", diff)
	}
	for _, g := range got.Guests {
		if g.HA == g.Template {
			t.Errorf("guest %d: HA is %t, template is %t; want every guest but the template under HA", g.VMID, g.HA, g.Template)
		}
	}

	for _, node := range []string{"pmox01", "pmox02", "pmox03"} {
		if !got.HasNetwork("vmbr0", node) || !got.HasNetwork("mainvnet", node) {
			t.Errorf("vmbr0 or mainvnet is missing on %s", node)
		}
	}
	if got.HasNetwork("vmbr0", "pmox04") {
		t.Error("a node that is away has a bridge")
	}

	var imports []string
	for _, v := range got.Volumes {
		if v.Content == "import" {
			imports = append(imports, v.ID)
		}
	}
	if diff := cmp.Diff([]string{"cephfs:import/noble-server-cloudimg-amd64.qcow2"}, imports); diff != "" {
		t.Errorf("import images: -want, +got:\n%s", diff)
	}

	if len(got.Unknown) == 0 {
		t.Error("nothing is unknown although a node is away")
	}
	for _, u := range got.Unknown {
		if !strings.Contains(u.What, "pmox04") || u.Reason != "node is offline" {
			t.Errorf("unexpected unknown: %+v", u)
		}
	}

	for _, q := range cluster.Requests() {
		if q.Method != http.MethodGet {
			t.Errorf("the reader sent %s %s", q.Method, q.Path)
		}
		if strings.HasPrefix(q.Path, "/nodes/pmox04/") {
			t.Errorf("the reader asked something of a node that is away: %s", q.Path)
		}
		if q.Status != http.StatusOK {
			t.Errorf("%s was answered with %d", q.Path, q.Status)
		}
	}
	// Version, permissions, status, resources, tasks, votes, HA (4), vnets, zones, subnets, pools, backup (2), Ceph (2), replication, mappings (2);
	// networks, status and disks of three nodes; one template; the content of cephfs once and of local on three nodes.
	if got, limit := len(cluster.Requests()), 21+9+1+1+3; got > limit {
		t.Errorf("the reader sent %d requests, want %d at most", got, limit)
	}

	data, err := got.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := pve.DecodeSnapshot(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("round trip: -want, +got:\n%s", diff)
	}
}

// Release 9 has rules where release 8 has groups; the message may stand in the phrase only, or in the body only.
func TestLaboratoryOnRelease9(t *testing.T) {
	for name, style := range map[string]func(*twin.Cluster){
		"Both": func(*twin.Cluster) {}, "PhraseOnly": (*twin.Cluster).PhraseOnly, "BodyOnly": (*twin.Cluster).BodyOnly,
	} {
		t.Run(name, func(t *testing.T) {
			cluster, reader := lab(t, "9.1.1", twin.AuditorPrivileges(9))
			style(cluster)
			got := snapshot(t, reader)
			if len(got.HAGroups) != 0 || len(got.HARules) == 0 || got.HARules[0].Type != "node-affinity" || len(got.HARules[0].Nodes) != 3 {
				t.Errorf("groups %v, rules %v; want no group and a rule that binds to three nodes", got.HAGroups, got.HARules)
			}
			for _, u := range got.Unknown {
				if u.Reason != "node is offline" {
					t.Errorf("unexpected unknown: %+v", u)
				}
			}
		})
	}
}

// Figures as strings, fractions and null are seen in the field: they must not change what is read.
func TestLooseTypes(t *testing.T) {
	cluster, reader := lab(t, "", twin.AuditorPrivileges(8))
	want := snapshot(t, reader)
	cluster.LooseTypes(true)
	got := snapshot(t, reader)
	// Statistics go on, and null stands for some of them.
	figures := cmpopts.IgnoreFields(pve.Guest{}, "CPUUsage", "MemoryUsedBytes", "UptimeSeconds")
	uptime := cmpopts.IgnoreFields(pve.Node{}, "UptimeSeconds", "CPUUsage", "MemoryUsedBytes")
	if diff := cmp.Diff(want, got, figures, uptime, cmpopts.IgnoreFields(pve.Snapshot{}, "TakenAt", "Sections")); diff != "" {
		t.Errorf("-strict, +loose:\n%s", diff)
	}
}

func TestWeakTokenOnTwin(t *testing.T) {
	_, reader := lab(t, "", []string{"VM.Audit", "Sys.Audit"})
	_, err := reader.Snapshot(t.Context())
	var incomplete *pve.IncompleteAccessError
	if !errors.As(err, &incomplete) {
		t.Fatalf("got error %v, want an IncompleteAccessError", err)
	}
	want := &pve.IncompleteAccessError{Token: auditorToken, Missing: []string{"Datastore.Audit", "Pool.Audit", "SDN.Audit"}}
	if diff := cmp.Diff(want, incomplete); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
}

func TestFaultsOfTwin(t *testing.T) {
	tests := map[string]struct {
		reason  string
		fault   twin.Fault
		err     error  // of the snapshot
		unknown string // what is named when there is a snapshot all the same
	}{
		"CutOnce":    {"An answer may break off in the middle.", twin.Fault{Path: "/cluster/resources", Cut: true, Times: 1}, nil, ""},
		"ResetOnce":  {"A worker may be recycled.", twin.Fault{Path: "/version", Reset: true, Times: 1}, nil, ""},
		"CutAlways":  {"Attempts are bounded.", twin.Fault{Path: "/cluster/resources", Cut: true}, pve.ErrUnreachable, ""},
		"NodeDown":   {"The cluster may still believe in a node.", twin.Fault{Node: "pmox02", Status: 595, Phrase: "No route to host"}, nil, "network of pmox02"},
		"Denied":     {"What the token may not read is named.", twin.Fault{Path: "/cluster/ha/resources", Status: 403, Phrase: "Permission check failed"}, nil, "HA services"},
		"Revoked":    {"A token that is not accepted ends the reading.", twin.Unauthorized, pve.ErrCredentials, ""},
		"NoResource": {"Without the list there is no snapshot.", twin.Fault{Path: "/cluster/resources", Status: 500, Phrase: "x"}, &pve.StatusError{}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cluster, reader := lab(t, "", twin.AuditorPrivileges(8))
			cluster.Inject(tc.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			got, err := reader.Snapshot(ctx)
			if tc.err != nil {
				var status *pve.StatusError
				if _, anyStatus := tc.err.(*pve.StatusError); anyStatus && errors.As(err, &status) && got == nil {
					return
				}
				if !errors.Is(err, tc.err) || got != nil {
					t.Errorf("%s\ngot a snapshot: %t, error %v; want error %v", tc.reason, got != nil, err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s\n%v", tc.reason, err)
			}
			named := false
			for _, u := range got.Unknown {
				named = named || u.What == tc.unknown
			}
			if named != (tc.unknown != "") {
				t.Errorf("%s\nunknown is %v, want %q in it", tc.reason, got.Unknown, tc.unknown)
			}
		})
	}
}
