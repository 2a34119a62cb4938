package bus

import (
	"maps"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// DeadLetter is a message that will not be tried again, and why.
type DeadLetter struct {
	Role     Role   // whose work it was
	Stream   string // where it was
	Sequence uint64 // its sequence there: with Stream, the identity of the dead letter, whoever moves it
	Subject  string // its subject
	Body     []byte
	Header   nats.Header // as received
	Code     string      // stable: "invalid", "unknown_verb", "exhausted", "terminated"
	Reason   string      // one line for operators, English
	Stage    string      // "decode", "handle", "deliver"
}

// Message is the dead letter as a message: the original bytes and headers and the reasons. Publishing it twice is harmless.
func (d DeadLetter) Message() Message {
	h := make(nats.Header, len(d.Header)+4)
	maps.Copy(h, d.Header)
	h[HeaderErrorCode] = []string{d.Code}
	h[HeaderErrorReason] = []string{oneLine(d.Reason, 1024)}
	h[HeaderErrorStage] = []string{d.Stage}
	h[HeaderErrorSubject] = []string{d.Subject}
	return Message{
		Subject: DLQSubject(d.Role, dlqVerb(d.Subject)),
		ID:      d.Stream + "." + strconv.FormatUint(d.Sequence, 10),
		Body:    d.Body,
		Header:  h,
	}
}

// dlqVerb is the last token of a dead letter's subject: the verb of work, otherwise the plane.
func dlqVerb(subject string) string {
	if _, verb, ok := ParseWork(subject); ok {
		return verb
	}
	plane, _, _ := strings.Cut(strings.TrimPrefix(subject, root), ".")
	if !ValidID(plane) {
		return "other"
	}
	return plane
}

// oneLine makes text fit for a header.
func oneLine(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}
