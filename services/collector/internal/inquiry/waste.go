package inquiry

import (
	"math"
	"slices"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/outlook"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// waste answers which guests idle, and which are larger than what they use, by their history.
func (a *answer) waste() {
	w := capacity.Waste(a.s, a.facts.History, capacity.Frugality{})
	if len(a.q.Guests) > 0 {
		w = a.asked(w)
	}
	if w.Judged == 0 {
		a.text("waste_unknown", "guests", a.count("guest", w.Unjudged))
		a.stopped(w.Stopped)
		for _, g := range a.s.Guests {
			if g.Status == pve.GuestRunning && !g.Template && Commandable(g.Node) {
				a.command("pvesh get /nodes/" + g.Node + "/" + string(g.Kind) + "/" + a.number(g.VMID) + "/rrddata --timeframe " + string(pve.FinestTimeframe(a.s.Major())))
				break
			}
		}
		return
	}
	var idle, large []string
	var memory int64
	vcpus := 0.0
	for _, x := range w.Wasted {
		name := title(pve.Guest{VMID: x.VMID, Name: x.Name})
		evidence := a.say("waste_evidence", "cpu", a.percent(x.CPUP95), "vcpus", a.count("vcpu", int(math.Ceil(x.VCPUs))), "used", wording.Room(a.lang, x.MemoryP95Bytes),
			"memory", wording.Room(a.lang, x.MemoryBytes), "points", outlook.Count(a.lang, x.Points), "from", outlook.Date(a.lang, x.From), "to", outlook.Date(a.lang, x.To), "id", x.VMID)
		if x.Kind == capacity.Idle {
			idle = append(idle, name)
			memory += x.MemoryBytes
			vcpus += x.VCPUs
			a.row(name, a.say("waste_idle"), evidence)
			continue
		}
		large = append(large, name)
		memory += x.MemoryBytes - x.EnoughMemoryBytes
		vcpus += x.VCPUs - x.EnoughVCPUs
		a.row(name, a.say("waste_enough", "vcpus", a.count("vcpu", int(math.Ceil(x.EnoughVCPUs))), "memory", wording.Room(a.lang, x.EnoughMemoryBytes)), evidence)
	}
	if len(idle) > 0 {
		a.text("waste_idle_guests", "names", a.names(idle))
	}
	if len(large) > 0 {
		a.text("waste_large_guests", "names", a.names(large))
	}
	if len(idle)+len(large) == 0 {
		a.text("waste_none", "guests", a.count("guest", w.Judged))
	} else {
		var back []string
		if memory > 0 {
			back = append(back, a.say("waste_memory", "memory", wording.Room(a.lang, memory)))
		}
		if int(vcpus) > 0 {
			back = append(back, a.count("vcpu", int(vcpus)))
		}
		if len(back) > 0 {
			a.text("waste_sum", "what", a.names(back))
		}
	}
	if w.Unjudged > 0 {
		a.sentence(wording.Plural(a.lang, "inquiry.waste_unjudged", w.Unjudged))
	}
	a.stopped(w.Stopped)
	a.text("waste_rule")
}

// stopped names the guests that do not run and keep their disks.
func (a *answer) stopped(ids []int) {
	if len(ids) == 0 {
		return
	}
	a.text("waste_stopped", "names", a.names(a.titles(ids)))
	for _, id := range ids {
		if g, ok := a.s.Guest(id); ok && slices.Contains(ids, id) {
			a.row(title(g), a.say("status."+string(g.Status)), a.say("waste_disk", "size", wording.Room(a.lang, g.DiskBytes)))
		}
	}
}

// asked is what is said of the guests that a question names.
func (a *answer) asked(w capacity.Sprawl) capacity.Sprawl {
	meant := func(id int) bool { return slices.Contains(a.q.Guests, id) }
	out := capacity.Sprawl{}
	for _, x := range w.Wasted {
		if meant(x.VMID) {
			out.Wasted = append(out.Wasted, x)
		}
	}
	for _, id := range w.Stopped {
		if meant(id) {
			out.Stopped = append(out.Stopped, id)
		}
	}
	for _, id := range a.q.Guests {
		if g, ok := a.s.Guest(id); ok && g.Status == pve.GuestRunning && !g.Template && a.facts.History != nil {
			if _, read := a.facts.History.Guests[id]; read {
				out.Judged++
				continue
			}
		}
		if !slices.Contains(out.Stopped, id) {
			out.Unjudged++
		}
	}
	return out
}
