package strategy

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
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

func steps(p *provisov1.StrategicPlan) []string {
	var got []string
	for _, s := range p.GetSteps() {
		got = append(got, fmt.Sprintf("%d %s %s %s", s.GetPlace(), s.GetKind(), s.GetSubject(), s.GetBy()))
	}
	return got
}

func policyOf(p *provisov1.StrategicPlan, subject, kind string) *provisov1.TargetPolicy {
	for _, policy := range p.GetPolicies() {
		if policy.GetSubject() == subject && policy.GetKind() == kind {
			return policy
		}
	}
	return nil
}

// Shows: T-3.3.5-212, T-3.3.5-213, T-3.3.5-214, T-3.1-01, T-3.4.2-01, T-3.3.3-08, T-I.2.2-01, T-I.2.3-01, T-II.5-01, T-4.7.3-04
//
// TestThesisCases plans the thesis's requests in both languages. Every plan keeps the contract and explains itself.
func TestThesisCases(t *testing.T) {
	for name, tt := range thesisCases {
		for _, lang := range i18n.Langs() {
			t.Run(name+"/"+lang, func(t *testing.T) {
				before := i18n.Unknown()
				in := tt.in(lang)
				p, d := planned(t, in)
				if err := wire.Validate(p); err != nil {
					t.Fatalf("%s\nplan breaks the contract: %v", tt.reason, err)
				}
				said := texts(p)
				if refused := d.Refusal(); refused != nil {
					said = append(said, refused.Message)
					if err := wire.Validate(refused.Refusal()); err != nil {
						t.Errorf("refusal breaks the contract: %v", err)
					}
				}
				if got := d.Refusal(); (got == nil) != (tt.refusal == "") || got != nil && got.Code != tt.refusal {
					t.Errorf("%s\nrefusal beside the plan is %v, want %q", tt.reason, got, tt.refusal)
				}
				if want := tt.says[lang]; want != "" && !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) {
					t.Errorf("%s\nnothing says %q in\n%s", tt.reason, want, strings.Join(said, "\n"))
				}
				for _, text := range said {
					if strings.Contains(text, "analyser.") || strings.Contains(text, "workload.") || strings.ContainsAny(text, "{}") {
						t.Errorf("text without a translation or with a placeholder: %q", text)
					}
				}
				if n := i18n.Unknown() - before; n > 0 {
					t.Errorf("%d texts are missing", n)
				}
				explains(t, p)
				checkFigures(t, in.Snapshot, p)
				if tt.check != nil {
					tt.check(t, p)
				}
			})
		}
	}
}

func (tt thesisCase) in(lang string) Input {
	s := lab()
	var vms []*provisov1.VirtualMachine
	for _, vm := range tt.vms {
		vms = append(vms, proto.CloneOf(vm))
	}
	c := payload(lang, vms...)
	if tt.snapshot != nil {
		tt.snapshot(s)
	}
	if tt.payload != nil {
		tt.payload(c)
	}
	in := input(s, c)
	if tt.input != nil {
		tt.input(&in)
	}
	return in
}

func planned(t *testing.T, in Input) (*provisov1.StrategicPlan, *Draft) {
	t.Helper()
	d, err := New(in)
	if err != nil {
		t.Fatal(errText(err))
	}
	var ids []Identity
	for i, w := range d.Wanted() {
		name := w.Name
		if w.Numbered {
			name += fmt.Sprintf("-%d", i+1)
		}
		ids = append(ids, Identity{VMID: 125 + i, Name: name})
	}
	p, err := d.Plan(ids)
	if err != nil {
		t.Fatal(err)
	}
	return p, d
}

// texts are all that a plan says to its reader.
func texts(p *provisov1.StrategicPlan) []string {
	said := slices.Clone(p.GetRisks())
	for _, d := range p.GetPlacement() {
		said = append(said, d.GetReason())
		for _, n := range d.GetNodes() {
			said = append(said, n.GetReason())
		}
	}
	for _, a := range p.GetAims() {
		said = append(said, a.GetText(), a.GetHow())
	}
	for _, x := range p.GetPolicies() {
		said = append(said, x.GetReason())
	}
	for _, x := range p.GetAlternatives() {
		said = append(said, x.GetTopic(), x.GetText(), x.GetReason())
	}
	for _, x := range p.GetSteps() {
		said = append(said, x.GetReason())
	}
	for _, x := range p.GetOmissions() {
		said = append(said, x.GetReason())
	}
	for _, w := range p.GetWorkloads() {
		for _, x := range w.GetTargets() {
			said = append(said, x.GetReason())
		}
	}
	return said
}

// explains demands a reason for everything that was decided: each aim how it is met, each guest and workload its policies, each
// alternative its cost beside the plan's.
func explains(t *testing.T, p *provisov1.StrategicPlan) {
	t.Helper()
	for _, kind := range []string{"goal", "practice"} {
		if !slices.ContainsFunc(p.GetAims(), func(a *provisov1.Aim) bool { return a.GetKind() == kind }) {
			t.Errorf("no aim is a %s", kind)
		}
	}
	for _, a := range p.GetAims() {
		if a.GetHow() == "" {
			t.Errorf("aim %q does not say how", a.GetText())
		}
	}
	subjects := map[string][]string{}
	for _, x := range p.GetPolicies() {
		subjects[x.GetSubject()] = append(subjects[x.GetSubject()], x.GetKind())
	}
	wanted := func(name string, kinds ...string) {
		for _, kind := range kinds {
			if !slices.Contains(subjects[name], kind) {
				t.Errorf("%s has no policy of kind %s, only %v", name, kind, subjects[name])
			}
		}
	}
	for _, vm := range p.GetVirtualMachines() {
		wanted(vm.GetName(), "ha", "backup", "start_order", "firewall", "secret", "monitoring", "scaling", "storage_class", "security")
	}
	for _, w := range p.GetWorkloads() {
		wanted(w.GetName(), "ha", "backup", "access", "monitoring", "scaling", "disruption", "security")
	}
	if len(p.GetAlternatives()) < 2 {
		t.Errorf("%d alternatives, want at least two", len(p.GetAlternatives()))
	}
	for _, a := range p.GetAlternatives() {
		if a.GetCost() == nil || a.GetPlanCost() == nil {
			t.Errorf("alternative %q has no cost", a.GetText())
		}
	}
}

var (
	// "pmox03 has 18.0 of 32.0 GiB of memory free for guests and keeps 16.0 GiB", the same in French, and what a node lists.
	englishFree = regexp.MustCompile(`^(\S+) has ([\d.]+) of ([\d.]+) GiB of memory free for guests and keeps ([\d.]+) GiB; its load is (\d+)%, and (\d+) of (\d+) vCPUs`)
	frenchFree  = regexp.MustCompile(`^(\S+) a ([\d,]+) Gio de mémoire libre pour les machines sur ([\d,]+) Gio et en garde ([\d,]+) Gio ; sa charge est de (\d+) %, et (\d+) vCPU sur (\d+)`)
)

// checkFigures takes the figures out of the reasons and computes each again from the snapshot alone: what is free is physical memory
// less the host's part (a twentieth, at least 2 GiB), less what is in use or promised, whichever is more, less what the plan put
// there before.
func checkFigures(t *testing.T, s *pve.Snapshot, p *provisov1.StrategicPlan) {
	t.Helper()
	planned, cpus := map[string]int64{}, map[string]int{}
	for i, d := range p.GetPlacement() {
		m := englishFree.FindStringSubmatch(d.GetReason())
		if p.GetLanguage() == "fr" {
			m = frenchFree.FindStringSubmatch(d.GetReason())
		}
		if m == nil {
			t.Fatalf("reason has no figures: %q", d.GetReason())
		}
		n, ok := s.Node(m[1])
		if !ok || m[1] != d.GetNode() {
			t.Fatalf("reason is about %s, the node is %s", m[1], d.GetNode())
		}
		var promised int64
		vcpus := 0.0
		for _, g := range s.Guests {
			if g.Node == n.Name && g.Status == pve.GuestRunning && !g.Template {
				promised, vcpus = promised+g.MemoryBytes, vcpus+g.CPUs
			}
		}
		free := n.MemoryBytes - max(2*gib, n.MemoryBytes/20) - max(promised, n.MemoryUsedBytes) - planned[n.Name]
		vm := p.GetVirtualMachines()[i]
		takes := int64(vm.GetMemoryMib()) << 20
		load := int(100*(n.CPUUsage+float64(n.MemoryUsedBytes)/float64(n.MemoryBytes))/2 + 0.5)
		want := []string{tenths(free), tenths(n.MemoryBytes), tenths(free - takes), strconv.Itoa(load), strconv.Itoa(int(vcpus) + cpus[n.Name] + int(vm.GetCores()*vm.GetSockets())), strconv.Itoa(4 * n.CPUs)}
		if got := m[2:]; !slices.Equal(normal(got), want) {
			t.Errorf("%s\nfigures are %v, the snapshot gives %v", d.GetReason(), got, want)
		}
		planned[n.Name] += takes
		cpus[n.Name] += int(vm.GetCores() * vm.GetSockets())
	}
	for _, w := range p.GetWorkloads() {
		for _, target := range w.GetTargets() {
			if target.GetOutcome() == "possible" && !strings.Contains(target.GetReason(), strconv.Itoa(int(w.GetSizing().GetMemoryMib()))) {
				t.Errorf("target says nothing of what a pod requests: %q", target.GetReason())
			}
		}
	}
}

func tenths(bytes int64) string {
	n := bytes * 10 / gib
	return fmt.Sprintf("%d.%d", n/10, n%10)
}

func normal(figures []string) []string {
	var out []string
	for _, f := range figures {
		out = append(out, strings.Replace(f, ",", ".", 1))
	}
	return out
}

// Shows: T-3.3.5-216
//
// TestDevicesRefused asks for a GPU where none exists: the refusal names what is missing, what there is, and what would do.
func TestDevicesRefused(t *testing.T) {
	known := func(s *pve.Snapshot) { s.MappingsRead = []pve.MappingKind{pve.MappingPCI, pve.MappingUSB} }
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		mapping  string
		kind     string // empty: "gpu"
		says     map[string][]string
	}{
		"None": {
			reason: "No mapping at all.", snapshot: known,
			says: map[string][]string{
				"en": {"No resource mapping of a GPU exists on this cluster (PCI mappings: 0; none)", "pmox01, pmox02, pmox03", "IOMMU", "Without the device the request would fit now, on: pmox03."},
				"fr": {"Aucun mappage de ressources pour un GPU n'existe sur ce cluster (mappages PCI : 0 ; aucun)", "IOMMU", "Sans le périphérique, la demande tiendrait maintenant, sur : pmox03."},
			},
		},
		"OtherDevices": {
			reason: "A network card is no GPU.", snapshot: func(s *pve.Snapshot) {
				known(s)
				s.Mappings = []pve.Mapping{{Name: "nic", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox01", ID: "15b3:1017"}}}}
			},
			says: map[string][]string{"en": {"PCI mappings: 1; nic (pmox01)"}, "fr": {"mappages PCI : 1 ; nic (pmox01)"}},
		},
		"Named": {
			reason: "The mappings that exist are offered.", snapshot: addGPU, mapping: "gpu-a100",
			says: map[string][]string{"en": {"There is no PCI resource mapping gpu-a100", "gpu-rtx (pmox02)"}, "fr": {"Il n'y a pas de mappage de ressources PCI gpu-a100", "gpu-rtx (pmox02)"}},
		},
		"WhichOne": {
			reason: "A PCI device may be anything: none is picked.", kind: "pci", snapshot: func(s *pve.Snapshot) {
				known(s)
				for _, name := range []string{"hba", "nic"} {
					s.Mappings = append(s.Mappings, pve.Mapping{Name: name, Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox01", ID: "15b3:1017"}}})
				}
			},
			says: map[string][]string{"en": {"Name one of the mappings: hba (pmox01), nic (pmox01)."}, "fr": {"Nommez l'un des mappages : hba (pmox01), nic (pmox01)."}},
		},
		"NotRead": {
			reason: "What could not be read is not said to be absent.", snapshot: func(*pve.Snapshot) {},
			says: map[string][]string{"en": {"is not known", "Mapping.Audit"}, "fr": {"On ignore", "Mapping.Audit"}},
		},
		"NodeAway": {
			reason: "A GPU of a node that is off serves nobody.", snapshot: func(s *pve.Snapshot) { addGPU(s); s.Mappings[0].Devices[0].Node = "pmox04" },
			says: map[string][]string{"en": {"none of these nodes is online"}, "fr": {"aucun de ces nœuds n'est en ligne"}},
		},
	}
	for name, tt := range tests {
		for _, lang := range i18n.Langs() {
			t.Run(name+"/"+lang, func(t *testing.T) {
				s, vm := lab(), gpuNode()
				tt.snapshot(s)
				vm.Devices[0].Kind = cmp.Or(tt.kind, "gpu")
				if tt.mapping != "" {
					vm.Devices[0].Mapping = new(tt.mapping)
				}
				_, err := New(input(s, payload(lang, vm)))
				refused := new(RefusedError)
				if !errors.As(err, &refused) || refused.Code != CodeDevice {
					t.Fatalf("%s\ngot %v, want %s", tt.reason, err, CodeDevice)
				}
				for _, part := range tt.says[lang] {
					if !strings.Contains(refused.Message, part) {
						t.Errorf("%s\n%q does not say %q", tt.reason, refused.Message, part)
					}
				}
				if err := wire.Validate(refused.Refusal()); err != nil || strings.ContainsAny(refused.Message, "{}") {
					t.Errorf("refusal breaks the contract or has a placeholder: %v %q", err, refused.Message)
				}
			})
		}
	}
}

// TestDeviceInUse guards that a GPU that a guest has already is not given away again.
func TestDeviceInUse(t *testing.T) {
	s := lab()
	addGPU(s)
	for i := range s.Guests {
		if s.Guests[i].VMID == 118 {
			s.Guests[i].Config = &pve.GuestConfig{Lines: map[string]string{"hostpci0": "mapping=gpu-rtx,pcie=1"}}
		}
	}
	_, err := New(input(s, payload("en", gpuNode())))
	refused := new(RefusedError)
	if !errors.As(err, &refused) || refused.Code != CodeNoCapacity || !strings.Contains(refused.Message, "pmox02: its devices gpu are all taken") {
		t.Fatalf("got %v %+v, want that no device is free", err, refused)
	}
}

// Shows: T-3.3.5-216
//
// TestFullClusterNamesTheMove asks for a worker that fits only after a guest has moved: the refusal names the move with its command.
func TestFullClusterNamesTheMove(t *testing.T) {
	for lang, says := range map[string]string{"en": "After these moves, which Proviso does not make, it would fit", "fr": "Après ces déplacements, que Proviso ne fait pas, elle tiendrait"} {
		t.Run(lang, func(t *testing.T) {
			big := worker()
			big.MemoryMib = proto.Int32(20 << 10)
			_, err := New(input(lab(), payload(lang, big)))
			refused := new(RefusedError)
			if !errors.As(err, &refused) || refused.Code != CodeNoCapacity {
				t.Fatalf("got %v, want a refusal", err)
			}
			if len(refused.Moves) == 0 || !strings.Contains(refused.Message, says) {
				t.Fatalf("moves %v, message %q", refused.Moves, refused.Message)
			}
			for _, m := range refused.Moves {
				if err := wire.Validate(m); err != nil {
					t.Errorf("move breaks the contract: %v", err)
				}
				if !strings.HasPrefix(m.GetCommand(), fmt.Sprintf("qm migrate %d %s", m.GetVmId(), m.GetTo())) || !strings.Contains(refused.Message, m.GetCommand()) {
					t.Errorf("command is %q in %q", m.GetCommand(), refused.Message)
				}
			}
		})
	}
}

// Shows: T-3.1-03, T-I.2.1-01
//
// TestEffectIsTold shows that a plan reports what it does to utilisation, availability and cost, with headroom and what stays idle.
func TestEffectIsTold(t *testing.T) {
	p, _ := planned(t, thesisCases["WebServer"].in("en"))
	e := p.GetEffect()
	want := map[string]string{
		"Even use of the nodes":             fmt.Sprintf("from %.2f to %.2f", e.GetImbalanceBefore(), e.GetImbalanceAfter()),
		"Room for the loss of one node":     "When any one of 3 nodes is lost",
		"Low running cost: what stays idle": fmt.Sprintf("40.0 GiB of memory and %d vCPUs stay free", e.GetVcpuReserve()),
	}
	for _, a := range p.GetAims() {
		if part, ok := want[a.GetText()]; ok {
			delete(want, a.GetText())
			if !strings.Contains(a.GetHow(), part) {
				t.Errorf("%s: %q does not say %q", a.GetText(), a.GetHow(), part)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}
