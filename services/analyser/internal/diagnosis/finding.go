package diagnosis

import (
	"fmt"

	"proviso.dev/pkg/capacity"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Finding is one sentence about a cluster.
type Finding struct {
	// Key is the sentence's name in the catalogue.
	Key string
	// Severity is "error", "warning" or "info".
	Severity string
	// Text is in the language that was asked for.
	Text string
	// Figures are the numbers that it states, so that each can be checked.
	Figures []Figure
}

// A Figure is a number of a sentence.
type Figure struct {
	// Path is where it stands in the InfrastructureAnalysis, "nodes[2].memory_free_mib". Without an index it is the sum over the list,
	// and a list alone is the number of its members.
	Path string
	// Value is the number that stands there, in its own unit.
	Value float64
}

// Bounds of what is said.
const (
	mostSpots    = 24
	mostStorages = 8
	mostNames    = 12
)

// uneven is the imbalance from which Proxmox VE's own scheduler moves guests.
const uneven = 0.3

// Explain words an analysis in "en" or "fr", the gravest findings first: hot spots, then what the cluster has, then what it cannot do.
func Explain(lang string, a *provisov1.InfrastructureAnalysis) []Finding {
	e := &explanation{words: words{lang}, a: a}
	for i, spot := range a.GetHotSpots() {
		if len(e.findings) < mostSpots {
			e.spot(i, spot)
		}
	}
	e.nodes()
	for i, h := range a.GetHeadroom() {
		e.headroom(i, h)
	}
	e.storages()
	e.features(capacity.Absent)
	e.features(capacity.Unknown)
	if n := len(a.GetUnknown()); n > 0 {
		e.add("unknown", capacity.Info, []Figure{{"unknown", float64(n)}}, "n", n)
	}
	return e.findings
}

// An explanation is one being worded.
type explanation struct {
	words
	a        *provisov1.InfrastructureAnalysis
	findings []Finding
}

func (e *explanation) add(key, severity string, figures []Figure, args ...any) {
	e.findings = append(e.findings, Finding{Key: "capacity." + key, Severity: severity, Text: e.say(key, args...), Figures: figures})
}

func (e *explanation) nodes() {
	online, free, total := 0, int64(0), int64(0)
	for _, n := range e.a.GetNodes() {
		if n.GetStatus() == "online" {
			online++
		}
		free, total = free+n.GetMemoryFreeMib(), total+n.GetMemoryMib()
	}
	e.add("nodes", capacity.Info, []Figure{
		{"nodes[status=online]", float64(online)}, {"nodes", float64(len(e.a.GetNodes()))}, {"nodes.memory_free_mib", float64(free)}, {"nodes.memory_mib", float64(total)},
	}, "online", online, "nodes", len(e.a.GetNodes()), "free", e.mib(free), "total", e.mib(total))
	vcpus, memory := e.a.GetVcpuOvercommit(), e.a.GetMemoryOvercommit()
	e.add("overcommit", capacity.Info, []Figure{{"vcpu_overcommit", vcpus}, {"memory_overcommit", memory}}, "vcpus", e.number(vcpus), "memory", e.percent(memory))
	if imbalance := e.a.GetImbalance(); imbalance >= uneven {
		e.add("uneven", capacity.Info, []Figure{{"imbalance", imbalance}}, "imbalance", e.percent(imbalance))
	}
}

// headroom words the loss of a node. That guests find no room is said by a hot spot, too; here it is said which node and how much.
func (e *explanation) headroom(i int, h *provisov1.LossHeadroom) {
	if h.GetWorstNode() == "" {
		return
	}
	at := func(field string) string { return fmt.Sprintf("headroom[%d].%s", i, field) }
	key, args := "loss", []any{"node", h.GetWorstNode()}
	if h.GetGroup() != "" {
		key, args = "group", append(args, "group", h.GetGroup())
	}
	if h.GetGuestsWithoutRoom() > 0 {
		e.add(key+".short", capacity.Warning,
			[]Figure{{at("guests_without_room"), float64(h.GetGuestsWithoutRoom())}, {at("memory_free_mib"), float64(h.GetMemoryFreeMib())}},
			append(args, "machines", e.machines(int(h.GetGuestsWithoutRoom())), "missing", e.mibUp(-h.GetMemoryFreeMib()))...)
		return
	}
	figures := []Figure{{at("memory_free_mib"), float64(h.GetMemoryFreeMib())}}
	if h.GetGroup() == "" {
		figures = append(figures, Figure{at("largest_guest_mib"), float64(h.GetLargestGuestMib())})
	}
	e.add(key+".room", capacity.Info, figures, append(args, "free", e.mib(h.GetMemoryFreeMib()), "largest", e.mib(h.GetLargestGuestMib()))...)
}

// storages words the storages for disks, the first few.
func (e *explanation) storages() {
	said := 0
	for i, st := range e.a.GetStorages() {
		if !st.GetActive() || !holdsDisks(st) || said == mostStorages {
			continue
		}
		said++
		at := func(field string) string { return fmt.Sprintf("storages[%d].%s", i, field) }
		key := "storage"
		args := []any{"subject", e.storage(st.GetStorage(), st.GetNode()), "usable", e.bytes(float64(st.GetUsableBytes())), "total", e.bytes(float64(st.GetTotalBytes()))}
		if st.GetFullAt() != nil {
			key, args = "storage_full", append(args, "at", e.date(st.GetFullAt().AsTime()))
		}
		e.add(key, capacity.Info, []Figure{{at("usable_bytes"), float64(st.GetUsableBytes())}, {at("total_bytes"), float64(st.GetTotalBytes())}}, args...)
	}
}

func holdsDisks(st *provisov1.StorageDiagnosis) bool {
	for _, c := range st.GetContent() {
		if c == "images" || c == "rootdir" {
			return true
		}
	}
	return false
}

// features names those in a state.
func (e *explanation) features(state string) {
	var list []string
	for _, f := range e.a.GetFeatures() {
		if f.GetState() == state {
			list = append(list, e.feature(f.GetName()))
		}
	}
	if len(list) > 0 {
		e.add("features."+state, capacity.Info, nil, "names", e.list(list))
	}
}
