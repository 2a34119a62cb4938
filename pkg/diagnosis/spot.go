package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/outlook"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// spot words one hot spot.
func (e *explanation) spot(i int, h *provisov1.HotSpot) {
	later := ".now"
	switch {
	case h.GetAt() != nil && h.GetValue() == h.GetBound():
		later = ".full" // a trend leads there
	case h.GetAt() != nil:
		later = ".later"
	}
	subject, _ := outlook.ParseSubject(h.GetSubject())
	var key string
	write, bound := e.percent, true
	switch h.GetKind() {
	case capacity.KindCPU:
		key = "cpu.now"
		if h.GetAt() != nil {
			key = "cpu.later"
		}
	case capacity.KindMemory, capacity.KindStorage:
		key, write = h.GetKind()+later, e.bytes
	case capacity.KindIOWait:
		key = "iowait"
	case capacity.KindOvercommit:
		key, write, bound = e.overcommit(h)
	case capacity.KindQuorum:
		key, write = "quorum_thin", e.whole
		if h.GetSeverity() == capacity.Error {
			key = "quorum_lost"
		}
	case capacity.KindCeph:
		key, bound = ceph(h)
	case capacity.KindBackup, capacity.KindLoss:
		if key, write, bound = "backup", e.guests, false; h.GetKind() == capacity.KindLoss {
			if subject.Node == "" {
				e.loss(h)
				return
			}
			key = "away"
		}
	default:
		return
	}
	figures := []Figure{{fmt.Sprintf("hot_spots[%d].value", i), h.GetValue()}}
	if bound {
		figures = append(figures, Figure{fmt.Sprintf("hot_spots[%d].bound", i), h.GetBound()})
	}
	if h.GetKind() == capacity.KindCeph && (key == "ceph_error" || key == "ceph_warning") {
		figures = nil
	}
	value := write(h.GetValue())
	e.add(Finding{Topic: Spot, Kind: h.GetKind(), Severity: h.GetSeverity(), Subject: subject, Figures: figures}, "spot."+key,
		"subject", e.subject(subject), "value", value, "machines", value, "n", e.whole(h.GetValue()), "bound", write(h.GetBound()), "at", outlook.Moment(e.lang, h.GetAt().AsTime()))
}

// loss words a loss that cannot be borne, of the cluster or of an HA group: the headroom knows the node and what is missing.
func (e *explanation) loss(spot *provisov1.HotSpot) {
	group, _ := strings.CutPrefix(spot.GetSubject(), "HA ")
	if spot.GetSubject() == capacity.ClusterSubject {
		group = ""
	}
	i := slices.IndexFunc(e.a.GetHeadroom(), func(h *provisov1.LossHeadroom) bool { return h.GetGroup() == group && h.GetGuestsWithoutRoom() > 0 })
	if i < 0 {
		return
	}
	h := e.a.GetHeadroom()[i]
	at := func(field string) string { return fmt.Sprintf("headroom[%d].%s", i, field) }
	key := "group.short"
	if group == "" {
		key = "loss.short"
	}
	e.add(Finding{Topic: Spot, Kind: spot.GetKind(), Severity: spot.GetSeverity(),
		Figures: []Figure{{at("guests_without_room"), float64(h.GetGuestsWithoutRoom())}, {at("memory_free_mib"), float64(h.GetMemoryFreeMib())}}}, key,
		"group", group, "node", h.GetWorstNode(), "machines", e.machines(int(h.GetGuestsWithoutRoom())), "missing", e.mibUp(-h.GetMemoryFreeMib()))
}

// overcommit is of vCPUs where more than one a thread may be promised, else of memory or of a storage that allocates as it is written.
func (e *explanation) overcommit(h *provisov1.HotSpot) (key string, write func(float64) string, bound bool) {
	switch {
	case strings.HasPrefix(h.GetSubject(), "storage "):
		return "thin", e.number, false
	case h.GetBound() >= 1:
		return "vcpus", e.number, true
	}
	return "promised", e.percent, true
}

func ceph(h *provisov1.HotSpot) (key string, bound bool) {
	switch {
	case h.GetBound() > 0:
		return "ceph_full", true
	case h.GetSeverity() == capacity.Error && h.GetValue() > 0:
		return "ceph_stopped", false
	case h.GetSeverity() == capacity.Error:
		return "ceph_error", false
	case h.GetSeverity() == capacity.Warning:
		return "ceph_degraded", false
	}
	return "ceph_warning", false
}
