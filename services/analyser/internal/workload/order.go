package workload

import (
	"slices"
	"strings"
)

// order sorts the workloads so that each comes after those that it needs, and says which those are. Equal ones keep their order.
func (s *Set) order() error {
	byComponent := func(profile int32, component string) *item {
		i := slices.IndexFunc(s.items, func(it *item) bool { return it.plan.GetProfile() == profile && it.plan.GetComponent() == component })
		if i < 0 {
			return nil
		}
		return s.items[i]
	}
	for _, it := range s.items {
		for _, need := range it.component.GetDependencies() {
			if other := byComponent(it.plan.GetProfile(), need); other != nil && other != it {
				it.plan.After = append(it.plan.After, other.plan.GetName())
			}
		}
	}
	var sorted []*item
	there := func(name string) bool {
		return slices.ContainsFunc(sorted, func(it *item) bool { return it.plan.GetName() == name })
	}
	left := slices.Clone(s.items)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(it *item) bool {
			return !slices.ContainsFunc(it.plan.GetAfter(), func(name string) bool { return !there(name) })
		})
		if i < 0 { // a circle: start it somewhere, and say so
			var names []string
			for _, it := range left {
				names = append(names, it.plan.GetName())
			}
			s.find("circle", "workloads", strings.Join(names, ", "))
			i = 0
			left[0].plan.After = slices.DeleteFunc(left[0].plan.GetAfter(), func(name string) bool { return !there(name) })
		}
		sorted = append(sorted, left[i])
		left = slices.Delete(left, i, i+1)
	}
	s.items = sorted
	return nil
}
