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
	var subjects []outlook.Subject
	add := func(s outlook.Subject, of func(outlook.Subject) bool) {
		n := 0
		for _, have := range subjects {
			if of(have) {
				n++
			}
		}
		if n < expectationsMost && !slices.Contains(subjects, s) {
			subjects = append(subjects, s)
		}
	}
	for _, placed := range p.GetPlacement() {
		add(outlook.Subject{Node: placed.GetNode()}, func(s outlook.Subject) bool { return s.Storage == "" })
	}
	for _, st := range p.GetEffect().GetStorages() {
		add(outlook.Subject{Storage: st.GetStorage(), Node: st.GetNode()}, func(s outlook.Subject) bool { return s.Storage != "" })
	}
	var list []*provisov1.Forecast
	for _, s := range subjects {
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
