package strategy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
	"proviso.dev/services/analyser/internal/workload"
)

// The roles of machines that are nodes of a Kubernetes cluster.
const (
	roleWorker  = "k3s-worker"
	rolesOfKube = "k3s-"
)

// maxRefusal is what the contract takes of a refusal, in characters.
const maxRefusal = 4096

// joining is a group whose machines become workers.
type joining struct{ *group }

// onKubernetes reports whether something of the request runs on Kubernetes and can be planned.
func (d *Draft) onKubernetes() bool {
	return len(d.in.Context.GetIntent().GetWorkloads()) > 0 && len(d.in.Context.GetIntent().GetRepositories()) == 0 || len(d.applications()) > 0
}

// applications are those that run on Kubernetes: where the request says so; and where it does not, when a Kubernetes cluster is
// known and no machine was asked for to run them in but workers of that cluster.
func (d *Draft) applications() []workload.Application {
	intent := d.in.Context.GetIntent()
	repositories, read := intent.GetRepositories(), d.in.Context.GetApplications()
	var apps []workload.Application
	for i, app := range read {
		if i >= len(d.in.Profiles.All) || i >= len(repositories) {
			break
		}
		switch on := repositories[i].GetRunsOn(); {
		case on == "kubernetes":
		case on == "" && d.in.Context.GetKubernetes() != nil && (onlyApplications(intent) || d.asksForWorkers()):
		default:
			continue
		}
		apps = append(apps, workload.Application{Index: i, Profile: d.in.Profiles.All[i], Read: app})
	}
	return apps
}

func (d *Draft) asksForWorkers() bool {
	return slices.ContainsFunc(d.in.Context.GetIntent().GetVirtualMachines(), func(vm *provisov1.VirtualMachine) bool { return vm.GetRole() == roleWorker })
}

// resolveWorkloads decides the workloads, and adds workers where their pods find no room: the orchestrator first, then a machine.
func (d *Draft) resolveWorkloads() ([]placement.Demand, error) {
	for _, g := range d.groups {
		if g.ct == nil && g.wish.GetRole() == roleWorker {
			d.joining = append(d.joining, joining{g})
		}
	}
	if !d.onKubernetes() {
		return nil, nil
	}
	payload := d.in.Context
	apps := d.applications()
	set, err := workload.Decide(workload.Input{
		Language: d.lang, Applications: apps, Wishes: d.wishes(), State: payload.GetKubernetes(),
		Analysis: d.in.Analysis, Snapshot: d.in.Snapshot, Room: d.in.Index.Room,
	})
	if refused := new(workload.RefusedError); errors.As(err, &refused) {
		return nil, &RefusedError{Code: refused.Code, Message: refused.Message}
	}
	if err != nil {
		return nil, fmt.Errorf("decide workloads: %w", err)
	}
	d.workloads = set
	short := set.Shortage(d.workers(nil))
	if short.Pods == 0 || payload.GetKubernetes() == nil {
		return nil, nil
	}
	return d.proposeWorkers(short)
}

// wishes are the workloads of the intent with their profiles.
func (d *Draft) wishes() []workload.Wish {
	var wishes []workload.Wish
	for i, w := range d.in.Context.GetIntent().GetWorkloads() {
		place, _ := d.in.Profiles.Of(fmt.Sprintf("workloads[%d]", i))
		wishes = append(wishes, workload.Wish{Workload: w, Profile: place.Profile, Component: place.Component})
	}
	return wishes
}

// workers are the machines of the plan that join the cluster. Without a plan they have no names yet.
func (d *Draft) workers(p *provisov1.StrategicPlan) []workload.Worker {
	var workers []workload.Worker
	for _, j := range d.joining {
		vcpus, memory, _ := j.size()
		var guests []placed
		if p != nil {
			guests = d.guestsOf(p, j.group)
		}
		for i := range j.count {
			w := workload.Worker{Name: fmt.Sprintf("%s-%d", d.baseName(j.group), i+1), CPUs: vcpus, MemoryMiB: int(memory)}
			if i < len(guests) {
				w.Name, w.VMID, w.Host = guests[i].GetName(), int(guests[i].GetVmId()), guests[i].GetNode()
			}
			workers = append(workers, w)
		}
	}
	return workers
}

// Sizes of a worker where the cluster has none to go by: those of the role.
const (
	workerCores     = 6
	workerMiB       = 8192
	mostWorkers     = 8
	workerStepMiB   = 1024
	workerNameStart = "worker-node"
)

// proposeWorkers adds the fewest workers of the size of those that are there, so that every pod finds room. Where no template is
// plainly one for workers, the request is refused with what is short.
func (d *Draft) proposeWorkers(short workload.Shortage) ([]placement.Demand, error) {
	template := d.workerTemplate()
	if template == nil || short.GPU {
		key := "kubernetes_full"
		if short.GPU {
			key = "kubernetes_gpu"
		}
		return nil, d.refuse(CodeNoCapacity, key, "pods", short.Pods, "workloads", d.list(short.Workloads), "cpu", short.CPUMilli, "memory", short.MemoryMiB)
	}
	cores, memory := d.workerSize()
	reserve := memory - workload.Worker{MemoryMiB: memory}.AllocatableMiB()
	for memory-reserve < short.LargestMiB {
		memory += workerStepMiB
	}
	cores = max(cores, (short.LargestCPUMilli+999)/1000)
	vm := &provisov1.VirtualMachine{
		Role:   new(roleWorker),
		Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: new(int32(template.VMID))}}},
		Cores:  new(int32(cores)), MemoryMib: new(int32(memory)),
	}
	g := &group{}
	before := d.workers(nil)
	for count := 1; count <= mostWorkers; count++ {
		workers := slices.Clone(before)
		for range count {
			workers = append(workers, workload.Worker{Name: fmt.Sprintf("%s+%d", workerNameStart, len(workers)), CPUs: cores, MemoryMiB: memory})
		}
		if d.workloads.Shortage(workers).Pods > 0 {
			continue
		}
		vm.Names, vm.Count = d.workerNames(count), new(int32(count))
		if count > 1 {
			vm.Placement = &provisov1.Placement{Grouping: new(string(placement.Apart))}
		}
		intent := d.in.Context.GetIntent()
		resolved, err := d.resolve(len(intent.GetVirtualMachines()), vm)
		if err != nil {
			return nil, err
		}
		g = resolved
		g.proposed, g.demand.Group = true, len(intent.GetVirtualMachines())+len(intent.GetContainers())
		break
	}
	if g.vm == nil {
		return nil, d.refuse(CodeNoCapacity, "kubernetes_full", "pods", short.Pods, "workloads", d.list(short.Workloads), "cpu", short.CPUMilli, "memory", short.MemoryMiB)
	}
	d.joining = append(d.joining, joining{g})
	d.warn("workers_added", "count", g.count, "pods", short.Pods, "cores", cores, "memory", memory, "template", template.Name, "id", template.VMID)
	return d.add(g), nil
}

// workerTemplate is the template that workers are plainly made from: the only one, or the only one with a name for it.
func (d *Draft) workerTemplate() *pve.Guest {
	var named, all []pve.Guest
	for _, t := range d.in.Snapshot.Templates() {
		if t.Kind != pve.KindVM {
			continue
		}
		all = append(all, t)
		if name := strings.ToLower(t.Name); strings.Contains(name, "k3s") || strings.Contains(name, "k8s") || strings.Contains(name, "kube") {
			named = append(named, t)
		}
	}
	switch {
	case len(named) == 1:
		return &named[0]
	case len(named) == 0 && len(all) == 1:
		return &all[0]
	}
	return nil
}

// machines of the cluster's workers.
func (d *Draft) workerMachines() []pve.Guest {
	var guests []pve.Guest
	for _, n := range d.in.Context.GetKubernetes().GetNodes() {
		if n.GetControlPlane() {
			continue
		}
		if g, ok := workload.MachineOf(d.in.Snapshot, n); ok {
			guests = append(guests, g)
		}
	}
	return guests
}

// workerSize is the median of the workers that are there.
func (d *Draft) workerSize() (cores, memoryMiB int) {
	guests := d.workerMachines()
	if len(guests) == 0 {
		return workerCores, workerMiB
	}
	slices.SortFunc(guests, func(a, b pve.Guest) int { return cmp.Compare(a.MemoryBytes, b.MemoryBytes) })
	median := guests[len(guests)/2]
	return max(1, int(median.CPUs)), int(median.MemoryBytes >> 20)
}

// workerNames go on counting where the workers that are there end.
func (d *Draft) workerNames(count int) []string {
	base, last := workerNameStart, 0
	for _, g := range d.workerMachines() {
		stem := strings.TrimRight(strings.TrimRight(g.Name, "0123456789"), "-")
		if stem != "" {
			base = stem
		}
	}
	for _, g := range d.in.Snapshot.Guests {
		if number, ok := strings.CutPrefix(g.Name, base+"-"); ok {
			if n, err := strconv.Atoi(number); err == nil {
				last = max(last, n)
			}
		}
	}
	var names []string
	for n := range count {
		names = append(names, fmt.Sprintf("%s-%d", base, last+n+1))
	}
	return names
}

// placeWorkloads writes the workloads into the plan and says why no manifest will follow.
func (d *Draft) placeWorkloads(p *provisov1.StrategicPlan) {
	if d.workloads == nil {
		return
	}
	set := d.workloads
	set.Place(d.workers(p))
	p.Workloads = cut(set.Workloads(), maxWorkloads)
	p.Policies, p.Aims = append(p.Policies, set.Policies...), append(p.Aims, set.Aims...)
	p.Omissions = append(p.Omissions, set.Omissions...)
	for _, finding := range set.Findings {
		if !slices.Contains(d.risks, finding) {
			d.risks = append(d.risks, finding)
		}
	}
	d.refusal = d.unsupported(p)
}

// unsupported is the refusal beside a complete plan: what was read, what is planned, and that no dialect writes it.
func (d *Draft) unsupported(p *provisov1.StrategicPlan) *RefusedError {
	var parts []string
	for _, a := range d.applications() {
		parts = append(parts, d.say("application.read", "name", a.Read.GetName(), "components", d.components(a.Read)))
	}
	var planned []string
	for _, w := range p.GetWorkloads() {
		var on []string
		for _, t := range w.GetTargets() {
			if t.GetOutcome() == "possible" && len(on) < int(max(1, w.GetReplicas())) {
				on = append(on, t.GetNode())
			}
		}
		key := "workload.planned"
		if len(on) == 0 {
			key = "workload.planned_nowhere"
		}
		planned = append(planned, d.say(key, "name", w.GetName(), "kind", w.GetKind(), "replicas", w.GetReplicas(), "exposure", w.GetExposure(), "nodes", d.list(on)))
	}
	if len(planned) > componentsNamed {
		planned = append(planned[:componentsNamed:componentsNamed], d.say("application.more", "count", len(planned)-componentsNamed))
	}
	parts = append(parts, d.say("workload.list", "workloads", strings.Join(planned, ", ")))
	var machines []string
	for _, g := range d.guests(p) {
		machines = append(machines, d.say("workload.machine", "name", g.GetName(), "node", g.GetNode()))
	}
	if len(machines) > 0 {
		parts = append(parts, d.say("workload.machines", "machines", d.list(machines)))
	}
	last := " " + d.say("refusal.workload")
	return &RefusedError{Code: CodeWorkload, Message: clipped(strings.Join(parts, " "), maxRefusal-len(last)) + last}
}

// Refusal says why no manifest follows although the plan is complete; nil: one follows. It is known once the plan is.
func (d *Draft) Refusal() *RefusedError { return d.refusal }

// unplanned are the parts of the request that the plan has no place for: applications that machines were asked for.
func (d *Draft) unplanned() []*provisov1.Omission {
	planned := d.applications()
	var out []*provisov1.Omission
	for i, app := range d.in.Context.GetApplications() {
		if slices.ContainsFunc(planned, func(a workload.Application) bool { return a.Index == i }) {
			continue
		}
		out = append(out, &provisov1.Omission{Topic: "application", Reason: d.say("application.omitted", "name", app.GetName(), "components", d.components(app))})
	}
	return out
}

// joinReason says how a machine becomes a worker, with the token by reference.
func (d *Draft) joinReason(name string) string {
	server, version := "SERVER", ""
	state := d.in.Context.GetKubernetes()
	for _, n := range state.GetNodes() {
		if n.GetControlPlane() && n.GetReady() && len(n.GetAddresses()) > 0 {
			server = n.GetAddresses()[0]
			break
		}
	}
	if strings.Contains(state.GetVersion(), "k3s") {
		version = "INSTALL_K3S_VERSION=" + state.GetVersion() + " "
	}
	command := fmt.Sprintf("curl -sfL https://get.k3s.io | %sK3S_URL=https://%s:6443 K3S_TOKEN_FILE=/root/k3s-token sh -", version, server)
	return d.say("step.join", "name", name, "command", command, "server", server)
}
