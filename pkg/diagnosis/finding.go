package diagnosis

import (
	"fmt"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/outlook"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Topic is what kind of thing a finding says.
type Topic uint8

// The topics, in the order in which their findings come.
const (
	// Spot is of what is wrong or soon will be. A loss that the cluster or an HA group cannot bear is one, too.
	Spot Topic = iota
	// Load is of what the cluster has and what is promised of it.
	Load
	// Loss is of what is left when a node is lost that can be borne.
	Loss
	// Storage is of the room of one storage.
	Storage
	// Features is of what the cluster cannot do, or is not known to.
	Features
	// Unread is of what could not be read.
	Unread
)

// A Finding is one sentence about a cluster.
type Finding struct {
	// Key is the sentence's name in the catalogue.
	Key   string
	Topic Topic
	// Kind is the hot spot's of a Spot, one of package capacity's; empty for other topics.
	Kind string
	// Subject is the node or the storage that a Spot or a Storage is about; zero: the cluster, or an HA group that the sentence names.
	Subject outlook.Subject
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
	mostStorages = 8
	mostNames    = 12
)

// uneven is the imbalance from which Proxmox VE's own scheduler moves guests.
const uneven = 0.3

// Explain words an analysis in "en" or "fr", the gravest findings first: hot spots, then what the cluster has, then what it cannot do.
// Names stand in it as the analysis has them.
func Explain(lang string, a *provisov1.InfrastructureAnalysis) []Finding {
	e := &explanation{words: words{lang}, a: a}
	for i, spot := range a.GetHotSpots() {
		e.spot(i, spot)
	}
	e.load()
	for i, h := range a.GetHeadroom() {
		if h.GetGuestsWithoutRoom() == 0 {
			e.headroom(i, h)
		}
	}
	e.storages()
	e.features(capacity.Absent)
	e.features(capacity.Unknown)
	if n := len(a.GetUnknown()); n > 0 {
		e.tell(Unread, "unknown", []Figure{{"unknown", float64(n)}}, "n", n)
	}
	return e.findings
}

// An explanation is one being worded.
type explanation struct {
	words
	a        *provisov1.InfrastructureAnalysis
	findings []Finding
}

// add completes a finding with its sentence.
func (e *explanation) add(f Finding, key string, args ...any) {
	f.Key, f.Text = "capacity."+key, e.say(key, args...)
	e.findings = append(e.findings, f)
}

// tell adds what is only worth knowing.
func (e *explanation) tell(topic Topic, key string, figures []Figure, args ...any) {
	e.add(Finding{Topic: topic, Severity: capacity.Info, Figures: figures}, key, args...)
}

func (e *explanation) load() {
	online, free, total := 0, int64(0), int64(0)
	for _, n := range e.a.GetNodes() {
		if n.GetStatus() == "online" {
			online++
		}
		free, total = free+n.GetMemoryFreeMib(), total+n.GetMemoryMib()
	}
	e.tell(Load, "nodes", []Figure{
		{"nodes[status=online]", float64(online)}, {"nodes", float64(len(e.a.GetNodes()))}, {"nodes.memory_free_mib", float64(free)}, {"nodes.memory_mib", float64(total)},
	}, "online", online, "nodes", len(e.a.GetNodes()), "free", e.mib(free), "total", e.mib(total))
	vcpus, memory := e.a.GetVcpuOvercommit(), e.a.GetMemoryOvercommit()
	e.tell(Load, "overcommit", []Figure{{"vcpu_overcommit", vcpus}, {"memory_overcommit", memory}}, "vcpus", e.number(vcpus), "memory", e.percent(memory))
	if imbalance := e.a.GetImbalance(); imbalance >= uneven {
		e.tell(Load, "uneven", []Figure{{"imbalance", imbalance}}, "imbalance", e.percent(imbalance))
	}
}

// headroom words the loss of a node that can be borne.
func (e *explanation) headroom(i int, h *provisov1.LossHeadroom) {
	if h.GetWorstNode() == "" {
		return
	}
	figures := []Figure{{fmt.Sprintf("headroom[%d].memory_free_mib", i), float64(h.GetMemoryFreeMib())}}
	key := "group.room"
	if h.GetGroup() == "" {
		key = "loss.room"
		figures = append(figures, Figure{fmt.Sprintf("headroom[%d].largest_guest_mib", i), float64(h.GetLargestGuestMib())})
	}
	e.tell(Loss, key, figures, "group", h.GetGroup(), "node", h.GetWorstNode(), "free", e.mib(h.GetMemoryFreeMib()), "largest", e.mib(h.GetLargestGuestMib()))
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
		subject := outlook.Subject{Storage: st.GetStorage(), Node: st.GetNode()}
		args := []any{"subject", e.subject(subject), "usable", e.bytes(float64(st.GetUsableBytes())), "total", e.bytes(float64(st.GetTotalBytes()))}
		if st.GetFullAt() != nil {
			key, args = "storage_full", append(args, "at", outlook.Moment(e.lang, st.GetFullAt().AsTime()))
		}
		e.add(Finding{Topic: Storage, Severity: capacity.Info, Subject: subject,
			Figures: []Figure{{at("usable_bytes"), float64(st.GetUsableBytes())}, {at("total_bytes"), float64(st.GetTotalBytes())}}}, key, args...)
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
		e.tell(Features, "features."+state, nil, "names", e.list(list))
	}
}
