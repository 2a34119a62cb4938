package review_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/refine"
	"proviso.dev/services/builder/internal/review"
)

const vmAdopted = "proxmox_virtual_environment_vm.worker_node_2"

// worker is a guest that exists, as people have them: two disks, two network devices, cloud-init with a password, and a line
// that the provider has no place for.
func worker() pve.Guest {
	const gib = int64(1) << 30
	return pve.Guest{
		VMID: 123, Name: "worker-node-2", Kind: pve.KindVM, Node: "pmox03", Status: pve.GuestRunning, CPUs: 6, MemoryBytes: 8 * gib, DiskBytes: 32 * gib,
		Config: &pve.GuestConfig{
			Disks: []pve.Disk{
				{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-123-disk-0", SizeBytes: 32 * gib},
				{Slot: "scsi1", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-123-disk-1", SizeBytes: 8 * gib},
			},
			Lines: map[string]string{
				"name": "worker-node-2", "cores": "6", "sockets": "1", "memory": "8192", "balloon": "0", "cpu": "x86-64-v2-AES", "agent": "1", "ostype": "l26",
				"scsihw": "virtio-scsi-pci", "scsi0": "pmoxpool01:vm-123-disk-0,discard=on,size=32G", "scsi1": "pmoxpool01:vm-123-disk-1,size=8G",
				"ide2": "pmoxpool01:vm-123-cloudinit,media=cdrom", "boot": "order=scsi0;net0", "net0": "virtio=BC:24:11:00:01:23,bridge=mainvnet",
				"net1": "virtio=BC:24:11:00:02:23,bridge=vmbr0,tag=30", "ipconfig0": "ip=192.168.0.7/16,gw=192.168.0.1", "ciuser": "admin-ubt", "cipassword": "**********",
				"tags": "k3s;worker", "serial0": "socket", "parallel0": "/dev/parport0",
			},
		},
	}
}

// adoptedBase takes the worker over with more memory and a larger disk.
func adoptedBase(t testing.TB, v *review.Reviewer) base {
	t.Helper()
	s := fixture.Snapshot()
	g := worker()
	s.Guests = append(s.Guests, g)
	config := maps.Clone(g.Config.Lines)
	config["memory"], config["scsi0"] = "10240", "pmoxpool01:vm-123-disk-0,discard=on,size=50G"
	plan := fixture.Plan()
	plan.Adoptions = []*provisov1.PlannedAdoption{{
		Guest: &provisov1.PlannedAdoption_VirtualMachine{VirtualMachine: &provisov1.AdoptedVM{VmId: 123, Node: "pmox03", Name: "worker-node-2", Config: config, Running: true}},
		Differences: []*provisov1.ValueChange{
			{Attribute: "memory", Before: "8192 MiB", After: "10240 MiB"}, {Attribute: "scsi0", Before: "32 GiB", After: "50 GiB"},
		},
	}}
	b := base{plan: plan, cluster: review.Index(s)}
	loop := refine.New(v, plan, s, b.cluster)
	if end := loop.Run(); end != refine.Satisfied || len(loop.Iterations) != 1 {
		t.Fatalf("the adoption is not valid at once: %s %d %s", end, len(loop.Iterations), texts(loop.Result.Open()))
	}
	for _, f := range loop.Files {
		b.files = append(b.files, review.File(f))
	}
	return b
}

// adoptedContainer takes a container over with more memory.
func adoptedContainer(t testing.TB, v *review.Reviewer) base {
	t.Helper()
	s := fixture.Snapshot()
	s.Guests = append(s.Guests, pve.Guest{VMID: 130, Name: "proxy", Kind: pve.KindContainer, Node: "pmox02", Status: pve.GuestRunning, CPUs: 2, MemoryBytes: 1 << 30, Pool: "Backup-vms-pool"})
	plan := fixture.Plan()
	plan.Adoptions = []*provisov1.PlannedAdoption{{
		Guest: &provisov1.PlannedAdoption_Container{Container: &provisov1.AdoptedContainer{VmId: 130, Node: "pmox02", Name: "proxy", Pool: "Backup-vms-pool", Running: true, Config: map[string]string{
			"hostname": "proxy", "cores": "2", "memory": "2048", "swap": "512", "ostype": "debian", "rootfs": "pmoxpool01:vm-130-disk-0,size=8G", "unprivileged": "1",
			"net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:01:30,ip=172.25.5.60/24,gw=172.25.5.1,type=veth",
		}}},
		Differences: []*provisov1.ValueChange{{Attribute: "memory", Before: "1024 MiB", After: "2048 MiB"}},
	}}
	b := base{plan: plan, cluster: review.Index(s)}
	loop := refine.New(v, plan, s, b.cluster)
	if end := loop.Run(); end != refine.Satisfied || len(loop.Iterations) != 1 {
		t.Fatalf("the adoption is not valid at once: %s %d %s", end, len(loop.Iterations), texts(loop.Result.Open()))
	}
	for _, f := range loop.Files {
		b.files = append(b.files, review.File(f))
	}
	return b
}

const ctAdopted = "proxmox_virtual_environment_container.proxy"

// What can go wrong with a guest that exists: each would change, replace or remove it unasked.
var adoptionMutants = []mutant{
	{"adopted", "  id = \"pmox03/123\"", "  id = \"pmox03/124\"", "state.import_unknown", review.Error, vmAdopted},
	{"adopted", "  id = \"pmox03/123\"", "  id = \"pmox01/123\"", "state.import_unknown", review.Error, vmAdopted},
	{"adopted", "  id = \"pmox03/123\"", "  id = \"pmox01/101\"", "intent.missing", review.Error, "worker-node-2"},
	{"adopted", "  id = \"pmox03/123\"", "  id = \"pmox01/101\"", "intent.extra", review.Error, vmAdopted},
	{"adopted", "  vm_id     = 123", "  vm_id     = 124", "state.import_differs", review.Error, vmAdopted},
	{"adopted", "  node_name = \"pmox03\"", "  node_name = \"pmox01\"", "state.import_differs", review.Error, vmAdopted},
	{"adopted", "  cpu {", "  clone {\n    vm_id = 100\n  }\n  cpu {", "state.import_differs", review.Error, vmAdopted + ".clone"},
	{"adopted", "import {\n  to = proxmox_virtual_environment_vm.worker_node_2\n  id = \"pmox03/123\"\n}\n", "", "state.name_taken", review.Error, vmAdopted},
	{"adopted", "  to = proxmox_virtual_environment_vm.worker_node_2", "  to = proxmox_virtual_environment_vm.worker", "references.unresolved", review.Error, "import"},
	{"adopted", "  id = \"pmox03/123\"", "  identity = \"pmox03/123\"", "schema.missing_argument", review.Error, "import"},
	{"adopted", "  id = \"pmox03/123\"", "  id = \"pmox03/123\"\n  ids = 1", "schema.unknown_argument", review.Error, "import.ids"},
	{"adopted", "", "\nimport {\n  to = proxmox_virtual_environment_vm.worker_node_2\n  id = \"pmox03/123\"\n}\n", "state.import_unknown", review.Error, vmAdopted},
	{"adopted", "    size         = 50", "    size         = 40", "intent.scsi0.size", review.Error, vmAdopted},
	{"adopted", "    size         = 8\n", "    size         = 4\n", "intent.scsi1.size", review.Error, vmAdopted},
	{"adopted", "    size         = 50", "    size         = 800", "state.storage_promised", review.Warning, vmAdopted + ".disk[0].size"},
	{"adopted", "  disk {\n    interface    = \"scsi1\"\n    datastore_id = \"pmoxpool01\"\n    size         = 8\n    discard      = \"ignore\"\n  }\n", "", "intent.scsi1.size", review.Error, vmAdopted},
	{"adopted", "    datastore_id = \"pmoxpool01\"\n    size         = 50", "    datastore_id = \"local-lvm\"\n    size         = 50", "intent.scsi0.storage", review.Error, vmAdopted},
	{"adopted", "    discard      = \"on\"", "    discard      = \"ignore\"", "intent.scsi0.discard", review.Error, vmAdopted},
	{"adopted", "BC:24:11:00:01:23", "BC:24:11:00:01:24", "intent.net0.mac", review.Error, vmAdopted},
	{"adopted", "    mac_address = \"BC:24:11:00:01:23\"\n", "", "intent.net0.mac", review.Error, vmAdopted},
	{"adopted", "    vlan_id     = 30\n", "", "intent.net1.tag", review.Error, vmAdopted},
	{"adopted", "    dedicated = 10240", "    dedicated = 8192", "intent.memory", review.Error, vmAdopted},
	{"adopted", "    dedicated = 10240", "    dedicated = 40960", "state.node_memory", review.Error, vmAdopted},
	{"adopted", "    cores   = 6", "    cores   = 4", "intent.cores", review.Error, vmAdopted},
	{"adopted", "    type    = \"x86-64-v2-AES\"", "    type    = \"host\"", "intent.cpu.type", review.Error, vmAdopted},
	{"adopted", "  on_boot       = false\n", "", "intent.onboot", review.Error, vmAdopted},
	{"adopted", "  started       = true", "  started       = false", "intent.started", review.Error, vmAdopted},
	{"adopted", "  scsi_hardware = \"virtio-scsi-pci\"", "  scsi_hardware = \"virtio-scsi-single\"", "intent.scsihw", review.Error, vmAdopted},
	{"adopted", "[\"k3s\", \"worker\"]", "[\"k3s\"]", "intent.tags", review.Error, vmAdopted},
	{"adopted", "  serial_device {\n    device = \"socket\"\n  }\n", "", "intent.serial0", review.Error, vmAdopted},
	{"adopted", "192.168.0.7/16", "192.168.0.8/16", "intent.ipconfig0.ip", review.Error, vmAdopted},
	{"adopted", "      username = \"admin-ubt\"", "      username = \"admin-ubt\"\n      password = \"hunter2\"", "intent.cipassword", review.Error, vmAdopted},
	{"adopted", "    prevent_destroy = true\n", "", "intent.lifecycle.prevent_destroy", review.Error, vmAdopted},
	{"adopted", "[node_name]", "[node_name, disk]", "intent.lifecycle.ignore_changes", review.Error, vmAdopted},
	{"adopted", "[node_name]", "all", "intent.lifecycle.ignore_changes", review.Error, vmAdopted},
	{"adopted", "[node_name]", "[]", "intent.lifecycle.ignore_changes", review.Error, vmAdopted},
	{"container", "  id = \"pmox02/130\"", "  id = \"pmox02/131\"", "state.import_unknown", review.Error, ctAdopted},
	{"container", "  vm_id     = 130", "  vm_id     = 131", "state.import_differs", review.Error, ctAdopted},
	{"container", "    size         = 8", "    size         = 6", "intent.rootfs.size", review.Error, ctAdopted},
	{"container", "    dedicated = 2048", "    dedicated = 1024", "intent.memory", review.Error, ctAdopted},
	{"container", "BC:24:11:00:01:30", "BC:24:11:00:01:31", "intent.net0.mac", review.Error, ctAdopted},
	{"container", "172.25.5.60/24", "172.25.5.61/24", "intent.net0.ip", review.Error, ctAdopted},
	{"container", "    hostname = \"proxy\"", "    hostname = \"other\"", "intent.hostname", review.Error, ctAdopted},
	{"container", "  unprivileged  = true", "  unprivileged  = false", "intent.unprivileged", review.Error, ctAdopted},
	{"container", "  started       = true", "  pool_id       = \"Backup-vms-pool\"\n  started       = true", "intent.pool_id", review.Error, ctAdopted},
	{"container", "    prevent_destroy = true\n", "", "intent.lifecycle.prevent_destroy", review.Error, ctAdopted},
}

// TestIgnoredChangeIsFound: a change of something whose changes the code ignores would never happen.
func TestIgnoredChangeIsFound(t *testing.T) {
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := adoptedBase(t, v)
	vm := b.plan.GetAdoptions()[0].GetVirtualMachine()
	vm.Config["scsi1"] = "pmoxpool01:vm-123-disk-1,size=512M"
	files := slices.Clone(b.files)
	for i := range files {
		files[i].Content = strings.Replace(files[i].Content, "[node_name]", "[disk, node_name]", 1)
	}
	res := v.Review(files, b.plan, b.cluster)
	if !slices.ContainsFunc(res.Open(), func(f review.Finding) bool { return f.Rule == "intent.scsi0.size" }) {
		t.Errorf("a disk is to grow whose changes are ignored, and nothing says so:%s", texts(res.Findings()))
	}
}

// TestLeftOutIsTold: what the code cannot hold of a guest is told, and keeps no manifest from being valid.
func TestLeftOutIsTold(t *testing.T) {
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := adoptedBase(t, v)
	var told []string
	for _, f := range v.Review(b.files, b.plan, b.cluster).Findings() {
		if f.Rule == "intent.left_out" {
			told = append(told, f.Message("en"))
		}
	}
	want := []string{
		"cipassword of worker-node-2 is not in the code: a secret, which cannot be read and does not belong in a file; it stays.",
		"parallel0 of worker-node-2 is not in the code: the provider has no argument for it; it stays as it is in Proxmox VE.",
	}
	slices.Sort(told)
	if !slices.Equal(want, told) {
		t.Errorf("told %q, want %q", told, want)
	}
}
