package gateway

import (
	"errors"
	"fmt"
	"net/http"

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
	language := v.run.GetLanguage()
	if v.run.GetContext() == nil {
		return &problem{code: codeNoContext, language: language, args: []any{"state", v.run.GetState()}}
	}
	payload, err := bus.GetMessage[*provisov1.ContextPayload](r.Context(), d.env.Artifacts, v.run.GetContext())
	switch {
	case errors.Is(err, bus.ErrNotFound):
		return &problem{code: codeContextGone, language: language, cause: err}
	case err != nil:
		return withLanguage(fmt.Errorf("read context payload: %w", err), language)
	}
	body, err := wire.Encode(payload)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, max-age=3600") // an artefact never changes
	sendJSON(w, http.StatusOK, body)
	return nil
}
