package bus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"proviso.dev/proto"
)

// The envelope: bodies are never wrapped, everything about a message is in its headers.
const (
	HeaderContentType = "Content-Type"
	HeaderSchema      = "Proviso-Schema" // what the sender was built with; diagnosis, never dispatch
	HeaderRun         = "Proviso-Run-Id"
	HeaderAttempt     = "Proviso-Attempt"

	// HeaderErrorCode and its like stand on dead letters only.
	HeaderErrorCode   = "Proviso-Error-Code"
	HeaderErrorReason = "Proviso-Error-Reason"
	HeaderErrorStage  = "Proviso-Error-Stage"
	// HeaderErrorSubject is where the message was before.
	HeaderErrorSubject = "Proviso-Error-Subject"

	headerTraceparent = "traceparent"
	headerTracestate  = "tracestate"

	// reservedPrefix belongs to the server. Copied from one message to another such a header changes what publishing means:
	// an old Nats-Msg-Id would win, an old Nats-Expected-Stream makes the publication fail.
	reservedPrefix = "nats-"
)

// MediaType is the media type of a message of the contract in its JSON form; of no message, plain JSON.
func MediaType(messageType string) string {
	if messageType == "" {
		return "application/json"
	}
	return "application/json; proto=" + messageType
}

// MessageType is the inverse of [MediaType]; empty when the media type names no message.
func MessageType(mediaType string) string {
	_, name, _ := strings.Cut(mediaType, "proto=")
	name, _, _ = strings.Cut(name, ";")
	return strings.TrimSpace(name)
}

// envelope builds the headers of a message. Foreign headers are kept, the server's are dropped.
func envelope(m Message, t Trace) nats.Header {
	h := make(nats.Header, len(m.Header)+8)
	for name, values := range m.Header {
		if !strings.HasPrefix(strings.ToLower(name), reservedPrefix) {
			h[name] = values
		}
	}
	h[nats.MsgIdHdr] = []string{m.ID}
	if m.Type != "" {
		h[HeaderContentType] = []string{MediaType(m.Type)}
		if schema := schemaOf(m.Type); schema != "" {
			h[HeaderSchema] = []string{schema}
		}
	}
	if m.RunID != "" {
		h[HeaderRun] = []string{m.RunID}
	}
	if m.Attempt > 0 {
		h[HeaderAttempt] = []string{strconv.Itoa(m.Attempt)}
	}
	t.put(h)
	return h
}

var schemas sync.Map // message type -> "<$id>@sha256:<digest>", empty for a type without schema

// schemaOf names the JSON Schema that this program was built with.
func schemaOf(messageType string) string {
	if known, ok := schemas.Load(messageType); ok {
		return known.(string)
	}
	var name string
	file := "schema/" + messageType + ".schema.strict.bundle.json"
	if data, err := proto.Schemas.ReadFile(file); err == nil {
		var document struct {
			ID string `json:"$id"`
		}
		if json.Unmarshal(data, &document) == nil && document.ID != "" {
			sum := sha256.Sum256(data)
			name = document.ID + "@sha256:" + hex.EncodeToString(sum[:])
		}
	}
	schemas.Store(messageType, name)
	return name
}
