package wire

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// MaxMessage is the largest message in bytes that travels by value; larger ones travel as a reference to an artefact.
const MaxMessage = 256 << 10

// Policy says what becomes of fields that the receiver does not know.
type Policy int

const (
	// Strict refuses an unknown field. It is for intents, HTTP and everything else that comes from strangers.
	Strict Policy = iota
	// OwnServices drops unknown fields, so that our own services can be upgraded one after the other.
	OwnServices
)

// Decode reads one message of at most [MaxMessage] bytes and checks it against the contract. T is a pointer type:
// Decode[*provisov1.BuildWork]. The error is a *[TooLargeError], a *[SyntaxError] or an *[InvalidError]; the message is nil
// with any of them.
func Decode[T proto.Message](data []byte, p Policy) (T, error) {
	return DecodeLimit[T](data, p, MaxMessage)
}

// DecodeLimit is [Decode] with a limit in bytes of the caller's; artefacts may be larger than messages.
func DecodeLimit[T proto.Message](data []byte, p Policy, limit int) (T, error) {
	var none T
	if len(data) > limit {
		return none, &TooLargeError{Type: TypeName(none), Size: len(data), Limit: limit}
	}
	m := none.ProtoReflect().Type().New().Interface().(T)
	if err := unmarshal(data, m, p); err != nil {
		return none, err
	}
	if err := Validate(m); err != nil {
		return none, err
	}
	return m, nil
}

// DecodeField reads and checks one message-valued field of a JSON object and skips the rest, unchecked. A worker's loop
// uses it to learn which run a piece of work belongs to before the handler decodes, and judges, the whole.
func DecodeField[T proto.Message](data []byte, field string, p Policy) (T, error) {
	var none T
	if len(data) > MaxMessage {
		return none, &TooLargeError{Type: TypeName(none), Size: len(data), Limit: MaxMessage}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return none, &SyntaxError{Type: TypeName(none), Reason: err.Error()}
	}
	raw, ok := object[field]
	if !ok {
		return none, &InvalidError{Type: TypeName(none), Violations: []Violation{{Path: field, Rule: "required", Message: "value is required"}}}
	}
	return Decode[T](raw, p)
}

// Encode writes a message with the contract's field names, every scalar, list and map present, and no white space. It does
// not validate: a sender that must not trust itself calls [Validate] first.
func Encode(m proto.Message) ([]byte, error) {
	data, err := encoding.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", TypeName(m), err)
	}
	return compact(data), nil
}

// TypeName returns the full name of a message, "proviso.v1.BuildWork". A nil pointer of a generated type will do.
func TypeName(m proto.Message) string {
	return string(m.ProtoReflect().Descriptor().FullName())
}

var encoding = protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}

func unmarshal(data []byte, m proto.Message, p Policy) error {
	if err := (protojson.UnmarshalOptions{DiscardUnknown: p == OwnServices}).Unmarshal(data, m); err != nil {
		return syntaxError(TypeName(m), err)
	}
	return nil
}

// position finds where protojson stopped. Its words begin with "proto:" and a space that is sometimes a no-break space, on
// purpose, so that nobody compares them.
var position = regexp.MustCompile(`^(?:\(line (\d+):(\d+)\): )?(?s:(.*))$`)

func syntaxError(name string, err error) *SyntaxError {
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	text = strings.TrimPrefix(text, "proto: ")
	text = strings.TrimPrefix(text, "syntax error ")
	found := position.FindStringSubmatch(text)
	e := &SyntaxError{Type: name, Reason: strings.TrimPrefix(found[3], "proto: ")}
	e.Line, _ = strconv.Atoi(found[1])
	e.Column, _ = strconv.Atoi(found[2])
	return e
}

// compact removes white space between tokens, in place. protojson adds some at random after commas; encoding/json.Compact
// would check the syntax a second time.
func compact(data []byte) []byte {
	out := data[:0]
	inString := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case inString && c == '\\':
			out = append(out, c)
			i++
			c = data[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out = append(out, c)
	}
	return out
}
