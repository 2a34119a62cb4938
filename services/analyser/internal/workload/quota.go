package workload

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// checkQuotas refuses what a namespace does not allow, with the bound, what is in use and what is asked for.
func (s *Set) checkQuotas() error {
	if s.in.State == nil {
		return nil
	}
	var seen []string
	for _, it := range s.items {
		name := it.plan.GetNamespace()
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		i := slices.IndexFunc(s.in.State.GetNamespaces(), func(n *provisov1.Namespace) bool { return n.GetName() == name })
		if i < 0 {
			s.find("namespace_new", "namespace", name)
			continue
		}
		if err := s.checkNamespace(s.in.State.GetNamespaces()[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) checkNamespace(n *provisov1.Namespace) error {
	if n.GetTerminating() {
		return s.refuse(CodeNamespace, "terminating", "namespace", n.GetName())
	}
	for _, q := range n.GetQuotas() {
		asked, counted := s.asked(n.GetName(), q.GetResource())
		hard, ok := milli(q.GetHard())
		used, known := milli(q.GetUsed())
		if !counted || !ok || !known || asked == 0 || used+asked <= hard {
			continue
		}
		return s.refuse(CodeQuota, "quota", "namespace", n.GetName(), "quota", q.GetName(), "resource", q.GetResource(),
			"hard", q.GetHard(), "used", q.GetUsed(), "asked", quantity(q.GetResource(), asked), "left", quantity(q.GetResource(), max(0, hard-used)))
	}
	return nil
}

// asked is what the workloads of a namespace take of a resource, in thousandths; counted is false for resources that they do not
// touch or whose use is not known beforehand.
func (s *Set) asked(namespace, resource string) (asked int64, counted bool) {
	counted = true
	for _, it := range s.items {
		p := it.plan
		if p.GetNamespace() != namespace {
			continue
		}
		pods, size := int64(p.GetReplicas()), p.GetSizing()
		switch resource {
		case "cpu", "requests.cpu":
			asked += pods * int64(size.GetCpuMilli())
		case "limits.cpu":
			asked += pods * int64(size.GetCpuLimitMilli())
		case "memory", "requests.memory":
			asked += pods * int64(size.GetMemoryMib()) << 20 * 1000
		case "limits.memory":
			asked += pods * int64(size.GetMemoryLimitMib()) << 20 * 1000
		case "pods", "count/pods":
			asked += pods * 1000
		case "requests.storage":
			for _, v := range p.GetVolumes() {
				asked += pods * int64(v.GetSizeGib()) << 30 * 1000
			}
		case "persistentvolumeclaims", "count/persistentvolumeclaims":
			asked += pods * int64(len(p.GetVolumes())) * 1000
		case "services", "count/services":
			if p.GetExposure() != exposureNone {
				asked += 1000
			}
		case "services.loadbalancers":
			if p.GetExposure() == exposureBalance {
				asked += 1000
			}
		default:
			return 0, false
		}
	}
	return asked, counted
}

// quantity writes thousandths in the unit of the resource.
func quantity(resource string, milli int64) string {
	switch {
	case strings.HasSuffix(resource, "cpu"):
		return fmt.Sprintf("%dm", milli)
	case strings.HasSuffix(resource, "memory"), strings.HasSuffix(resource, "storage"):
		return fmt.Sprintf("%dMi", milli/1000>>20)
	default:
		return fmt.Sprint(milli / 1000)
	}
}
