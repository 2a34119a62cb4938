package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// States of a run as the contract names them (Run.state).
const (
	stateReceived   = "received"
	stateClarifying = "clarifying"
	stateConfirming = "confirming"
)

// isEnd says whether a run in this state will not change any more.
func isEnd(state string) bool {
	switch state {
	case "delivered", "refused", "failed", "cancelled", "expired":
		return true
	}
	return false
}

// isWaiting says whether a run in this state waits for the requester.
func isWaiting(state string) bool { return state == stateClarifying || state == stateConfirming }

// recheckInterval is how often a waiting request reads the run although the watch was silent: a replica of the bus that
// lags, or a watch that is being restored, must not cost a client its whole wait.
const recheckInterval = 2 * time.Second

// runView is a run as the door shows it.
type runView struct {
	run  *provisov1.Run
	body []byte // the run as JSON
	tag  string // entity tag: changes when the run does, not when the manager tidies its outbox
}

func newRunView(run *provisov1.Run) (*runView, error) {
	body, err := wire.Encode(run)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return &runView{run: run, body: body, tag: `"` + hex.EncodeToString(sum[:12]) + `"`}, nil
}

func viewOfRecord(record []byte) (*runView, error) {
	r, err := wire.Decode[*provisov1.RunRecord](record, wire.OwnServices)
	if err != nil {
		return nil, fmt.Errorf("decode run record: %w", err)
	}
	return newRunView(r.GetRun())
}

// load reads a run. It returns errRunUnknown when there is none; a run that was accepted here and that the manager has not
// taken up yet is shown in state "received".
func (d *door) load(ctx context.Context, id string) (*runView, error) {
	if !bus.ValidID(id) {
		return nil, errRunUnknown
	}
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	entry, err := d.runs.Get(ctx, bus.RunKey(id))
	switch {
	case err == nil:
		return viewOfRecord(entry.Value())
	case !errors.Is(err, jetstream.ErrKeyNotFound):
		return nil, fmt.Errorf("read run: %w", err)
	}
	if start, ok := d.accepted.get(id); ok {
		return newRunView(receivedRun(start))
	}
	return nil, errRunUnknown
}

// loadFrom is load for the run that a request's path names.
func (d *door) loadFrom(r *http.Request) (*runView, error) {
	return d.load(r.Context(), r.PathValue("id"))
}

// receivedRun is what is known of a run before the manager has it.
func receivedRun(start *provisov1.StartRun) *provisov1.Run {
	lang := start.GetLanguage()
	if lang == "" {
		lang = languageOf(start.GetText(), "")
	}
	return &provisov1.Run{
		RunId: start.GetRunId(), State: stateReceived, Language: lang, Requester: start.GetRequester(), Text: start.GetText(),
		Intent: start.GetIntent(), CreatedAt: start.GetAt(), UpdatedAt: start.GetAt(), ConfirmedByCaller: start.GetConfirmed(),
		SessionId: start.SessionId, Notices: start.GetNotices(),
	}
}

// showRun answers with a run. With ?wait=30s it answers when the run ends or waits for the requester; with If-None-Match
// besides, only when it does so in another way than the client has seen, so that who has answered waits for what follows.
func (d *door) showRun(w http.ResponseWriter, r *http.Request) error {
	seen := r.Header.Get("If-None-Match")
	wait, err := d.waitOf(r)
	if err != nil {
		return err
	}
	var v *runView
	if wait > 0 {
		v, err = d.await(r.Context(), r.PathValue("id"), seen, wait)
	} else {
		v, err = d.loadFrom(r)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("ETag", v.tag)
	h.Set("Cache-Control", "no-cache")
	if v.tag == seen {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	sendJSON(w, http.StatusOK, v.body)
	return nil
}

func (d *door) waitOf(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("wait")
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 {
		return 0, &problem{code: codeBadParameter, args: []any{"name", "wait", "example", "30s"}}
	}
	return min(wait, d.cfg.MaxWait), nil
}

// await returns the run as soon as it ends or waits for the requester in another way than seen, or as it is when the time
// is up or the gateway stops.
func (d *door) await(ctx context.Context, id, seen string, wait time.Duration) (*runView, error) {
	records, stop := d.watch.follow(id) // before the first read, so that no change falls between
	defer stop()
	timeUp := time.NewTimer(wait)
	defer timeUp.Stop()
	recheck := time.NewTicker(recheckInterval)
	defer recheck.Stop()

	v, err := d.load(ctx, id)
	if err != nil {
		return nil, err
	}
	for {
		if state := v.run.GetState(); (isEnd(state) || isWaiting(state)) && v.tag != seen {
			return v, nil
		}
		if isEnd(v.run.GetState()) {
			return v, nil // nothing follows an end, seen or not
		}
		select {
		case record := <-records:
			if state := stateOf(record); !isEnd(state) && !isWaiting(state) {
				continue
			}
			v, err = viewOfRecord(record)
		case <-recheck.C:
			v, err = d.load(ctx, id)
		case <-timeUp.C:
			return d.load(ctx, id)
		case <-d.stopping:
			return d.load(ctx, id)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
	}
}
