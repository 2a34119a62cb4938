package analyser

import (
	"slices"

	"proviso.dev/pkg/outlook"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// expectationsMost bounds the forecasts that a plan carries, of nodes and of storages.
const expectationsMost = 3

// expectations are the forecasts that a plan rests on: CPU of the nodes that it chose, and space of the storages that it takes from.
// Their points are left out: who wants the course asks for it.
func (d *diagnoses) expectations(p *provisov1.StrategicPlan, c *cluster, known *diagnosis) []*provisov1.Forecast {
	if known.history == nil {
		return nil
	}
	var nodes, storages []outlook.Subject
	for _, placed := range p.GetPlacement() {
		nodes = withNew(nodes, outlook.Subject{Node: placed.GetNode()})
	}
	for _, st := range p.GetEffect().GetStorages() {
		storages = withNew(storages, outlook.Subject{Storage: st.GetStorage(), Node: st.GetNode()})
	}
	var list []*provisov1.Forecast
	for _, s := range append(nodes, storages...) {
		o, err := outlook.Of(c.snapshot, known.history, outlook.Question{Subject: s, Diagnosis: known.analysis}, d.forecaster)
		if err != nil {
			continue // nothing was measured of it: the plan stands without
		}
		m := o.Message(p.GetLanguage())
		m.Points = nil
		list = append(list, m)
	}
	return list
}

// withNew adds a subject that is not there yet, up to the bound.
func withNew(subjects []outlook.Subject, s outlook.Subject) []outlook.Subject {
	if len(subjects) == expectationsMost || slices.Contains(subjects, s) {
		return subjects
	}
	return append(subjects, s)
}
