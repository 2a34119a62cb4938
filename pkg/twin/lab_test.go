package twin

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

// The values that the thesis states (sections 4.3, 4.4, 4.6). Our own choices are not pinned.
//
// Shows: T-4.3-01
func TestLabAsStated(t *testing.T) {
	seed, err := Lab(S1)
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]SeedNode{}
	for _, n := range seed.Nodes {
		nodes[n.Name] = n
	}
	for name, address := range map[string]string{"pmox01": "172.25.5.201", "pmox02": "172.25.5.202", "pmox03": "172.25.5.203"} {
		n := nodes[name]
		want := SeedNode{Name: name, Address: address, CPUs: 20, Cores: 12, Sockets: 1, MemoryBytes: 32 << 30, RootBytes: n.RootBytes}
		got := SeedNode{Name: n.Name, Address: n.Address, CPUs: n.CPUs, Cores: n.Cores, Sockets: n.Sockets, MemoryBytes: n.MemoryBytes, RootBytes: n.RootBytes}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		bridge := SeedInterface{Name: "vmbr0", Type: "OVSBridge", CIDR: address + "/24", Gateway: "172.25.5.1", Ports: "enp1s0"}
		if diff := cmp.Diff(bridge, n.Interfaces[1]); diff != "" {
			t.Errorf("bridge of %s (-want +got):\n%s", name, diff)
		}
	}
	if _, ok := nodes["pmox04"]; !ok {
		t.Error("pmox04, which the thesis adds, is missing")
	}
	if seed.Name != "pve-cluster" || seed.Version != "8.3.0" || seed.Ceph != "HEALTH_OK" {
		t.Errorf("cluster is %q %q %q, want pve-cluster 8.3.0 HEALTH_OK", seed.Name, seed.Version, seed.Ceph)
	}
	group := []pve.HAGroup{{Name: "mainHA", Nodes: map[string]int{"pmox01": 0, "pmox02": 0, "pmox03": 0}, NoFailback: true}}
	if diff := cmp.Diff(group, seed.HAGroups); diff != "" {
		t.Errorf("HA group (-want +got):\n%s", diff)
	}
	vnet := seed.VNets[0]
	if vnet.Name != "mainvnet" || vnet.Zone != "mainzone" || vnet.ZoneType != "vlan" {
		t.Errorf("vnet is %+v, want mainvnet in the VLAN zone mainzone", vnet)
	}
	if diff := cmp.Diff([]pve.Subnet{{CIDR: "192.168.0.0/16", Gateway: "192.168.0.1"}}, vnet.Subnets); diff != "" {
		t.Errorf("subnet (-want +got):\n%s", diff)
	}
	jobs := map[string]map[string]string{}
	for _, j := range seed.BackupJobs {
		jobs[j["schedule"]] = j
	}
	if j := jobs["*/30"]; j["pool"] != "Backup-vms-pool" || j["mode"] != "snapshot" || j["storage"] != "cephfs" {
		t.Errorf("half-hourly job is %v", j)
	}
	if j := jobs["21:00"]; j["all"] != "1" || j["mode"] != "stop" || j["storage"] != "cephfs" {
		t.Errorf("daily job is %v", j)
	}
}

func TestLabGuestsAsStated(t *testing.T) {
	seed, err := Lab(S2)
	if err != nil {
		t.Fatal(err)
	}
	guests := map[int]SeedGuest{}
	for _, g := range seed.Guests {
		guests[g.VMID] = g
	}
	names := map[int]string{100: "k3s-template", 101: "OPNsense", 124: "worker-node-3"}
	for id, name := range names {
		if guests[id].Name != name {
			t.Errorf("guest %d is %q, want %q", id, guests[id].Name, name)
		}
	}
	stated := map[int]map[string]string{
		100: {"cores": "2", "memory": "2048", "scsihw": "virtio-scsi-pci", "serial0": "socket", "vga": "serial0", "boot": "order=ide2;scsi0;net0", "ciuser": "admin-ubt", "ipconfig0": "ip=dhcp", "agent": "1"},
		101: {"cores": "2", "memory": "4096", "net0": "virtio,bridge=mainvnet", "net1": "virtio,bridge=vmbr0"},
		123: {"cores": "6", "memory": "8192", "net0": "virtio,bridge=mainvnet"},
	}
	for id, want := range stated {
		for key, value := range want {
			if got := guests[id].Config[key]; got != value {
				t.Errorf("%s of %d is %q, want %q", key, id, got, value)
			}
		}
	}
	if !guests[100].Template || guests[124].Node != "pmox01" {
		t.Errorf("100 template %t, 124 on %s; want a template, and pmox01 after the recovery", guests[100].Template, guests[124].Node)
	}
	if _, err := Lab("S9"); !errors.Is(err, ErrState) {
		t.Errorf("unknown state: got %v, want ErrState", err)
	}
}

// Scenario 4 places its machine on the node with most free memory, which must be pmox03 in the default state.
func TestLabRoomiestNode(t *testing.T) {
	c := newLab(t, Options{})
	var rows []struct {
		Node, Status string
		Mem, Maxmem  int64
	}
	c.must("GET /cluster/resources", "type=node", &rows)
	best, free := "", int64(0)
	for _, row := range rows {
		if row.Status == "online" && row.Maxmem-row.Mem > free {
			best, free = row.Node, row.Maxmem-row.Mem
		}
	}
	if best != "pmox03" {
		t.Errorf("most free memory: got %s with %d GiB, want pmox03", best, free>>30)
	}
	var highest int
	var guests []struct{ VMID int }
	c.must("GET /cluster/resources", "type=vm", &guests)
	for _, g := range guests {
		highest = max(highest, g.VMID)
	}
	if highest != 124 {
		t.Errorf("highest id: got %d, want 124, so that the next one is the thesis's 125", highest)
	}
}

// What the twin writes as a fixture it can read again.
func TestFixtureRoundTrip(t *testing.T) {
	for name, seed := range map[string]Seed{"Generated": Generated(3, 40, 7), "Lab": func() Seed { s, _ := Lab(S1); return s }()} {
		text, err := json.Marshal(seed)
		if err != nil {
			t.Fatal(err)
		}
		again, err := FromJSON(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(seed, again); diff != "" {
			t.Errorf("%s (-seed +again):\n%s", name, diff)
		}
	}
	if _, err := FromJSON([]byte(`{"nods":[]}`)); !errors.Is(err, ErrSeed) {
		t.Errorf("misspelt field: got %v, want ErrSeed", err)
	}
}

func TestSeedMistakes(t *testing.T) {
	tests := map[string]struct {
		reason string
		change func(*Seed)
	}{
		"NoNode":      {reason: "a cluster has nodes", change: func(s *Seed) { s.Nodes = nil }},
		"UnknownNode": {reason: "guests live somewhere", change: func(s *Seed) { s.Guests[0].Node = "none" }},
		"Twice":       {reason: "ids are unique", change: func(s *Seed) { s.Guests[1].VMID = s.Guests[0].VMID }},
		"UnknownPool": {reason: "pools are there", change: func(s *Seed) { s.Guests[0].Pool = "none" }},
		"NoStorage":   {reason: "volumes lie on storages", change: func(s *Seed) { s.Volumes[0].ID = "none:iso/x.iso" }},
	}
	for name, tc := range tests {
		seed, err := Lab(S2)
		if err != nil {
			t.Fatal(err)
		}
		tc.change(&seed)
		if _, err := New(seed, Options{}); !errors.Is(err, ErrSeed) {
			t.Errorf("%s: %s: got %v, want ErrSeed", name, tc.reason, err)
		}
	}
}
