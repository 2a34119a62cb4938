package refine

import (
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/review"
)

// InProcess returns the reviewer that runs the in-process stages against a plan and a cluster. It is satisfied when every
// stage passed and no warning is left that it insists on.
func InProcess(v *review.Reviewer, plan *provisov1.StrategicPlan, cluster *review.Cluster) Reviewer {
	return func(files []bpg.File) Verdict {
		in := make([]review.File, len(files))
		for i, f := range files {
			in[i] = review.File(f)
		}
		res := v.Review(in, plan, cluster)
		return Verdict{Result: res, ExitLoop: res.Valid() && len(res.Open()) == 0}
	}
}

// New returns the loop for a plan, with its plain draft, the in-process reviewer and the repairs by rules.
func New(v *review.Reviewer, plan *provisov1.StrategicPlan, snapshot *pve.Snapshot, cluster *review.Cluster) *Loop {
	return &Loop{Draft: bpg.Plain(plan, snapshot), Reviewer: InProcess(v, plan, cluster), Refiner: Rules}
}
