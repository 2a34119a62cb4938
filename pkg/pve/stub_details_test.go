package pve

import (
	"net/http"
	"time"
)

// details are the answers that tell what changes rarely, with figures as numbers and as strings, as they are seen in the field.
func details() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/cluster/config/nodes": data(`[{"node":"pmox01","quorum_votes":"2"},{"node":"pmox02","quorum_votes":1},{"name":"pmox03"}]`),
		"/cluster/ha/status/manager_status": data(`{"quorum":{"node":"pmox01","quorate":"1"},
			"manager_status":{"master_node":"pmox01","node_status":{"pmox01":"online","pmox03":"fence"}}}`),
		"/cluster/backup": data(`[
			{"id":"nightly","enabled":"1","schedule":"21:00","storage":"local","mode":"stop","all":1,"exclude":"103","prune-backups":{"keep-daily":"7","keep-last":3}},
			{"id":"old","dow":"sat","starttime":"02:00","vmid":"101,102","maxfiles":2,"enabled":0},
			{"id":"pool","schedule":"*/30","pool":"prod","prune-backups":"keep-last=8","node":"pmox01"}]`),
		"/cluster/backup-info/not-backed-up": data(`[{"vmid":"103","type":"lxc","name":"dns"}]`),
		"/cluster/ceph/status": data(`{"health":{"status":"HEALTH_WARN","checks":{"OSD_DOWN":{"severity":"HEALTH_WARN","summary":{"message":"1 osds down","count":1}}}},
			"pgmap":{"pgs_by_state":[{"state_name":"active+clean","count":100},{"state_name":"active+undersized+degraded","count":"29"}],
			"bytes_total":3000,"bytes_used":"900","bytes_avail":2100},"osdmap":{"osdmap":{"num_osds":3,"num_up_osds":2,"num_in_osds":3}}}`),
		"/nodes/pmox01/ceph/pool": data(`[{"pool_name":"rbd","size":3,"min_size":2,"pg_num":128,"bytes_used":900,"percent_used":0.3,"type":"replicated"},
			{"pool_name":".mgr","size":"3","min_size":"2","pg_num":"1","bytes_used":0,"percent_used":0},
			{"pool_name":"archive","size":6,"min_size":5,"pg_num":32,"bytes_used":0,"percent_used":0,"type":"erasure"}]`),
		"/cluster/replication": data(`[{"id":"101-0","guest":101,"jobnum":0,"type":"local","target":"pmox02","schedule":"*/5","rate":"10.5"},
			{"id":"103-0","guest":"103","target":"pmox02","disable":1,"comment":"later"},{"id":"104-0","guest":104,"target":"pmox02","remove_job":"full"}]`),
		"/cluster/tasks": data(`[
			{"upid":"UPID:pmox01:1:1:65000000:qmclone:100:root@pam:","node":"pmox01","type":"qmclone","id":"100","user":"root@pam","starttime":1694498816},
			{"upid":"UPID:pmox02:1:1:64FFFFFF:vzdump::root@pam:","node":"pmox02","type":"vzdump","id":"","user":"root@pam","starttime":1694498000,"endtime":1694498100,"status":"OK"}]`),
		"/cluster/mapping/pci": data(`[{"id":"compute","type":"pci","digest":"d","description":"render farm","mdev":"1","live-migration-capable":1,
			"map":["node=pmox02,path=0000:81:00.0,id=10DE:20f1,iommugroup=7,subsystem-id=10de:1463","id=10de:20f1,node=pmox01,path=0000:01:00.0;0000:01:00.1"]}]`),
		"/cluster/mapping/usb": data(`[{"id":"dongle","map":["node=pmox01,id=0529:0001"]}]`),
		"/nodes/pmox01/status": data(`{"pveversion":"pve-manager/8.4.1/2a5fa54a8503f96d","current-kernel":{"release":"6.8.12-9-pve"},
			"cpuinfo":{"model":"Xeon","sockets":1,"cores":4,"cpus":"8"},"memory":{"total":32000000000}}`),
		"/nodes/pmox02/status": data(`{"pveversion":"pve-manager/7.4-3/9002ab8a","kversion":"Linux 5.15.102-1-pve #1 SMP","cpuinfo":{"model":"EPYC","sockets":2,"cores":8,"cpus":16},"memory":{"total":"64000000000"}}`),
		"/nodes/pmox01/disks/list?skipsmart=1": data(`[{"devpath":"/dev/sdb","type":"hdd","size":4000,"model":"unknown","vendor":"ACME","osdid":-1},
			{"devpath":"/dev/nvme0n1","type":"nvme","size":"1000","model":"Fast ","used":"LVM","osdid":"2"}]`),
		"/nodes/pmox02/disks/list?skipsmart=1": data(`[]`),
	}
}

// wantDetails adds what the answers tell.
func wantDetails(s *Snapshot) {
	s.Nodes[0].CPUModel, s.Nodes[1].CPUModel = "Xeon", "EPYC"
	s.Membership = Membership{Read: true, Name: "lab", Votes: 3, ExpectedVotes: 4, NodeVotes: map[string]int{"pmox01": 2, "pmox02": 1, "pmox03": 1}}
	s.HAManager = HAManager{Read: true, Quorate: true, Master: "pmox01", State: "active", Nodes: []HANode{
		{Node: "pmox01", State: "idle", Member: "online"}, {Node: "pmox03", State: "old timestamp - dead?", Member: "fence"},
	}}
	s.Zones = []Zone{{Name: "z1", Type: "vlan", Nodes: []string{"pmox01", "pmox02"}, Bridge: "vmbr0", States: map[string]string{"pmox01": "ok"}}}
	s.Backup = Backup{JobsRead: true, CoverageRead: true, Uncovered: []int{103}, Jobs: []BackupJob{
		{ID: "nightly", Enabled: true, Schedule: "21:00", Storage: "local", Mode: "stop", All: true, Exclude: []int{103}, Retention: map[string]int{"keep-daily": 7, "keep-last": 3}},
		{ID: "old", Schedule: "sat 02:00", Mode: "snapshot", VMIDs: []int{101, 102}, Retention: map[string]int{"keep-last": 2}},
		{ID: "pool", Enabled: true, Schedule: "*/30", Mode: "snapshot", Pool: "prod", Node: "pmox01", Retention: map[string]int{"keep-last": 8}},
	}}
	s.Ceph = Ceph{
		Presence: PresenceHere, Health: "HEALTH_WARN", Checks: []CephCheck{{Code: "OSD_DOWN", Severity: "HEALTH_WARN", Message: "1 osds down"}},
		OSDs: 3, OSDsUp: 2, OSDsIn: 3, PGs: map[string]int{"active+clean": 100, "active+undersized+degraded": 29},
		TotalBytes: 3000, UsedBytes: 900, FreeBytes: 2100, PoolsRead: true,
		Pools: []CephPool{
			{Name: ".mgr", Type: "replicated", Size: 3, MinSize: 2, PGs: 1, FreeBytes: 700, FreeKnown: true},
			{Name: "archive", Type: "erasure", Size: 6, MinSize: 5, PGs: 32},
			{Name: "rbd", Type: "replicated", Size: 3, MinSize: 2, PGs: 128, UsedBytes: 900, FreeBytes: 700, FreeKnown: true},
		},
	}
	s.Replications = []Replication{
		{ID: "101-0", VMID: 101, Target: "pmox02", Schedule: "*/5", RateMBs: 10.5},
		{ID: "103-0", VMID: 103, Target: "pmox02", Schedule: "*/15", Disabled: true, Comment: "later"},
	}
	s.Tasks = []Task{{UPID: "UPID:pmox01:1:1:65000000:qmclone:100:root@pam:", Node: "pmox01", Type: "qmclone", ID: "100", User: "root@pam", StartedAt: time.Unix(1694498816, 0).UTC()}}
	s.Hardware = []NodeHardware{
		{Node: "pmox01", PVEVersion: "8.4.1", Kernel: "6.8.12-9-pve", CPUModel: "Xeon", Sockets: 1, Cores: 4, Threads: 8, MemoryBytes: 32e9, DisksRead: true,
			Disks: []PhysicalDisk{{Device: "/dev/nvme0n1", Kind: "nvme", Model: "Fast", SizeBytes: 1000, Use: "LVM", OSD: true}, {Device: "/dev/sdb", Kind: "hdd", Model: "ACME", SizeBytes: 4000}}},
		{Node: "pmox02", PVEVersion: "7.4-3", Kernel: "5.15.102-1-pve", CPUModel: "EPYC", Sockets: 2, Cores: 8, Threads: 16, MemoryBytes: 64e9, DisksRead: true},
	}
	group := 7
	s.MappingsRead = []MappingKind{MappingPCI, MappingUSB}
	s.Mappings = []Mapping{
		{Name: "compute", Kind: MappingPCI, Description: "render farm", Mediated: true, LiveMigration: true, Devices: []MappingDevice{
			{Node: "pmox01", Path: "0000:01:00.0;0000:01:00.1", ID: "10de:20f1"},
			{Node: "pmox02", Path: "0000:81:00.0", ID: "10DE:20f1", SubsystemID: "10de:1463", IOMMUGroup: &group},
		}},
		{Name: "dongle", Kind: MappingUSB, Devices: []MappingDevice{{Node: "pmox01", ID: "0529:0001"}}},
	}
	s.Ports = []Port{{Node: "pmox01", Name: "bond0", Type: "bond", Active: true, Members: []string{"eno1", "eno2"}}, {Node: "pmox01", Name: "eno1", Type: "eth", Active: true}, {Node: "pmox01", Name: "eno2", Type: "eth"}}
}
