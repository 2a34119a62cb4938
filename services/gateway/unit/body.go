package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"proviso.dev/pkg/wire"
)

const (
	// maxBody is the largest body in bytes that is read; nothing a client sends needs more.
	maxBody = 64 << 10
	// maxPrompt is the longest request in words, in bytes.
	maxPrompt = 16 << 10
)

// readBody reads a JSON body into v, refusing fields that v does not have, and returns the bytes. An empty body is refused
// unless it may be empty, in which case v stays as it is.
func readBody(w http.ResponseWriter, r *http.Request, v any, mayBeEmpty bool) ([]byte, error) {
	// The deadline is set here and not for the server: there it would also cut answers that take long.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(readTimeout))
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_ = control.SetReadDeadline(time.Time{})
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, &problem{code: codeMalformed, args: []any{"reason", "the body ends early"}, cause: err}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		if mayBeEmpty {
			return data, nil
		}
		return nil, &problem{code: codeEmptyRequest}
	}
	// A page of another origin can send text/plain or a form without asking first, never JSON.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &problem{code: codeMediaType}
	}
	// encoding/json replaces what is not UTF-8 silently, so that has to be seen before.
	if !utf8.Valid(data) {
		return nil, &problem{code: codeNotText}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return nil, &problem{code: codeMalformed, args: []any{"reason", jsonReason(err)}}
	}
	if dec.More() {
		return nil, &problem{code: codeMalformed, args: []any{"reason", "more than one JSON value"}}
	}
	return data, nil
}

// jsonReason says what is wrong with a body without repeating any of its values.
func jsonReason(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("byte %d: not JSON", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("%q: want %s, got %s", kind.Field, kind.Type, kind.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends early"
	}
	return err.Error() // `json: unknown field "x"`
}

// isText says whether a string can be a request in words: no control characters but tab and line ends.
func isText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if (r < 0x20 && r != '\t' && r != '\n' && r != '\r') || (r >= 0x7f && r < 0xa0) {
			return false
		}
	}
	return true
}

// contractProblem turns an error of the codec into a problem with its violations.
func contractProblem(err error, prefix string) error {
	var invalid *wire.InvalidError
	var syntax *wire.SyntaxError
	var large *wire.TooLargeError
	switch {
	case errors.As(err, &invalid):
		p := &problem{code: codeInvalid}
		for _, v := range invalid.Violations {
			p.violations = append(p.violations, violation{Path: prefix + v.Path, Rule: v.Rule, Message: v.Message})
		}
		return p
	case errors.As(err, &syntax):
		return &problem{code: codeMalformed, args: []any{"reason", prefix + syntax.Reason}}
	case errors.As(err, &large):
		return &problem{code: codeBodyTooLarge, args: []any{"limit", fmt.Sprint(large.Limit >> 10)}}
	}
	return err
}

// respond sends a JSON value.
func respond(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	sendJSON(w, status, body)
	return nil
}

func sendJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// isBlank says whether a text holds nothing to act on.
func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
