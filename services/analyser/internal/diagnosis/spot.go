package diagnosis

import (
	"fmt"
	"strings"

	"proviso.dev/pkg/capacity"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// spot words one hot spot.
func (e *explanation) spot(i int, h *provisov1.HotSpot) {
	later := ".now"
	if h.GetAt() != nil {
		later = ".later"
	}
	var key string
	write, bound := e.percent, true
	switch h.GetKind() {
	case capacity.KindCPU:
		key = "cpu" + later
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
			if !strings.HasPrefix(h.GetSubject(), "node ") {
				return // the headroom says it, with the node
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
	e.add("spot."+key, h.GetSeverity(), figures,
		"subject", e.subject(h.GetSubject()), "value", value, "machines", value, "n", e.whole(h.GetValue()), "bound", write(h.GetBound()), "at", e.date(h.GetAt().AsTime()))
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
