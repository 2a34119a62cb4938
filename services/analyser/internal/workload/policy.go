package workload

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/capacity"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// policy adds a policy; key names its reason.
func (s *Set) policy(it *item, kind, decision, setting, key string, args ...any) *provisov1.TargetPolicy {
	p := &provisov1.TargetPolicy{Subject: it.plan.GetName(), Kind: kind, Decision: decision, Setting: clip(setting, 512), Reason: clip(s.say("policy."+key, args...), 1024)}
	s.Policies = append(s.Policies, p)
	return p
}

// defaultThreshold is the CPU in use, in percent of what a pod requests, above which there are more pods.
const defaultThreshold = 70

// decidePolicies decides the policies that do not depend on nodes. "Applied" is what the workload of the plan says, which a dialect
// for Kubernetes would write; nothing else is claimed.
func (s *Set) decidePolicies() {
	for _, it := range s.items {
		s.scaling(it)
		s.disruption(it)
		s.access(it)
		s.secrets(it)
		s.availability(it)
		s.backup(it)
		s.startOrder(it)
		s.security(it)
		s.policy(it, "monitoring", "recommended", "app.kubernetes.io/name="+it.plan.GetName(), "labels", "workload", it.plan.GetName())
	}
	s.limits()
}

// limits says that every pod has requests, by which it is placed, and limits, by which it harms no other.
func (s *Set) limits() {
	if len(s.items) == 0 {
		return
	}
	var sizes []string
	for _, it := range s.items {
		size := it.plan.GetSizing()
		sizes = append(sizes, s.say("aim.limit", "workload", it.plan.GetName(), "cpu", size.GetCpuMilli(), "cpu_limit", size.GetCpuLimitMilli(), "memory", size.GetMemoryMib(), "memory_limit", size.GetMemoryLimitMib()))
	}
	s.Aims = append(s.Aims, &provisov1.Aim{Kind: "practice", Text: s.say("aim.limits"), Outcome: "met", How: clip(s.list(sizes), 2048)})
}

// scaling weighs more pods against larger ones.
func (s *Set) scaling(it *item) {
	p, c := it.plan, it.component
	size := p.GetSizing()
	vertical := s.say("policy.vertical", "cpu", size.GetCpuMilli(), "cpu_limit", size.GetCpuLimitMilli(), "memory", size.GetMemoryMib(), "memory_limit", size.GetMemoryLimitMib())
	most := cmp.Or(it.wish.GetReplicasMost(), c.GetReplicasMost())
	stateless := p.GetKind() == "deployment" && !c.GetStateful()
	threshold := cmp.Or(it.wish.GetCpuThresholdPercent(), defaultThreshold)
	rule := &provisov1.ScalingRule{Direction: "horizontal", Least: max(1, p.GetReplicas()), Most: most, Signal: "cpu", ThresholdPercent: threshold}
	setting := func() string {
		return fmt.Sprintf("min=%d max=%d cpu>%d%%", rule.GetLeast(), rule.GetMost(), rule.GetThresholdPercent())
	}
	args := []any{"workload", p.GetName(), "threshold", threshold, "cpu", size.GetCpuMilli(), "vertical", vertical}
	switch metrics := s.metrics(); {
	case p.GetKind() == "daemonset", p.GetKind() == "job", p.GetKind() == "cronjob":
		s.policy(it, "scaling", "not_needed", "", "scaling_kind", "workload", p.GetName(), "kind", p.GetKind()).Scaling = &provisov1.ScalingRule{Direction: "none"}
	case most > p.GetReplicas() && metrics == "absent":
		s.find("no_metrics", "workload", p.GetName(), "most", most)
		s.policy(it, "scaling", "recommended", setting(), "scaling_no_metrics", append(args, "least", rule.GetLeast(), "most", most)...).Scaling = rule
	case most > p.GetReplicas():
		s.policy(it, "scaling", "applied", setting(), "scaling_asked", append(args, "least", rule.GetLeast(), "most", most)...).Scaling = rule
	case stateless && slices.Contains([]string{"web", "api", "proxy", "worker"}, c.GetRole()):
		rule.Least = max(2, p.GetReplicas())
		rule.Most = 3 * rule.GetLeast()
		s.policy(it, "scaling", "recommended", setting(), "scaling_web", append(args, "least", rule.GetLeast(), "most", rule.GetMost())...).Scaling = rule
	case !stateless:
		s.policy(it, "scaling", "recommended", fmt.Sprintf("cpu=%dm memory=%dMi", size.GetCpuMilli(), size.GetMemoryMib()), "scaling_stateful", args...).
			Scaling = &provisov1.ScalingRule{Direction: "vertical", Signal: "memory"}
	default:
		s.policy(it, "scaling", "not_needed", "", "scaling_none", args...).Scaling = &provisov1.ScalingRule{Direction: "none"}
	}
}

// metrics says whether an autoscaler would find figures: "available", "absent", or "unknown" where no cluster is known or its
// workloads could not be read.
func (s *Set) metrics() string {
	if s.in.State == nil {
		return "unknown"
	}
	if f := capacity.Find(s.in.Analysis, capacity.FeatureAutoscaling); f.GetState() != capacity.Unknown {
		return f.GetState()
	}
	if slices.ContainsFunc(s.in.State.GetWorkloads(), func(w *provisov1.RunningWorkload) bool { return strings.Contains(w.GetName(), "metrics-server") }) {
		return "available"
	}
	for _, u := range s.in.State.GetUnknown() {
		if strings.Contains(u, "workload") || strings.Contains(u, "deployment") {
			return "unknown"
		}
	}
	return "absent"
}

func (s *Set) disruption(it *item) {
	p := it.plan
	switch {
	case p.GetKind() != "deployment" && p.GetKind() != "statefulset":
		return
	case p.GetReplicas() > 1:
		s.policy(it, "disruption", "recommended", "maxUnavailable=1", "disruption", "workload", p.GetName(), "replicas", p.GetReplicas())
	default:
		s.policy(it, "disruption", "not_needed", "", "disruption_one", "workload", p.GetName())
	}
}

// access says who reaches which port.
func (s *Set) access(it *item) {
	p := it.plan
	var froms []string
	switch p.GetExposure() {
	case exposureBalance, exposureIngress:
		froms = []string{"any"}
	case exposureCluster:
		for _, other := range s.items {
			if slices.Contains(other.plan.GetAfter(), p.GetName()) {
				froms = append(froms, other.plan.GetName())
			}
		}
		if len(froms) == 0 {
			froms = []string{"any"} // in the cluster: nothing outside reaches a service of this type
		}
	}
	if len(froms) == 0 || len(p.GetPorts()) == 0 {
		s.policy(it, "access", "not_needed", "", "access_none", "workload", p.GetName())
		return
	}
	decision := "recommended" // a network policy, which the plan does not have
	if p.GetExposure() != exposureCluster {
		decision = "applied"
	}
	for _, port := range p.GetPorts() {
		for _, from := range froms {
			key := "access_" + decision
			if from == "any" && decision == "recommended" {
				key = "access_unknown"
			}
			s.policy(it, "access", decision, fmt.Sprintf("%s/%d from %s", port.GetProtocol(), port.GetNumber(), from), key,
				"workload", p.GetName(), "port", port.GetNumber(), "protocol", port.GetProtocol(), "from", s.whom(from), "exposure", s.exposure(p.GetExposure())).
				Access = &provisov1.AccessRule{Port: port.GetNumber(), Protocol: port.GetProtocol(), From: from}
		}
	}
}

// whom names those who are let in.
func (s *Set) whom(from string) string {
	if from == "any" {
		return s.say("everybody")
	}
	return from
}

func (s *Set) secrets(it *item) {
	var names []string
	for _, v := range it.plan.GetEnvironment() {
		if v.GetSecret() {
			names = append(names, v.GetName())
		}
	}
	if len(names) > 0 {
		s.policy(it, "secret", "applied", "secretKeyRef "+strings.Join(names, ","), "secrets", "names", s.list(names), "workload", it.plan.GetName())
	}
}

// clip bounds a text, which may hold names of strangers, to what the contract takes.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

func (s *Set) availability(it *item) {
	p, c := it.plan, it.component
	switch {
	case p.GetKind() != "deployment" && p.GetKind() != "statefulset":
	case p.GetReplicas() > 1:
		s.policy(it, "ha", "applied", fmt.Sprintf("replicas=%d", p.GetReplicas()), "ha_replicas", "workload", p.GetName(), "replicas", p.GetReplicas())
	case c.GetStateful():
		s.policy(it, "ha", "not_needed", "", "ha_stateful", "workload", p.GetName())
	case c.GetExposure() == "public" || p.GetExposure() == exposureBalance || p.GetExposure() == exposureIngress:
		s.policy(it, "ha", "recommended", "replicas=2", "ha_exposed", "workload", p.GetName())
	default:
		s.policy(it, "ha", "not_needed", "", "ha_one", "workload", p.GetName())
	}
}

func (s *Set) backup(it *item) {
	if n := len(it.plan.GetVolumes()); n > 0 {
		s.policy(it, "backup", "recommended", "VolumeSnapshot", "backup", "workload", it.plan.GetName(), "volumes", n)
		return
	}
	s.policy(it, "backup", "not_needed", "", "backup_none", "workload", it.plan.GetName())
}

func (s *Set) startOrder(it *item) {
	if after := it.plan.GetAfter(); len(after) > 0 {
		s.policy(it, "start_order", "applied", "after="+strings.Join(after, ","), "after", "workload", it.plan.GetName(), "after", s.list(after))
	}
}

// security says what the namespace enforces and what is good to do.
func (s *Set) security(it *item) {
	level := ""
	for _, n := range s.in.State.GetNamespaces() {
		if n.GetName() == it.plan.GetNamespace() {
			level = n.GetPodSecurity()
		}
	}
	if level == "restricted" || level == "baseline" {
		s.policy(it, "security", "inherited", "pod-security="+level, "security_enforced", "namespace", it.plan.GetNamespace(), "level", level)
		return
	}
	s.policy(it, "security", "recommended", "runAsNonRoot=true allowPrivilegeEscalation=false", "security", "workload", it.plan.GetName(), "namespace", it.plan.GetNamespace())
}
