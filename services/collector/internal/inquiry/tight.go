package inquiry

import (
	"strings"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/outlook"
	"proviso.dev/services/collector/internal/wording"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// diagnosis is what capacity makes of the cluster.
func (a *answer) diagnosis() *provisov1.InfrastructureAnalysis {
	return capacity.Analyse(capacity.Input{Snapshot: a.s, History: a.facts.History, Now: a.s.TakenAt, Forecaster: forecaster, Policy: a.facts.Policy, Index: a.index()})
}

// state is the diagnosis without a look ahead.
func (a *answer) state() *provisov1.InfrastructureAnalysis {
	if a.now == nil {
		a.now = capacity.Analyse(capacity.Input{Snapshot: a.s, Now: a.s.TakenAt, Policy: a.facts.Policy, Index: a.index()})
	}
	return a.now
}

// hotSpots answers what is tight or soon will be, and what is left when a node is lost.
func (a *answer) hotSpots() {
	d := a.diagnosis()
	if a.q.Headroom {
		a.headroom(d)
		a.spots(d)
	} else {
		a.spots(d)
		a.headroom(d)
	}
	a.text("overcommit", "vcpus", a.ratio(d.GetVcpuOvercommit()), "memory", a.percent(d.GetMemoryOvercommit()))
	for _, r := range a.rooms() {
		if r.Online {
			a.row(r.Node, a.figures(r), a.say("measured_at", "at", outlook.Moment(a.lang, a.s.TakenAt)))
		}
	}
	if a.facts.History == nil {
		a.text("hot_without_history")
	}
}

// spots tells what is tight, the gravest first.
func (a *answer) spots(d *provisov1.InfrastructureAnalysis) {
	spots := d.GetHotSpots()
	if len(spots) == 0 {
		a.text("hot_none")
		return
	}
	a.text("hot", "n", a.count("hot_spot", len(spots)), "what", a.spot(spots[0]))
	for _, h := range spots {
		a.row(a.about(h.GetSubject()), a.spot(h), a.say("severity."+h.GetSeverity()))
	}
}

// headroom tells what is left when the node is lost whose loss hurts most.
func (a *answer) headroom(d *provisov1.InfrastructureAnalysis) {
	for _, h := range d.GetHeadroom() {
		if h.GetGroup() != "" || h.GetWorstNode() == "" {
			continue
		}
		key := "headroom"
		if h.GetMemoryFreeMib() < 0 || h.GetGuestsWithoutRoom() > 0 {
			key = "headroom_not"
		}
		a.text(key, "node", wording.Quote(h.GetWorstNode()), "free", wording.Room(a.lang, h.GetMemoryFreeMib()<<20),
			"guest", wording.Room(a.lang, h.GetLargestGuestMib()<<20), "n", int(h.GetGuestsWithoutRoom()))
	}
}

// about names what a hot spot is about: "node pmox01", "storage local on pmox01", "cluster", "HA web".
func (a *answer) about(subject string) string {
	kind, name, _ := strings.Cut(subject, " ")
	storage, node, local := strings.Cut(name, " on ")
	switch {
	case kind == "node":
		return wording.Quote(outlook.Subject{Node: name}.Title(a.lang))
	case kind == "storage" && local:
		return wording.Quote(outlook.Subject{Storage: storage, Node: node}.Title(a.lang))
	case kind == "storage":
		return wording.Quote(outlook.Subject{Storage: name}.Title(a.lang))
	case subject == capacity.ClusterSubject:
		return a.say("the_cluster")
	}
	return wording.Quote(subject)
}

// spot writes what a hot spot is, with its figures.
func (a *answer) spot(h *provisov1.HotSpot) string {
	value, bound := a.percent(h.GetValue()), a.percent(h.GetBound())
	switch h.GetKind() {
	case capacity.KindMemory, capacity.KindStorage:
		value, bound = wording.Room(a.lang, int64(h.GetValue())), wording.Room(a.lang, int64(h.GetBound()))
	case capacity.KindLoss, capacity.KindBackup, capacity.KindQuorum:
		value, bound = a.number(int(h.GetValue())), a.number(int(h.GetBound()))
	}
	key := "hot." + h.GetKind()
	if h.GetKind() == capacity.KindLoss && strings.HasPrefix(h.GetSubject(), "node ") {
		key = "hot.offline"
	}
	text := a.say(key, "subject", a.about(h.GetSubject()), "value", value, "bound", bound)
	if h.GetAt() != nil {
		text += " " + a.say("hot_at", "at", outlook.Moment(a.lang, h.GetAt().AsTime()))
	}
	return text
}
