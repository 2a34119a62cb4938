package strategy

import (
	"slices"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// steps is the order in which things come to be: what others need first. One thing alone has no order.
func (d *Draft) steps(p *provisov1.StrategicPlan) []*provisov1.PlanStep {
	w := stepWriter{Draft: d}
	for _, pool := range p.GetPools() {
		w.add("pool", pool.GetName(), byManifest, "pool")
	}
	for _, img := range p.GetDownloads() {
		w.add("download", img.GetFileName(), byManifest, "download")
	}
	w.next()
	for _, a := range p.GetAdoptions() {
		name := a.GetVirtualMachine().GetName()
		if a.GetContainer() != nil {
			name = a.GetContainer().GetName()
		}
		w.add("adoption", name, byManifest, "adoption")
	}
	for _, vm := range p.GetVirtualMachines() {
		w.add("virtual_machine", vm.GetName(), byManifest, "machine")
	}
	for _, ct := range p.GetContainers() {
		w.add("container", ct.GetName(), byManifest, "machine")
	}
	w.next()
	if d.workloads != nil || d.in.Context.GetKubernetes() != nil {
		for _, worker := range d.workers(p) {
			w.out = append(w.out, &provisov1.PlanStep{Place: w.place, Kind: "join", Subject: worker.Name, By: byPerson, Reason: d.joinReason(worker.Name)})
			w.used = true
		}
		w.next()
	}
	places := map[string]int32{}
	base := w.place
	for _, wl := range p.GetWorkloads() { // sorted: what is needed stands before
		place := base
		for _, before := range wl.GetAfter() {
			place = max(place, places[before]+1)
		}
		places[wl.GetName()] = place
		key := "workload"
		if len(wl.GetAfter()) > 0 {
			key = "workload_after"
		}
		w.out = append(w.out, &provisov1.PlanStep{Place: place, Kind: "workload", Subject: wl.GetName(), By: byPerson, Reason: d.say("step."+key, "after", d.list(wl.GetAfter()))})
	}
	slices.SortStableFunc(w.out, func(a, b *provisov1.PlanStep) int { return int(a.GetPlace() - b.GetPlace()) })
	if len(w.out) > 0 && w.out[len(w.out)-1].GetPlace() == 1 && len(p.GetWorkloads()) == 0 {
		return nil
	}
	return w.out
}

// Who does a step.
const (
	byManifest = "manifest"
	byPerson   = "person"
)

type stepWriter struct {
	*Draft
	out   []*provisov1.PlanStep
	place int32
	used  bool
}

func (w *stepWriter) add(kind, subject, by, key string) {
	w.place = max(1, w.place)
	w.used = true
	w.out = append(w.out, &provisov1.PlanStep{Place: w.place, Kind: kind, Subject: subject, By: by, Reason: w.say("step." + key)})
}

// next begins another place when the last one holds something.
func (w *stepWriter) next() {
	w.place = max(1, w.place)
	if w.used {
		w.place, w.used = w.place+1, false
	}
}
