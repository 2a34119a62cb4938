package twin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// object is a JSON answer. It is built and encoded at once, and never read.
type object = map[string]any

// encoded is an answer that is JSON already.
type encoded []byte

// refusal is an answer with a status of 300 or more. Proxmox VE tells its reason in the reason phrase of the status line.
type refusal struct {
	code   int
	phrase string
	params map[string]string // what is wrong with which parameter, of a 400
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s", e.code, e.phrase) }

// refusalText is the reason of an error without its status, as a task's log tells it.
func refusalText(err error) string {
	if no, ok := errors.AsType[*refusal](err); ok {
		return no.phrase
	}
	return err.Error()
}

// die is what a handler of Proxmox VE does for every error that is not a wrong parameter.
func die(format string, args ...any) error {
	return &refusal{code: http.StatusInternalServerError, phrase: fmt.Sprintf(format, args...)}
}

// reject names one wrong parameter.
func reject(param, format string, args ...any) error {
	return rejectAll(map[string]string{param: fmt.Sprintf(format, args...)})
}

func rejectAll(params map[string]string) error {
	return &refusal{code: http.StatusBadRequest, phrase: "Parameter verification failed.", params: params}
}

func forbid(path string, privileges []string) error {
	return &refusal{code: http.StatusForbidden, phrase: fmt.Sprintf("Permission check failed (%s, %s)", path, strings.Join(privileges, "|"))}
}

func notImplemented(method, path string) error {
	return &refusal{code: http.StatusNotImplemented, phrase: fmt.Sprintf("Method '%s %s' not implemented", method, path)}
}

const contentType = "application/json;charset=UTF-8"

// write sends a success. A failure to encode is a defect of a handler, so it is told to the client rather than hidden.
func write(w http.ResponseWriter, data any) {
	body, ok := data.(encoded)
	if !ok {
		var err error
		if body, err = json.Marshal(data); err != nil {
			refuse(w, &refusal{code: http.StatusInternalServerError, phrase: "encode answer: " + err.Error()}, errorFull)
			return
		}
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+len(`{"data":}`)))
	// The client is gone when a write fails; there is nobody left to tell.
	_, _ = w.Write([]byte(`{"data":`))
	_, _ = w.Write(body)
	_, _ = w.Write([]byte(`}`))
}

// errorStyle says where an error's text travels. Releases differ, and a client must read both.
type errorStyle int

const (
	errorFull   errorStyle = iota // reason phrase and body
	errorPhrase                   // reason phrase only, as before 2025
	errorBody                     // body only, as behind a proxy that rewrites the status line
)

// refuse sends an error with its own reason phrase. net/http knows only the standard ones, so the connection is taken over
// for this answer and closed after it; normal answers keep it alive.
func refuse(w http.ResponseWriter, e *refusal, style errorStyle) {
	body := object{"data": nil}
	if style != errorPhrase {
		body["message"] = e.phrase + "\n"
	}
	if len(e.params) > 0 {
		body["errors"] = e.params
	}
	text, err := json.Marshal(body)
	if err != nil {
		text = []byte(`{"data":null}`) // maps of strings always encode
	}
	phrase := strings.NewReplacer("\r", " ", "\n", " ").Replace(strings.TrimSpace(e.phrase))
	if style == errorBody {
		phrase = http.StatusText(e.code)
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		writePlain(w, e.code, text)
		return
	}
	conn, buffer, err := hijacker.Hijack()
	if err != nil {
		writePlain(w, e.code, text)
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(buffer, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", e.code, phrase, contentType, len(text), text)
	_ = buffer.Flush() // the client is gone when this fails
}

// writePlain is for a ResponseWriter that cannot be taken over, such as a test's recorder.
func writePlain(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(code)
	_, _ = w.Write(body)
}
