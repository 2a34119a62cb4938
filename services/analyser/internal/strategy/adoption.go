package strategy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// maxAdoptions is what the contract takes in one plan.
const maxAdoptions = 64

// An adoption is one guest that exists on its way to a plan: taken over as it is, or changed.
type adoption struct {
	change int // index in the intent's changes, -1: as it is
	guest  pve.Guest
	name   string // afterwards
	// config is the configuration afterwards; the guest's own stays as it was.
	config      map[string]string
	differences []*provisov1.ValueChange
	// vcpus and memoryBytes afterwards, and what each storage gives to it.
	vcpus       int
	memoryBytes int64
	growth      []growth
	restart     bool // a value that a running guest takes up at its next start
}

// growth is space that a guest takes beyond what it has.
type growth struct {
	storage string
	bytes   int64
}

func (a *adoption) running() bool { return a.guest.Status == pve.GuestRunning }

// resolveAdoptions decides the guests that exist: what each is afterwards, and whether it fits where it is. Guests of the
// request that are placed afterwards find what the changed ones leave.
func (d *Draft) resolveAdoptions(intent *provisov1.ProvisionIntent) error {
	for i, c := range intent.GetChanges() {
		a, err := d.adopt(i, c.VmId, c.Name)
		if err != nil {
			return err
		}
		if err := d.change(a, c); err != nil {
			return err
		}
	}
	for _, c := range intent.GetImports() {
		if _, err := d.adopt(-1, c.VmId, c.Name); err != nil {
			return err
		}
	}
	switch {
	case len(d.adoptions) == 0:
		return nil
	case len(d.adoptions) > maxAdoptions:
		return d.refuse(CodeTooMany, "too_many_adoptions", "count", len(d.adoptions), "most", maxAdoptions)
	}
	if err := d.checkNewNames(intent); err != nil {
		return err
	}
	before, err := d.in.Index.Choose(nil)
	if err != nil {
		return fmt.Errorf("measure cluster: %w", err)
	}
	d.before, d.measured = before, d.in.Index
	return d.checkRoom()
}

// adopt finds a guest and takes it over as it is.
func (d *Draft) adopt(change int, id *int32, name *string) (*adoption, error) {
	g, err := d.findGuest(id, name)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(d.adoptions, func(a *adoption) bool { return a.guest.VMID == g.VMID }) {
		return nil, d.refuse(CodeGuestTwice, "guest_twice", "name", g.Name, "id", g.VMID)
	}
	node, _ := d.in.Snapshot.Node(g.Node)
	switch {
	case g.Template:
		return nil, d.refuse(CodeGuestTemplate, "guest_is_template", "name", g.Name, "id", g.VMID)
	case !node.Online():
		return nil, d.refuse(CodeGuestAway, "guest_away", "name", g.Name, "id", g.VMID, "node", g.Node)
	case g.Config == nil || g.Config.Lines == nil:
		return nil, d.refuse(CodeGuestUnread, "guest_unread", "name", g.Name, "id", g.VMID, "node", g.Node)
	case g.Config.Lines["lock"] != "":
		return nil, d.refuse(CodeGuestLocked, "guest_locked", "name", g.Name, "id", g.VMID, "lock", g.Config.Lines["lock"])
	}
	a := &adoption{
		change: change, guest: g, name: cmp.Or(g.Name, "vm-"+strconv.Itoa(g.VMID)), config: map[string]string{},
		vcpus: int(g.CPUs + 0.999), memoryBytes: g.MemoryBytes,
	}
	for key, value := range g.Config.Lines {
		if value != "" {
			a.config[key] = value
		}
	}
	d.adoptions = append(d.adoptions, a)
	return a, nil
}

// findGuest finds a guest by id, by name, or by both, which then have to agree.
func (d *Draft) findGuest(id *int32, name *string) (pve.Guest, error) {
	if id == nil && name == nil {
		return pve.Guest{}, d.refuse(CodeIncomplete, "guest_unnamed")
	}
	if id != nil {
		g, ok := d.in.Snapshot.Guest(int(*id))
		switch {
		case !ok:
			return pve.Guest{}, d.refuse(CodeGuestUnknown, "guest_unknown", "guest", *id, "nearest", d.list(d.nearestByID(int(*id))))
		case name != nil && !strings.EqualFold(g.Name, *name):
			return pve.Guest{}, d.refuse(CodeGuestUnknown, "guest_mismatch", "id", *id, "name", *name, "have", g.Name)
		}
		return g, nil
	}
	same := func(equal func(string) bool) []pve.Guest {
		return slices.DeleteFunc(slices.Clone(d.in.Snapshot.Guests), func(g pve.Guest) bool { return !equal(g.Name) })
	}
	found := same(func(n string) bool { return n == *name })
	if len(found) == 0 {
		found = same(func(n string) bool { return strings.EqualFold(n, *name) })
	}
	switch len(found) {
	case 0:
		return pve.Guest{}, d.refuse(CodeGuestUnknown, "guest_unknown", "guest", *name, "nearest", d.list(d.nearestByName(*name)))
	case 1:
		return found[0], nil
	}
	var ids []string
	for _, g := range found {
		ids = append(ids, fmt.Sprintf("%d (%s)", g.VMID, g.Node))
	}
	return pve.Guest{}, d.refuse(CodeGuestUnknown, "guest_ambiguous", "name", *name, "guests", d.list(ids))
}

// maxNearest is how many alternatives a refusal offers.
const maxNearest = 5

// nearest lists the guests that are no templates, the nearest first.
func (d *Draft) nearest(distance func(pve.Guest) int) []string {
	guests := slices.DeleteFunc(slices.Clone(d.in.Snapshot.Guests), func(g pve.Guest) bool { return g.Template })
	slices.SortStableFunc(guests, func(a, b pve.Guest) int { return cmp.Compare(distance(a), distance(b)) })
	var names []string
	for _, g := range guests[:min(len(guests), maxNearest)] {
		names = append(names, fmt.Sprintf("%s (%d)", g.Name, g.VMID))
	}
	return names
}

func (d *Draft) nearestByID(id int) []string {
	return d.nearest(func(g pve.Guest) int { return max(g.VMID-id, id-g.VMID) })
}

func (d *Draft) nearestByName(name string) []string {
	name = strings.ToLower(name)
	return d.nearest(func(g pve.Guest) int { return edits(name, strings.ToLower(g.Name)) })
}

// edits is the number of letters to insert, delete or replace to make b of a.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// checkNewNames refuses a new name that somebody else has or gets.
func (d *Draft) checkNewNames(intent *provisov1.ProvisionIntent) error {
	given := map[string]bool{}
	for _, vm := range intent.GetVirtualMachines() {
		for _, n := range append(vm.GetNames(), vm.GetName()) {
			given[strings.ToLower(n)] = true
		}
	}
	for _, a := range d.adoptions {
		if a.name == a.guest.Name {
			continue
		}
		name := strings.ToLower(a.name)
		if given[name] || slices.ContainsFunc(d.in.Snapshot.Guests, func(g pve.Guest) bool {
			return g.VMID != a.guest.VMID && strings.EqualFold(g.Name, a.name)
		}) {
			return d.RefuseName(a.name, "")
		}
		given[name] = true
	}
	return nil
}

// checkRoom holds what the guests are afterwards against their nodes and storages, and makes the index that of the changed
// cluster. A guest that is off promises nothing: it only has to fit its node at all.
func (d *Draft) checkRoom() error {
	if err := d.checkSpace(); err != nil {
		return err
	}
	after := d.in.Index.With(d.changed())
	for _, a := range d.adoptions {
		room, _ := d.in.Index.Room(a.guest.Node)
		changed, _ := after.Room(a.guest.Node)
		had := a.guest.MemoryBytes
		most := room.FreeBytes + had
		if !a.running() {
			most = room.TotalBytes
		}
		args := []any{
			"name", a.guest.Name, "id", a.guest.VMID, "node", a.guest.Node, "need", d.gibUp(a.memoryBytes), "most", d.gib(most),
			"vcpus", a.vcpus, "threads", room.CPUs, "limit", room.VCPULimit, "nodes", d.list(d.roomier(a)),
		}
		switch {
		case a.memoryBytes > had && (a.running() && changed.FreeBytes < 0 || a.memoryBytes > room.TotalBytes):
			return d.refuse(CodeNoCapacity, "change_memory", args...)
		case a.vcpus > int(a.guest.CPUs+0.999) && a.vcpus > room.CPUs:
			return d.refuse(CodeNoCapacity, "change_threads", args...)
		case a.vcpus > int(a.guest.CPUs+0.999) && a.running() && changed.VCPUs > changed.VCPULimit:
			return d.refuse(CodeNoCapacity, "change_vcpus", args...)
		}
	}
	if d.before.SurvivedLoss && !after.SurvivesLoss() {
		d.warn("loss_given_up")
	}
	d.in.Index = after
	return nil
}

// roomier lists the nodes that would have room for a guest as it is to be.
func (d *Draft) roomier(a *adoption) []string {
	var nodes []string
	for _, n := range d.in.Snapshot.Nodes {
		if room, _ := d.in.Index.Room(n.Name); n.Name != a.guest.Node && room.Online && room.FreeBytes >= a.memoryBytes && room.CPUs >= a.vcpus {
			nodes = append(nodes, n.Name)
		}
	}
	return nodes
}

// content is the kind of disk that the guest has.
func (a *adoption) content() placement.Content {
	if a.guest.Kind == pve.KindContainer {
		return placement.RootDirs
	}
	return placement.Images
}

// checkSpace adds up what is asked of each storage.
func (d *Draft) checkSpace() error {
	type place struct{ storage, node string }
	asked := map[place]int64{}
	for _, a := range d.adoptions {
		for _, g := range a.growth {
			p := place{g.storage, a.guest.Node}
			if st, ok := d.in.Snapshot.StorageOn(g.storage, a.guest.Node); ok && st.Shared {
				p.node = ""
			}
			asked[p] += g.bytes
			if free, ok := d.in.Index.FreeOn(a.content(), g.storage, a.guest.Node); !ok || asked[p] > free {
				return d.refuse(CodeNoCapacity, "change_space", "name", a.guest.Name, "id", a.guest.VMID, "storage", g.storage,
					"need", d.gibUp(asked[p]), "free", d.gib(free))
			}
		}
	}
	return nil
}

// changed is the snapshot with the guests as they are to be, for the index: what a running guest gets more is promised and
// counts as in use.
func (d *Draft) changed() *pve.Snapshot {
	s := *d.in.Snapshot
	s.Nodes, s.Guests, s.Storages = slices.Clone(s.Nodes), slices.Clone(s.Guests), slices.Clone(s.Storages)
	for _, a := range d.adoptions {
		more := a.memoryBytes - a.guest.MemoryBytes
		for i := range s.Guests {
			if s.Guests[i].VMID == a.guest.VMID {
				s.Guests[i].MemoryBytes, s.Guests[i].CPUs = a.memoryBytes, float64(a.vcpus)
			}
		}
		for i := range s.Nodes {
			if s.Nodes[i].Name == a.guest.Node && a.running() {
				s.Nodes[i].MemoryUsedBytes += max(0, more)
			}
		}
		for _, g := range a.growth {
			for i := range s.Storages {
				if st := &s.Storages[i]; st.Name == g.storage && (st.Shared || st.Node == a.guest.Node) {
					st.UsedBytes += g.bytes
				}
			}
		}
	}
	return &s
}

// stays is the decision about a guest that exists: it stays where it is.
func (d *Draft) stays(a *adoption, before *placement.Index) *provisov1.PlacementDecision {
	room, _ := before.Room(a.guest.Node)
	after, _ := d.in.Index.Room(a.guest.Node)
	p := &provisov1.PlacementDecision{Guest: a.name, Node: a.guest.Node, Reason: d.say("adoption.stays",
		"name", a.name, "node", a.guest.Node, "free", d.gib(room.FreeBytes), "after", d.gib(after.FreeBytes))}
	for _, n := range d.in.Snapshot.Nodes {
		r, _ := before.Room(n.Name)
		na := &provisov1.NodeAssessment{
			Node: n.Name, Outcome: string(placement.Rejected), Reason: d.say("adoption.elsewhere", "name", a.name, "node", a.guest.Node),
			LoadPercent: int32(r.LoadPercent), MemoryFreeMib: mib(max(0, r.FreeBytes)),
		}
		if n.Name == a.guest.Node {
			na.Outcome, na.Reason = string(placement.Chosen), d.say("adoption.here")
		}
		p.Nodes = append(p.Nodes, na)
	}
	return p
}

// planAdoptions adds the guests that exist to a plan.
func (d *Draft) planAdoptions(p *provisov1.StrategicPlan) {
	for _, a := range d.adoptions {
		p.Adoptions = append(p.Adoptions, a.planned())
		p.Placement = append(p.Placement, d.stays(a, d.measured))
		d.warnOfAdoption(a)
	}
}

func (a *adoption) planned() *provisov1.PlannedAdoption {
	p := &provisov1.PlannedAdoption{Change: int32(a.change), Differences: a.differences}
	if a.guest.Kind == pve.KindContainer {
		p.Guest = &provisov1.PlannedAdoption_Container{Container: &provisov1.AdoptedContainer{
			VmId: int32(a.guest.VMID), Node: a.guest.Node, Name: a.name, Config: a.config, Pool: a.guest.Pool, Running: a.running(),
		}}
		return p
	}
	p.Guest = &provisov1.PlannedAdoption_VirtualMachine{VirtualMachine: &provisov1.AdoptedVM{
		VmId: int32(a.guest.VMID), Node: a.guest.Node, Name: a.name, Config: a.config, Pool: a.guest.Pool, Running: a.running(),
	}}
	return p
}

// summaryOfAdoptions is one sentence: who is changed, and how many differences there are.
func (d *Draft) summaryOfAdoptions(p *provisov1.StrategicPlan) string {
	var who []string
	changed := 0
	for _, a := range d.adoptions {
		who = append(who, fmt.Sprintf("%s (%d, %s)", a.name, a.guest.VMID, a.guest.Node))
		if len(a.differences) > 0 {
			changed++
		}
	}
	key := "summary.adoptions"
	if len(p.GetVirtualMachines())+len(p.GetContainers())+len(p.GetPools()) > 0 {
		key = "summary.adoptions_and_new"
	}
	return d.say(key, "guests", d.list(who), "changed", changed, "kept", len(d.adoptions)-changed,
		"new", len(p.GetVirtualMachines())+len(p.GetContainers())+len(p.GetPools()))
}
