package workload

import (
	"cmp"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Place decides which nodes each workload's pods can run on, with the machines that the plan adds, and says why: each pod against
// its worker, each worker against its host.
func (s *Set) Place(extra []Worker) {
	apart := s.assign(s.rooms(extra), true, nil).Pods == 0
	left := s.assign(s.rooms(extra), apart, func(it *item, rooms []*room) {
		it.plan.Targets = nil
		for _, r := range rooms {
			it.plan.Targets = append(it.plan.Targets, s.target(it, r))
		}
	})
	for _, it := range s.items {
		s.sort(it)
		s.spread(it, extra)
	}
	switch {
	case s.in.State == nil:
		s.find("no_cluster")
	case left.Pods > 0:
		s.find("no_room", "pods", left.Pods, "workloads", s.list(left.Workloads), "cpu", left.CPUMilli, "memory", left.MemoryMiB)
	}
}

// target is one node for one workload.
func (s *Set) target(it *item, r *room) *provisov1.PodTarget {
	n, short := r.fits(it.plan)
	t := &provisov1.PodTarget{Node: r.name, VmId: int32(r.vmID), Host: r.host, Outcome: "possible", Pods: int32(min(n, int64(max(1, it.plan.GetReplicas()))))}
	key := "target.possible"
	if n == 0 {
		t.Outcome, key = "rejected", "target."+short
	}
	size := it.plan.GetSizing()
	sentences := []string{s.say(key, "node", r.name, "cpu", max(0, r.cpu), "cpus", r.cpus, "memory", max(0, r.memory), "memories", r.memories, "pods", max(0, r.pods), "room", n,
		"need_cpu", size.GetCpuMilli(), "need_memory", size.GetMemoryMib(), "need_gpus", size.GetGpus(), "gpus", max(0, r.gpus), "taint", r.detail)}
	switch {
	case r.planned:
		sentences = append(sentences, s.say("target.planned", "node", r.name, "host", r.host, "reserve", workerReserveMiB))
	case r.host == "":
		sentences = append(sentences, s.say("target.host_unknown"))
	default:
		if s.in.Room != nil {
			if have, ok := s.in.Room(r.host); ok && have.Online {
				sentences = append(sentences, s.say("target.host", "id", r.vmID, "host", r.host, "free", max(0, have.FreeBytes)>>20, "total", have.TotalBytes>>20))
			}
		}
	}
	t.Reason = strings.Join(sentences, " ")
	return t
}

// sort puts the nodes that are expected to be taken first, then the possible ones with most room.
func (s *Set) sort(it *item) {
	expected := func(t *provisov1.PodTarget) int {
		if i := slices.Index(it.nodes, t.GetNode()); i >= 0 {
			return i
		}
		return len(it.nodes)
	}
	rank := map[string]int{"possible": 0, "rejected": 1}
	slices.SortStableFunc(it.plan.GetTargets(), func(a, b *provisov1.PodTarget) int {
		return cmp.Or(cmp.Compare(rank[a.GetOutcome()], rank[b.GetOutcome()]), cmp.Compare(expected(a), expected(b)), cmp.Compare(b.GetPods(), a.GetPods()), cmp.Compare(a.GetNode(), b.GetNode()))
	})
	if len(it.plan.GetTargets()) > maxTargets {
		it.plan.Targets = it.plan.GetTargets()[:maxTargets]
	}
}

// maxTargets is what the contract takes.
const maxTargets = 256

// spread says how the pods of a workload lie over workers and over hosts: two workers on one host are lost together.
func (s *Set) spread(it *item, extra []Worker) {
	p := it.plan
	if !p.GetSpread() || len(it.nodes) == 0 {
		return
	}
	hostOf := map[string]string{}
	for _, r := range s.rooms(extra) {
		hostOf[r.name] = r.host
	}
	var nodes, hosts []string
	unknown := false
	for _, n := range it.nodes {
		if !slices.Contains(nodes, n) {
			nodes = append(nodes, n)
		}
		if h := hostOf[n]; h == "" {
			unknown = true
		} else if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	slices.Sort(nodes)
	slices.Sort(hosts)
	figures := []any{"workload", p.GetName(), "pods", len(it.nodes), "nodes", s.list(nodes), "workers", len(nodes), "hosts", s.list(hosts), "count", len(hosts)}
	key := "spread"
	switch {
	case unknown:
		key = "spread_unknown"
	case len(hosts) < len(it.nodes):
		key = "spread_partly"
		s.find("spread", figures...)
	}
	s.policy(it, "anti_affinity", "applied", "hosts="+strings.Join(hosts, ","), key, figures...)
	if !unknown && len(hosts) > 1 {
		s.policy(it, "anti_affinity", "recommended", "topology.kubernetes.io/zone", "spread_label", figures...)
	}
}
