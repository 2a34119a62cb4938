package strategy

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// decision words why a machine is where it is.
func (d *Draft) decision(guest string, m machine, c placement.Choice) *provisov1.PlacementDecision {
	p := &provisov1.PlacementDecision{Guest: guest, Node: c.Node, Reason: d.why(m, c)}
	chosen := c.Nodes[slices.IndexFunc(c.Nodes, func(a placement.Assessment) bool { return a.Outcome == placement.Chosen })]
	for _, a := range c.Nodes {
		assessed := &provisov1.NodeAssessment{
			Node: a.Node, Outcome: string(a.Outcome), Reason: d.compared(a, chosen, m.demand.Objective),
			LoadPercent: int32(a.LoadPercent), MemoryFreeMib: mib(a.FreeBytes),
		}
		if a.Outcome != placement.Rejected {
			assessed.CopiedGib = sizeGiB(a.CopyBytes)
		}
		if a.Peak != nil {
			assessed.CpuPeakPercent = new(int32(percent(a.Peak.CPU)))
			if !a.Peak.At.IsZero() {
				assessed.CpuPeakAt = timestamppb.New(a.Peak.At)
			}
		}
		p.Nodes = append(p.Nodes, assessed)
	}
	return p
}

// why is the sentence about the chosen node: what it has, why it goes before the others, and what becomes of the loss of a
// node.
func (d *Draft) why(m machine, c placement.Choice) string {
	var chosen placement.Assessment
	var possible, givesUp, displaced, forWhole []string
	for _, a := range c.Nodes {
		switch {
		case a.Outcome == placement.Chosen:
			chosen = a
		case a.GivesUpLoss:
			givesUp = append(givesUp, a.Node)
		case a.Displaced:
			displaced = append(displaced, a.Node)
		case a.ForWhole:
			forWhole = append(forWhole, a.Node)
		case a.Outcome == placement.Possible:
			possible = append(possible, d.say("node.free", "node", a.Node, "free", d.gib(a.FreeBytes)))
		}
	}
	sentences := []string{d.say("chosen.figures",
		"node", chosen.Node, "free", d.gib(chosen.FreeBytes), "total", d.gib(chosen.TotalBytes), "after", d.gib(chosen.FreeBytes-chosen.NeedBytes),
		"load", chosen.LoadPercent, "vcpus", chosen.VCPUs+chosen.NeedVCPUs, "limit", chosen.VCPULimit,
	)}
	switch {
	case len(givesUp) > 0:
		sentences = append(sentences, d.say("chosen.keeps_loss", "nodes", d.list(givesUp)))
	case len(displaced) > 0:
		sentences = append(sentences, d.say("chosen.displaced", "nodes", d.list(displaced)))
	case len(forWhole) > 0:
		sentences = append(sentences, d.say("chosen.for_whole", "nodes", d.list(forWhole)))
	case len(possible) == 0:
		sentences = append(sentences, d.say("chosen.only"))
	case len(chosen.Wishes) > 0:
		sentences = append(sentences, d.say("chosen.wished", "wishes", strings.Join(chosen.Wishes, " "), "nodes", d.list(possible)))
	case m.demand.Objective == placement.Pack:
		sentences = append(sentences, d.say("chosen.pack", "nodes", d.list(possible)))
	default:
		sentences = append(sentences, d.say("chosen.balance", "share", percent(chosen.ShareAfter), "nodes", d.list(possible)))
	}
	if peak := chosen.Peak; peak != nil {
		key := "chosen.peak"
		if peak.At.IsZero() {
			key = "chosen.peak_some_time"
		}
		sentences = append(sentences, d.say(key, "node", chosen.Node, "peak", percent(peak.CPU), "at", peak.At.UTC().Format("2006-01-02 15:04 UTC")))
	}
	if c.KeepsLoss {
		sentences = append(sentences, d.say("chosen.loss_borne"))
	}
	return strings.Join(sentences, " ")
}

// compared is the sentence about one node beside the chosen one. A node that would keep more than the chosen one was passed over for
// another reason than its room.
func (d *Draft) compared(a, chosen placement.Assessment, objective placement.Objective) string {
	passed := a.Outcome == placement.Possible && !a.GivesUpLoss && !a.Displaced && !a.ForWhole
	if !passed || objective == placement.Pack || a.ShareAfter <= chosen.ShareAfter {
		return d.assessment(a, objective)
	}
	key := "node.outweighed"
	if len(chosen.Wishes) > len(a.Wishes) {
		key = "node.less_wished"
	}
	return d.say(key, "node", a.Node, "chosen", chosen.Node, "free", d.gib(a.FreeBytes), "total", d.gib(a.TotalBytes), "load", a.LoadPercent, "share", percent(a.ShareAfter))
}

// assessment is the sentence about one node.
func (d *Draft) assessment(a placement.Assessment, objective placement.Objective) string {
	figures := []any{
		"node", a.Node, "free", d.gib(a.FreeBytes), "total", d.gib(a.TotalBytes), "need", d.gibUp(a.NeedBytes),
		"share", percent(a.ShareAfter), "load", a.LoadPercent, "vcpus", a.VCPUs, "limit", a.VCPULimit,
		"need_vcpus", a.NeedVCPUs, "detail", a.Detail, "space", d.gib(a.SpaceBytes),
	}
	key := "node.possible"
	switch {
	case a.Cause == placement.NotApart && a.Detail != "":
		key = "node.not_apart_from"
	case a.Cause != placement.NoCause:
		key = "node." + string(a.Cause)
	case a.Outcome == placement.Chosen:
		key = "node.chosen"
	case a.GivesUpLoss:
		key = "node.gives_up_loss"
	case a.Displaced:
		key = "node.displaced"
	case a.ForWhole:
		key = "node.for_whole"
	case objective == placement.Pack:
		key = "node.possible_pack"
	}
	return d.say(key, figures...)
}

// infeasible words the refusal: for each node what ran out, then the nearest thing that would do.
func (d *Draft) infeasible(e *placement.InfeasibleError) *RefusedError {
	m := d.machines[e.Demand]
	var online, away []string
	for _, a := range e.Nodes {
		if a.Cause == placement.NotOnline {
			away = append(away, a.Node)
		} else {
			online = append(online, d.assessment(a, m.demand.Objective))
		}
	}
	lead := "refusal.no_capacity"
	if len(d.machines) > 1 {
		lead = "refusal.no_capacity_more"
	}
	sentences := []string{d.say(lead, "machine", d.label(m), "position", e.Demand+1, "count", len(d.machines))}
	if len(online) > maxListed {
		online = append(online[:maxListed:maxListed], d.say("refusal.more_nodes", "count", len(online)-maxListed))
	}
	sentences = append(sentences, online...)
	if len(away) > 0 {
		sentences = append(sentences, d.say("refusal.away", "nodes", d.list(away)))
	}
	if e.MostMemoryBytes >= 16<<20 {
		sentences = append(sentences, d.say("refusal.most_memory", "memory", d.gib(e.MostMemoryBytes), "node", e.MostMemoryNode))
	}
	if len(e.Elsewhere) > 0 {
		sentences = append(sentences, d.say("refusal.elsewhere", "nodes", d.list(e.Elsewhere)))
	}
	if slices.ContainsFunc(e.Nodes, func(a placement.Assessment) bool { return a.Cause == placement.SourceTooFar }) && m.template != nil {
		sentences = append(sentences, d.say("refusal.local_template", "template", m.template.Name, "id", m.template.VMID, "node", m.template.Node))
	}
	if slices.ContainsFunc(e.Nodes, func(a placement.Assessment) bool { return a.Cause == placement.SourceTooFar }) && m.ct != nil {
		sentences = append(sentences, d.say("refusal.local_container_template", "template", m.wishedTemplate(), "nodes", d.list(m.demand.Source.Nodes)))
	}
	if !e.Proven {
		sentences = append(sentences, d.say("refusal.not_proven"))
	}
	moves := d.proposedMoves(e.Moves)
	if len(moves) > 0 {
		sentences = append(sentences, d.afterMoves(e.Moves, moves))
	}
	code := CodeNoCapacity
	if slices.ContainsFunc(e.Nodes, func(a placement.Assessment) bool { return a.Cause == placement.LocalDisk }) {
		code = CodeHAStorage
	}
	return &RefusedError{Code: code, Message: strings.Join(sentences, " "), Moves: moves}
}

// label is what a machine is called before it has its name.
func (d *Draft) label(m machine) string {
	if m.ordinal < len(m.wish.GetNames()) {
		return m.wish.GetNames()[m.ordinal]
	}
	return cmp.Or(m.wish.GetName(), m.wish.GetRole(), m.called())
}
