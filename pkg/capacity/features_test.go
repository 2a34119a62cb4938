package capacity

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// said is what a feature says, without its evidence.
type said struct {
	State string
	Names []string
}

// Shows: T-3.3.5-211
func TestFeatures(t *testing.T) {
	gpu := pve.Mapping{Name: "gpu", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "n1", ID: "10de:1"}}}
	tests := map[string]struct {
		reason  string
		change  func(*pve.Snapshot)
		feature string
		want    said
		says    string // part of the evidence
	}{
		"NoCeph":      {"", func(s *pve.Snapshot) { s.Ceph.Presence = pve.PresenceNone }, FeatureCeph, said{State: Absent}, "no Ceph"},
		"CephUnread":  {"Unknown is not no.", nil, FeatureCeph, said{State: Unknown}, "not read"},
		"CephStopped": {"It is there; that it takes nothing is a hot spot.", func(s *pve.Snapshot) { s.Ceph = pve.Ceph{Presence: pve.PresenceHere, Health: "HEALTH_ERR", OSDs: 3} }, FeatureCeph, said{State: Available}, "HEALTH_ERR, 0 of 3"},
		"CephElsewhere": {"", func(s *pve.Snapshot) {
			s.Ceph.Presence = pve.PresenceNone
			s.Storages = []pve.Storage{{Name: "rbd", Type: "rbd", Active: true}, {Name: "off", Type: "rbd"}}
		}, FeatureCeph, said{Available, []string{"rbd"}}, "its own: none"},

		"NoSDN":     {"", nil, FeatureSDN, said{State: Absent}, "0 vnets"},
		"SDNUnread": {"", func(s *pve.Snapshot) { s.Unknown = []pve.UnknownRef{{What: "SDN", Reason: "token may not read it"}} }, FeatureSDN, said{State: Unknown}, "may not"},
		"SDN":       {"", func(s *pve.Snapshot) { s.VNets = []pve.VNet{{Name: "web"}, {Name: "db"}} }, FeatureSDN, said{Available, []string{"db", "web"}}, "2 vnets"},

		"Groups8":        {"Release 8 can have groups, even while there are none.", nil, FeatureHAGroups, said{State: Available}, "0 entries"},
		"Groups9":        {"Release 9 has none.", func(s *pve.Snapshot) { s.Version = "9.1.1" }, FeatureHAGroups, said{State: Absent}, "rules"},
		"GroupsUnread":   {"", func(s *pve.Snapshot) { s.Unknown = []pve.UnknownRef{{What: "HA groups"}} }, FeatureHAGroups, said{State: Unknown}, "HA groups"},
		"Rules8":         {"", nil, FeatureHARules, said{State: Absent}, "groups"},
		"Rules9":         {"", func(s *pve.Snapshot) { s.Version = "9.1.1"; s.HARules = []pve.HARule{{Name: "r"}} }, FeatureHARules, said{Available, []string{"r"}}, "1 entries"},
		"Affinity8":      {"", nil, FeatureResourceAffinity, said{State: Absent}, "8.4.1"},
		"Affinity9":      {"", func(s *pve.Snapshot) { s.Version = "9.1.1" }, FeatureResourceAffinity, said{State: Available}, "9.1.1"},
		"HA":             {"", nil, FeatureHA, said{State: Available}, "4 nodes"},
		"HATwo":          {"A QDevice may make up the majority; the API does not show one.", func(s *pve.Snapshot) { s.Nodes = s.Nodes[:2] }, FeatureHA, said{State: Unknown}, "QDevice"},
		"HAOne":          {"", func(s *pve.Snapshot) { s.Nodes = s.Nodes[:1] }, FeatureHA, said{State: Absent}, "1 node"},
		"Template":       {"", nil, FeatureCloudInit, said{Available, []string{"template"}}, "1 of 1"},
		"NoTemplate":     {"", func(s *pve.Snapshot) { s.Guests = s.Guests[1:] }, FeatureCloudInit, said{State: Absent}, "0 of 0"},
		"TemplateUnseen": {"", func(s *pve.Snapshot) { s.Guests[0].Config = nil }, FeatureCloudInit, said{State: Unknown}, "1 of 1"},

		"GPU": {"", func(s *pve.Snapshot) {
			s.Mappings, s.MappingsRead = []pve.Mapping{gpu}, []pve.MappingKind{pve.MappingPCI}
		}, FeatureGPUMapping, said{Available, []string{"gpu"}}, "whether further guests use gpu is not known"},
		"GPUInUse": {"", func(s *pve.Snapshot) {
			s.Mappings = []pve.Mapping{gpu}
			s.Guests = []pve.Guest{{VMID: 7, Kind: pve.KindVM, Config: &pve.GuestConfig{Lines: map[string]string{"hostpci0": "mapping=gpu"}}}}
		}, FeatureGPUMapping, said{Available, []string{"gpu"}}, "in the configuration of guest 7"},
		"NoGPU": {"What was listed in full and is not there does not exist.", func(s *pve.Snapshot) { s.MappingsRead = []pve.MappingKind{pve.MappingPCI} }, FeatureGPUMapping, said{State: Absent}, "0 entries"},
		"OtherCard": {"", func(s *pve.Snapshot) {
			s.MappingsRead = []pve.MappingKind{pve.MappingPCI}
			s.Mappings = []pve.Mapping{{Name: "nic", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "n1", ID: "15b3:1"}}}}
		}, FeatureGPUMapping, said{State: Absent}, "1 entries, of them 0"},
		"GPUAway": {"A card in a node that is off cannot be had.", func(s *pve.Snapshot) {
			away := gpu
			away.Devices = []pve.MappingDevice{{Node: "n4", ID: "10de:1"}}
			s.Mappings, s.MappingsRead = []pve.Mapping{away}, []pve.MappingKind{pve.MappingPCI}
		}, FeatureGPUMapping, said{State: Absent}, "only on nodes that are not: gpu"},
		"GPUUnread": {"", nil, FeatureGPUMapping, said{State: Unknown}, "not read"},
		"GPUHidden": {"A token without Mapping.Audit sees an empty list.", func(s *pve.Snapshot) {
			s.MappingsRead = []pve.MappingKind{pve.MappingPCI}
			s.Unknown = []pve.UnknownRef{{What: "objects under /mapping", Reason: "token may not read it"}}
		}, FeatureGPUMapping, said{State: Unknown}, "not all"},

		"NoMigration": {"", func(s *pve.Snapshot) {
			s.Storages = []pve.Storage{{Name: "nfs", Node: "n1", Shared: true, Active: true, Content: []string{"images"}}, {Name: "iso", Node: "n1", Shared: true, Active: true, Content: []string{"iso"}}}
		}, FeatureLiveMigration, said{State: Absent}, ": 0"},
		"Migration": {"", func(s *pve.Snapshot) {
			for _, node := range []string{"n1", "n2"} {
				s.Storages = append(s.Storages, pve.Storage{Name: "nfs", Node: node, Shared: true, Active: true, Content: []string{"images"}})
			}
			s.Hardware = []pve.NodeHardware{{Node: "n1", CPUModel: "a"}, {Node: "n2", CPUModel: "b"}}
		}, FeatureLiveMigration, said{Available, []string{"nfs"}}, "2 models of processor"},
		"Replication": {"", func(s *pve.Snapshot) {
			for _, node := range []string{"n1", "n2"} {
				s.Storages = append(s.Storages, pve.Storage{Name: "tank", Node: node, Type: "zfspool", Active: true})
			}
		}, FeatureReplication, said{Available, []string{"tank"}}, "0 jobs"},
		"Backup":       {"", nil, FeatureBackup, said{Available, []string{"all"}}, "1 of them switched on"},
		"BackupOff":    {"", func(s *pve.Snapshot) { s.Backup.Jobs[0].Enabled = false }, FeatureBackup, said{State: Absent}, "0 of them"},
		"BackupUnread": {"", func(s *pve.Snapshot) { s.Backup = pve.Backup{} }, FeatureBackup, said{State: Unknown}, "not read"},
		"Bridge": {"", func(s *pve.Snapshot) {
			s.Bridges = []pve.Bridge{{Name: "vmbr0", VLANAware: true, Active: true}, {Name: "vmbr1"}}
		}, FeatureVLANBridge, said{Available, []string{"vmbr0"}}, ": 1"},
		"BridgeUnseen": {"", func(s *pve.Snapshot) { s.Unknown = []pve.UnknownRef{{What: "network of n1"}} }, FeatureVLANBridge, said{State: Unknown}, "network of n1"},
		"NoKubernetes": {"", nil, FeatureAutoscaling, said{State: Unknown}, "no Kubernetes"},
		"NeverHeardOf": {"", nil, "teleport", said{State: Unknown}, "does not speak"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := small()
			if tc.change != nil {
				tc.change(s)
			}
			a := analyse(t, s, nil)
			f := Find(a, tc.feature)
			if diff := cmp.Diff(tc.want, said{f.GetState(), f.GetNames()}); diff != "" || !strings.Contains(f.GetEvidence(), tc.says) {
				t.Errorf("%s\nevidence %q, want %q; -want, +got:\n%s", tc.reason, f.GetEvidence(), tc.says, diff)
			}
			if !slices.IsSortedFunc(a.GetFeatures(), func(a, b *provisov1.Feature) int { return strings.Compare(a.GetName(), b.GetName()) }) {
				t.Error("features are not in order")
			}
		})
	}
}

// Shows: T-3.3.5-211
func TestFeaturesOfKubernetes(t *testing.T) {
	tests := map[string]struct {
		reason  string
		state   *provisov1.KubernetesState
		feature string
		want    said
	}{
		"Metrics":        {"", &provisov1.KubernetesState{Workloads: []*provisov1.RunningWorkload{{Namespace: "kube-system", Name: "metrics-server", Ready: 1}}}, FeatureAutoscaling, said{Available, []string{"kube-system/metrics-server"}}},
		"MetricsDown":    {"What is not ready measures nothing.", &provisov1.KubernetesState{Workloads: []*provisov1.RunningWorkload{{Name: "metrics-server"}}}, FeatureAutoscaling, said{State: Absent}},
		"MetricsUnseen":  {"", &provisov1.KubernetesState{Unknown: []string{"deployments: connection broke off"}}, FeatureAutoscaling, said{State: Unknown}},
		"Classes":        {"", &provisov1.KubernetesState{StorageClasses: []*provisov1.StorageClass{{Name: "rbd"}, {Name: "local-path", Default: true}}}, FeatureStorageClass, said{Available, []string{"local-path", "rbd"}}},
		"NoClass":        {"", &provisov1.KubernetesState{}, FeatureStorageClass, said{State: Absent}},
		"ClassesUnseen":  {"", &provisov1.KubernetesState{Unknown: []string{"storageclasses: denied"}}, FeatureStorageClass, said{State: Unknown}},
		"Ingress":        {"", &provisov1.KubernetesState{IngressClasses: []*provisov1.IngressClass{{Name: "traefik"}}}, FeatureIngress, said{Available, []string{"traefik"}}},
		"NoBalancer":     {"", &provisov1.KubernetesState{LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "none"}}, FeatureLoadBalancer, said{State: Absent}},
		"BalancerUnseen": {"", &provisov1.KubernetesState{LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "unknown"}}, FeatureLoadBalancer, said{State: Unknown}},
		"ServiceLB":      {"", &provisov1.KubernetesState{LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "servicelb"}}, FeatureLoadBalancer, said{Available, []string{"servicelb"}}},
		"PoolExhausted": {"No address is left: a service would wait for ever.", &provisov1.KubernetesState{LoadBalancer: &provisov1.LoadBalancerSupport{
			Kind: "metallb", Pools: []*provisov1.AddressPool{{Name: "lan", Addresses: 5, Used: 5}},
		}}, FeatureLoadBalancer, said{Absent, []string{"lan"}}},
		"GPU": {"", &provisov1.KubernetesState{Nodes: []*provisov1.KubernetesNode{
			{Name: "w1", Ready: true, AllocatableExtended: map[string]int64{"nvidia.com/gpu": 2}}, {Name: "w2", AllocatableExtended: map[string]int64{"nvidia.com/gpu": 1}},
		}}, FeatureKubernetesGPU, said{Available, []string{"w1"}}},
		"Policies":     {"", &provisov1.KubernetesState{Version: "v1.34.1", Workloads: []*provisov1.RunningWorkload{{Namespace: "kube-system", Name: "calico-node", Ready: 3}}}, FeatureNetworkPolicy, said{Available, []string{"kube-system/calico-node"}}},
		"PoliciesK3s":  {"", &provisov1.KubernetesState{Version: "v1.34.1+k3s1"}, FeatureNetworkPolicy, said{Available, []string{"k3s"}}},
		"NoPolicies":   {"", &provisov1.KubernetesState{Version: "v1.34.1"}, FeatureNetworkPolicy, said{State: Absent}},
		"Certificates": {"", &provisov1.KubernetesState{CustomResources: []string{"certificates.cert-manager.io/v1"}}, FeatureCertificates, said{Available, []string{"certificates.cert-manager.io/v1"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := Find(analyse(t, small(), func(in *Input) { in.Kubernetes = tc.state }), tc.feature)
			if diff := cmp.Diff(tc.want, said{f.GetState(), f.GetNames()}); diff != "" {
				t.Errorf("%s\nevidence %q; -want, +got:\n%s", tc.reason, f.GetEvidence(), diff)
			}
		})
	}
}
