package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
)

// A code names one kind of problem for programs; it never changes and is never translated. Its texts are in the catalogue
// under "gateway.problem.<code>.title" and ".detail".
type code string

const (
	codeEmptyRequest    code = "empty_request"
	codeTooLong         code = "too_long"
	codeBodyTooLarge    code = "body_too_large"
	codeNotText         code = "not_text"
	codeMalformed       code = "malformed_body"
	codeMediaType       code = "unsupported_media_type"
	codeInvalid         code = "invalid_request"
	codeBothGiven       code = "prompt_and_intent"
	codeKeyReused       code = "idempotency_key_reused"
	codeBadKey          code = "idempotency_key_invalid"
	codeBadParameter    code = "invalid_parameter"
	codeRunUnknown      code = "run_unknown"
	codeRunEnded        code = "run_ended"
	codeNotWaiting      code = "not_waiting"
	codeNoManifest      code = "manifest_absent"
	codeReplied         code = "no_manifest"
	codeManifestGone    code = "manifest_gone"
	codeNoContext       code = "context_absent"
	codeContextGone     code = "context_gone"
	codeNoPlan          code = "plan_absent"
	codePlanGone        code = "plan_gone"
	codeNoSubject       code = "subject_unknown"
	codeNoForecast      code = "forecast_absent"
	codeNoCluster       code = "cluster_unreachable"
	codeNotFound        code = "not_found"
	codeMethod          code = "method_not_allowed"
	codeUnauthenticated code = "unauthenticated"
	codeHostRefused     code = "host_refused"
	codeCrossOrigin     code = "cross_origin"
	codeBusy            code = "busy"
	codeStreams         code = "too_many_streams"
	codeUnavailable     code = "bus_unavailable"
	codeStopping        code = "stopping"
	codeInternal        code = "internal"
)

// statuses is the HTTP status of each code.
var statuses = map[code]int{
	codeEmptyRequest:    http.StatusUnprocessableEntity,
	codeTooLong:         http.StatusRequestEntityTooLarge,
	codeBodyTooLarge:    http.StatusRequestEntityTooLarge,
	codeNotText:         http.StatusBadRequest,
	codeMalformed:       http.StatusBadRequest,
	codeMediaType:       http.StatusUnsupportedMediaType,
	codeInvalid:         http.StatusUnprocessableEntity,
	codeBothGiven:       http.StatusUnprocessableEntity,
	codeKeyReused:       http.StatusUnprocessableEntity,
	codeBadKey:          http.StatusBadRequest,
	codeBadParameter:    http.StatusBadRequest,
	codeRunUnknown:      http.StatusNotFound,
	codeRunEnded:        http.StatusConflict,
	codeNotWaiting:      http.StatusConflict,
	codeNoManifest:      http.StatusNotFound,
	codeReplied:         http.StatusNotFound,
	codeManifestGone:    http.StatusGone,
	codeNoContext:       http.StatusNotFound,
	codeContextGone:     http.StatusGone,
	codeNoPlan:          http.StatusNotFound,
	codePlanGone:        http.StatusGone,
	codeNoSubject:       http.StatusNotFound,
	codeNoForecast:      http.StatusNotFound,
	codeNoCluster:       http.StatusServiceUnavailable,
	codeNotFound:        http.StatusNotFound,
	codeMethod:          http.StatusMethodNotAllowed,
	codeUnauthenticated: http.StatusUnauthorized,
	codeHostRefused:     http.StatusMisdirectedRequest,
	codeCrossOrigin:     http.StatusForbidden,
	codeBusy:            http.StatusTooManyRequests,
	codeStreams:         http.StatusTooManyRequests,
	codeUnavailable:     http.StatusServiceUnavailable,
	codeStopping:        http.StatusServiceUnavailable,
	codeInternal:        http.StatusInternalServerError,
}

// problem is an answer other than success (RFC 9457). It is an error, so that a handler can return it.
type problem struct {
	code       code
	args       []any         // placeholders of the detail text
	violations []violation   // what exactly is wrong with the request
	retryAfter time.Duration // rounded up to seconds; zero: no hint
	allow      string        // methods that would do, with codeMethod
	language   string        // language of the run or prompt concerned; Accept-Language goes first
	cause      error         // for the log, never shown
}

// violation is one value that breaks a rule of the contract.
type violation struct {
	Path    string `json:"path"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

func (p *problem) Error() string {
	if p.cause != nil {
		return fmt.Sprintf("%s: %v", p.code, p.cause)
	}
	return string(p.code)
}

func (p *problem) Unwrap() error { return p.cause }

func (p *problem) status() int { return statuses[p.code] }

// problemBody is a problem as it is sent.
type problemBody struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail"`
	Instance   string      `json:"instance,omitempty"`
	Code       code        `json:"code"`
	Violations []violation `json:"violations,omitempty"`
}

// write sends a problem in the language that the client accepts, else in the one of the run or prompt.
func (p *problem) write(w http.ResponseWriter, r *http.Request) {
	lang := negotiate(r.Header.Get("Accept-Language"), p.language)
	key := "gateway.problem." + string(p.code)
	body, err := json.Marshal(problemBody{
		Type:       "https://proviso.dev/problems/" + string(p.code),
		Title:      i18n.T(lang, key+".title"),
		Status:     p.status(),
		Detail:     i18n.T(lang, key+".detail", p.args...),
		Instance:   r.URL.Path,
		Code:       p.code,
		Violations: p.violations,
	})
	if err != nil {
		http.Error(w, http.StatusText(p.status()), p.status())
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.code == codeUnauthenticated {
		h.Set("WWW-Authenticate", `Bearer realm="proviso"`)
	}
	w.WriteHeader(p.status())
	_, _ = w.Write(append(body, '\n'))
}

// asProblem finds the problem in an error; errors of the bus become 429 or 503, all others 500.
func asProblem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &problem{code: codeBodyTooLarge, args: []any{"limit", strconv.FormatInt(large.Limit>>10, 10)}}
	case errors.Is(err, errRunUnknown):
		return &problem{code: codeRunUnknown}
	case errors.Is(err, bus.ErrNotFound):
		return &problem{code: codeManifestGone, cause: err}
	case errors.Is(err, bus.ErrFull):
		return &problem{code: codeBusy, retryAfter: 2 * time.Second, cause: err}
	case isUnreachable(err):
		return &problem{code: codeUnavailable, retryAfter: 2 * time.Second, cause: err}
	}
	return &problem{code: codeInternal, cause: err}
}

// isUnreachable says whether an error means that the bus did not answer. A denied API call looks the same: NATS drops it
// silently.
func isUnreachable(err error) bool {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code == http.StatusServiceUnavailable
	}
	for _, sentinel := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrConnectionClosed, nats.ErrDisconnected,
		nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded, nats.ErrConnectionDraining, nats.ErrNoServers,
		jetstream.ErrNoStreamResponse,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}
