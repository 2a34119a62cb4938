package profile

import (
	"math"
	"slices"
	"strconv"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// resources takes requests and limits. Those of one file belong to the containers of one pod and add up; those of another place
// are another opinion. A limit without a request is requested, as Kubernetes does it.
func (s speech) resources(d *draft, c *provisov1.Component) {
	amount := func(resource, bound, field string, into *sourced[int32], unit func(int64) int32) {
		var facts []*provisov1.ResourceFact
		for _, f := range c.GetResources() {
			if f.GetResource() == resource && f.GetBound() == bound {
				facts = append(facts, f)
			}
		}
		var values []string
		var numbers []int32
		for _, group := range groups(facts, (*provisov1.ResourceFact).GetEvidence) {
			file := group[0].GetEvidence().GetFile()
			var sum int64
			for _, f := range group {
				if f.GetEvidence().GetFile() == file {
					sum = saturated(sum, f.GetAmount())
				}
			}
			n := unit(sum)
			if !into.known() {
				*into = sourced[int32]{n, s.read(group[0].GetEvidence())}
			}
			if len(values) == 0 || !slices.Contains(numbers, n) {
				values, numbers = append(values, at(strconv.Itoa(int(n)), group[0].GetEvidence())), append(numbers, n)
			}
		}
		d.differ("sizing."+field, field, values)
	}
	number := func(n int64) int32 { return int32(min(n, math.MaxInt32)) }
	amount("cpu", "request", "cpu_milli", &d.cpu, number)
	amount("cpu", "limit", "cpu_limit_milli", &d.cpuLimit, number)
	amount("memory", "request", "memory_mib", &d.memory, mibOf)
	amount("memory", "limit", "memory_limit_mib", &d.memoryLimit, mibOf)
	amount("gpu", "request", "gpus", &d.gpus, number)
	if !d.gpus.known() {
		amount("gpu", "limit", "gpus", &d.gpus, number)
	}
	asLimit := func(request, limit *sourced[int32]) {
		if !request.known() && limit.known() && limit.v > 0 {
			*request = sourced[int32]{limit.v, s.follows(sureWritten, limit.source, "reason.limit_is_request")}
		}
	}
	asLimit(&d.cpu, &d.cpuLimit)
	asLimit(&d.memory, &d.memoryLimit)
}

// saturated adds what may be absurd.
func saturated(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// replicasOf takes how many run. An autoscaler sets the number of what it scales, so it goes before a number in the same place.
func (s speech) replicasOf(d *draft, c *provisov1.Component) {
	all := groups(c.GetReplicas(), (*provisov1.ReplicaFact).GetEvidence)
	var used *provisov1.ReplicaFact
	var values []string
	for i, group := range all {
		for _, f := range group {
			if i == 0 && (used == nil || f.GetMost() > 0 && used.GetMost() == 0) {
				used = f
			}
		}
	}
	if used == nil {
		return
	}
	values = append(values, at(replicaText(used), used.GetEvidence()))
	for _, group := range all {
		for _, f := range group {
			if f != used && !agrees(used, f) {
				values = append(values, at(replicaText(f), f.GetEvidence()))
			}
		}
	}
	p := s.read(used.GetEvidence())
	if used.GetMost() > 0 {
		p.reason = s.say("reason.autoscaler")
	}
	d.replicas = sourced[int32]{used.GetCount(), p}
	d.most = sourced[int32]{max(used.GetCount(), used.GetMost()), p}
	d.differ("replicas", "replicas", values)
}

// agrees reports whether a number is no contradiction of the one that is used: a number within the bounds of an autoscaler is none.
func agrees(used, f *provisov1.ReplicaFact) bool {
	if f.GetMost() > 0 {
		return used.GetMost() == f.GetMost() && used.GetCount() == f.GetCount()
	}
	return f.GetCount() == used.GetCount() || used.GetMost() > 0 && f.GetCount() >= used.GetCount() && f.GetCount() <= used.GetMost() &&
		rank(f.GetEvidence()) == rank(used.GetEvidence())
}

func replicaText(f *provisov1.ReplicaFact) string {
	n := strconv.Itoa(int(f.GetCount()))
	if f.GetMost() > 0 {
		n += ".." + strconv.Itoa(int(f.GetMost()))
	}
	return n
}
