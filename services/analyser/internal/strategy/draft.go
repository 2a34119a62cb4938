package strategy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
	"proviso.dev/services/analyser/internal/profile"
	"proviso.dev/services/analyser/internal/workload"
)

// Input is what a plan is made from.
type Input struct {
	Context  *provisov1.ContextPayload
	Snapshot *pve.Snapshot
	// Index is of the same snapshot.
	Index *placement.Index
	// Profiles say what is to run; nil: nothing is known of it.
	Profiles *profile.Profiles
	// Analysis is the diagnosis of the snapshot, AnalysisReference where it is stored; nil: none was made.
	Analysis          *provisov1.InfrastructureAnalysis
	AnalysisReference *provisov1.Reference
	// Forecasts decided something.
	Forecasts []*provisov1.Forecast
	// History of guests, which tells what like ones need; nil: none was read.
	History *pve.History
}

// A Draft is a plan without identities: everything is decided but ids and names, which are reserved in between.
type Draft struct {
	words
	in        Input
	groups    []*group
	machines  []machine
	placed    *placement.Result
	downloads []*provisov1.ImageDownload
	pools     []*provisov1.Pool
	risks     []string

	adoptions []*adoption
	measured  *placement.Index  // of the cluster as it stands, in.Index being that with the adoptions
	before    *placement.Result // the cluster as it stands; nil without adoptions

	workloads *workload.Set // nil: nothing runs on Kubernetes
	joining   []joining     // groups whose machines become nodes of the Kubernetes cluster
	refusal   *RefusedError // why there will be no manifest; nil: there will be
}

// A group is one element of the intent's virtual_machines or containers on its way to a plan.
type group struct {
	index    int
	wish     wish
	intent   *provisov1.VirtualMachine // nil: of containers
	ct       *containers               // nil: of machines
	count    int
	template *pve.Guest           // nil: from an image
	image    *image               // nil: from a template
	vm       *provisov1.PlannedVM // of containers: what they have in common with machines
	nics     []nic
	demand   placement.Demand
	storages []storageChoice
	proposed bool         // by the plan itself: nobody asked for it
	observed *observation // what like guests use; nil: not looked for yet
}

// A machine is one machine of a group; ordinal counts from 0.
type machine struct {
	*group
	ordinal int
}

// Wanted is the identity that one machine would like to have.
type Wanted struct {
	// Guest tells the guests of a run apart, the same way each time it is analysed: "0.1" is the second machine of the first
	// group, "ct0.1" the second container.
	Guest string
	// VMID that the requester demands, 0: any.
	VMID int
	// Name, or the base of the name.
	Name string
	// Numbered names are base-1, base-2 and so on.
	Numbered bool
	// Fixed names were given by the requester and are not changed; others may get a suffix.
	Fixed bool
}

// Identity is what a machine was given.
type Identity struct {
	VMID int
	Name string
}

// maxMachines is what the contract takes in one plan.
const maxMachines = 1000

// New drafts a plan. The error is a *RefusedError when the request cannot be planned on that cluster.
func New(in Input) (*Draft, error) {
	d, err := draft(in)
	if refused := new(RefusedError); errors.As(err, &refused) && refused.Code == CodeDevice {
		refused.Message += withoutDevices(in)
	}
	return d, err
}

func draft(in Input) (*Draft, error) {
	intent := in.Context.GetIntent()
	d := &Draft{words: words{in.Context.GetLanguage()}, in: in}
	if !in.Snapshot.Quorate {
		return nil, d.noQuorum()
	}
	if in.Profiles == nil {
		d.in.Profiles = new(profile.Profiles)
	}
	if onlyApplications(intent) && !d.onKubernetes() {
		return nil, d.refuseApplications()
	}
	d.resolvePools(intent.GetPools())
	if err := d.resolveAdoptions(intent); err != nil {
		return nil, err
	}
	in = d.in

	var demands []placement.Demand
	for i, vm := range intent.GetVirtualMachines() {
		g, err := d.resolve(i, vm)
		if err != nil {
			return nil, err
		}
		demands = append(demands, d.add(g)...)
	}
	for i, ct := range intent.GetContainers() {
		g, err := d.resolveContainers(i, ct)
		if err != nil {
			return nil, err
		}
		demands = append(demands, d.add(g)...)
	}
	more, err := d.resolveWorkloads()
	if err != nil {
		return nil, err
	}
	demands = append(demands, more...)
	if len(d.machines) > maxMachines {
		return nil, d.refuse(CodeTooMany, "too_many_machines", "count", len(d.machines), "most", maxMachines)
	}
	if err := d.checkAddresses(); err != nil {
		return nil, err
	}

	placed, err := in.Index.Choose(demands)
	if refused := new(placement.InfeasibleError); errors.As(err, &refused) {
		return nil, d.infeasible(refused)
	}
	if err != nil {
		return nil, fmt.Errorf("choose nodes: %w", err)
	}
	d.placed = placed
	if d.before != nil {
		placed.Before, placed.SurvivedLoss = d.before.Before, d.before.SurvivedLoss
	}
	return d, nil
}

// add takes a group in and returns the demands of its guests.
func (d *Draft) add(g *group) []placement.Demand {
	d.groups = append(d.groups, g)
	for ordinal := range g.count {
		d.machines = append(d.machines, machine{g, ordinal})
	}
	return slices.Repeat([]placement.Demand{g.demand}, g.count)
}

// resolve decides everything about a group but its nodes.
func (d *Draft) resolve(i int, vm *provisov1.VirtualMachine) (*group, error) {
	g := &group{
		index: i, wish: vm, intent: vm, count: max(1, int(vm.GetCount()), len(vm.GetNames())),
		vm:     &provisov1.PlannedVM{Group: int32(i)},
		demand: placement.Demand{Group: i},
	}
	g.vm.Started = vm.Started == nil || vm.GetStarted()
	if err := d.checkVMID(g); err != nil {
		return nil, err
	}
	for _, step := range []func(*group) error{
		d.resolveSource, d.resolveHardware, d.resolveWishes, d.resolveDevices, d.resolveHA, d.resolveDisks, d.resolveNetworks,
		d.resolveInitialization, d.resolvePolicies,
	} {
		if err := step(g); err != nil {
			return nil, err
		}
	}
	g.demand.VCPUs = int(g.vm.GetCores() * g.vm.GetSockets())
	g.demand.MemoryBytes = int64(g.vm.GetMemoryMib()) << 20
	return g, nil
}

// checkVMID checks an id that the requester demands.
func (d *Draft) checkVMID(g *group) error {
	id := int(g.wish.GetVmId())
	if id == 0 {
		return nil
	}
	if g.count > 1 {
		return d.refuse(CodeIncomplete, "vm_id_of_many", "id", id, "count", g.count)
	}
	if guest, taken := d.in.Snapshot.Guest(id); taken {
		return d.refuse(CodeVMIDTaken, "vm_id_taken", "id", id, "name", guest.Name, "node", guest.Node)
	}
	return nil
}

// Algorithm names how the nodes were found.
func (d *Draft) Algorithm() string { return d.placed.Algorithm }

// Wanted lists the identities to reserve, one a machine.
func (d *Draft) Wanted() []Wanted {
	ws := make([]Wanted, len(d.machines))
	for i, m := range d.machines {
		w := Wanted{Guest: fmt.Sprintf("%s%d.%d", m.mark(), m.index, m.ordinal), VMID: int(m.wish.GetVmId())}
		switch names := m.wish.GetNames(); {
		case m.ordinal < len(names):
			w.Name, w.Fixed = names[m.ordinal], d.given(m.path("names"))
		case m.wish.GetName() != "":
			w.Name, w.Fixed = m.wish.GetName(), d.given(m.path("name")) && d.verbatim(m.path("name"), m.wish.GetName())
		case m.wish.GetRole() != "":
			w.Name = m.wish.GetRole()
		default:
			w.Name = m.called()
		}
		w.Fixed = w.Fixed && !m.proposed
		w.Numbered = m.count > 1 && m.ordinal >= len(m.wish.GetNames())
		ws[i] = w
	}
	return ws
}

// given reports whether the requester gave the value. A value without a fact counts as stated.
func (d *Draft) given(path string) bool {
	f := d.fact(path)
	return f == nil || f.GetOrigin() != "assumed" && f.GetOrigin() != "derived"
}

// verbatim reports whether the requester's words hold the value itself: "web server" is stated and makes the name webserver, but
// nobody who says it insists on that name.
func (d *Draft) verbatim(path, value string) bool {
	f := d.fact(path)
	return f == nil || f.Text == nil || strings.Contains(strings.ToLower(f.GetText()), strings.ToLower(value))
}

// fact returns the fact about a value, nil when there is none.
func (d *Draft) fact(path string) *provisov1.Fact {
	facts := d.in.Context.GetIntent().GetFacts()
	if i := slices.IndexFunc(facts, func(f *provisov1.Fact) bool { return f.GetPath() == path }); i >= 0 {
		return facts[i]
	}
	return nil
}

// RefuseName is the refusal of a name that the requester gave: another guest of the cluster has it, or another run, which
// is named then.
func (d *Draft) RefuseName(name, run string) *RefusedError {
	if run == "" {
		return d.refuse(CodeNameTaken, "name_taken", "name", name)
	}
	return d.refuse(CodeNameReserved, "name_reserved", "name", name, "run", run)
}

// RefuseVMID is the refusal of an id that the requester demanded and another run holds.
func (d *Draft) RefuseVMID(id int, run string) *RefusedError {
	return d.refuse(CodeVMIDReserved, "vm_id_reserved", "id", id, "run", run)
}

// warn adds a risk once.
func (d *Draft) warn(key string, args ...any) {
	if text := d.say("risk."+key, args...); !slices.Contains(d.risks, text) {
		d.risks = append(d.risks, text)
	}
}

func (d *Draft) resolvePools(pools []*provisov1.Pool) {
	for _, p := range pools {
		if slices.ContainsFunc(d.pools, func(have *provisov1.Pool) bool { return have.GetName() == p.GetName() }) {
			continue // asked for twice: it is made once
		}
		if slices.ContainsFunc(d.in.Snapshot.Pools, func(have pve.Pool) bool { return have.Name == p.GetName() }) {
			d.warn("pool_exists", "pool", p.GetName())
			continue
		}
		d.pools = append(d.pools, proto.CloneOf(p))
	}
}
