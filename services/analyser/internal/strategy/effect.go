package strategy

import (
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/placement"
)

// completeEffect adds what the plan does to balance, storages and reserve.
func (d *Draft) completeEffect(e *provisov1.Effect) {
	e.ImbalanceBefore, e.ImbalanceAfter = d.imbalance(d.placed.Before), d.imbalance(d.placed.After)
	for _, n := range d.placed.After {
		e.VcpuReserve += int32(max(0, d.vcpuLimit(n.Node)-n.VCPUs))
	}
	e.Storages = d.storageEffects()
}

func (d *Draft) vcpuLimit(node string) int {
	room, _ := d.in.Index.Room(node)
	return room.VCPULimit
}

// imbalance is the population standard deviation of the nodes' utilisation divided by its mean. Utilisation is the mean of the
// memory in use or promised, of what there is, and of the vCPUs promised, of what policy allows.
func (d *Draft) imbalance(loads []placement.NodeLoad) float64 {
	var use []float64
	for _, n := range loads {
		limit := d.vcpuLimit(n.Node)
		if n.MemoryBytes <= 0 || limit <= 0 {
			continue
		}
		use = append(use, (float64(n.UsedBytes)/float64(n.MemoryBytes)+float64(n.VCPUs)/float64(limit))/2)
	}
	return capacity.Imbalance(use)
}

// A volumePlace is where space is taken: a storage, and the node when it is the node's own.
type volumePlace struct{ storage, node string }

// storageEffects are the storages that the plan takes from, in the order of the snapshot.
func (d *Draft) storageEffects() []*provisov1.StorageEffect {
	taken := map[volumePlace]int64{}
	shared := map[string]bool{}
	for _, st := range d.in.Snapshot.Storages {
		shared[st.Name] = st.Shared
	}
	for i, m := range d.machines {
		for _, disk := range m.demand.Disks {
			at := volumePlace{disk.Storage, d.placed.Choices[i].Node}
			if shared[disk.Storage] {
				at.node = ""
			}
			taken[at] += disk.Bytes
		}
	}
	var effects []*provisov1.StorageEffect
	seen := map[volumePlace]bool{}
	for _, st := range d.in.Snapshot.Storages {
		at := volumePlace{st.Name, st.Node}
		if st.Shared {
			at.node = ""
		}
		free, measured, ok := d.freeOn(st.Name, st.Node)
		bytes := taken[at] + measured - free // what adoptions take is missing from the index already
		if !ok || seen[at] || bytes == 0 {
			continue
		}
		seen[at] = true
		e := &provisov1.StorageEffect{Storage: at.storage, Node: at.node, TotalBytes: st.TotalBytes, UsableBeforeBytes: measured}
		if row := capacity.Storage(d.in.Analysis, at.storage, at.node); row != nil {
			e.TotalBytes, e.UsableBeforeBytes = row.GetTotalBytes(), row.GetUsableBytes()
		}
		e.UsableAfterBytes = e.GetUsableBeforeBytes() - bytes
		effects = append(effects, e)
		if len(effects) == maxStorages {
			break
		}
	}
	return effects
}

// maxStorages is what the contract takes.
const maxStorages = 256

// freeOn is what a storage has free on a node with the plan's adoptions, and as it is measured.
func (d *Draft) freeOn(storage, node string) (free, measured int64, ok bool) {
	for _, c := range []placement.Content{placement.Images, placement.RootDirs} {
		if free, ok = d.in.Index.FreeOn(c, storage, node); !ok {
			continue
		}
		measured = free
		if d.measured != nil {
			measured, _ = d.measured.FreeOn(c, storage, node)
		}
		return free, measured, true
	}
	return 0, 0, false
}

// copies is how often a storage keeps what it holds: by the diagnosis, else once.
func (d *Draft) copies(storage string) int64 {
	for _, row := range d.storageRows(storage) {
		if row.GetCopies() > 0 {
			return int64(row.GetCopies())
		}
	}
	return 1
}
