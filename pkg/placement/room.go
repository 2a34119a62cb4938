package placement

import "proviso.dev/pkg/pve"

// Room is what a node has for guests, as the cluster stands. A node that is not online has none.
type Room struct {
	Online bool
	// LoadPercent is the mean of CPU and memory in use, as measured.
	LoadPercent int
	// TotalBytes is physical memory; FreeBytes what is left of it for guests without the host's part, negative when more is
	// promised than there is.
	TotalBytes, FreeBytes int64
	// CPUs are the node's threads; VCPUs those of its running guests, VCPULimit the most that the policy allows.
	CPUs, VCPUs, VCPULimit int
}

// Room returns what a node has; ok is false when there is no such node.
func (x *Index) Room(name string) (r Room, ok bool) {
	i, ok := x.position[name]
	if !ok || !x.nodes[i].online {
		return Room{}, ok
	}
	n := x.nodes[i]
	return Room{
		Online: true, LoadPercent: n.load, TotalBytes: n.total, FreeBytes: x.start.free[i],
		CPUs: n.cpus, VCPUs: x.start.vcpus[i], VCPULimit: n.limit,
	}, true
}

// With returns the index of another snapshot, under the same policy.
func (x *Index) With(s *pve.Snapshot) *Index { return NewIndex(s, x.policy) }
