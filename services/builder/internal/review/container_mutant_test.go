package review_test

import (
	"testing"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// containerPlans are valid plans whose manifests mutants are made of: one container with everything under HA in a created pool
// and beside a machine; alike ones; one whose template only its node has; a privileged one; one beside a
// machine on the same node and network.
func containerPlans() map[string]*provisov1.StrategicPlan {
	one := fixture.Container("dns", 301)
	one.Ha, one.HaGroup, one.Pool, one.StartAtBoot = true, "mainHA", "infra", false
	one.Nics[0].Vlan, one.Nics[0].Ipv4 = 30, "192.168.0.40/16"
	one.SshKeys, one.DnsServers, one.SearchDomain = []string{fixture.Key}, []string{"9.9.9.9"}, "lab.local"
	one.Description, one.Tags = "the name server", []string{"dns", "prod"}
	one.Nesting = true
	one.Startup = &provisov1.Startup{Order: new(int32(2)), UpDelaySeconds: new(int32(30))}
	vm := fixture.VM("webserver", 125)
	vm.Startup = &provisov1.Startup{Order: new(int32(3))}
	single := fixture.Mixed([]*provisov1.PlannedVM{vm}, one)
	single.Pools = []*provisov1.Pool{{Name: "infra", Comment: new("what everybody needs")}}

	alike := []*provisov1.PlannedContainer{fixture.Container("ns-1", 311), fixture.Container("ns-2", 312), fixture.Container("ns-3", 313)}
	local := fixture.Container("files", 320)
	local.TemplateVolume, local.OsType, local.DiskStorage = fixture.LocalTemplate, "ubuntu", "local-lvm"
	root := fixture.Container("root", 330)
	root.Unprivileged = false
	web, ns := fixture.VM("webserver", 125), fixture.Container("dns", 301)
	web.Node = "pmox02"
	web.Nics = []*provisov1.PlannedNIC{{Bridge: "mainvnet", Ipv4: "192.168.20.90/16", Gateway: "192.168.0.1", Model: "virtio"}}
	ns.MemoryMib = 1024
	return map[string]*provisov1.StrategicPlan{
		"beside": fixture.Mixed([]*provisov1.PlannedVM{web}, ns),
		"ct":     single, "cts": fixture.Mixed(nil, alike...), "ctlocal": fixture.Mixed(nil, local), "ctroot": fixture.Mixed(nil, root),
	}
}

const (
	ctOne   = "proxmox_virtual_environment_container.dns"
	ctGroup = "proxmox_virtual_environment_container.ns"
	ctLocal = "proxmox_virtual_environment_container.files"
)

// containerMutants, by class, are to containers and pools what mutants is to machines.
var containerMutants = map[string][]mutant{
	"schema": {
		{"ct", "    swap      = 512", "    swop      = 512", "schema.unknown_argument", review.Error, ctOne + ".memory[0].swop"},
		{"ct", "  start_on_boot = false", "  on_boot = false", "schema.unknown_argument", review.Error, ctOne + ".on_boot"},
		{"ctlocal", "  node_name = \"pmox02\"\n", "", "schema.missing_argument", review.Error, ctLocal},
		{"ct", "    template_file_id = \"" + fixture.ContainerTemplate + "\"\n", "", "schema.missing_argument", review.Error, ctOne + ".operating_system[0]"},
		{"ct", "    name    = \"eth0\"\n", "", "schema.missing_argument", review.Error, ctOne + ".network_interface[0]"},
		{"ct", "    nesting = true", "    nesting = \"very\"", "schema.type", review.Error, ctOne + ".features[0].nesting"},
		{"ct", "  unprivileged  = true", "  unprivileged  = true\n  ipv4 = {}", "schema.read_only", review.Error, ctOne + ".ipv4"},
		{"ct", "    swap      = 512\n  }\n", "    swap      = 512\n  }\n\n  memory {\n    dedicated = 512\n  }\n", "schema.too_many_blocks", review.Error, ctOne + ".memory[1]"},
		{"ct", "  comment = \"what everybody needs\"", "  coment = \"what everybody needs\"", "schema.unknown_argument", review.Error, "pool.infra.coment"},
		{"ct", "  pool_id = \"infra\"\n", "", "schema.missing_argument", review.Error, "pool.infra"},
	},
	"references": {
		{"ct", "proxmox_virtual_environment_pool.infra.pool_id", "proxmox_virtual_environment_pool.infrastructure.pool_id", "references.unresolved", review.Error, "dns"},
		{"cts", "hostname = each.key", "hostname = each.key.name", "references.invalid", review.Error, ctGroup},
		{"cts", "each.value.ipv4_address", "each.value.address", "references.invalid", review.Error, ctGroup},
		{"cts", "vm_id        = 311", "vm_id        = 31", "references.default_refused", review.Error, "var.ns"},
		{"ct", "ct:${proxmox_virtual_environment_container.dns.vm_id}", "ct:${proxmox_virtual_environment_container.ns.vm_id}", "references.unresolved", review.Error, "proxmox_haresource.dns"},
	},
	"state": {
		{"ct", "vm_id       = 301", "vm_id       = 101", "PMX018", review.Error, ctOne + ".vm_id"},
		{"ct", "vm_id       = 301", "vm_id       = 125", "PMX018", review.Error, ctOne + ".vm_id"},
		{"ct", "hostname = \"dns\"", "hostname = \"webserver\"", "state.name_taken", review.Error, ctOne + ".initialization.hostname"},
		{"ct", "hostname = \"dns\"", "hostname = \"OPNsense\"", "state.name_taken", review.Error, ctOne + ".initialization.hostname"},
		{"cts", "\"192.168.20.63/16\"", "\"192.168.20.62/16\"", "state.address_repeated", review.Error, ctGroup + `["ns-2"]`},
		{"ct", "\"192.168.0.40/16\"", "\"172.25.5.201/24\"", "state.address_repeated", review.Error, ctOne + ".initialization.ip_config[0]"},
		{"beside", "\"192.168.20.52/16\"", "\"192.168.20.90/16\"", "state.address_repeated", review.Error, ctOne + ".initialization.ip_config[0]"},
		{"beside", "dedicated = 1024", "dedicated = 25000", "state.node_memory", review.Error, ".memory.dedicated"},
		{"ctlocal", "node_name = \"pmox02\"", "node_name = \"pmox09\"", "PMX049", review.Error, ctLocal + ".node_name"},
		{"ctlocal", "node_name = \"pmox02\"", "node_name = \"pmox04\"", "state.node_offline", review.Error, ctLocal + ".node_name"},
		{"ctlocal", "node_name = \"pmox02\"", "node_name = \"pmox01\"", "state.container_template_elsewhere", review.Error, ctLocal + ".operating_system.template_file_id"},
		{"ct", fixture.ContainerTemplate, "cephfs:vztmpl/absent.tar.zst", "PMX049", review.Error, ctOne + ".operating_system.template_file_id"},
		{"ct", fixture.ContainerTemplate, "cephfs:import/noble-server-cloudimg-amd64.qcow2", "PMX049", review.Error, ctOne + ".operating_system.template_file_id"},
		{"ct", fixture.ContainerTemplate, "nowhere:vztmpl/debian.tar.zst", "PMX049", review.Error, ctOne + ".operating_system.template_file_id"},
		{"ct", "datastore_id = \"pmoxpool01\"\n    size         = 8", "datastore_id = \"cephfs\"\n    size         = 8", "PMX047", review.Error, ctOne + ".disk[0].datastore_id"},
		{"ct", "datastore_id = \"pmoxpool01\"\n    size         = 8", "datastore_id = \"pool9\"\n    size         = 8", "PMX049", review.Error, ctOne + ".disk[0].datastore_id"},
		{"ct", "datastore_id = \"pmoxpool01\"\n    size         = 8", "datastore_id = \"local-lvm\"\n    size         = 8", "PMX032", review.Error, ctOne + ".disk[0]"},
		{"ct", "bridge  = \"mainvnet\"", "bridge  = \"vmbr7\"", "PMX049", review.Error, ctOne + ".network_interface[0].bridge"},
		{"ctlocal", "  tags      = [\"dns\"]", "  tags      = [\"dns\"]\n  pool_id   = \"team-z\"", "PMX049", review.Error, ctLocal + ".pool_id"},
		{"ct", "pool_id = \"infra\"", "pool_id = \"Backup-vms-pool\"", "state.already_exists", review.Error, "pool.infra.pool_id"},
		{"ctlocal", "dedicated = 512", "dedicated = 40000", "state.node_memory", review.Error, ctLocal + ".memory.dedicated"},
		{"ctlocal", "cores = 1", "cores = 24", "state.node_cpus", review.Error, ctLocal + ".cpu.cores"},
		{"ctlocal", "size         = 8", "size         = 900", "state.storage_space", review.Error, ctLocal + ".disk[0].size"},
		{"ct", "  group       = \"mainHA\"", "  group       = \"otherHA\"", "state.ha_group_unknown", review.Error, "proxmox_haresource.dns.group"},
		{"cts", "    bridge = \"mainvnet\"", "    bridge = \"mainvnet\"\n    mac_address = \"BC:24:11:00:00:01\"", "state.mac_repeated", review.Error, ctGroup},
	},
	"policy": {
		{"ctlocal", "  unprivileged  = true", "  unprivileged  = false", "policy.privileged", review.Warning, ctLocal + ".unprivileged"},
		{"ctlocal", "  unprivileged  = true\n", "", "policy.privileged", review.Warning, ctLocal + ".unprivileged"},
		{"ct", "", "\n", "policy.nesting", review.Information, ctOne + ".features.nesting"},
		{"ct", "    nesting = true", "    nesting = true\n    keyctl = true", "PMX062", review.Error, ctOne + ".features.keyctl"},
		{"ct", "    nesting = true", "    nesting = true\n    mount = [\"nfs\"]", "PMX062", review.Error, ctOne + ".features.mount"},
		{"ct", "  unprivileged  = true", "  unprivileged  = false", "PMX062", review.Error, ctOne + ".features.nesting"},
		{"ct", "  cpu {\n    cores = 1", "  mount_point {\n    path = \"/srv\"\n    volume = \"/mnt/data\"\n  }\n\n  cpu {\n    cores = 1", "PMX062", review.Error, ctOne + ".mount_point[0].volume"},
		{"ct", "  cpu {\n    cores = 1", "  idmap {\n    container_id = 0\n    host_id = 0\n    size = 1\n    type = \"uid\"\n  }\n\n  cpu {\n    cores = 1", "PMX062", review.Error, ctOne + ".idmap"},
		{"ct", "node_name, initialization[0].user_account", "initialization[0].user_account", "PMX027", review.Error, ctOne},
		{"ct", "    replace_triggered_by = [proxmox_virtual_environment_container.dns]\n", "", "PMX029", review.Warning, "proxmox_haresource.dns"},
		{"ct", "start_on_boot = false", "start_on_boot = true", "PMX033", review.Information, ctOne + ".start_on_boot"},
		{"ct", "    type             = \"debian\"\n", "", "PMX057", review.Warning, ctOne},
		{"ct", "    datastore_id = \"pmoxpool01\"\n    size         = 8", "    size         = 8", "PMX048", review.Warning, ctOne + ".disk[0]"},
		{"cts", "  vm_id     = each.value.vm_id\n", "", "PMX017", review.Warning, ctGroup},
		{"ct", "[\"dns\", \"prod\"]", "[\"prod\", \"dns\"]", "PMX077", review.Warning, ctOne + ".tags"},
		{"ct", "hostname = \"dns\"", "hostname = \"d_n_s\"", "PMX091", review.Error, ctOne + ".initialization.hostname"},
		{"ct", "    user_account {\n", "    user_account {\n      password = \"hunter2\"\n", "PMX068", review.Error, ctOne},
		{"ct", "    user_account {\n", "    user_account {\n      password = \"hunter2\"\n", "PMX069", review.Warning, ctOne + ".initialization.user_account.password"},
		{"ct", "  started       = true", "  started       = false", "PMX100", review.Warning, "proxmox_haresource.dns.state"},
		{"ct", "", extra("proxmox_pool_membership", "m", "  pool_id = \"infra\"\n  vm_id   = 301"), "PMX095", review.Warning, "proxmox_pool_membership.m"},
		{"ct", "      servers = [\"9.9.9.9\"]", "      server = \"9.9.9.9\"", "PMX082", review.Warning, ctOne + ".initialization.dns.server"},
	},
	"format": {
		{"ct", "\"192.168.0.40/16\"", "\"192.168.0.40\"", "policy.format", review.Error, ctOne + ".initialization.ip_config[0].ipv4.address"},
		{"ct", "gateway = \"192.168.0.1\"", "gateway = \"10.0.0.1\"", "policy.format", review.Error, ctOne + ".initialization.ip_config[0].ipv4.gateway"},
		{"ct", "vlan_id = 30", "vlan_id = 5000", "policy.format", review.Error, ctOne + ".network_interface[0].vlan_id"},
		{"ct", "name    = \"eth0\"", "name    = \"eth 0\"", "policy.format", review.Error, ctOne + ".network_interface[0].name"},
		{"ct", "vlan_id = 30", "vlan_id = 30\n    mac_address = \"01:00:5E:00:00:01\"", "policy.format", review.Error, ctOne + ".network_interface[0].mac_address"},
		{"ctlocal", "type             = \"ubuntu\"", "type             = \"l26\"", "policy.format", review.Error, ctLocal + ".operating_system.type"},
		{"ct", fixture.ContainerTemplate, "debian-12", "policy.format", review.Error, ctOne + ".operating_system.template_file_id"},
		{"ctlocal", "cores = 1", "cores = 0", "policy.format", review.Error, ctLocal + ".cpu.cores"},
		{"ctlocal", "dedicated = 512", "dedicated = 2", "policy.format", review.Error, ctLocal + ".memory.dedicated"},
		{"ctlocal", "swap      = 512", "swap      = -1", "policy.format", review.Error, ctLocal + ".memory.swap"},
		{"ct", "size         = 8", "size         = 0", "policy.format", review.Error, ctOne + ".disk[0].size"},
		{"ct", "\"9.9.9.9\"", "\"dns.quad9.net\"", "policy.format", review.Error, ctOne + ".initialization.dns.servers"},
		{"ct", fixture.Key, "not a key", "policy.format", review.Error, ctOne + ".initialization.user_account.keys"},
		{"ct", "[\"dns\", \"prod\"]", "[\"dns\", \"pr od\"]", "policy.format", review.Error, ctOne + ".tags"},
		{"ct", "\"ct:${", "\"vm:${", "policy.format", review.Error, "proxmox_haresource.dns.resource_id"},
	},
	"intent": {
		{"ctlocal", "cores = 1", "cores = 2", "intent.cpu.cores", review.Error, ctLocal},
		{"ctlocal", "dedicated = 512", "dedicated = 1024", "intent.memory.dedicated", review.Error, ctLocal},
		{"ctlocal", "swap      = 512", "swap      = 0", "intent.memory.swap", review.Error, ctLocal},
		{"ct", "    swap      = 512\n", "", "intent.memory.swap", review.Error, ctOne},
		{"ct", "size         = 8", "size         = 9", "intent.disk[0].size", review.Error, ctOne},
		{"ctlocal", "datastore_id = \"local-lvm\"", "datastore_id = \"pmoxpool01\"", "intent.disk[0].datastore_id", review.Error, ctLocal},
		{"ct", "  cpu {\n    cores = 1", "  mount_point {\n    path = \"/srv\"\n    volume = \"pmoxpool01\"\n  }\n\n  cpu {\n    cores = 1", "intent.extra", review.Error, ctOne + ".mount_point[0]"},
		{"ctlocal", fixture.LocalTemplate, fixture.ContainerTemplate, "intent.operating_system.template_file_id", review.Error, ctLocal},
		{"ctlocal", "type             = \"ubuntu\"", "type             = \"debian\"", "intent.operating_system.type", review.Error, ctLocal},
		{"ctlocal", "vm_id     = 320", "vm_id     = 321", "intent.vm_id", review.Error, ctLocal},
		{"ct", "\"the name server\"", "\"a name server\"", "intent.description", review.Error, ctOne},
		{"ct", "[\"dns\", \"prod\"]", "[\"dns\"]", "intent.tags", review.Error, ctOne},
		{"ct", "bridge  = \"mainvnet\"", "bridge  = \"vmbr0\"", "intent.network_interface[0].bridge", review.Error, ctOne},
		{"ct", "    vlan_id = 30\n", "", "intent.network_interface[0].vlan_id", review.Error, ctOne},
		{"ct", "\"192.168.0.40/16\"", "\"192.168.0.41/16\"", "intent.ip_config[0].address", review.Error, ctOne},
		{"ct", "        gateway = \"192.168.0.1\"\n", "", "intent.ip_config[0].gateway", review.Error, ctOne},
		{"ct", "operator@example.org", "mallory@example.org", "intent.initialization.keys", review.Error, ctOne},
		{"ct", "\"9.9.9.9\"", "\"9.9.9.10\"", "intent.initialization.servers", review.Error, ctOne},
		{"ct", "\"lab.local\"", "\"lab.example\"", "intent.initialization.domain", review.Error, ctOne},
		{"ct", "    nesting = true", "    nesting = false", "intent.features.nesting", review.Error, ctOne},
		{"ctroot", "  unprivileged  = false", "  unprivileged  = true", "intent.unprivileged", review.Error, "container.root"},
		{"ctlocal", "start_on_boot = true", "start_on_boot = false", "intent.start_on_boot", review.Error, ctLocal},
		{"ctlocal", "started       = true", "started       = false", "intent.started", review.Error, ctLocal},
		{"ctlocal", "  started       = true", "  protection = true\n  started       = true", "intent.protection", review.Error, ctLocal},
		{"ct", "up_delay = 30", "up_delay = 60", "intent.startup.order", review.Error, ctOne},
		{"ct", "    order = 3\n", "", "intent.startup.order", review.Error, vmOne},
		{"ct", "  group       = \"mainHA\"\n", "", "intent.ha.group", review.Error, ctOne},
		{"ct", "hostname = \"dns\"", "hostname = \"dns2\"", "intent.missing", review.Error, "dns"},
		{"ct", "hostname = \"dns\"", "hostname = \"dns2\"", "intent.extra", review.Error, ctOne},
		{"cts", "\"ns-3\" = {", "\"ns-4\" = {", "intent.missing", review.Error, "ns-3"},
		{"ct", "\"what everybody needs\"", "\"mine\"", "intent.comment", review.Error, "pool.infra"},
		{"ct", "  pool_id     = proxmox_virtual_environment_pool.infra.pool_id\n", "", "intent.pool_id", review.Error, ctOne},
		{"ct", "", extra("proxmox_haresource", "stray", "  resource_id = \"ct:999\""), "intent.extra", review.Error, "proxmox_haresource.stray"},
	},
}

// TestContainerRequiredEntries takes one block after the other out of a valid container: each is missed, by name.
//
// Shows: T-3.3.5-311
func TestContainerRequiredEntries(t *testing.T) {
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := bases(t, v)["ct"]
	tests := map[string]struct{ from, to, rule string }{
		"Template":         {"  operating_system {\n    template", "\n  }\n", "intent.operating_system.template_file_id"},
		"Disk":             {"  disk {\n    datastore_id = \"pmoxpool01\"\n    size         = 8", "\n  }\n", "intent.missing"},
		"Network":          {"  network_interface {", "\n  }\n", "intent.network_interface"},
		"Address":          {"    ip_config {\n      ipv4 {\n        address = \"192.168.0.40/16\"", "\n    }\n", "intent.initialization.ip_config"},
		"HostName":         {"    hostname = \"dns\"", "\n", "intent.missing"},
		"Memory":           {"  memory {\n    dedicated = 512\n    swap ", "\n  }\n", "intent.memory.swap"},
		"Nesting":          {"  features {", "\n  }\n", "intent.features.nesting"},
		"Startup":          {"  startup {\n    order    = 2", "\n  }\n", "intent.startup.order"},
		"Unprivileged":     {"  unprivileged  =", "\n", "intent.unprivileged"},
		"HighAvailability": {"resource \"proxmox_haresource\"", "\n}\n", "intent.ha"},
		"Pool":             {"resource \"proxmox_virtual_environment_pool\"", "\n}\n", "references.unresolved"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			res := v.Review(cut(t, b.files, tc.from, tc.to), b.plan, b.cluster)
			for _, f := range res.Findings() {
				if f.Rule == tc.rule && f.Open() {
					return
				}
			}
			t.Errorf("want %s, got:%s", tc.rule, texts(res.Findings()))
		})
	}
}
