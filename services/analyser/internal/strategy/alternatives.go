package strategy

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// How many alternatives a plan tells: of one group five, of several two each.
const (
	mostAlternatives  = 5
	alternativesGroup = 2
)

// alternatives are the ways that were weighed and not taken, each with its cost beside the plan's.
func (d *Draft) alternatives(p *provisov1.StrategicPlan) []*provisov1.Alternative {
	var all []*provisov1.Alternative
	spoken := map[*group]bool{}
	for _, g := range d.guests(p) {
		if spoken[g.group] {
			continue
		}
		spoken[g.group] = true
		w := alternativeWriter{Draft: d, guest: g}
		w.plan = w.cost()
		for _, weigh := range []func(*alternativeWriter){
			(*alternativeWriter).otherNode, (*alternativeWriter).otherSize, (*alternativeWriter).otherStorage, (*alternativeWriter).otherKind,
			(*alternativeWriter).otherClone, (*alternativeWriter).otherNumber,
		} {
			weigh(&w)
		}
		most := mostAlternatives
		if len(d.groups) > 1 {
			most = alternativesGroup
		}
		all = append(all, cut(w.out, most)...)
	}
	for i := range d.adoptions {
		all = append(all, d.besideAdoption(p, i)...)
	}
	return append(all, d.workloadAlternatives(p)...)
}

// An alternativeWriter collects the alternatives of one group, told by its first guest.
type alternativeWriter struct {
	*Draft
	guest
	plan *provisov1.Cost
	out  []*provisov1.Alternative
}

func (w *alternativeWriter) add(topic, key string, cost *provisov1.Cost, args ...any) {
	args = append(args, "name", w.GetName(), "node", w.GetNode(), "count", w.count)
	text := "alternative." + key + ".text"
	if one := "alternative." + key + "_one.text"; w.count == 1 && i18n.Has(w.lang, "analyser."+one) {
		text = one // "1 containers instead of 1 virtual machines" is no sentence
	}
	w.out = append(w.out, &provisov1.Alternative{
		Topic: w.say("alternative.topic."+topic, "name", w.GetName()), Text: clipped(w.say(text, args...), maxReason), Reason: clipped(w.say("alternative."+key+".reason", args...), maxReason),
		Cost: cost, PlanCost: w.plan,
	})
}

// cost is what the group takes as planned.
func (w *alternativeWriter) cost() *provisov1.Cost {
	vcpus, memory, _ := w.size()
	c := &provisov1.Cost{
		MemoryMib: memory * int64(w.count), Vcpus: int32(vcpus * w.count), Imbalance: w.imbalance(w.Draft.placed.After),
	}
	for _, disk := range w.demand.Disks {
		c.RawDiskGib += (disk.Bytes*w.copies(disk.Storage) + gib - 1) / gib * int64(w.count)
	}
	c.CopiedGib = w.copied() * int64(w.count)
	return c
}

// copied is what a full clone copies for one machine, in GiB.
func (w *alternativeWriter) copied() int64 {
	if w.template == nil || !w.vm.GetClone().GetFull() {
		return 0
	}
	var bytes int64
	for _, disk := range w.template.Config.Disks {
		bytes += disk.SizeBytes
	}
	return (bytes + gib - 1) / gib
}

// otherNode is the node that would have come next.
func (w *alternativeWriter) otherNode() {
	choice := w.Draft.placed.Choices[w.index]
	var next *placement.Assessment
	for i, a := range choice.Nodes {
		if a.Outcome == placement.Possible && (next == nil || a.ShareAfter > next.ShareAfter) {
			next = &choice.Nodes[i]
		}
	}
	if next == nil {
		return
	}
	cost := proto.CloneOf(w.plan)
	cost.Imbalance = w.imbalance(shifted(w.Draft.placed.After, w.GetNode(), next.Node, w.demand))
	chosen := choice.Nodes[slices.IndexFunc(choice.Nodes, func(a placement.Assessment) bool { return a.Outcome == placement.Chosen })]
	w.add("node", "node", cost, "other", next.Node, "why", w.compared(*next, chosen, w.demand.Objective),
		"before", w.decimal(w.plan.GetImbalance()), "after", w.decimal(cost.GetImbalance()))
}

// shifted are the loads with one guest on another node.
func shifted(loads []placement.NodeLoad, from, to string, demand placement.Demand) []placement.NodeLoad {
	other := slices.Clone(loads)
	for i := range other {
		switch other[i].Node {
		case from:
			other[i].UsedBytes -= demand.MemoryBytes
			other[i].VCPUs -= demand.VCPUs
		case to:
			other[i].UsedBytes += demand.MemoryBytes
			other[i].VCPUs += demand.VCPUs
		}
	}
	return other
}

// otherSize is what like guests speak for, where the request left the size open and that differs.
func (w *alternativeWriter) otherSize() {
	o, ok := w.observe(w.group)
	_, memory, _ := w.size()
	if !ok || o.used == 0 || w.sized(w.group, "memory_mib") {
		return
	}
	suggested := int64(o.suggestion())
	if suggested == memory || suggested == 0 {
		return
	}
	cost := proto.CloneOf(w.plan)
	cost.MemoryMib = suggested * int64(w.count)
	key := "size_less"
	if suggested > memory {
		key = "size_more"
	}
	w.add("size", key, cost, "memory", memory, "suggested", suggested, "guests", len(o.names), "names", w.list(o.names), "used", w.gibUp(o.used))
}

// otherStorage is the storage that would have come next for the boot disk.
func (w *alternativeWriter) otherStorage() {
	if len(w.storages) == 0 || w.storages[0].key == "linked" {
		return
	}
	note := w.storages[0]
	_, _, size := w.size()
	for _, c := range w.diskStorages(w.content()) {
		if c.Name == note.storage || w.in.Snapshot.StorageVerdict(c.Name).Refuses() {
			continue
		}
		cost := proto.CloneOf(w.plan)
		cost.RawDiskGib = size * w.copies(c.Name) * int64(w.count)
		key := "storage"
		switch {
		case c.free < size*gib*int64(w.count):
			key = "storage_full"
		case !c.Shared && note.shared:
			key = "storage_local"
		case fast(note.medium) && !fast(w.medium(c.Name)):
			key = "storage_slow"
		}
		w.add("storage", key, cost, "storage", note.storage, "other", c.Name, "free", w.gib(note.free), "other_free", w.gib(c.free), "need", size*int64(w.count))
		return
	}
}

// otherKind weighs machine against container, and Kubernetes where there is one.
func (w *alternativeWriter) otherKind() {
	n := w.nature(w.group)
	_, memory, size := w.size()
	cost := proto.CloneOf(w.plan)
	cost.CopiedGib = 0
	if w.ct != nil {
		if !slices.ContainsFunc(w.in.Snapshot.Templates(), func(t pve.Guest) bool { return t.Kind == pve.KindVM }) {
			return
		}
		w.add("kind", "vm", cost, "memory", memory)
		return
	}
	if w.in.Context.GetKubernetes() != nil && !n.stateful && slices.Contains([]string{"web", "api", "worker", "proxy"}, n.role) {
		cost.RawDiskGib = 0
		w.add("kind", "pod", cost, "memory", memory, "nodes", len(w.in.Context.GetKubernetes().GetNodes()))
		return
	}
	if len(w.containerTemplates()) == 0 || len(w.demand.Devices) > 0 {
		return
	}
	cost.RawDiskGib = min(cost.GetRawDiskGib(), defaultRootGiB*w.copies(w.storages[0].storage)*int64(w.count))
	key := "container"
	if size == 0 { // a linked clone
		key = "container_linked"
	}
	w.add("kind", key, cost, "memory", memory, "disk", size, "root", defaultRootGiB)
}

// otherClone weighs the full clone against the linked one.
func (w *alternativeWriter) otherClone() {
	if w.template == nil {
		return
	}
	cost := proto.CloneOf(w.plan)
	boot := w.template.Config.BootDisk()
	full := sizeGiB(boot.SizeBytes)
	if w.vm.GetClone().GetFull() {
		cost.RawDiskGib, cost.CopiedGib = max(0, cost.GetRawDiskGib()-int64(full)*w.copies(boot.Storage)*int64(w.count)), 0
		w.add("clone", "linked", cost, "template", w.template.Name, "id", w.template.VMID, "size", full)
		return
	}
	cost.RawDiskGib += int64(full) * w.copies(boot.Storage) * int64(w.count)
	cost.CopiedGib = int64(full) * int64(w.count)
	w.add("clone", "full", cost, "template", w.template.Name, "id", w.template.VMID, "size", full)
}

// otherNumber weighs more guests against larger ones.
func (w *alternativeWriter) otherNumber() {
	vcpus, memory, size := w.size()
	cost := proto.CloneOf(w.plan)
	n := w.nature(w.group)
	if w.proposed {
		return // the fewest that give the pods room
	}
	if w.count > 1 {
		largest := int64(0)
		for _, before := range w.Draft.placed.Before {
			largest = max(largest, before.MemoryBytes-before.UsedBytes)
		}
		cost.RawDiskGib = size * w.copies(w.storages[0].storage)
		w.add("number", "one", cost, "vcpus", vcpus*w.count, "memory", memory*int64(w.count), "free", w.gib(largest))
		return
	}
	cost.RawDiskGib *= 2
	cost.CopiedGib *= 2
	key := "two"
	switch {
	case n.stateful:
		key = "two_stateful"
	case size == 0: // linked clones
		key = "two_linked"
	}
	w.add("number", key, cost, "vcpus", max(1, vcpus/2), "memory", memory/2, "disk", size)
}

// besideAdoption weighs a change of a guest's size against a second guest beside it.
func (d *Draft) besideAdoption(p *provisov1.StrategicPlan, i int) []*provisov1.Alternative {
	if i >= len(p.GetAdoptions()) || !slices.ContainsFunc(p.GetAdoptions()[i].GetDifferences(), func(c *provisov1.ValueChange) bool {
		return c.GetAttribute() == "memory" || c.GetAttribute() == "cores"
	}) {
		return nil
	}
	a := p.GetAdoptions()[i]
	id := cmp.Or(a.GetVirtualMachine().GetVmId(), a.GetContainer().GetVmId())
	have, ok := d.in.Snapshot.Guest(int(id))
	if !ok {
		return nil
	}
	after := d.adoptions[i]
	return []*provisov1.Alternative{{
		Topic: d.say("alternative.topic.number", "name", have.Name), Text: d.say("alternative.beside.text", "name", have.Name),
		Reason:   d.say("alternative.beside.reason", "name", have.Name, "memory", have.MemoryBytes>>20, "vcpus", int(have.CPUs)),
		Cost:     &provisov1.Cost{MemoryMib: have.MemoryBytes >> 20, Vcpus: int32(have.CPUs), RawDiskGib: (have.DiskBytes + gib - 1) / gib, Imbalance: d.imbalance(d.placed.Before)},
		PlanCost: &provisov1.Cost{MemoryMib: (after.memoryBytes - have.MemoryBytes) >> 20, Vcpus: int32(after.vcpus) - int32(have.CPUs), Imbalance: d.imbalance(d.placed.After)},
	}}
}

// workloadAlternatives weighs pods against a machine of their own, and more pods against larger ones.
func (d *Draft) workloadAlternatives(p *provisov1.StrategicPlan) []*provisov1.Alternative {
	var all []*provisov1.Alternative
	for _, wl := range cut(p.GetWorkloads(), alternativesGroup) {
		size, pods := wl.GetSizing(), max(1, wl.GetReplicas())
		plan := &provisov1.Cost{MemoryMib: int64(size.GetMemoryMib() * pods), Vcpus: (size.GetCpuMilli()*pods + 999) / 1000}
		for _, v := range wl.GetVolumes() {
			plan.RawDiskGib += int64(v.GetSizeGib() * pods)
		}
		machine := &provisov1.Cost{MemoryMib: plan.GetMemoryMib() + defaultMemoryMiB, Vcpus: max(1, plan.GetVcpus()), RawDiskGib: plan.GetRawDiskGib() + defaultImageGiB}
		args := []any{"name", wl.GetName(), "memory", plan.GetMemoryMib(), "more", int64(defaultMemoryMiB), "disk", int64(defaultImageGiB), "pods", pods, "each", size.GetMemoryMib()}
		all = append(all, &provisov1.Alternative{
			Topic: d.say("alternative.topic.kind", "name", wl.GetName()), Text: d.say("alternative.machine.text", args...), Reason: d.say("alternative.machine.reason", args...),
			Cost: machine, PlanCost: plan,
		})
		if pods > 1 {
			all = append(all, &provisov1.Alternative{
				Topic: d.say("alternative.topic.number", "name", wl.GetName()), Text: d.say("alternative.pod_large.text", args...), Reason: d.say("alternative.pod_large.reason", args...),
				Cost: plan, PlanCost: plan,
			})
		}
	}
	return all
}
