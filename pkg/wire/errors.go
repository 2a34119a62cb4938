package wire

import (
	"fmt"
	"strings"
)

// SyntaxError is returned when the data is not the JSON form of the message: broken JSON, a value of the wrong type, a
// duplicate key, two members of one oneof, or, under [Strict], an unknown field.
type SyntaxError struct {
	Type   string // full name of the message, "proviso.v1.BuildWork"
	Line   int    // from 1; 0 when the decoder gave no position
	Column int    // from 1, in bytes; 0 when the decoder gave no position
	Reason string // the decoder's words, without position
}

// Error names the message, the position and the reason.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Type, e.Reason)
	}
	return fmt.Sprintf("%s: line %d, column %d: %s", e.Type, e.Line, e.Column, e.Reason)
}

// InvalidError is returned when the data is well formed but breaks rules of the contract. It lists all of them.
type InvalidError struct {
	Type       string // full name of the message
	Violations []Violation
}

// Violation is one broken rule.
type Violation struct {
	Path    string // where, in the contract's names: "virtual_machines[0].cores"; empty for the whole message
	Rule    string // which, stable: "int32.gte_lte", "string.in", "required"
	Message string // what is wrong, in English
}

// Error lists the violations in the order of the fields.
func (e *InvalidError) Error() string {
	var b strings.Builder
	b.WriteString(e.Type)
	for i, v := range e.Violations {
		if i > 0 {
			b.WriteByte(';')
		} else {
			b.WriteByte(':')
		}
		b.WriteByte(' ')
		if v.Path != "" {
			b.WriteString(v.Path)
			b.WriteString(": ")
		}
		b.WriteString(v.Message)
	}
	return b.String()
}

// TooLargeError is returned when the data exceeds the limit, before any of it is parsed.
type TooLargeError struct {
	Type  string // full name of the message
	Size  int    // bytes received
	Limit int    // bytes allowed
}

// Error names the message, its size and the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: %d bytes, at most %d allowed", e.Type, e.Size, e.Limit)
}
