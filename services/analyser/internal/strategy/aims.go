package strategy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// The kinds of aim and their outcomes.
const (
	aimGoal       = "goal"
	aimConstraint = "constraint"
	aimPractice   = "practice"

	met    = "met"
	partly = "partly"
	notMet = "not_met"
)

// aims are what was to be reached or kept, each with how: what the requester wants, what binds it, what is good to do, and what the
// plan does to utilisation, availability and cost.
func (d *Draft) aims(p *provisov1.StrategicPlan) []*provisov1.Aim {
	w := aimWriter{Draft: d, plan: p}
	w.goal()
	w.utilisation()
	w.availability()
	w.running()
	w.forecast()
	for _, g := range d.groups {
		w.guests(g)
	}
	for _, pool := range p.GetPools() {
		w.add(aimGoal, met, w.say("aim.pool", "pool", pool.GetName()), "pool_how", "pool", pool.GetName())
	}
	for _, a := range p.GetAdoptions() {
		name := cmp.Or(a.GetVirtualMachine().GetName(), a.GetContainer().GetName())
		w.add(aimGoal, met, w.say("aim.adoption", "name", name), "adoption_how", "name", name, "count", len(a.GetDifferences()))
	}
	for _, wl := range p.GetWorkloads() {
		w.workload(wl)
	}
	for _, g := range d.groups {
		w.constraints(g)
		w.near(g)
	}
	for _, o := range p.GetOmissions() {
		w.out = append(w.out, &provisov1.Aim{Kind: aimGoal, Text: w.say("aim.omission", "topic", w.leftOut(o.GetTopic())), Outcome: notMet, How: o.GetReason()})
	}
	for _, g := range d.groups {
		w.size(g)
		w.storage(g)
	}
	return w.out
}

type aimWriter struct {
	*Draft
	plan *provisov1.StrategicPlan
	out  []*provisov1.Aim
}

// add adds an aim; key names how it is met.
func (w *aimWriter) add(kind, outcome, text, key string, args ...any) {
	w.out = append(w.out, &provisov1.Aim{Kind: kind, Outcome: outcome, Text: clipped(text, 1024), How: clipped(w.say("aim."+key, args...), 2048)})
}

// clipped bounds a text that holds words of the request.
func clipped(text string, most int) string {
	runes := []rune(text)
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// goal is the request in its own words.
func (w *aimWriter) goal() {
	intent := w.in.Context.GetIntent()
	if intent.GetGoal() == "" {
		return
	}
	left := len(intent.GetOmissions()) + len(intent.GetNotUnderstood())
	switch {
	case w.workloads != nil:
		w.add(aimGoal, partly, intent.GetGoal(), "goal_workloads", "workloads", len(w.plan.GetWorkloads()), "machines", len(w.machines))
	case left > 0:
		w.add(aimGoal, partly, intent.GetGoal(), "goal_partly", "left", left, "words", w.list(intent.GetNotUnderstood()))
	default:
		w.add(aimGoal, met, intent.GetGoal(), "goal", "machines", len(w.machines), "pools", len(w.plan.GetPools()), "adoptions", len(w.plan.GetAdoptions()))
	}
}

// guests of a group: what there will be, where, on what, wired how.
func (w *aimWriter) guests(g *group) {
	guests := w.guestsOf(w.plan, g)
	vcpus, memory, _ := g.size()
	var nets, where []string
	for _, n := range g.nics {
		net := n.bridge
		if n.vlan > 0 {
			net += fmt.Sprintf(" VLAN %d", n.vlan)
		}
		address := "DHCP"
		if n.address.IsValid() {
			address = n.address.String()
		}
		nets = append(nets, net+" ("+address+")")
	}
	for _, note := range g.storages {
		where = append(where, note.slot+" → "+note.storage)
	}
	var on []string
	for _, guest := range guests {
		on = append(on, guest.GetName()+" → "+guest.GetNode())
	}
	key := "guests_how"
	if g.proposed {
		key = "workers_how"
	}
	w.add(aimGoal, met, w.say("aim.guests", "count", g.count, "what", cmp.Or(g.wish.GetRole(), g.wish.GetName(), g.called())), key,
		"where", w.list(on), "vcpus", vcpus, "memory", memory, "disks", w.list(where), "networks", w.list(nets))
}

func (w *aimWriter) workload(wl *provisov1.PlannedWorkload) {
	possible, pods := 0, int32(0)
	for _, t := range wl.GetTargets() {
		if t.GetOutcome() == "possible" {
			possible, pods = possible+1, pods+t.GetPods()
		}
	}
	outcome, key := met, "workload_how"
	switch {
	case len(wl.GetTargets()) == 0:
		outcome, key = partly, "workload_unknown"
	case pods < wl.GetReplicas():
		outcome, key = notMet, "workload_no_room"
	}
	w.add(aimGoal, outcome, w.say("aim.workload", "name", wl.GetName(), "kind", wl.GetKind(), "replicas", wl.GetReplicas()), key,
		"name", wl.GetName(), "possible", possible, "nodes", len(wl.GetTargets()), "pods", pods, "replicas", wl.GetReplicas(),
		"cpu", wl.GetSizing().GetCpuMilli(), "memory", wl.GetSizing().GetMemoryMib())
}

// constraints are the conditions that a group's request states. All of them are kept: a plan that cannot keep one is refused.
func (w *aimWriter) constraints(g *group) {
	if g.proposed {
		return
	}
	name := w.baseName(g)
	nodes := nodesOf(w.guestsOf(w.plan, g))
	p := g.wish.GetPlacement()
	add := func(text, how string, args ...any) {
		args = append(args, "name", name, "nodes", w.list(nodes))
		w.add(aimConstraint, met, w.say("aim."+text, args...), how, args...)
	}
	if len(p.GetNodes()) > 0 {
		add("on_nodes", "nodes_how", "wished", w.list(p.GetNodes()))
	}
	if len(p.GetAvoidNodes()) > 0 {
		add("avoid_nodes", "nodes_how", "wished", w.list(p.GetAvoidNodes()))
	}
	switch g.demand.Grouping {
	case placement.Apart:
		add("apart", "apart_how", "count", g.count, "hosts", len(nodes))
	case placement.Together:
		add("together", "nodes_how", "count", g.count)
	}
	if g.vm.GetHa() {
		add("ha", "ha_how", "group", cmp.Or(g.vm.GetHaGroup(), "–"), "storages", w.list(storageNames(g)))
	}
	if len(g.demand.Devices) > 0 {
		var mappings []string
		for i, m := range w.machines {
			for _, name := range w.Draft.placed.Choices[i].Devices {
				if m.group == g {
					mappings = appendNew(mappings, name)
				}
			}
		}
		add("devices", "devices_how", "mappings", w.list(mappings))
	}
	vcpus, memory, _ := g.size()
	if w.sized(g, "memory_mib") {
		add("memory", "memory_how", "memory", memory)
	}
	if w.sized(g, "cores") {
		add("cores", "cores_how", "vcpus", vcpus)
	}
	for _, note := range g.storages {
		if note.key == "wished" {
			add("on_storage", "on_storage_how", "slot", note.slot, "storage", note.storage, "free", w.gib(note.free))
		}
	}
	if len(g.wish.GetNetworks()) > 0 {
		var nets []string
		for _, n := range g.nics {
			nets = append(nets, n.bridge)
		}
		add("networks", "networks_how", "networks", w.list(nets))
	}
	if pool := g.vm.GetPool(); pool != "" {
		add("in_pool", "in_pool_how", "pool", pool)
	}
	if id := g.wish.GetVmId(); id != 0 {
		add("vm_id", "vm_id_how", "id", id)
	}
}

func storageNames(g *group) []string {
	var names []string
	for _, note := range g.storages {
		if !slices.Contains(names, note.storage) {
			names = append(names, note.storage)
		}
	}
	return names
}

// near is the wish to be near Ceph: nodes that hold its disks, and disks on it.
func (w *aimWriter) near(g *group) {
	if !g.nearCeph() {
		return
	}
	var on, off, disks []string
	osd := w.cephNodes()
	for _, guest := range w.guestsOf(w.plan, g) {
		where := guest.GetName() + " → " + guest.GetNode()
		if slices.Contains(osd, guest.GetNode()) {
			on = append(on, where)
		} else {
			off = append(off, where)
		}
	}
	for _, note := range g.storages {
		if note.onCeph {
			disks = appendNew(disks, note.storage)
		}
	}
	outcome, key := met, "near_how"
	switch {
	case len(osd) == 0 && len(disks) == 0:
		outcome, key = notMet, "near_none"
	case len(osd) == 0:
		outcome, key = partly, "near_unknown"
	case len(off) > 0 || len(disks) == 0:
		outcome, key = partly, "near_partly"
	}
	w.add(aimConstraint, outcome, w.say("aim.near", "name", w.baseName(g)), key, "osd", w.list(osd), "on", w.list(on), "off", w.list(off), "storages", w.list(disks))
}

// size says what a group's size rests on: what the requester said, what like guests use, or a default.
func (w *aimWriter) size(g *group) {
	name := w.baseName(g)
	vcpus, memory, _ := g.size()
	o, ok := w.observe(g)
	args := []any{
		"name", name, "vcpus", vcpus, "memory", memory, "guests", len(o.names), "names", w.list(o.names), "have", o.memory >> 20, "used", w.gibUp(o.used),
		"threads", w.decimal(o.busy), "role", g.wish.GetRole(),
	}
	outcome, key := met, "size_stated"
	switch {
	case !w.sizeOpen(g) && !ok:
	case ok && o.used > 0 && o.used > memory<<20:
		outcome, key = partly, "size_small"
	case ok && o.used > 0 && o.history:
		key = "size_history"
	case ok && o.used > 0:
		key = "size_now"
	case ok:
		key = "size_like"
	case g.wish.GetRole() == "":
		outcome, key = partly, "size_template"
	default:
		outcome, key = partly, "size_default"
	}
	w.add(aimPractice, outcome, w.say("aim.size", "name", name), key, args...)
}

// storage says whether what keeps data lies on a fast medium.
func (w *aimWriter) storage(g *group) {
	if !w.nature(g).stateful || len(g.storages) == 0 {
		return
	}
	outcome := notMet
	for _, note := range g.storages {
		switch {
		case fast(note.medium):
			outcome = met
		case note.medium == "" && outcome == notMet:
			outcome = partly
		}
	}
	var reasons []string
	for _, note := range g.storages {
		reasons = append(reasons, w.storageReason(g, note))
	}
	w.out = append(w.out, &provisov1.Aim{
		Kind: aimPractice, Outcome: outcome, Text: w.say("aim.fast_storage", "name", w.baseName(g)), How: clipped(strings.Join(reasons, " "), 2048),
	})
}

// even is how much the imbalance may grow and still count as kept.
const even = 0.05

func (w *aimWriter) utilisation() {
	if len(w.machines)+len(w.adoptions) == 0 {
		return
	}
	e := w.plan.GetEffect()
	outcome := met
	if e.GetImbalanceAfter() > e.GetImbalanceBefore()+even {
		outcome = partly
	}
	fullest, share := "", 0.0
	for _, n := range e.GetNodes() {
		if used := float64(n.GetMemoryUsedAfterMib()) / float64(max(1, n.GetMemoryMib())); used > share {
			fullest, share = n.GetNode(), used
		}
	}
	w.add(aimPractice, outcome, w.say("aim.utilisation"), "utilisation_how", "before", w.decimal(e.GetImbalanceBefore()), "after", w.decimal(e.GetImbalanceAfter()), "node", fullest, "share", percent(share))
}

func (w *aimWriter) availability() {
	if len(w.machines)+len(w.adoptions) == 0 {
		return
	}
	e := w.plan.GetEffect()
	outcome, key := met, "availability_kept"
	switch {
	case !e.GetSurvivesNodeLoss() && e.GetSurvivedNodeLossBefore():
		outcome, key = notMet, "availability_lost"
	case !e.GetSurvivesNodeLoss():
		outcome, key = notMet, "availability_before"
	}
	w.add(aimPractice, outcome, w.say("aim.availability"), key, "free", w.gib(int64(e.GetMemoryReserveMib())<<20), "nodes", len(e.GetNodes()))
}

// What counts as promised too much and used too little, of a node's memory.
const (
	overShare  = 0.9
	underShare = 0.3
)

// running is what the plan leaves idle, and what is promised too much or used too little.
func (w *aimWriter) running() {
	if len(w.machines)+len(w.adoptions) == 0 {
		return
	}
	e := w.plan.GetEffect()
	var over, under []string
	for _, n := range e.GetNodes() {
		share := float64(n.GetMemoryUsedAfterMib()) / float64(max(1, n.GetMemoryMib()))
		text := w.say("aim.share", "node", n.GetNode(), "share", percent(share))
		switch {
		case share > overShare:
			over = append(over, text)
		case share < underShare:
			under = append(under, text)
		}
	}
	outcome := met
	if len(over) > 0 {
		outcome = partly
	}
	w.add(aimPractice, outcome, w.say("aim.running"), "running_how", "free", w.gib(int64(e.GetMemoryReserveMib())<<20), "vcpus", e.GetVcpuReserve(), "over", w.list(over), "under", w.list(under))
}

// forecast says on what the nodes' load rests.
func (w *aimWriter) forecast() {
	if len(w.machines) == 0 {
		return
	}
	var peaks []string
	for _, n := range w.in.Analysis.GetNodes() {
		if n.CpuPeak != nil && n.GetCpuPeakAt() != nil {
			peaks = append(peaks, w.say("aim.peak", "node", n.GetNode(), "peak", percent(n.GetCpuPeak()), "at", n.GetCpuPeakAt().AsTime().UTC().Format("2006-01-02 15:04 UTC")))
		}
	}
	if len(peaks) == 0 {
		w.add(aimPractice, partly, w.say("aim.forecast"), "forecast_none")
		return
	}
	w.add(aimPractice, met, w.say("aim.forecast"), "forecast_how", "peaks", w.list(peaks))
}

// leftOut names the topic of an omission; one that only the sender of an intent knows stands as it is.
func (w words) leftOut(topic string) string {
	if i18n.Has(w.lang, "analyser.left_out."+topic) {
		return w.say("left_out." + topic)
	}
	return topic
}

// decimal writes a figure with two decimals in the requester's language.
func (w words) decimal(v float64) string {
	text := fmt.Sprintf("%.2f", v)
	if w.lang == "fr" {
		return strings.Replace(text, ".", ",", 1)
	}
	return text
}
