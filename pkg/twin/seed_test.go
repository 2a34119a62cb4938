package twin

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

// bigSnapshot is the snapshot of a cluster of a size, as a reader would have taken it.
func bigSnapshot(nodes, guests int) *pve.Snapshot {
	s := &pve.Snapshot{Version: "8.4.1", Quorate: true, Pools: []pve.Pool{{Name: "production"}}, VNets: []pve.VNet{{Name: "apps", Zone: "zone1", ZoneType: "vlan", Tag: 100}}}
	for i := range nodes {
		name := fmt.Sprintf("node%02d", i+1)
		s.Nodes = append(s.Nodes, pve.Node{Name: name, Status: pve.NodeOnline, CPUs: 64, CPUUsage: 0.5, MemoryBytes: 512 << 30, MemoryUsedBytes: 300 << 30, UptimeSeconds: 1000})
		s.Bridges = append(s.Bridges, pve.Bridge{Name: "vmbr0", Node: name, Type: "bridge", Active: true, CIDR: fmt.Sprintf("10.0.0.%d/24", i+10), Gateway: "10.0.0.1"})
		s.Storages = append(s.Storages,
			pve.Storage{Name: "ceph", Node: name, Type: "rbd", Shared: true, Active: true, Content: []string{"images", "rootdir"}, TotalBytes: 1 << 50, UsedBytes: 1 << 40},
			pve.Storage{Name: "local", Node: name, Type: "dir", Active: true, Content: []string{"iso"}, TotalBytes: 100 << 30, UsedBytes: int64(i) << 30})
	}
	for i := range guests {
		g := pve.Guest{
			VMID: 100 + i, Name: fmt.Sprintf("vm-%d", i), Kind: pve.KindVM, Node: s.Nodes[i%nodes].Name, Status: pve.GuestRunning, CPUs: 4, CPUUsage: 0.1,
			MemoryBytes: 8 << 30, MemoryUsedBytes: 1 << 30, DiskBytes: 32 << 30, Pool: "production", Tags: []string{"web"}, UptimeSeconds: 500,
		}
		if i == 0 {
			g.Status, g.Template, g.MemoryUsedBytes = pve.GuestStopped, true, 0
			g.Config = &pve.GuestConfig{
				Cores: 4, Sockets: 1, MemoryMiB: 8192, OSType: "l26", SCSIHW: "virtio-scsi-single", Boot: "order=scsi0", Agent: true, CloudInit: "ide2", Serial0: true, VGA: "serial0",
				Disks: []pve.Disk{{Slot: "scsi0", Storage: "ceph", Volume: "ceph:base-100-disk-0", SizeBytes: 32 << 30, Discard: true}},
				NICs:  []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "vmbr0", MAC: "BC:24:11:00:00:01"}},
			}
		}
		s.Guests = append(s.Guests, g)
	}
	return s
}

// A twin of a snapshot shows the figures of the snapshot.
func TestFromSnapshot(t *testing.T) {
	snapshot := bigSnapshot(4, 40)
	c := newCaller(t, FromSnapshot(snapshot), Options{})
	var nodes []struct {
		Node string
		Mem  int64
		CPU  float64
	}
	c.must("GET /cluster/resources", "type=node", &nodes)
	for i, n := range nodes {
		want := snapshot.Nodes[i]
		if n.Node != want.Name || n.Mem != want.MemoryUsedBytes || n.CPU < want.CPUUsage-0.001 || n.CPU > want.CPUUsage+0.001 {
			t.Errorf("node %s: mem %d cpu %f, want %d %f", n.Node, n.Mem, n.CPU, want.MemoryUsedBytes, want.CPUUsage)
		}
	}
	var rows []guestRow
	c.must("GET /cluster/resources", "type=vm", &rows)
	got, want := rows[7], snapshot.Guests[7]
	if got.Name != want.Name || got.MaxMem != want.MemoryBytes || got.Mem != want.MemoryUsedBytes || got.MaxCPU != want.CPUs || got.MaxDisk != want.DiskBytes || got.Pool != want.Pool || got.Tags != "web" {
		t.Errorf("guest: got %+v, want %+v", got, want)
	}
	conf := c.config("/nodes/node01/qemu/100")
	wantConf := map[string]any{
		"scsi0": "ceph:base-100-disk-0,discard=on,size=32G", "ide2": "ceph:vm-100-cloudinit,media=cdrom", "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
		"serial0": "socket", "vga": "serial0", "agent": "1", "cores": 4.0, "memory": "8192", "template": 1.0, "boot": "order=scsi0",
	}
	for key, value := range wantConf {
		if diff := cmp.Diff(value, conf[key]); diff != "" {
			t.Errorf("template: %s (-want +got):\n%s", key, diff)
		}
	}
	if got := c.task("POST /nodes/node01/qemu/100/clone", "newid=900&full=0&target=node03"); got != "OK" {
		t.Errorf("clone: got %q", got)
	}
	if got := c.task("POST /nodes/node03/qemu/900/status/start", ""); got != "OK" {
		t.Errorf("start: got %q", got)
	}
	if plain := c.config("/nodes/node02/qemu/101"); plain["scsi0"] != "ceph:vm-101-disk-0,size=32G" || plain["cores"] != 4.0 {
		t.Errorf("plain guest: got %v", plain)
	}
	if conf := bigSnapshot(4, 40); !cmp.Equal(conf, snapshot) {
		t.Error("the snapshot was changed")
	}
}

// A storage that an online node cannot use is not there for it; what an offline node could use is not known to be gone.
func TestFromSnapshotStorages(t *testing.T) {
	s := bigSnapshot(3, 3)
	s.Nodes[2].Status = pve.NodeOffline
	for i := range s.Storages {
		switch st := &s.Storages[i]; {
		case st.Node == "node03":
			st.Active = false
		case st.Node == "node02" && st.Name == "ceph":
			st.Active = false
		}
	}
	got := map[string][]string{}
	for _, st := range FromSnapshot(s).Storages {
		got[st.Name] = st.Nodes
	}
	if diff := cmp.Diff(map[string][]string{"ceph": {"node01", "node03"}, "local": nil}, got); diff != "" {
		t.Errorf("nodes of storages (-want +got):\n%s", diff)
	}
}

// A guest without a configuration in the snapshot is the same before and after somebody looked at it.
func TestLookingChangesNothing(t *testing.T) {
	c := newCaller(t, Generated(4, 60, 1), Options{})
	before := string(c.cluster.Dump())
	for _, path := range []string{"/nodes/node02/qemu/101/config", "/nodes/node01/storage/ceph/content", "/cluster/resources", "/nodes/node02/qemu/101/firewall/rules"} {
		c.must("GET "+path, "", nil)
	}
	if diff := cmp.Diff(before, string(c.cluster.Dump())); diff != "" {
		t.Errorf("reading changed the state (-before +after):\n%s", diff)
	}
}

func TestGeneratedIsStable(t *testing.T) {
	if diff := cmp.Diff(Generated(5, 100, 3), Generated(5, 100, 3)); diff != "" {
		t.Errorf("equal arguments, different clusters:\n%s", diff)
	}
	if cmp.Equal(Generated(5, 100, 3), Generated(5, 100, 4)) {
		t.Error("another seed gives the same cluster")
	}
	c := newCaller(t, Generated(32, 500, 1), Options{})
	fractional := false
	var rows []guestRow
	c.must("GET /cluster/resources", "type=vm", &rows)
	for _, row := range rows {
		fractional = fractional || row.MaxCPU == 0.5
	}
	if len(rows) != 500 || !fractional {
		t.Errorf("got %d guests, a fractional CPU limit among them: %t", len(rows), fractional)
	}
}

func BenchmarkFromSnapshot(b *testing.B) {
	snapshot := bigSnapshot(32, 5000)
	for b.Loop() {
		if _, err := New(FromSnapshot(snapshot), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDump(b *testing.B) {
	c, err := New(FromSnapshot(bigSnapshot(32, 5000)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.Dump()
	}
}

func BenchmarkResources(b *testing.B) {
	c, err := New(Generated(32, 5000, 1), Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := &request{who: identity{all: true}, values: map[string][]string{"type": {"vm"}}}
	b.Run("Cached", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.resources(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Cold", func(b *testing.B) {
		for b.Loop() {
			c.change(func() {
				for _, g := range c.guests {
					g.changed()
				}
			})
			if _, err := c.resources(r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
