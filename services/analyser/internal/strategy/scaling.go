package strategy

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// scaling weighs more guests against larger ones, by what the nodes have left.
func (w *policyWriter) scaling() {
	n := w.nature(w.group)
	vcpus, memory, _ := w.size()
	free, fit := w.headroom(memory)
	args := []any{"free", w.gib(free), "fit", fit, "memory", memory, "vcpus", vcpus, "most", w.count + fit}
	switch {
	case n.stateful:
		w.add("scaling", recommended, "", "scaling_stateful", args...).Scaling = &provisov1.ScalingRule{Direction: "vertical", Signal: "memory", ThresholdPercent: scaleThreshold}
	case slices.Contains([]string{"web", "api", "proxy", "worker"}, n.role) && fit > 0:
		most := w.count + min(fit, 2*w.count)
		w.add("scaling", recommended, fmt.Sprintf("min=%d max=%d cpu>%d%%", w.count, most, scaleThreshold), "scaling_stateless", args...).
			Scaling = &provisov1.ScalingRule{Direction: "horizontal", Least: int32(w.count), Most: int32(most), Signal: "cpu", ThresholdPercent: scaleThreshold}
	case n.role == "compute" && strings.HasPrefix(w.wish.GetRole(), "k3s-"):
		w.add("scaling", recommended, "", "scaling_worker", args...).
			Scaling = &provisov1.ScalingRule{Direction: "horizontal", Least: int32(w.count), Most: int32(w.count + fit), Signal: "memory", ThresholdPercent: scaleThreshold}
	default:
		w.add("scaling", notNeeded, "", "scaling_none", args...).Scaling = &provisov1.ScalingRule{Direction: "none"}
	}
}

// scaleThreshold is the use, in percent, from which on there should be more.
const scaleThreshold = 70

// headroom is the memory that the guest's node still has with the plan, and how many more guests of that size fit on all nodes.
func (w *policyWriter) headroom(memoryMiB int64) (free int64, fit int) {
	for _, after := range w.Draft.placed.After {
		room, ok := w.in.Index.Room(after.Node)
		if !ok || !room.Online {
			continue
		}
		left := max(0, w.freeAfter(after))
		if after.Node == w.GetNode() {
			free = left
		}
		if memoryMiB > 0 {
			fit += int(left / (memoryMiB << 20))
		}
	}
	return free, fit
}

// freeAfter is the memory that a node has left for guests with the plan.
func (d *Draft) freeAfter(after placement.NodeLoad) int64 {
	for _, before := range d.placed.Before {
		if before.Node == after.Node {
			room, _ := d.in.Index.Room(after.Node)
			if d.measured != nil {
				room, _ = d.measured.Room(after.Node)
			}
			return room.FreeBytes - (after.UsedBytes - before.UsedBytes)
		}
	}
	return 0
}
