package placement

import "slices"

// A hurdle is what keeps a demand off a node before any load is looked at.
type hurdle struct {
	cause  Cause
	detail string
}

// hurdle names the first thing that keeps a demand off a node, whatever else is placed.
func (x *Index) hurdle(d *Demand, n int) hurdle {
	name := x.nodes[n].name
	switch {
	case !x.nodes[n].online:
		return hurdle{cause: NotOnline}
	case !x.nodes[n].open:
		return hurdle{cause: InMaintenance}
	case len(d.Nodes) > 0 && !slices.Contains(d.Nodes, name):
		return hurdle{cause: NotWished}
	case slices.Contains(d.Avoid, name):
		return hurdle{cause: Avoided}
	case len(d.HANodes) > 0 && !slices.Contains(d.HANodes, name):
		return hurdle{cause: OutsideHA}
	}
	if d.HAGroup != "" || len(d.HARules) > 0 {
		if outside, _ := x.haNodes(*d, n); outside {
			return hurdle{cause: OutsideHA}
		}
	}
	if h := x.beside(*d, n); h.cause != NoCause {
		return h
	}
	if h := x.unreached(d, n); h.cause != NoCause {
		return h
	}
	if d.VCPUs > x.nodes[n].cpus {
		return hurdle{cause: TooManyVCPUs}
	}
	return hurdle{}
}

// unreached names the first storage, source, network or device that node n does not have.
func (x *Index) unreached(d *Demand, n int) hurdle {
	for _, disk := range d.Disks {
		st, ok := x.storages[disk.Storage]
		if !ok || st.poolFor(disk.Content, n) < 0 {
			return hurdle{NoStorage, disk.Storage}
		}
		if d.HA && !st.shared {
			return hurdle{LocalDisk, disk.Storage}
		}
	}
	if len(d.Source.Nodes) > 0 && !slices.Contains(d.Source.Nodes, x.nodes[n].name) {
		return hurdle{cause: SourceTooFar}
	}
	for _, s := range d.Source.Storages {
		if st, ok := x.storages[s]; !ok || !st.active[n] {
			return hurdle{NoStorage, s}
		}
	}
	for _, network := range d.Networks {
		if on, ok := x.networks[network]; !ok || !on[n] {
			return hurdle{NoNetwork, network}
		}
	}
	for _, device := range d.Devices {
		if _, ok := x.deviceClaims(device, n); !ok {
			return hurdle{NoDevice, device.label()}
		}
	}
	return hurdle{}
}

// overQuota returns the first pool of which the demands together exceed the quota, empty when there is none. It is no matter of nodes:
// such demands fit nowhere.
func (x *Index) overQuota(demands []Demand) (pool string) {
	if len(x.options.Quotas) == 0 {
		return ""
	}
	have := make(map[string]Quota)
	add := func(pool string, vcpus int, memory int64) {
		q := have[pool]
		q.Guests, q.VCPUs, q.MemoryBytes = q.Guests+1, q.VCPUs+vcpus, q.MemoryBytes+memory
		have[pool] = q
	}
	for _, r := range x.roster.guests {
		add(r.Pool, int(r.CPUs+0.999), r.MemoryBytes)
	}
	for _, d := range demands {
		add(d.Pool, d.VCPUs, d.MemoryBytes)
		q, limited := x.options.Quotas[d.Pool]
		if h := have[d.Pool]; limited && (exceeds(h.Guests, q.Guests) || exceeds(h.VCPUs, q.VCPUs) || exceeds(h.MemoryBytes, q.MemoryBytes)) {
			return d.Pool
		}
	}
	return ""
}

func exceeds[N int | int64](have, limit N) bool { return limit > 0 && have > limit }
