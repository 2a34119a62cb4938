package gateway

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// showContext answers with what was read for a run: every fact with its source, and what could not be read.
func (d *door) showContext(w http.ResponseWriter, r *http.Request) error {
	v, err := d.loadFrom(r)
	if err != nil {
		return err
	}
	payload, err := keptFor[*provisov1.ContextPayload](r, d, v.run, v.run.GetContext(), codeNoContext, codeContextGone)
	if err != nil {
		return err
	}
	return sendKept(w, payload)
}

// showPlan answers with what was decided for a run, and why.
func (d *door) showPlan(w http.ResponseWriter, r *http.Request) error {
	_, plan, err := d.planFrom(r)
	if err != nil {
		return err
	}
	return sendKept(w, plan)
}

// showAnalysis answers with the diagnosis of the cluster that a run's plan rests on.
func (d *door) showAnalysis(w http.ResponseWriter, r *http.Request) error {
	v, plan, err := d.planFrom(r)
	if err != nil {
		return err
	}
	analysis, err := keptFor[*provisov1.InfrastructureAnalysis](r, d, v.run, plan.GetAnalysis(), codeNoPlan, codePlanGone)
	if err != nil {
		return err
	}
	return sendKept(w, analysis)
}

// planFrom reads the run that a request names, and its plan.
func (d *door) planFrom(r *http.Request) (*runView, *provisov1.StrategicPlan, error) {
	v, err := d.loadFrom(r)
	if err != nil {
		return nil, nil, err
	}
	plan, err := keptFor[*provisov1.StrategicPlan](r, d, v.run, v.run.GetPlan(), codeNoPlan, codePlanGone)
	return v, plan, err
}

// keptFor reads what a run refers to. The problem is absent when it refers to nothing yet, gone when it is no longer kept.
func keptFor[M proto.Message](r *http.Request, d *door, run *provisov1.Run, ref *provisov1.Reference, absent, gone code) (M, error) {
	var none M
	language := run.GetLanguage()
	if ref == nil {
		return none, &problem{code: absent, language: language, args: []any{"state", run.GetState()}}
	}
	m, err := bus.GetMessage[M](r.Context(), d.env.Artifacts, ref)
	switch {
	case errors.Is(err, bus.ErrNotFound):
		return none, &problem{code: gone, language: language, cause: err}
	case err != nil:
		return none, withLanguage(fmt.Errorf("read what is kept of the run: %w", err), language)
	}
	return m, nil
}

// sendKept sends an artefact, which never changes.
func sendKept(w http.ResponseWriter, m proto.Message) error {
	body, err := wire.Encode(m)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, max-age=3600")
	sendJSON(w, http.StatusOK, body)
	return nil
}
