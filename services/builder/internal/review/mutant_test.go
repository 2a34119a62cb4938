package review_test

import (
	"fmt"
	"maps"
	"regexp"
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

// A base is a valid manifest that mutants are made of.
type base struct {
	files   []review.File
	plan    *provisov1.StrategicPlan
	cluster *review.Cluster
}

// bases returns valid manifests: one machine with everything under HA; a group; machines from images; HA rules of PVE 9.
func bases(t testing.TB, v *review.Reviewer) map[string]base {
	t.Helper()
	one := fixture.VM("webserver", 125)
	one.Ha, one.HaGroup, one.Pool, one.StartAtBoot = true, "mainHA", "team-a", false
	one.Nics = []*provisov1.PlannedNIC{{Bridge: "mainvnet", Vlan: 30, Ipv4: "192.168.0.20/16", Gateway: "192.168.0.1", Model: "virtio"}}
	one.Initialization.User, one.Initialization.SshKeys = "admin-ubt", []string{fixture.Key}
	one.Initialization.DnsServers, one.Initialization.SearchDomain = []string{"9.9.9.9"}, "lab.local"
	one.Description, one.Tags = "the web server", []string{"prod", "web"}
	one.Disks = append(one.Disks, &provisov1.PlannedDisk{Slot: "scsi1", Storage: "pmoxpool01", SizeGib: 5, Discard: true, Iothread: true})
	single := fixture.Plan(one)
	single.Pools = []*provisov1.Pool{{Name: "team-a"}}

	img := fixture.VM("img", 400)
	img.Agent = false
	img.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{}}
	image := fixture.Plan(img)
	image.Downloads = []*provisov1.ImageDownload{{
		Node: "pmox01", Storage: "cephfs", Url: "https://cloud-images.ubuntu.com/noble/noble.img", FileName: "noble-2.qcow2", Sha256: strings.Repeat("ab", 32),
	}}

	uefi := fixture.VM("uefi", 410)
	uefi.Agent, uefi.Bios, uefi.Machine = false, "ovmf", "q35"
	uefi.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Volume: "cephfs:import/noble-server-cloudimg-amd64.qcow2"}}

	gpu := fixture.VM("gpu", 420)
	gpu.Agent, gpu.Machine, gpu.Mappings, gpu.Node = false, "q35", []string{"gpu-rtx"}, "pmox02"
	gpu.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Volume: "cephfs:import/noble-server-cloudimg-amd64.qcow2"}}

	ruled := fixture.VM("ha9", 500)
	ruled.Ha, ruled.HaGroup, ruled.StartAtBoot = true, "prefer-3", false
	nine := fixture.Plan(ruled)
	nine.PlatformVersion = "9.1.1"

	linked := fixture.VM("linked", 600)
	linked.GetClone().Full = false

	local := fixture.VM("local", 610)
	local.Disks[0].Storage = "local-lvm"

	mute := fixture.VM("mute", 620)
	two := fixture.VM("two", 630)
	two.Ha, two.StartAtBoot = true, false
	full := fixture.VM("full", 640)
	full.MemoryMib = 24 << 10

	out := map[string]base{}
	plans := map[string]*provisov1.StrategicPlan{
		"single": single, "group": fixture.Plan(fixture.Group("web", 4, 200)...), "image": image, "uefi": fixture.Plan(uefi), "gpu": fixture.Plan(gpu), "nine": nine,
		"linked": fixture.Plan(linked), "local": fixture.Plan(local), "mute": fixture.Plan(mute), "two": fixture.Plan(two), "full": fixture.Plan(full),
	}
	maps.Copy(plans, containerPlans())
	for name, plan := range plans {
		s := fixture.Snapshot()
		switch name {
		case "nine":
			s.Version, s.HAGroups = "9.1.1", nil
			s.HARules = []pve.HARule{{Name: "prefer-3", Type: "node-affinity", Resources: []string{"vm:101"}, Nodes: map[string]int{"pmox03": 2, "pmox01": 0}}}
		case "gpu":
			s.Mappings = []pve.Mapping{{Name: "gpu-rtx", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox02", Path: "0000:01:00.0", ID: "10de:2204"}}}}
			s.MappingsRead = []pve.MappingKind{pve.MappingPCI}
		case "mute":
			// Nothing is wrong with the manifest: the template says less than the guest is expected to do.
			s.Guests[0].Config.Agent, s.Guests[0].Config.Serial0 = false, false
		case "two":
			s.Nodes = s.Nodes[2:]
			s.Guests[0].Node, s.Guests[1].Node = "pmox03", "pmox03"
			two.GetClone().Node = "pmox03"
			s.Storages = append(s.Storages, pve.Storage{Name: "spare", Node: "pmox03", Type: "nfs", Shared: true, Content: []string{"images"}})
		case "full":
			for i := range s.Nodes {
				s.Nodes[i].MemoryUsedBytes = 0
			}
			s.Nodes[0].MemoryUsedBytes, s.Nodes[1].MemoryUsedBytes = 30<<30, 30<<30
		case "local":
			s.Guests[0].Config.Disks[0].Storage = "local-lvm"
		}
		cluster := review.Index(s)
		loop := refine.New(v, plan, s, cluster)
		if end := loop.Run(); end != refine.Satisfied {
			t.Fatalf("%s: the base is not valid: %s %s", name, end, texts(loop.Result.Open()))
		}
		b := base{plan: plan, cluster: cluster}
		for _, f := range loop.Files {
			b.files = append(b.files, review.File(f))
		}
		out[name] = b
	}
	out["adopted"], out["container"] = adoptedBase(t, v), adoptedContainer(t, v)
	return out
}

func texts(fs []review.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "\n  %s %s %s: %s", f.Severity, f.Rule, f.Where(), f.Message("en"))
	}
	return b.String()
}

// A mutant is a valid manifest with one fault.
type mutant struct {
	base     string
	old, new string // the first occurrence of old becomes new; an empty old appends new to main.tf
	rule     string
	severity review.Severity
	address  string // part of it
}

const (
	vmOne   = "proxmox_virtual_environment_vm.webserver"
	vmGroup = "proxmox_virtual_environment_vm.web"
	vmImage = "proxmox_virtual_environment_vm.img"
)

// extra is a resource beside the machines of the base.
func extra(typ, name, body string) string {
	return fmt.Sprintf("\nresource %q %q {\n%s\n}\n", typ, name, body)
}

// Mutants by class. Within a class each has another fault.
var mutants = map[string][]mutant{
	"adoption": adoptionMutants,
	"parse": {
		{"single", "resource \"proxmox_virtual_environment_vm\" \"webserver\" {", "resource \"proxmox_virtual_environment_vm\" \"webserver\" {{", "parse.syntax", review.Error, "main.tf:"},
		{"single", "", "\nstray = 1\n", "parse.stray_argument", review.Error, "stray"},
		{"single", "", "\nresorce \"x\" \"y\" {}\n", "parse.unknown_block", review.Error, "resorce"},
		{"single", "", extra("proxmox_virtual_environment_pool", "team_a", `  pool_id = "other"`), "parse.declared_twice", review.Error, "proxmox_virtual_environment_pool.team_a"},
		{"single", "", "\n/*" + strings.Repeat("x", 5<<20) + "*/\n", "parse.too_large", review.Error, "main.tf"},
		{"single", "", "\nlocals {\n  x = " + strings.Repeat("[", 1<<20) + "\n}\n", "parse.too_deep", review.Error, "main.tf"},
	},
	"schema": {
		{"single", "  name        =", "  nam         =", "schema.unknown_argument", review.Error, vmOne + ".nam"},
		{"single", "    cores   = 2", "    core    = 2", "schema.unknown_argument", review.Error, vmOne + ".cpu[0].core"},
		{"single", "  cpu {", "  cpus {", "schema.unknown_argument", review.Error, vmOne + ".cpus"},
		{"single", "    vlan_id = 30", "    vlan    = 30", "schema.unknown_argument", review.Error, vmOne + ".network_device[0].vlan"},
		{"single", "  node_name   = \"pmox03\"\n", "", "schema.missing_argument", review.Error, vmOne},
		{"single", "    vm_id        = 100\n", "", "schema.missing_argument", review.Error, vmOne + ".clone[0]"},
		{"single", "    interface    = \"scsi1\"\n", "", "schema.missing_argument", review.Error, vmOne + ".disk[1]"},
		{"single", "    dedicated = 2048", "    dedicated = \"much\"", "schema.type", review.Error, vmOne + ".memory[0].dedicated"},
		{"single", "[\"prod\", \"web\"]", "{ a = 1 }", "schema.type", review.Error, vmOne + ".tags"},
		{"single", "resource \"proxmox_haresource\" \"webserver\"", "resource \"proxmox_haresources\" \"webserver\"", "schema.unknown_resource", review.Error, "proxmox_haresources.webserver"},
		{"single", "  on_boot ", "  ipv4_addresses = [[]]\n  on_boot ", "schema.read_only", review.Error, vmOne + ".ipv4_addresses"},
		{"single", "  memory {\n", "  memory {\n    dedicated = 1024\n  }\n\n  memory {\n", "schema.too_many_blocks", review.Error, vmOne + ".memory[1]"},
		{"group", "  for_each = var.web\n", "  for_each = var.web\n  count = 2\n", "schema.count_and_for_each", review.Error, vmGroup},
	},
	"references": {
		{"single", "proxmox_virtual_environment_pool.team_a.pool_id", "proxmox_virtual_environment_pool.team_b.pool_id", "references.unresolved", review.Error, vmOne},
		{"group", "var.web\n", "var.webs\n", "references.unresolved", review.Error, vmGroup},
		{"group", "each.value.vm_id", "each.value.id", "references.invalid", review.Error, vmGroup + ".vm_id"},
		{"single", "  name        = \"webserver\"", "  name        = webserver", "references.unresolved", review.Error, vmOne},
		{"single", "  name        = \"webserver\"", "  name        = each.key", "references.unresolved", review.Error, vmOne},
		{"single", "  name        = \"webserver\"", "  name        = uper(\"x\")", "references.invalid", review.Error, vmOne + ".name"},
		{"single", "  name        = \"webserver\"", "  name        = file(\"/etc/passwd\")", "references.invalid", review.Error, vmOne + ".name"},
		{"single", "", "\nvariable \"spare\" {\n  type = string\n}\n", "references.unused", review.Warning, "var.spare"},
		{"single", "", "\nlocals {\n  spare = 1\n}\n", "references.unused", review.Warning, "local.spare"},
		{"single", "", "\nlocals {\n  a = local.b\n  b = local.a\n}\n", "references.cycle", review.Error, "local."},
		{"single", "pool_id     = proxmox_virtual_environment_pool.team_a.pool_id", "pool_id     = proxmox_haresource.webserver.comment", "references.cycle", review.Error, "webserver"},
		{"group", "vm_id        = 200", "vm_id        = 20", "references.default_refused", review.Error, "var.web"},
		{"group", "for_each = var.web\n", "for_each = values(var.web)\n", "references.for_each", review.Error, vmGroup},
		{"single", "", "\nlocals {\n  many = range(20)\n}\n" + extra("proxmox_virtual_environment_pool", "many", "  count = 20000\n  pool_id = \"p${count.index}${length(local.many)}\""), "references.too_many", review.Error, "pool.many"},
	},
	"state": {
		{"single", "vm_id       = 125", "vm_id       = 101", "PMX018", review.Error, vmOne + ".vm_id"},
		{"group", "vm_id        = 201", "vm_id        = 100", "PMX018", review.Error, vmGroup + `["web-2"].vm_id`},
		{"single", "node_name   = \"pmox03\"", "node_name   = \"pmox09\"", "PMX049", review.Error, vmOne + ".node_name"},
		{"single", "node_name   = \"pmox03\"", "node_name   = \"pmox04\"", "state.node_offline", review.Error, vmOne + ".node_name"},
		{"single", "vm_id        = 100", "vm_id        = 999", "PMX049", review.Error, vmOne + ".clone.vm_id"},
		{"single", "vm_id        = 100", "vm_id        = 101", "state.not_a_template", review.Error, vmOne + ".clone.vm_id"},
		{"single", "node_name    = \"pmox01\"", "node_name    = \"pmox02\"", "state.template_elsewhere", review.Error, vmOne + ".clone.node_name"},
		{"single", "datastore_id = \"pmoxpool01\"\n    size         = 32", "datastore_id = \"pool9\"\n    size         = 32", "PMX049", review.Error, vmOne + ".disk[0].datastore_id"},
		{"single", "datastore_id = \"pmoxpool01\"\n    size         = 32", "datastore_id = \"cephfs\"\n    size         = 32", "PMX047", review.Error, vmOne + ".disk[0].datastore_id"},
		{"image", "datastore_id       = \"cephfs\"", "datastore_id       = \"local\"", "PMX047", review.Error, "proxmox_download_file.noble_2.datastore_id"},
		{"single", "bridge  = \"mainvnet\"", "bridge  = \"vmbr7\"", "PMX049", review.Error, vmOne + ".network_device[0].bridge"},
		{"single", "  pool_id     = proxmox_virtual_environment_pool.team_a.pool_id", "  pool_id     = \"team-z\"", "PMX049", review.Error, vmOne + ".pool_id"},
		{"gpu", "mapping = \"gpu-rtx\"", "mapping = \"gpu-a100\"", "PMX049", review.Error, "hostpci[0].mapping"},
		{"gpu", "node_name = \"pmox02\"", "node_name = \"pmox01\"", "PMX049", review.Error, "hostpci[0].mapping"},
		{"uefi", "cephfs:import/noble-server-cloudimg-amd64.qcow2", "cephfs:import/absent.qcow2", "PMX049", review.Error, "disk[0].import_from"},
		{"single", "size         = 32", "size         = 31", "PMX039", review.Error, vmOne + ".disk[0].size"},
		{"single", "    interface    = \"scsi0\"", "    interface    = \"virtio0\"", "PMX038", review.Warning, vmOne},
		{"single", "datastore_id = \"pmoxpool01\"\n    size         = 5", "datastore_id = \"local-lvm\"\n    size         = 5", "PMX032", review.Error, vmOne + ".disk[1]"},
		{"local", "full         = true", "full         = false", "PMX042", review.Warning, ".clone"},
		{"local", "    datastore_id = \"local-lvm\"\n  }", "  }", "PMX043", review.Error, ".clone"},
		{"mute", "enabled = true", "enabled = true\n    trim    = true", "PMX020", review.Warning, ".agent.enabled"},
		{"mute", "  serial_device {\n    device = \"socket\"\n  }\n", "", "PMX099", review.Warning, "proxmox_virtual_environment_vm.mute"},
		{"two", "datastore_id = \"pmoxpool01\"\n    size", "datastore_id = \"spare\"\n    size", "state.storage_inactive", review.Error, "two.disk[0].datastore_id"},
		{"two", "", "\n", "PMX034", review.Warning, "proxmox_haresource.two"},
		{"full", "", "\n", "PMX101", review.Warning, "proxmox_virtual_environment_vm.full.memory"},
		{"single", "    interface    = \"scsi1\"", "    interface    = \"scsi0\"", "state.slot_taken", review.Error, vmOne + ".disk[1].interface"},
		{"single", "    interface    = \"scsi1\"", "    interface    = \"ide2\"", "state.slot_taken", review.Error, vmOne},
		{"group", "\"192.168.10.2/16\"", "\"192.168.10.1/16\"", "state.address_repeated", review.Error, vmGroup + `["web-2"]`},
		{"single", "\"192.168.0.20/16\"", "\"192.168.0.1/16\"", "state.address_repeated", review.Error, vmOne + ".initialization.ip_config[0]"},
		{"single", "\"192.168.0.20/16\"", "\"172.25.5.201/24\"", "state.address_repeated", review.Error, vmOne + ".initialization.ip_config[0]"},
		{"single", "name        = \"webserver\"", "name        = \"OPNsense\"", "state.name_taken", review.Error, vmOne + ".name"},
		{"group", "name      = each.key", "name      = \"same\"", "state.name_taken", review.Error, vmGroup},
		{"single", "group       = \"mainHA\"", "group       = \"otherHA\"", "state.ha_group_unknown", review.Error, "proxmox_haresource.webserver.group"},
		{"single", "dedicated = 2048", "dedicated = 40000", "state.node_memory", review.Error, vmOne + ".memory.dedicated"},
		{"single", "cores   = 2", "cores   = 24", "state.node_cpus", review.Error, vmOne + ".cpu.cores"},
		{"single", "dedicated = 2048", "dedicated = 26000", "intent.memory.dedicated", review.Error, vmOne},
		{"single", "size         = 5", "size         = 900", "state.storage_space", review.Error, vmOne + ".disk[1].size"},
		{"single", "size         = 5", "size         = 750", "state.storage_promised", review.Warning, vmOne + ".disk[1].size"},
		{"single", "pool_id = \"team-a\"", "pool_id = \"Backup-vms-pool\"", "state.already_exists", review.Error, "proxmox_virtual_environment_pool.team_a.pool_id"},
		{"nine", "rule      = \"prefer-3-ha9\"", "rule      = \"prefer-3\"", "state.already_exists", review.Error, "proxmox_harule.prefer_3_ha9.rule"},
		{"nine", "pmox03 = 2", "pmox33 = 2", "PMX049", review.Error, "proxmox_harule.prefer_3_ha9.nodes"},
		{"nine", "  state       = \"started\"", "  state       = \"started\"\n  group       = \"mainHA\"", "PMX030", review.Error, "proxmox_haresource.ha9.group"},
		{"nine", "", extra("proxmox_hagroup", "g", "  group = \"g\"\n  nodes = { pmox01 = null }"), "PMX030", review.Error, "proxmox_hagroup.g"},
		{"group", "    model  = \"virtio\"", "    model  = \"virtio\"\n    mac_address = \"BC:24:11:00:00:01\"", "state.mac_repeated", review.Error, vmGroup},
	},
	"policy": {
		{"single", "version = \"0.111.1\"", "version = \"~> 0.111\"", "PMX004", review.Warning, "terraform.required_providers.proxmox"},
		{"group", "  vm_id     = each.value.vm_id\n", "", "PMX017", review.Warning, vmGroup},
		{"single", "    timeout = \"2m\"\n", "", "PMX021", review.Warning, vmOne + ".agent"},
		{"single", "timeout = \"2m\"", "timeout = \"15m\"", "PMX021", review.Warning, vmOne + ".agent"},
		{"single", "  stop_on_destroy = true\n", "", "PMX025", review.Warning, vmOne},
		{"single", "    ignore_changes = [node_name]\n", "", "PMX027", review.Error, vmOne},
		{"group", "  migrate         = true\n", "", "PMX027", review.Error, vmGroup},
		{"single", "    replace_triggered_by = [proxmox_virtual_environment_vm.webserver]\n", "", "PMX029", review.Warning, "proxmox_haresource.webserver"},
		{"single", "on_boot         = false", "on_boot         = true", "PMX033", review.Information, vmOne + ".on_boot"},
		{"single", "    type    = \"x86-64-v2-AES\"\n", "", "PMX037", review.Warning, vmOne + ".cpu.type"},
		{"single", "\"x86-64-v2-AES\"", "\"kvm64\"", "PMX037", review.Warning, vmOne + ".cpu.type"},
		{"linked", "    full      = false", "    full      = false\n    datastore_id = \"pmoxpool01\"", "PMX041", review.Error, ".clone.datastore_id"},
		{"uefi", "import_from ", "file_id ", "PMX045", review.Warning, "disk[0].file_id"},
		{"uefi", "import_from ", "file_id ", "PMX046", review.Error, "disk[0].file_id"},
		{"single", "    datastore_id = \"pmoxpool01\"\n    size         = 5", "    size         = 5", "PMX048", review.Warning, vmOne + ".disk[1]"},
		{"single", "    datastore_id = \"pmoxpool01\"\n    interface    = \"ide2\"", "    interface    = \"ide2\"", "PMX048", review.Warning, vmOne + ".initialization"},
		{"single", "\"virtio-scsi-single\"", "\"virtio-scsi-pci\"", "PMX052", review.Warning, vmOne + ".disk[0].iothread"},
		{"single", "    interface    = \"scsi0\"", "    interface    = \"virtio0\"", "PMX053", review.Error, vmOne + ".disk[0].ssd"},
		{"single", "    discard      = \"on\"", "    discard      = \"on\"\n    aio          = \"native\"\n    cache        = \"writeback\"", "PMX054", review.Warning, vmOne + ".disk[0].aio"},
		{"single", "    discard      = \"on\"\n", "", "PMX055", review.Warning, vmOne + ".disk[0].discard"},
		{"single", "discard      = \"on\"", "discard      = \"ignore\"", "PMX055", review.Warning, vmOne + ".disk[0].discard"},
		{"single", "model   = \"virtio\"", "model   = \"e1000\"", "PMX056", review.Warning, vmOne + ".network_device[0].model"},
		{"single", "  operating_system {\n    type = \"l26\"\n  }\n", "", "PMX057", review.Warning, vmOne},
		{"uefi", "  efi_disk {\n    datastore_id = \"pmoxpool01\"\n    type         = \"4m\"\n  }\n", "", "PMX058", review.Error, ".bios"},
		{"uefi", "type         = \"4m\"", "type         = \"2m\"\n    pre_enrolled_keys = true", "PMX058", review.Error, ".efi_disk.type"},
		{"uefi", "interface    = \"ide2\"", "interface    = \"ide3\"", "PMX059", review.Warning, ".initialization.interface"},
		{"single", "    sockets = 1", "    sockets = 1\n    affinity = \"0-1\"", "PMX060", review.Error, vmOne + ".cpu.affinity"},
		{"single", "  on_boot ", "  kvm_arguments = \"-s\"\n  on_boot ", "PMX060", review.Error, vmOne + ".kvm_arguments"},
		{"single", "api_token = var.proxmox_api_token", "api_token = \"root@pam!x=2f1c5d3a-0000-4000-8000-000000000000\"", "PMX068", review.Error, "provider.proxmox.api_token"},
		{"single", "  default     = null\n  sensitive   = true", "  default     = \"root@pam!x=2f1c5d3a-0000-4000-8000-000000000000\"\n  sensitive   = true", "PMX068", review.Error, "var.proxmox_api_token"},
		{"single", "username = \"admin-ubt\"", "username = \"admin-ubt\"\n      password = \"hunter2\"", "PMX068", review.Error, "user_account.password"},
		{"single", "username = \"admin-ubt\"", "username = \"admin-ubt\"\n      password = proxmox_virtual_environment_pool.team_a.id", "PMX069", review.Warning, "user_account.password"},
		{"single", "insecure  = var.proxmox_insecure", "insecure  = true", "PMX072", review.Warning, "provider.proxmox.insecure"},
		{"single", "endpoint  = var.proxmox_endpoint", "endpoint  = \"http://pve:8006\"", "PMX073", review.Error, "provider.proxmox.endpoint"},
		{"group", "    retries      = 3\n", "", "PMX076", review.Warning, vmGroup + ".clone"},
		{"single", "[\"prod\", \"web\"]", "[\"web\", \"prod\"]", "PMX077", review.Warning, vmOne + ".tags"},
		{"single", "[\"prod\", \"web\"]", "[\"prod\", \"WEB\"]", "PMX077", review.Warning, vmOne + ".tags"},
		{"single", "resource \"proxmox_haresource\"", "resource \"proxmox_virtual_environment_haresource\"", "PMX082", review.Warning, "proxmox_virtual_environment_haresource.webserver"},
		{"single", "model   = \"virtio\"", "model   = \"virtio\"\n    enabled = true", "PMX082", review.Warning, vmOne + ".network_device.enabled"},
		{"single", "  on_boot ", "  template = true\n  on_boot ", "PMX083", review.Warning, vmOne + ".started"},
		{"single", "    floating  = 0\n", "", "PMX089", review.Warning, vmOne + ".memory.floating"},
		{"single", "    floating  = 0\n", "    floating  = 0\n    hugepages = \"2\"\n", "PMX090", review.Error, vmOne + ".memory.hugepages"},
		{"single", "name        = \"webserver\"", "name        = \"web_server\"", "PMX091", review.Error, vmOne + ".name"},
		{"image", "  overwrite          = false", "  overwrite          = true", "PMX092", review.Warning, "proxmox_download_file.noble_2.overwrite"},
		{"single", "", extra("proxmox_sdn_vnet", "v", "  id   = \"v1\"\n  zone = \"mainzone\""), "PMX093", review.Error, "proxmox_sdn_vnet.v"},
		{"single", "", extra("proxmox_pool_membership", "m", "  pool_id = \"team-a\"\n  vm_id   = 125"), "PMX095", review.Warning, "proxmox_pool_membership.m"},
		{"single", "state       = \"started\"", "state       = \"stopped\"", "PMX100", review.Warning, "proxmox_haresource.webserver.state"},
		{"single", "  cpu {", "  provisioner \"local-exec\" {\n    command = \"id\"\n  }\n\n  cpu {", "policy.provisioner", review.Error, vmOne + ".provisioner"},
		{"single", "", "\nmodule \"m\" {\n  source = \"git::https://example.org/m.git\"\n}\n", "policy.module", review.Error, "module.m"},
	},
	"format": {
		{"single", "\"192.168.0.20/16\"", "\"192.168.0.20\"", "policy.format", review.Error, vmOne + ".initialization.ip_config[0].ipv4.address"},
		{"single", "\"192.168.0.20/16\"", "\"192.168.0.0/16\"", "policy.format", review.Error, vmOne + ".initialization.ip_config[0].ipv4.address"},
		{"single", "gateway = \"192.168.0.1\"", "gateway = \"10.0.0.1\"", "policy.format", review.Error, vmOne + ".initialization.ip_config[0].ipv4.gateway"},
		{"single", "address = \"192.168.0.20/16\"", "address = \"dhcp\"", "policy.format", review.Error, vmOne + ".initialization.ip_config[0].ipv4.gateway"},
		{"single", "vlan_id = 30", "vlan_id = 5000", "policy.format", review.Error, vmOne + ".network_device[0].vlan_id"},
		{"single", "\"scsi1\"", "\"scsi31\"", "policy.format", review.Error, vmOne + ".disk[1].interface"},
		{"single", "\"scsi1\"", "\"nvme0\"", "policy.format", review.Error, vmOne + ".disk[1].interface"},
		{"single", "discard      = \"on\"", "discard      = \"yes\"", "policy.format", review.Error, vmOne + ".disk[0].discard"},
		{"single", "\"virtio-scsi-single\"", "\"virtio-scsi\"", "policy.format", review.Error, vmOne + ".scsi_hardware"},
		{"single", "type = \"l26\"", "type = \"linux\"", "policy.format", review.Error, vmOne + ".operating_system.type"},
		{"single", "model   = \"virtio\"", "model   = \"virtio-net\"", "policy.format", review.Error, vmOne + ".network_device[0].model"},
		{"single", "timeout = \"2m\"", "timeout = \"2 minutes\"", "policy.format", review.Error, vmOne + ".agent.timeout"},
		{"single", "cores   = 2", "cores   = 0", "policy.format", review.Error, vmOne + ".cpu.cores"},
		{"single", "dedicated = 2048", "dedicated = 2", "policy.format", review.Error, vmOne + ".memory.dedicated"},
		{"single", "floating  = 0", "floating  = 4096", "policy.format", review.Error, vmOne + ".memory.floating"},
		{"single", "\"9.9.9.9\"", "\"dns.quad9.net\"", "policy.format", review.Error, vmOne + ".initialization.dns.servers"},
		{"single", "\"lab.local\"", "\"lab local\"", "policy.format", review.Error, vmOne + ".initialization.dns.domain"},
		{"single", fixture.Key, "not a key", "policy.format", review.Error, vmOne + ".initialization.user_account.keys"},
		{"single", "[\"prod\", \"web\"]", "[\"prod\", \"we b\"]", "policy.format", review.Error, vmOne + ".tags"},
		{"single", "state       = \"started\"", "state       = \"running\"", "policy.format", review.Error, "proxmox_haresource.webserver.state"},
		{"single", "model   = \"virtio\"", "model   = \"virtio\"\n    mac_address = \"01:00:5E:00:00:01\"", "policy.format", review.Error, vmOne + ".network_device[0].mac_address"},
		{"image", strings.Repeat("ab", 32), "abcd", "policy.format", review.Error, "proxmox_download_file.noble_2.checksum"},
		{"image", "https://cloud-images.ubuntu.com", "ftp://cloud-images.ubuntu.com", "policy.format", review.Error, "proxmox_download_file.noble_2.url"},
	},
	"intent": {
		{"gpu", "mapping = \"gpu-rtx\"", "mapping = \"gpu-a100\"", "intent.hostpci.mapping", review.Error, "proxmox_virtual_environment_vm.gpu"},
		{"gpu", "pcie    = true", "pcie    = false", "intent.hostpci.mapping", review.Error, "proxmox_virtual_environment_vm.gpu"},
		{"image", "enabled = false", "enabled = true", "intent.agent.enabled", review.Error, vmImage},
		{"single", "cores   = 2", "cores   = 4", "intent.cpu.cores", review.Error, vmOne},
		{"single", "sockets = 1", "sockets = 2", "intent.cpu.sockets", review.Error, vmOne},
		{"single", "dedicated = 2048", "dedicated = 1024", "intent.memory.dedicated", review.Error, vmOne},
		{"single", "floating  = 0", "floating  = 512", "intent.memory.floating", review.Error, vmOne},
		{"single", "\"x86-64-v2-AES\"", "\"host\"", "intent.cpu.type", review.Error, vmOne},
		{"single", "size         = 32", "size         = 33", "intent.disk[0].size", review.Error, vmOne},
		{"single", "    iothread     = true\n", "", "intent.disk_tuning", review.Warning, vmOne + ".disk[0]"},
		{"single", "full         = true", "full         = false", "intent.clone.full", review.Error, vmOne},
		{"single", "vm_id       = 125", "vm_id       = 126", "intent.vm_id", review.Error, vmOne},
		{"single", "node_name   = \"pmox03\"", "node_name   = \"pmox02\"", "intent.node_name", review.Error, vmOne},
		{"single", "\"the web server\"", "\"the webserver\"", "intent.description", review.Error, vmOne},
		{"single", "[\"prod\", \"web\"]", "[\"prod\"]", "intent.tags", review.Error, vmOne},
		{"single", "  pool_id     = proxmox_virtual_environment_pool.team_a.pool_id\n", "", "intent.pool_id", review.Error, vmOne},
		{"single", "bridge  = \"mainvnet\"", "bridge  = \"vmbr0\"", "intent.network_device[0].bridge", review.Error, vmOne},
		{"single", "    vlan_id = 30\n", "", "intent.network_device[0].vlan_id", review.Error, vmOne},
		{"single", "\"192.168.0.20/16\"", "\"192.168.0.21/16\"", "intent.ip_config[0].address", review.Error, vmOne},
		{"single", "username = \"admin-ubt\"", "username = \"admin\"", "intent.initialization.username", review.Error, vmOne},
		{"single", "\"9.9.9.9\"", "\"9.9.9.10\"", "intent.initialization.servers", review.Error, vmOne},
		{"single", "operator@example.org", "mallory@example.org", "intent.initialization.keys", review.Error, vmOne},
		{"single", "started         = true", "started         = false", "intent.started", review.Error, vmOne},
		{"single", "on_boot         = false", "on_boot         = true", "intent.on_boot", review.Error, vmOne},
		{"single", "  serial_device {\n    device = \"socket\"\n  }\n", "", "intent.serial_device", review.Error, vmOne},
		{"single", "  group       = \"mainHA\"\n", "", "intent.ha.group", review.Error, "proxmox_virtual_environment_vm.webserver"},
		{"nine", "pmox03 = 2", "pmox03 = 1", "intent.ha.rule.nodes", review.Error, "ha9"},
		{"single", "name        = \"webserver\"", "name        = \"webserver2\"", "intent.missing", review.Error, "webserver"},
		{"single", "name        = \"webserver\"", "name        = \"webserver2\"", "intent.extra", review.Error, vmOne},
		{"group", "\"web-3\" = {", "\"web-5\" = {", "intent.missing", review.Error, "web-3"},
		{"image", "noble-2.qcow2", "noble-3.qcow2", "intent.disk.import_from", review.Error, vmImage},
		{"single", "", extra("proxmox_virtual_environment_pool", "spare", `  pool_id = "spare"`), "intent.extra", review.Error, "proxmox_virtual_environment_pool.spare"},
		{"single", "", extra("proxmox_haresource", "fw", `  resource_id = "vm:101"`), "intent.extra", review.Error, "proxmox_haresource.fw"},
		{"single", "", extra("proxmox_user_token", "t", "  user_id = \"root@pam\"\n  token_name = \"x\""), "intent.extra", review.Error, "proxmox_user_token.t"},
	},
}

// allMutants are those of machines and those of containers, by class.
func allMutants() map[string][]mutant {
	all := maps.Clone(mutants)
	for class, list := range containerMutants {
		all[class] = append(slices.Clip(all[class]), list...)
	}
	return all
}

// mutate applies the fault of a mutant.
func (m mutant) mutate(t *testing.T, files []review.File) []review.File {
	t.Helper()
	out := append([]review.File(nil), files...)
	for i, f := range out {
		if m.old == "" && f.Path == "main.tf" {
			out[i].Content += m.new
			return out
		}
		if m.old != "" && strings.HasSuffix(f.Path, ".tf") && strings.Contains(f.Content, m.old) {
			out[i].Content = strings.Replace(f.Content, m.old, m.new, 1)
			return out
		}
	}
	t.Fatalf("no file of %s holds %q", m.base, m.old)
	return nil
}

// TestMutants: a valid manifest passes, and with a single fault it is refused, or for a warning told, at the right place.
//
// Shows: T-3.3.5-03, T-3.3.5-301, T-3.3.5-321, T-3.3.5-322, T-3.3.5-323, T-C.2-04
func TestMutants(t *testing.T) {
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	all := bases(t, v)
	for name, b := range all {
		if res := v.Review(b.files, b.plan, b.cluster); !res.Valid() || len(res.Open()) > 0 {
			t.Errorf("the valid manifest %s is refused:%s", name, texts(res.Findings()))
		}
	}
	for class, list := range allMutants() {
		for _, m := range list {
			t.Run(fmt.Sprintf("%s/%s/%s", class, m.base, m.rule), func(t *testing.T) {
				b := all[m.base]
				res := v.Review(m.mutate(t, b.files), b.plan, b.cluster)
				for _, f := range res.Findings() {
					if f.Rule == m.rule && f.Severity == m.severity && strings.Contains(f.Where(), m.address) {
						if f.Message("en") == "" || f.Fix("en") == "" || f.Message("fr") == f.Message("en") && f.Rule != "parse.syntax" && f.Rule != "references.invalid" {
							t.Errorf("texts of %s: en %q, fr %q, fix %q", f.Rule, f.Message("en"), f.Message("fr"), f.Fix("en"))
						}
						if text := f.Message("en") + f.Fix("fr"); placeholder.MatchString(text) {
							t.Errorf("a placeholder of %s was not filled: %s", f.Rule, text)
						}
						if m.severity == review.Error && res.Valid() {
							t.Error("an error was found and the manifest is valid")
						}
						return
					}
				}
				t.Errorf("%q -> %q: want %s %s at %s, got:%s", clipped(m.old), clipped(m.new), m.severity, m.rule, m.address, texts(res.Findings()))
			})
		}
	}
}

// TestRequiredEntries takes one entry after the other out of a valid machine: each is missed, by name.
//
// Shows: T-3.3.5-311
func TestRequiredEntries(t *testing.T) {
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := bases(t, v)["single"]
	tests := map[string]struct {
		from, to string // what is cut out of main.tf: from there, up to and with the first of these
		rule     string
	}{
		"Source":           {"  clone {", "\n  }\n", "intent.clone"},
		"Node":             {"  node_name ", "\n", "schema.missing_argument"},
		"Storage":          {"    datastore_id = \"pmoxpool01\"\n    size ", "\n", "PMX048"},
		"Disk":             {"  disk {", "\n  }\n", "intent.missing"},
		"Network":          {"  network_device {", "\n  }\n", "intent.network_device"},
		"Initialisation":   {"  initialization {", "\n  }\n", "intent.initialization"},
		"Address":          {"    ip_config {", "\n    }\n", "intent.initialization.ip_config"},
		"CPU":              {"  cpu {", "\n  }\n", "PMX037"},
		"Memory":           {"  memory {", "\n  }\n", "intent.memory.dedicated"},
		"Agent":            {"  agent {", "\n  }\n", "intent.agent.enabled"},
		"Id":               {"  vm_id  ", "\n", "intent.vm_id"},
		"Pool":             {"  pool_id  ", "\n", "intent.pool_id"},
		"HighAvailability": {"resource \"proxmox_haresource\"", "\n}\n", "intent.ha"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			res := v.Review(cut(t, b.files, tc.from, tc.to), b.plan, b.cluster)
			for _, f := range res.Findings() {
				if f.Rule == tc.rule && f.Open() || f.Rule == "PMX048" && tc.rule == "PMX048" {
					return
				}
			}
			t.Errorf("want %s, got:%s", tc.rule, texts(res.Findings()))
		})
	}
}

// cut takes the text from one mark up to and with the next of the other out of main.tf.
func cut(t *testing.T, files []review.File, from, to string) []review.File {
	t.Helper()
	out := append([]review.File(nil), files...)
	for i, f := range out {
		if f.Path != "main.tf" {
			continue
		}
		before, rest, ok := strings.Cut(f.Content, from)
		_, after, ends := strings.Cut(rest, to)
		if !ok || !ends {
			t.Fatalf("main.tf has no %q", from)
		}
		out[i].Content = before + after
	}
	return out
}

// TestEveryRuleHasAMutant keeps the tables of rules and the mutants together.
func TestEveryRuleHasAMutant(t *testing.T) {
	seen := map[string]bool{}
	for _, list := range allMutants() {
		for _, m := range list {
			seen[m.rule] = true
		}
	}
	for _, id := range review.RuleIDs() {
		if !seen[id] {
			t.Errorf("no mutant shows that %s finds something", id)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func clipped(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
