// Package policy reads the policies of a strategic plan for people: what holds for alike guests is said once.
//
// It decides nothing and words nothing; analyser and plan do.
package policy

import (
	"cmp"
	"fmt"
	"slices"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Group is one policy of a plan, with everybody that it stands for.
type Group struct {
	*provisov1.TargetPolicy
	// Subjects are the guests or workloads, the first being the one that the wording is about.
	Subjects []string
}

// Grouped returns the policies of a plan with one of the decisions; none given: all. Guests of one group of the intent are alike, so
// that what is decided for each of them is returned once.
func Grouped(p *provisov1.StrategicPlan, decisions ...string) []Group {
	group := groups(p)
	var out []Group
	at := make(map[string]int)
	for _, policy := range p.GetPolicies() {
		if len(decisions) > 0 && !slices.Contains(decisions, policy.GetDecision()) {
			continue
		}
		key := fmt.Sprintf("%s/%s/%s/%s", cmp.Or(group[policy.GetSubject()], policy.GetSubject()), policy.GetKind(), policy.GetDecision(), access(policy))
		i, ok := at[key]
		if ok && !slices.Contains(out[i].Subjects, policy.GetSubject()) {
			out[i].Subjects = append(out[i].Subjects, policy.GetSubject())
			continue
		}
		at[key] = len(out)
		out = append(out, Group{TargetPolicy: policy, Subjects: []string{policy.GetSubject()}})
	}
	return out
}

// access tells apart the rules that one guest has several of.
func access(p *provisov1.TargetPolicy) string {
	if a := p.GetAccess(); a != nil {
		return fmt.Sprintf("%s/%d", a.GetProtocol(), a.GetPort())
	}
	return ""
}

// groups tells of each guest which group of the intent it belongs to.
func groups(p *provisov1.StrategicPlan) map[string]string {
	of := make(map[string]string)
	for _, vm := range p.GetVirtualMachines() {
		of[vm.GetName()] = fmt.Sprintf("vm %d", vm.GetGroup())
	}
	for _, ct := range p.GetContainers() {
		of[ct.GetName()] = fmt.Sprintf("ct %d", ct.GetGroup())
	}
	return of
}
