package understand

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// plannable understands workloads for a Kubernetes cluster that is known: the analyser plans them, though no dialect writes them. False:
// no such cluster is known, or it is not said what one of them runs.
func (r *Reasoner) plannable(req Request, lang string, x *index, in *Intent) (*provisov1.Understanding, bool) {
	if !req.Kubernetes || len(in.Workloads) == 0 || slices.ContainsFunc(in.Workloads, func(k Workload) bool { return !k.Image.Has() }) {
		return nil, false
	}
	d := &repositoryDialogue{x: x, lang: lang, wishes: in.Workloads, unused: in.NotUnderstood}
	if req.Intent == nil || strings.TrimSpace(req.Text) != "" {
		out := r.answerRepository(d, req)
		out.Notices = workloadNotices(req.Text, in.Workloads, lang)
		return out, true
	}
	m := req.Intent
	if len(in.Groups)+len(in.Pools)+len(m.GetChanges())+len(m.GetImports()) == 0 {
		out := r.answerRepository(d, req)
		stateMore(out.GetIntent(), m.GetWorkloads())
		return out, true
	}
	rest := proto.CloneOf(m)
	rest.Workloads = nil
	req.Intent = rest
	out := r.understand(req, x.snap)
	if out.GetIntent() == nil {
		return out, true
	}
	(&converter{out: out.GetIntent()}).workloads(in.Workloads)
	stateMore(out.GetIntent(), m.GetWorkloads())
	t := &table{lang: lang}
	t.workloads(in.Workloads)
	out.Interpretation = append(out.Interpretation, t.rows...)
	return out, true
}

// stateMore carries over what only another service can say of a workload.
func stateMore(in *provisov1.ProvisionIntent, stated []*provisov1.Workload) {
	for i, w := range in.GetWorkloads() {
		if i >= len(stated) {
			break
		}
		from := stated[i]
		w.Role, w.ReplicasMost, w.CpuThresholdPercent = from.Role, from.ReplicasMost, from.CpuThresholdPercent
		w.CpuMilli, w.MemoryMib, w.DiskGib = from.CpuMilli, from.MemoryMib, from.DiskGib
		for field, present := range map[string]bool{
			"role": from.Role != nil, "replicas_most": from.ReplicasMost != nil, "cpu_threshold_percent": from.CpuThresholdPercent != nil,
			"cpu_milli": from.CpuMilli != nil, "memory_mib": from.MemoryMib != nil, "disk_gib": from.DiskGib != nil,
		} {
			if present {
				in.Facts = append(in.Facts, &provisov1.Fact{Path: fmt.Sprintf("workloads[%d].%s", i, field), Origin: string(Stated)})
			}
		}
	}
	slices.SortStableFunc(in.GetFacts(), func(a, b *provisov1.Fact) int {
		if strings.HasPrefix(a.GetPath(), "workloads") && strings.HasPrefix(b.GetPath(), "workloads") {
			return strings.Compare(a.GetPath(), b.GetPath())
		}
		return 0
	})
}
