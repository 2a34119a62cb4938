package understand

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// rich returns the laboratory with machines to take after: two series of web servers, a database whose configuration is known, a
// second template.
func rich() *pve.Snapshot {
	s := lab()
	add := func(id int, name string, cores, memGiB int, config *pve.GuestConfig) *pve.Guest {
		s.Guests = append(s.Guests, pve.Guest{VMID: id, Name: name, Kind: pve.KindVM, Node: "pmox01", Status: pve.GuestRunning, CPUs: float64(cores),
			MemoryBytes: int64(memGiB) * gib, DiskBytes: 32 * gib, Config: config})
		return &s.Guests[len(s.Guests)-1]
	}
	add(200, "web-01", 2, 4, nil)
	add(201, "web-02", 2, 4, nil)
	db := add(202, "db1", 8, 32, &pve.GuestConfig{Cores: 4, Sockets: 2, MemoryMiB: 32 * 1024, CPUType: "host", Boot: "order=scsi0",
		Disks: []pve.Disk{{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:base-100-disk-0/vm-202-disk-0", SizeBytes: 64 * gib}, {Slot: "scsi1", Storage: "local-lvm", Volume: "local-lvm:vm-202-disk-1", SizeBytes: 200 * gib}},
		NICs:  []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "vmbr0", VLAN: 30}}})
	db.Pool, db.Tags, db.HA = "production", []string{"prod", "sql"}, true
	s.HAServices = []pve.HAService{{SID: "vm:202", State: "started", Group: "mainHA"}}
	add(203, "webserver", 2, 2, nil)
	return s
}

// testMemory remembers two runs: a database, then two web servers.
func testMemory() *provisov1.SessionMemory {
	p := func(n int32) *int32 { return &n }
	str := func(s string) *string { return &s }
	on := true
	source := &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: p(100)}}}
	return &provisov1.SessionMemory{Runs: []*provisov1.RememberedRun{
		{RunId: "run-1", Text: "a database from 100", Guests: []string{"database"}, EndedAt: timestamppb.New(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)),
			Intent: &provisov1.ProvisionIntent{IntentId: "run-1", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: []*provisov1.VirtualMachine{{Name: str("database"), Role: str("database"), Source: source, Cores: p(4), MemoryMib: p(8192)}}}},
		{RunId: "run-2", Text: "two web servers with 3 cores", Guests: []string{"shop-1", "shop-2"}, EndedAt: timestamppb.New(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
			Intent: &provisov1.ProvisionIntent{IntentId: "run-2", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: []*provisov1.VirtualMachine{{Name: str("shop"), Count: p(2), Role: str("web-server"), Source: source, Cores: p(3), MemoryMib: p(3072),
					Networks: []*provisov1.NetworkInterface{{Bridge: str("vmbr0"), Vlan: p(20), Ipv4: str("dhcp")}}, VmId: nil, Protection: &on}}}},
	}}
}

var _ = fmt.Sprint
var _ = strings.Join
var _ = cmp.Diff
var _ testing.TB
