package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/wire"
)

// answerMost is the longest answer that is read, in bytes. Ours are short; what is longer is no answer.
const answerMost = 64 << 10

// Decode reads an answer as a message and checks it against the contract. The strict reading is tried first; then once the
// first complete JSON value, without what models like to put around it. Problems are sentences that a model can act on; the
// message is nil with any.
func Decode[T proto.Message](text string) (m T, problems []string) {
	if len(text) > answerMost {
		return m, []string{"the answer is too long: answer with one short JSON object"}
	}
	m, err := wire.Decode[T]([]byte(text), wire.Strict)
	if err == nil {
		return m, nil
	}
	value := firstValue(text)
	if value == "" {
		return m, []string{"the answer holds no complete JSON object"}
	}
	if m, err = wire.Decode[T]([]byte(value), wire.Strict); err == nil {
		return m, nil
	}
	if invalid, ok := errors.AsType[*wire.InvalidError](err); ok {
		for _, v := range invalid.Violations {
			problems = append(problems, fmt.Sprintf("%s: %s", v.Path, v.Message))
		}
		return m, problems
	}
	if syntax, ok := errors.AsType[*wire.SyntaxError](err); ok {
		return m, []string{syntax.Reason}
	}
	return m, []string{err.Error()}
}

var (
	thought       = regexp.MustCompile(`(?s)<think(?:ing)?>.*?</think(?:ing)?>`)
	trailingComma = regexp.MustCompile(`,(\s*[}\]])`)
)

// firstValue returns the first complete JSON object of a text, "" when there is none.
func firstValue(text string) string {
	text = thought.ReplaceAllString(text, "")
	for {
		start := strings.IndexByte(text, '{')
		if start < 0 {
			return ""
		}
		text = text[start:]
		end := matching(text)
		if end == 0 {
			return ""
		}
		value := text[:end]
		if json.Valid([]byte(value)) {
			return value
		}
		if value = trailingComma.ReplaceAllString(value, "$1"); json.Valid([]byte(value)) {
			return value
		}
		text = text[end:] // an object further on
	}
}

// matching returns the length of the object that s begins with, 0 when it does not end.
func matching(s string) int {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
