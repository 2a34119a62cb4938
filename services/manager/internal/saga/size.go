package saga

import (
	"strings"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shrink leaves out of a run what stands in its artefacts as well: how each node fared in the placement, and the findings of
// the proof. Who needs them reads the plan and the manifest.
func Shrink(r Run) Run {
	placement := make([]*provisov1.PlacementDecision, len(r.Placement))
	for i, p := range r.Placement {
		placement[i] = &provisov1.PlacementDecision{Guest: p.GetGuest(), Node: p.GetNode(), Reason: p.GetReason()}
	}
	r.Placement = placement
	if r.Proof != nil {
		proof := &provisov1.Proof{Status: r.Proof.GetStatus()}
		for _, s := range r.Proof.GetStages() {
			proof.Stages = append(proof.Stages, &provisov1.Stage{
				Name: s.GetName(), Status: s.GetStatus(), DurationMs: s.GetDurationMs(), Summary: s.GetSummary(),
			})
		}
		r.Proof = proof
	}
	return r
}

// Overflow ends a run whose document has outgrown its bound, as the outcome of a transition to after: it fails with a reason
// and keeps its references, its times and the beginning of its words. What the transition recorded before its end stays in the
// audit chain, which has begun with the head.
func Overflow(after Run, commands []Command, head *provisov1.AuditHead) (Run, []Command) {
	t := &transition{run: Shrink(after), now: after.UpdatedAt, before: after.UpdatedAt}
	t.run.AuditHead = head
	for _, c := range commands {
		if a, ok := c.(Audit); ok && !State(a.Entry.GetAct()).Ended() {
			t.audit = append(t.audit, a)
			t.run.AuditHead = &provisov1.AuditHead{Seq: a.Entry.GetSeq(), Hash: a.Entry.GetHash()}
		}
	}
	t.end(Failed, new(reason(after.Language, CodeTooLarge)))
	t.recordEnd()
	r := t.run
	r.Text = strings.ToValidUTF8(r.Text[:min(len(r.Text), 256)], "")
	r.Turns, r.Interpretation, r.Placement, r.Proof, r.Reply = nil, nil, nil, nil, nil
	if r.Intent != nil {
		r.Intent = &provisov1.ProvisionIntent{
			IntentId: r.Intent.GetIntentId(), Language: r.Intent.GetLanguage(), Target: r.Intent.GetTarget(),
			VirtualMachines: first(r.Intent.GetVirtualMachines()),
			Containers:      first(r.Intent.GetContainers()),
			Pools:           first(r.Intent.GetPools()),
			Changes:         first(r.Intent.GetChanges()),
			Imports:         first(r.Intent.GetImports()),
			Workloads:       first(r.Intent.GetWorkloads()),
		}
	}
	r.Deadline = time.Time{}
	return r, append(t.audit, Ended{State: Failed}, Report{Publisher: r.Requester.Publisher})
}

func first[T any](s []T) []T { return s[:min(1, len(s))] }
