package inquiry

import (
	"strings"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/diagnosis"
	"proviso.dev/pkg/outlook"
	"proviso.dev/services/collector/internal/wording"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// diagnosis is what capacity makes of the cluster.
func (a *answer) diagnosis() *provisov1.InfrastructureAnalysis {
	return capacity.Analyse(capacity.Input{Snapshot: a.s, History: a.facts.History, Now: a.s.TakenAt, Forecaster: forecaster, Policy: a.facts.Policy, Index: a.index()})
}

// state is the diagnosis without a look ahead.
func (a *answer) state() *provisov1.InfrastructureAnalysis {
	if a.now == nil {
		a.now = capacity.Analyse(capacity.Input{Snapshot: a.s, Now: a.s.TakenAt, Policy: a.facts.Policy, Index: a.index()})
	}
	return a.now
}

// hotSpots answers what is tight or soon will be, and what is left when a node is lost.
func (a *answer) hotSpots() {
	d := a.diagnosis()
	findings := diagnosis.Explain(a.lang, d)
	if a.q.Headroom {
		a.headroom(findings)
		a.spots(findings)
	} else {
		a.spots(findings)
		a.headroom(findings)
	}
	for _, r := range a.rooms() {
		if r.Online {
			a.row(r.Node, a.figures(r), a.say("measured_at", "at", outlook.Moment(a.lang, a.s.TakenAt)))
		}
	}
	if a.facts.History == nil {
		a.text("hot_without_history")
	}
}

// spots tells what is tight, the gravest first.
func (a *answer) spots(findings []diagnosis.Finding) {
	var spots []diagnosis.Finding
	for _, f := range findings {
		if f.Topic == diagnosis.Spot {
			spots = append(spots, f)
		}
	}
	if len(spots) == 0 {
		a.text("hot_none")
		return
	}
	a.text("hot", "n", a.count("hot_spot", len(spots)))
	a.finding(spots[0])
	for _, f := range spots {
		label := a.say("the_cluster")
		if f.Subject != (outlook.Subject{}) {
			label = f.Subject.Title(a.lang)
		}
		a.row(label, wording.Visible(f.Text), a.say("severity."+f.Severity))
	}
}

// headroom tells what is left when a node is lost, or what is missing then, and what is promised.
func (a *answer) headroom(findings []diagnosis.Finding) {
	for _, f := range findings {
		if f.Topic == diagnosis.Loss || f.Kind == capacity.KindLoss && f.Subject == (outlook.Subject{}) {
			a.finding(f)
		}
	}
	for _, f := range findings {
		if f.Topic == diagnosis.Load {
			a.finding(f)
		}
	}
}

// finding adds the sentence of a finding, once.
func (a *answer) finding(f diagnosis.Finding) {
	if text := wording.Visible(f.Text); !strings.Contains(a.out.GetText(), text) {
		a.sentence(text)
	}
}
