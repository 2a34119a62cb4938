package strategy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// TestAnyPlanIsWhole: whatever is asked of whatever cluster, what comes is a refusal in one language with nothing left to fill in, or a plan
// that keeps the contract, uses no feature that the cluster lacks, puts no more on a node or a storage than it had, and gives its figures.
//
// Shows: T-3.3.5-211, T-3.3.5-213, T-3.3.5-214, T-3.3.5-216
func TestAnyPlanIsWhole(t *testing.T) {
	roles := []string{"", "web-server", "database", "k3s-worker", "gpu-node", "router", "message-broker", "monitoring", "application-server", "file-server"}
	rapid.Check(t, func(t *rapid.T) {
		before := i18n.Unknown()
		s := randomCluster(t)
		c := payload(rapid.SampledFrom(i18n.Langs()).Draw(t, "language"))
		for i := range rapid.IntRange(0, 3).Draw(t, "groups") {
			c.Intent.VirtualMachines = append(c.Intent.VirtualMachines, randomGroup(t, i, roles))
		}
		if rapid.Bool().Draw(t, "pool") {
			c.Intent.Pools = []*provisov1.Pool{{Name: "team"}}
		}
		if rapid.Bool().Draw(t, "kubernetes") {
			c.Kubernetes = workers(rapid.Int64Range(0, 6000).Draw(t, "cpu"), rapid.Int64Range(0, 8192).Draw(t, "memory"))
			randomKubernetes(t, c.GetKubernetes())
		}
		if rapid.Bool().Draw(t, "shop") {
			shop(c)
			c.Intent.Repositories[0].RunsOn = new(rapid.SampledFrom([]string{"kubernetes", "virtual-machine"}).Draw(t, "runs on"))
		} else if len(c.GetIntent().GetVirtualMachines())+len(c.GetIntent().GetPools()) == 0 {
			c.Intent.Workloads = []*provisov1.Workload{{Image: new(rapid.SampledFrom([]string{"nginx:1.27", "postgres:16", "acme/x@sha256:00"}).Draw(t, "image")), Replicas: new(rapid.Int32Range(0, 20).Draw(t, "pods"))}}
		}
		in := input(s, c)
		if rapid.Bool().Draw(t, "analysis") {
			onSSD(&in)
		}
		d, err := New(in)
		if err != nil {
			refused := new(RefusedError)
			if !errors.As(err, &refused) {
				t.Fatalf("neither plan nor refusal: %v", err)
			}
			if err := wire.Validate(refused.Refusal()); err != nil || strings.ContainsAny(refused.Message, "{}") {
				t.Fatalf("refusal breaks the contract: %v: %s", err, refused.Message)
			}
			return
		}
		var ids []Identity
		for i, w := range d.Wanted() {
			ids = append(ids, Identity{VMID: 200 + i, Name: fmt.Sprintf("%s-%d", w.Name, i)})
		}
		p, err := d.Plan(ids)
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Validate(p); err != nil {
			t.Fatalf("plan breaks the contract: %v", err)
		}
		for _, text := range texts(p) {
			if strings.ContainsAny(text, "{}") || strings.Contains(text, "%!") {
				t.Fatalf("text with a placeholder: %q", text)
			}
		}
		if n := i18n.Unknown() - before; n > 0 {
			t.Fatalf("%d texts are missing", n)
		}
		holds(t, s, c, p)
	})
}

// holds checks a plan against the snapshot, without the code under test.
func holds(t *rapid.T, s *pve.Snapshot, c *provisov1.ContextPayload, p *provisov1.StrategicPlan) {
	memory, given := map[string]int64{}, map[string]int{}
	for _, vm := range p.GetVirtualMachines() {
		n, ok := s.Node(vm.GetNode())
		if !ok || !n.Online() {
			t.Fatalf("%s is planned on %s, which is not online", vm.GetName(), vm.GetNode())
		}
		memory[vm.GetNode()] += int64(vm.GetMemoryMib()) << 20
		for _, name := range vm.GetMappings() {
			given[vm.GetNode()+" "+name]++
		}
		for _, disk := range vm.GetDisks() {
			if st, ok := s.StorageOn(disk.GetStorage(), vm.GetNode()); !ok || !st.Active || !st.Holds("images") || vm.GetHa() && !st.Shared {
				t.Fatalf("%s has a disk on %s, which cannot take it", vm.GetName(), disk.GetStorage())
			}
		}
	}
	for _, n := range s.Nodes {
		var promised int64
		for _, g := range s.Guests {
			if g.Node == n.Name && g.Status == pve.GuestRunning {
				promised += g.MemoryBytes
			}
		}
		if total := memory[n.Name] + max(promised, n.MemoryUsedBytes); memory[n.Name] > 0 && total > n.MemoryBytes-max(2*gib, n.MemoryBytes/20) {
			t.Fatalf("%s is promised %d of %d bytes", n.Name, total, n.MemoryBytes)
		}
	}
	for where, count := range given {
		node, name, _ := strings.Cut(where, " ")
		have := 0
		for _, m := range s.Mappings {
			for _, device := range m.Devices {
				if m.Name == name && device.Node == node {
					have++
				}
			}
		}
		if count > have {
			t.Fatalf("%d devices of %s are given away, there are %d", count, where, have)
		}
	}
	for _, e := range p.GetEffect().GetStorages() {
		if e.GetUsableAfterBytes() > e.GetUsableBeforeBytes() {
			t.Fatalf("storage grows by being used: %v", e)
		}
	}
	classes := map[string]bool{}
	for _, class := range c.GetKubernetes().GetStorageClasses() {
		classes[class.GetName()] = true
	}
	for _, w := range p.GetWorkloads() {
		for _, v := range w.GetVolumes() {
			if c.GetKubernetes() != nil && !classes[v.GetStorageClass()] {
				t.Fatalf("%s uses class %q, which does not exist", w.GetName(), v.GetStorageClass())
			}
		}
		if w.GetExposure() == "ingress" && c.GetKubernetes() != nil && len(c.GetKubernetes().GetIngressClasses()) == 0 {
			t.Fatalf("%s has an ingress, and there is no class", w.GetName())
		}
		for _, target := range w.GetTargets() {
			i := slices.IndexFunc(c.GetKubernetes().GetNodes(), func(n *provisov1.KubernetesNode) bool { return n.GetName() == target.GetNode() })
			if i >= 0 && target.GetOutcome() == "possible" && !c.GetKubernetes().GetNodes()[i].GetReady() {
				t.Fatalf("%s may run on %s, which is not ready", w.GetName(), target.GetNode())
			}
		}
	}
	for i, step := range p.GetSteps() {
		if i > 0 && step.GetPlace() < p.GetSteps()[i-1].GetPlace() {
			t.Fatalf("steps are out of order: %v", p.GetSteps())
		}
	}
}

func randomCluster(t *rapid.T) *pve.Snapshot {
	s := lab()
	for i := range s.Nodes {
		if s.Nodes[i].Online() {
			s.Nodes[i].MemoryBytes = rapid.Int64Range(8, 96).Draw(t, "memory of a node") * gib
			s.Nodes[i].CPUUsage = rapid.Float64Range(0, 1).Draw(t, "load")
		}
	}
	if rapid.Bool().Draw(t, "a node is off") {
		s.Nodes[2] = pve.Node{Name: "pmox03", Status: pve.NodeOffline}
		for i := range s.Storages {
			s.Storages[i].Active = s.Storages[i].Active && s.Storages[i].Node != "pmox03"
		}
		for i := range s.Guests {
			if s.Guests[i].Node == "pmox03" {
				s.Guests[i].Status = pve.GuestUnknown
			}
		}
	}
	if rapid.Bool().Draw(t, "gpu") {
		addGPU(s)
	}
	if rapid.Bool().Draw(t, "osd") {
		osdOn("pmox01", "pmox03")(s)
	}
	if rapid.Bool().Draw(t, "jobs") {
		s.Backup = pve.Backup{JobsRead: true, Jobs: []pve.BackupJob{{ID: "j", Enabled: rapid.Bool().Draw(t, "on"), All: true}}}
	}
	if rapid.Bool().Draw(t, "nine") {
		s.Version, s.HAGroups = "9.1.1", nil
		s.HARules = []pve.HARule{{Name: "mainHA", Type: "node-affinity", Nodes: map[string]int{"pmox01": 1}}}
	}
	addSSDPool(s)
	return s
}

func randomGroup(t *rapid.T, i int, roles []string) *provisov1.VirtualMachine {
	vm := webserver()
	vm.Name, vm.Role = new(fmt.Sprintf("g%d", i)), nil
	if role := rapid.SampledFrom(roles).Draw(t, "role"); role != "" {
		vm.Role = new(role)
	}
	vm.Count = new(rapid.Int32Range(1, 12).Draw(t, "count"))
	vm.MemoryMib = new(rapid.Int32Range(256, 24<<10).Draw(t, "memory"))
	vm.Cores = new(rapid.Int32Range(1, 24).Draw(t, "cores"))
	vm.Placement = &provisov1.Placement{}
	if grouping := rapid.SampledFrom([]string{"", "apart", "together"}).Draw(t, "grouping"); grouping != "" {
		vm.Placement.Grouping = new(grouping)
	}
	if rapid.Bool().Draw(t, "near") {
		vm.Placement.Near = []string{"ceph"}
	}
	if rapid.Bool().Draw(t, "ha") {
		vm.Ha = &provisov1.HighAvailability{Enabled: new(true)}
	}
	if rapid.IntRange(0, 5).Draw(t, "device") == 0 {
		vm.Devices = []*provisov1.Device{{Kind: rapid.SampledFrom([]string{"gpu", "pci"}).Draw(t, "kind")}}
	}
	if rapid.Bool().Draw(t, "linked") {
		vm.FullClone = new(false)
	}
	if rapid.Bool().Draw(t, "unsized") {
		vm = unsized(vm)
	}
	if rapid.Bool().Draw(t, "disk") {
		vm.Disks = []*provisov1.Disk{{}, {SizeGib: new(rapid.Int32Range(1, 300).Draw(t, "size"))}}
	}
	return vm
}

func randomKubernetes(t *rapid.T, k *provisov1.KubernetesState) {
	for _, n := range k.GetNodes() {
		n.Ready = rapid.Bool().Draw(t, "ready")
		n.Unschedulable = rapid.IntRange(0, 4).Draw(t, "cordoned") == 0
	}
	switch rapid.IntRange(0, 3).Draw(t, "lacks") {
	case 0:
		k.StorageClasses = nil
	case 1:
		k.IngressClasses = nil
	case 2:
		k.LoadBalancer = nil
	}
	if rapid.Bool().Draw(t, "quota") {
		k.Namespaces[0].Quotas = []*provisov1.Quota{{Name: "q", Resource: "pods", Hard: "4", Used: "1"}}
	}
}
