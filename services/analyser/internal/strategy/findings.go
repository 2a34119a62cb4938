package strategy

import (
	"slices"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/diagnosis"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// maxFindings is how many sentences of the diagnosis a plan repeats as risks, one that counts the others among them: the diagnosis
// itself is kept beside the plan.
const maxFindings = 6

// warnOfFindings adds what the diagnosis finds wrong, now or within a week, with the nodes and storages that the plan takes from. What it
// finds of the cluster as a whole is said by warnOfCluster and takes, as far as it bears on a plan.
func (d *Draft) warnOfFindings(p *provisov1.StrategicPlan) {
	nodes, storages := takenNodes(p), takenStorages(p)
	var texts []string
	for _, f := range diagnosis.Explain(d.lang, d.in.Analysis) {
		if f.Topic != diagnosis.Spot || f.Severity == capacity.Info {
			continue
		}
		var bears bool
		switch {
		case f.Kind == capacity.KindCeph && f.Subject.Storage != "": // the raw space below every storage on Ceph
			bears = slices.ContainsFunc(storages, func(at volumePlace) bool { return d.onCeph(at.storage) })
		case f.Subject.Storage != "":
			bears = slices.ContainsFunc(storages, func(at volumePlace) bool {
				return at.storage == f.Subject.Storage && (at.node == f.Subject.Node || f.Subject.Node == "")
			})
		default:
			bears = slices.Contains(nodes, f.Subject.Node)
		}
		if bears {
			texts = append(texts, f.Text)
		}
	}
	if more := len(texts) - maxFindings; more > 0 {
		texts = append(texts[:maxFindings-1:maxFindings-1], d.say("risk.findings_more", "count", more+1))
	}
	d.risks = append(d.risks, texts...)
}

// takenNodes are those that get guests, or whose guests are given more or less.
func takenNodes(p *provisov1.StrategicPlan) []string {
	var nodes []string
	for _, n := range p.GetPlacement() {
		nodes = append(nodes, n.GetNode())
	}
	for _, n := range p.GetEffect().GetNodes() {
		if n.GetVcpusBefore() != n.GetVcpusAfter() || n.GetMemoryUsedBeforeMib() != n.GetMemoryUsedAfterMib() {
			nodes = append(nodes, n.GetNode())
		}
	}
	return nodes
}

// takenStorages are those that get disks or images.
func takenStorages(p *provisov1.StrategicPlan) []volumePlace {
	var at []volumePlace
	for _, s := range p.GetEffect().GetStorages() {
		at = append(at, volumePlace{s.GetStorage(), s.GetNode()})
	}
	for _, i := range p.GetDownloads() {
		at = append(at, volumePlace{i.GetStorage(), i.GetNode()})
	}
	return at
}

// onCeph reports whether a storage lies on Ceph.
func (d *Draft) onCeph(storage string) bool {
	for _, st := range d.in.Snapshot.Storages {
		if st.Name == storage {
			return st.Type == "rbd" || st.Type == "cephfs"
		}
	}
	return false
}
