package bpg

import (
	"fmt"
	"strings"

	"proviso.dev/pkg/policy"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// weighedMost bounds each list of what was weighed; the plan holds all of it.
const weighedMost = 40

// readmeOfPlan tells what was to be reached and how it is, which policies hold, what was weighed and not taken, and in which order
// things come to be. The words are the analyser's.
func (l layout) readmeOfPlan(b *strings.Builder, section func(key string)) {
	plan := l.draft.Plan
	l.listed(b, section, "aims", len(plan.GetAims()), func(i int) string {
		a := plan.GetAims()[i]
		return fmt.Sprintf("%s **%s** (%s): %s", l.say("readme.outcome_"+a.GetOutcome()), prose(a.GetText()), l.say("readme.aim_"+a.GetKind()), prose(a.GetHow()))
	})
	policies := policy.Grouped(plan, "applied", "inherited", "recommended")
	l.listed(b, section, "policies", len(policies), func(i int) string {
		p := policies[i]
		var subjects []string
		for _, s := range p.Subjects[:min(len(p.Subjects), subjectsNamed)] {
			subjects = append(subjects, code(s))
		}
		who := strings.Join(subjects, ", ")
		if more := len(p.Subjects) - subjectsNamed; more > 0 {
			who += " " + l.say("readme.policy_more", "count", more)
		}
		setting := ""
		if p.GetSetting() != "" {
			setting = " " + code(p.GetSetting())
		}
		return fmt.Sprintf("%s: **%s** (%s)%s. %s", who, l.say("readme.policy_"+p.GetKind()), l.say("readme.decision_"+p.GetDecision()), setting, prose(p.GetReason()))
	})
	l.listed(b, section, "alternatives", len(plan.GetAlternatives()), func(i int) string {
		a := plan.GetAlternatives()[i]
		return fmt.Sprintf("%s: %s %s%s", prose(a.GetTopic()), prose(a.GetText()), prose(a.GetReason()), l.costs(a))
	})
	l.listed(b, section, "steps", len(plan.GetSteps()), func(i int) string {
		s := plan.GetSteps()[i]
		text := fmt.Sprintf("%d. %s %s (%s)", s.GetPlace(), l.say("readme.step_"+s.GetKind()), code(s.GetSubject()), l.say("readme.by_"+s.GetBy()))
		if s.GetReason() != "" {
			text += ": " + prose(s.GetReason())
		}
		return text
	})
}

// subjectsNamed is how many guests that a policy stands for are named.
const subjectsNamed = 6

// listed writes a list under a heading, bounded; nothing when it is empty.
func (l layout) listed(b *strings.Builder, section func(key string), name string, count int, line func(i int) string) {
	if count == 0 {
		return
	}
	section("readme." + name)
	for i := range min(count, weighedMost) {
		fmt.Fprintf(b, "* %s\n", line(i))
	}
	if count > weighedMost {
		fmt.Fprintf(b, "* %s\n", l.say("readme.weighed_more", "count", count-weighedMost))
	}
}

// costs compares what an alternative takes with what the plan takes, where that is known.
func (l layout) costs(a *provisov1.Alternative) string {
	c, p := a.GetCost(), a.GetPlanCost()
	if c == nil || p == nil {
		return ""
	}
	return " " + l.say("readme.costs",
		"memory", c.GetMemoryMib(), "plan_memory", p.GetMemoryMib(), "vcpus", c.GetVcpus(), "plan_vcpus", p.GetVcpus(),
		"disk", c.GetRawDiskGib(), "plan_disk", p.GetRawDiskGib(), "copied", c.GetCopiedGib(), "plan_copied", p.GetCopiedGib(),
	)
}
