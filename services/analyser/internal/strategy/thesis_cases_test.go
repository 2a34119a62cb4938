package strategy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A thesisCase is one request of the thesis: what it is planned on, and what the plan must say in either language.
type thesisCase struct {
	reason   string
	snapshot func(*pve.Snapshot)
	payload  func(*provisov1.ContextPayload)
	input    func(*Input)
	vms      []*provisov1.VirtualMachine
	check    func(*testing.T, *provisov1.StrategicPlan)
	refusal  string            // code beside the plan; empty: none
	says     map[string]string // by language, somewhere in the plan's texts
}

// workers makes the machines of the laboratory nodes of a Kubernetes cluster, each with so much requested of its allocatable.
func workers(requestedMilli, requestedMiB int64) *provisov1.KubernetesState {
	state := &provisov1.KubernetesState{
		TakenAt: timestamppb.New(taken), Version: "v1.34.1+k3s1",
		StorageClasses: []*provisov1.StorageClass{
			{Name: "ceph-rbd", Provisioner: "rook-ceph.rbd.csi.ceph.com", Expandable: true}, {Name: "local-path", Provisioner: "rancher.io/local-path", Default: true},
		},
		IngressClasses: []*provisov1.IngressClass{{Name: "traefik", Controller: "traefik.io/ingress-controller", Default: true}},
		LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "metallb", Pools: []*provisov1.AddressPool{
			{Name: "lan", Ranges: []string{"192.168.0.240-192.168.0.250"}, Addresses: 11, Used: 4, Automatic: true, Announced: true},
		}},
		Namespaces: []*provisov1.Namespace{{Name: "default"}},
		Workloads:  []*provisov1.RunningWorkload{{Namespace: "kube-system", Kind: "Deployment", Name: "metrics-server", Wanted: 1, Ready: 1}},
	}
	for i := range 3 {
		state.Nodes = append(state.Nodes, &provisov1.KubernetesNode{
			Name: fmt.Sprintf("control-node-%d", i+1), ControlPlane: true, Ready: true, Taints: []string{"node-role.kubernetes.io/control-plane:NoSchedule"},
			AllocatableCpuMilli: 2000, AllocatableMemoryBytes: 4 * gib, AllocatablePods: 110, Addresses: []string{fmt.Sprintf("192.168.0.%d", 10+i)},
		})
	}
	for i := range 3 {
		state.Nodes = append(state.Nodes, &provisov1.KubernetesNode{
			Name: fmt.Sprintf("worker-node-%d", i+1), Ready: true, AllocatableCpuMilli: 6000, AllocatableMemoryBytes: 8 * gib, AllocatablePods: 110,
			RequestedCpuMilli: requestedMilli, RequestedMemoryBytes: requestedMiB << 20, Pods: 12,
		})
	}
	return state
}

// shop is what a repository with three components says.
func shop(p *provisov1.ContextPayload) {
	evidence := &provisov1.Evidence{File: "compose.yaml", Line: 3, Parser: "compose", Standing: "observed"}
	component := func(name, kind, image string, port int32, needs ...string) *provisov1.Component {
		c := &provisov1.Component{
			Name: name, Kind: kind, Evidence: []*provisov1.Evidence{evidence}, Images: []*provisov1.ImageFact{{Reference: image, Role: "run", Evidence: evidence}},
			Ports: []*provisov1.PortFact{{Number: port, Protocol: "tcp", Evidence: evidence}},
		}
		for _, n := range needs {
			c.Dependencies = append(c.Dependencies, &provisov1.DependencyFact{Name: n, Component: true, Evidence: evidence})
		}
		return c
	}
	db := component("db", "stateful", "postgres:16", 5432)
	db.Volumes = []*provisov1.VolumeFact{{Path: "/var/lib/postgresql/data", Name: "data", Kind: "persistent", SizeBytes: 10 * gib, Evidence: evidence}}
	db.Environment = []*provisov1.EnvironmentFact{{Name: "POSTGRES_PASSWORD", Secret: true, Evidence: evidence}}
	web := component("web", "service", "ghcr.io/acme/shop-web:1.4", 8080, "db")
	web.Exposures = []*provisov1.ExposureFact{{Kind: "load-balancer", Port: 80, TargetPort: 8080, Evidence: evidence}}
	web.Replicas = []*provisov1.ReplicaFact{{Count: 3, Evidence: evidence}}
	web.Resources = []*provisov1.ResourceFact{
		{Resource: "cpu", Bound: "request", Amount: 500, Evidence: evidence}, {Resource: "memory", Bound: "request", Amount: 1 * gib, Evidence: evidence},
	}
	p.Intent.Repositories = []*provisov1.Repository{{Url: new("https://git.example.org/shop.git"), RunsOn: new("kubernetes")}}
	p.Applications = []*provisov1.Application{{
		Repository: &provisov1.RepositoryReading{Url: "https://git.example.org/shop.git", Commit: "abc", ReadAt: timestamppb.New(taken)},
		Name:       "shop", Components: []*provisov1.Component{db, web},
	}}
}

// onSSD is a diagnosis that knows what the laboratory's storages lie on, and adds a pool on SSD.
func onSSD(in *Input) {
	in.Analysis = &provisov1.InfrastructureAnalysis{Storages: []*provisov1.StorageDiagnosis{
		{Storage: "fast-ssd", Type: "rbd", Medium: "ssd", Active: true, Copies: 3, TotalBytes: 200 * gib, UsableBytes: 120 * gib},
		{Storage: "pmoxpool01", Type: "rbd", Medium: "hdd", Active: true, Copies: 3, TotalBytes: 850 * gib, UsableBytes: 500 * gib},
	}}
}

func addSSDPool(s *pve.Snapshot) {
	for _, n := range s.Nodes {
		s.Storages = append(s.Storages, pve.Storage{
			Name: "fast-ssd", Node: n.Name, Type: "rbd", Shared: true, Active: n.Online(), Content: []string{"images", "rootdir"}, TotalBytes: 200 * gib, UsedBytes: 80 * gib,
		})
	}
	slices.SortStableFunc(s.Storages, func(a, b pve.Storage) int { return cmp.Compare(a.Name, b.Name) })
}

// addGPU maps a GPU of pmox02.
func addGPU(s *pve.Snapshot) {
	s.Mappings = []pve.Mapping{{Name: "gpu-rtx", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox02", Path: "0000:01:00.0", ID: "10de:2204"}}}}
	s.MappingsRead = []pve.MappingKind{pve.MappingPCI, pve.MappingUSB}
}

func gpuNode() *provisov1.VirtualMachine {
	vm := webserver()
	vm.Name, vm.Role = new("gpu-node"), new("gpu-node")
	vm.Devices = []*provisov1.Device{{Kind: "gpu"}}
	return vm
}

func database() *provisov1.VirtualMachine {
	vm := webserver()
	vm.Name, vm.Role, vm.MemoryMib = new("database"), new("database"), proto.Int32(4096)
	return vm
}

func osdOn(nodes ...string) func(*pve.Snapshot) {
	return func(s *pve.Snapshot) {
		for _, n := range nodes {
			s.Hardware = append(s.Hardware, pve.NodeHardware{Node: n, Disks: []pve.PhysicalDisk{{Device: "/dev/sdb", Kind: "ssd", OSD: true}}, DisksRead: true})
		}
	}
}

var thesisCases = map[string]thesisCase{
	"WebServer": {
		reason: "Scenario 4, with its size left open.", vms: []*provisov1.VirtualMachine{unsized(webserver())},
		says: map[string]string{"en": "No history: no like machine runs", "fr": "Pas d'historique : aucune machine semblable ne tourne"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			if s := policyOf(p, "webserver", "scaling"); s.GetScaling().GetDirection() != "horizontal" || s.GetScaling().GetThresholdPercent() != 70 {
				t.Errorf("a web tier is to grow by number above 70 %% of CPU, got %v", s)
			}
			if n := len(p.GetAlternatives()); n < 2 || n > 5 {
				t.Errorf("%d alternatives, want 2 to 5", n)
			}
		},
	},
	"NearCeph": {
		reason: "pmox02 has least room of the three, and holds the disks of Ceph.", vms: []*provisov1.VirtualMachine{webserver()}, snapshot: osdOn("pmox02"),
		payload: func(p *provisov1.ContextPayload) {
			p.Intent.VirtualMachines[0].Placement = &provisov1.Placement{Near: []string{"ceph"}}
		},
		says: map[string]string{"en": "On nodes with OSDs (pmox02): webserver → pmox02; disks on Ceph: pmoxpool01", "fr": "Sur des nœuds avec des OSD (pmox02) : webserver → pmox02 ; disques sur Ceph : pmoxpool01"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			if got := p.GetVirtualMachines()[0].GetNode(); got != "pmox02" {
				t.Errorf("node is %s, want pmox02", got)
			}
			for _, n := range p.GetPlacement()[0].GetNodes() {
				if n.GetOutcome() == "possible" && !strings.Contains(n.GetReason(), "50 %") && !strings.Contains(n.GetReason(), "50%") && n.GetNode() == "pmox03" {
					t.Errorf("the node with more room does not say that it has: %q", n.GetReason())
				}
				if strings.Contains(n.GetReason(), "would keep less") || strings.Contains(n.GetReason(), "garderait moins") {
					t.Errorf("%s would keep more, not less: %q", n.GetNode(), n.GetReason())
				}
			}
		},
	},
	"ThreeReplicasApart": {
		reason: "Each on a node of its own.", vms: []*provisov1.VirtualMachine{replicas()},
		says: map[string]string{"en": "are placed on 3 nodes of their own: pmox01, pmox02, pmox03", "fr": "sont placées sur 3 nœuds distincts : pmox01, pmox02, pmox03"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			var nodes []string
			for _, vm := range p.GetVirtualMachines() {
				nodes = append(nodes, vm.GetNode())
			}
			slices.Sort(nodes)
			if !slices.Equal(nodes, []string{"pmox01", "pmox02", "pmox03"}) {
				t.Errorf("nodes are %v, want each once", nodes)
			}
			if a := policyOf(p, "web-1", "anti_affinity"); a.GetDecision() != "applied" {
				t.Errorf("anti-affinity is %v", a)
			}
		},
	},
	"GPU": {
		reason: "The only node with a GPU takes it.", vms: []*provisov1.VirtualMachine{gpuNode()}, snapshot: addGPU,
		says: map[string]string{"en": "gpu-node is on a node that has a device of gpu-rtx: pmox02", "fr": "gpu-node est sur un nœud qui a un périphérique de gpu-rtx : pmox02"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			vm := p.GetVirtualMachines()[0]
			if vm.GetNode() != "pmox02" || !slices.Equal(vm.GetMappings(), []string{"gpu-rtx"}) {
				t.Errorf("machine is on %s with %v, want gpu-rtx on pmox02", vm.GetNode(), vm.GetMappings())
			}
		},
	},
	"DatabaseOnSSD": {
		reason: "The template lies on hard disks; data goes to the pool on SSD.", vms: []*provisov1.VirtualMachine{database()}, snapshot: addSSDPool, input: onSSD,
		says: map[string]string{"en": "scsi0 keeps data and lies on fast-ssd, which is SSD: 120.0 GiB are free there", "fr": "scsi0 conserve des données et se trouve sur fast-ssd, qui est en SSD : 120,0 Gio y sont libres"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			if got := p.GetVirtualMachines()[0].GetDisks()[0].GetStorage(); got != "fast-ssd" {
				t.Errorf("storage is %s, want fast-ssd", got)
			}
			if ha := policyOf(p, "database", "ha"); ha.GetDecision() != "recommended" || ha.GetSetting() != "group=mainHA" {
				t.Errorf("what keeps data on shared storage is to be under HA: %v", ha)
			}
			cost := p.GetAlternatives()[0].GetPlanCost()
			if cost.GetRawDiskGib() != 3*32 {
				t.Errorf("raw disk is %d GiB, want three copies of 32", cost.GetRawDiskGib())
			}
		},
	},
	"ShopOnKubernetes": {
		reason: "Room on the workers that are there: no machine is added.", payload: func(p *provisov1.ContextPayload) { shop(p); p.Kubernetes = workers(1000, 2048) },
		refusal: CodeWorkload,
		says:    map[string]string{"en": "shop was read: db (postgres:16, 5432/tcp), web (ghcr.io/acme/shop-web:1.4, 8080/tcp, × 3). Planned: db (statefulset × 1, cluster)", "fr": "shop a été lu : db (postgres:16, 5432/tcp), web (ghcr.io/acme/shop-web:1.4, 8080/tcp, × 3). Planifié : db (statefulset × 1, cluster)"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			db, web := p.GetWorkloads()[0], p.GetWorkloads()[1]
			if db.GetKind() != "statefulset" || web.GetKind() != "deployment" || web.GetExposure() != "load-balancer" || !slices.Equal(web.GetAfter(), []string{"db"}) {
				t.Errorf("want db, a StatefulSet, before web, a Deployment behind a load balancer: %v", p.GetWorkloads())
			}
			if v := db.GetVolumes()[0]; v.GetStorageClass() != "ceph-rbd" || v.GetSizeGib() != 10 {
				t.Errorf("volume is %v, want 10 GiB of the class that every node reaches", v)
			}
			if len(p.GetVirtualMachines()) > 0 {
				t.Errorf("machines are added although there is room: %v", p.GetVirtualMachines())
			}
			hosts := map[string]bool{}
			for _, target := range web.GetTargets()[:3] {
				hosts[target.GetHost()] = true
			}
			if len(hosts) != 3 {
				t.Errorf("the three pods lie on %v, want three hosts", hosts)
			}
			if s := policyOf(p, "db", "secret"); s.GetDecision() != "applied" || !strings.Contains(s.GetSetting(), "POSTGRES_PASSWORD") {
				t.Errorf("the password is to be given by reference: %v", s)
			}
		},
	},
	"FullCluster": {
		reason: "No room for three pods: a worker first, then the workload.", payload: func(p *provisov1.ContextPayload) { shop(p); p.Kubernetes = workers(1000, 8192-512) },
		snapshot: func(s *pve.Snapshot) { s.Nodes[1].MemoryBytes = 64 * gib }, refusal: CodeWorkload,
		says: map[string]string{"en": "worker-node-4 joins the Kubernetes cluster once it runs", "fr": "worker-node-4 rejoint le cluster Kubernetes une fois en marche"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			vm := p.GetVirtualMachines()[0]
			if vm.GetName() != "worker-node-4" || vm.GetCores() != 6 || vm.GetMemoryMib() != 8192 || vm.GetClone().GetVmId() != 100 {
				t.Errorf("worker is %v, want one like the others from template 100", vm)
			}
			if got := steps(p); !slices.Equal(got, []string{"1 virtual_machine worker-node-4 manifest", "2 join worker-node-4 person", "3 workload db person", "4 workload web person"}) {
				t.Errorf("steps are %v", got)
			}
			if target := p.GetWorkloads()[1].GetTargets()[0]; target.GetNode() != "worker-node-4" || target.GetVmId() != vm.GetVmId() || target.GetHost() != vm.GetNode() {
				t.Errorf("first target is %v, want the planned worker on its host", target)
			}
		},
	},
	"WorkerAndShop": {
		reason: "One plan with both kinds.", vms: []*provisov1.VirtualMachine{worker()}, refusal: CodeWorkload,
		payload: func(p *provisov1.ContextPayload) {
			shop(p)
			p.Intent.Repositories[0].RunsOn = nil // it is not said; a worker is asked for
			p.Kubernetes = workers(1000, 8192-512)
		},
		snapshot: func(s *pve.Snapshot) { s.Nodes[1].MemoryBytes = 64 * gib },
		says:     map[string]string{"en": "With them, machines: worker-node-9 on pmox02.", "fr": "Avec les machines : worker-node-9 sur pmox02."},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			if len(p.GetVirtualMachines()) != 1 || len(p.GetWorkloads()) != 2 {
				t.Fatalf("%d machines and %d workloads, want 1 and 2", len(p.GetVirtualMachines()), len(p.GetWorkloads()))
			}
			if got := steps(p); got[0] != "1 virtual_machine worker-node-9 manifest" || got[1] != "2 join worker-node-9 person" {
				t.Errorf("steps are %v", got)
			}
		},
	},
	"ObservedDemand": {
		reason: "Three workers use more than the template would give a fourth: said, and offered as an alternative.", vms: []*provisov1.VirtualMachine{unsized(worker())},
		snapshot: func(s *pve.Snapshot) {
			for i := range s.Guests {
				if strings.HasPrefix(s.Guests[i].Name, "worker-node") {
					s.Guests[i].MemoryUsedBytes = 5 * gib
				}
			}
		},
		says: map[string]string{"en": "3 like machines (worker-node-1, worker-node-2, worker-node-3) have 8192 MiB and use up to 5.0 GiB and 0.00 threads: the 2048 MiB and 2 vCPUs that are planned are less", "fr": "3 machines semblables (worker-node-1, worker-node-2, worker-node-3) ont 8192 Mio et utilisent jusqu'à 5,0 Gio et 0,00 threads : les 2048 Mio et 2 vCPU prévus sont inférieurs"},
	},
	"Forecast": {
		reason: "The peak of the coming day stands in the plan.", vms: []*provisov1.VirtualMachine{webserver()},
		input: func(in *Input) {
			at := time.Date(2026, 11, 2, 3, 30, 0, 0, time.UTC)
			in.Analysis = &provisov1.InfrastructureAnalysis{Nodes: []*provisov1.NodeDiagnosis{{Node: "pmox03", Status: "online", CpuPeak: new(0.83), CpuPeakAt: timestamppb.New(at)}}}
			in.Index = placement.NewIndexWith(in.Snapshot, placement.Policy{}, placement.Options{Peaks: map[string]placement.Peak{"pmox03": {CPU: 0.83, At: at}}})
		},
		says: map[string]string{"en": "pmox03 83% at 2026-11-02 03:30 UTC", "fr": "pmox03 83 % le 2026-11-02 03:30 UTC"},
		check: func(t *testing.T, p *provisov1.StrategicPlan) {
			if p.GetVirtualMachines()[0].GetNode() == "pmox03" {
				t.Error("the node that will be busy was chosen")
			}
		},
	},
}

func replicas() *provisov1.VirtualMachine {
	vm := webserver()
	vm.Name, vm.Count, vm.Placement = new("web"), proto.Int32(3), &provisov1.Placement{Grouping: new("apart")}
	return vm
}

func worker() *provisov1.VirtualMachine {
	vm := webserver()
	vm.Name, vm.Role, vm.Cores, vm.MemoryMib = new("worker-node-9"), new("k3s-worker"), proto.Int32(6), proto.Int32(8192)
	return vm
}

func unsized(vm *provisov1.VirtualMachine) *provisov1.VirtualMachine {
	vm.Cores, vm.MemoryMib = nil, nil
	return vm
}
