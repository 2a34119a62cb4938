package workload

import (
	"cmp"
	"slices"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// kinds of Kubernetes by how descriptors run a component.
var kinds = map[string]string{"service": "deployment", "stateful": "statefulset", "daemon": "daemonset", "job": "job", "scheduled": "cronjob"}

// decideKind takes the kind that the descriptors name; else what keeps data is a StatefulSet, what has a schedule a CronJob. What
// descriptors run as a service and keeps data in a volume of its own becomes a StatefulSet, too: two pods of a Deployment would
// share the volume.
func (s *Set) decideKind(it *item) error {
	c := it.component
	kind := kinds[it.declared]
	switch {
	case c.GetSchedule() != "":
		kind = "cronjob"
	case c.GetStateful() && (kind == "" || kind == "deployment"):
		kind = "statefulset"
	case kind == "" && c.GetRole() == "job":
		kind = "job"
	}
	it.plan.Kind = cmp.Or(kind, "deployment")
	if it.plan.GetKind() == "cronjob" && it.plan.GetSchedule() == "" {
		it.plan.Kind = "job"
		s.find("no_schedule", "workload", it.plan.GetName())
	}
	return nil
}

// decideSize takes what the requester says, then the profile, then defaults, and says which.
func (s *Set) decideSize(it *item) error {
	c, w, p := it.component, it.wish, it.plan
	cpu, memory := int32(defaultCPUMilli), int32(defaultMemoryMiB)
	if c.GetRole() == "database" {
		cpu, memory = databaseCPUMilli, databaseMemoryMiB
	}
	have := c.GetSizing()
	size := &provisov1.Sizing{
		CpuMilli:  cmp.Or(w.GetCpuMilli(), have.GetCpuMilli(), cpu),
		MemoryMib: cmp.Or(w.GetMemoryMib(), have.GetMemoryMib(), memory),
		DiskGib:   cmp.Or(w.GetDiskGib(), have.GetDiskGib()),
		Gpus:      have.GetGpus(),
	}
	size.CpuLimitMilli = max(have.GetCpuLimitMilli(), size.GetCpuMilli())
	if have.GetCpuLimitMilli() == 0 {
		size.CpuLimitMilli = max(leastCPULimit, 2*size.GetCpuMilli())
	}
	size.MemoryLimitMib = max(have.GetMemoryLimitMib(), size.GetMemoryMib())
	if have.GetMemoryLimitMib() == 0 {
		size.MemoryLimitMib = 2 * size.GetMemoryMib()
	}
	p.Sizing = size
	if w.GetCpuMilli()+w.GetMemoryMib()+have.GetCpuMilli()+have.GetMemoryMib() == 0 {
		s.Aims = append(s.Aims, &provisov1.Aim{
			Kind: "practice", Text: s.say("aim.size", "workload", p.GetName()), Outcome: "partly",
			How: s.say("aim.size_default", "cpu", size.GetCpuMilli(), "memory", size.GetMemoryMib()),
		})
	}

	p.Replicas = max(1, c.GetReplicas())
	if w.GetReplicas() > 0 || w != nil && w.Replicas != nil {
		p.Replicas = w.GetReplicas()
	}
	switch p.GetKind() {
	case "daemonset", "job", "cronjob":
		p.Replicas = min(p.GetReplicas(), 1)
	}
	p.Spread = p.GetReplicas() > 1
	if port := w.GetPort(); port > 0 && !slices.ContainsFunc(p.GetPorts(), func(have *provisov1.ProfilePort) bool { return have.GetNumber() == port }) {
		p.Ports = slices.Insert(p.GetPorts(), 0, &provisov1.ProfilePort{Number: port, Protocol: "tcp"})
		p.Ports = p.GetPorts()[:min(len(p.GetPorts()), maxPorts)]
	}
	if h := w.GetHost(); h != "" && !slices.Contains(p.GetHosts(), h) {
		p.Hosts = slices.Insert(p.GetHosts(), 0, h)
		p.Hosts = p.GetHosts()[:min(len(p.GetHosts()), maxHosts)]
	}
	return nil
}
