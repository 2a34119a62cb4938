package wire

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Validate checks a message against the rules of the contract and returns an *[InvalidError] with every violation.
func Validate(m proto.Message) error {
	v, err := validator()
	if err != nil {
		return fmt.Errorf("build validator: %w", err)
	}
	err = v.Validate(m)
	if err == nil {
		return nil
	}
	var broken *protovalidate.ValidationError
	if !errors.As(err, &broken) {
		return fmt.Errorf("validate %s: %w", TypeName(m), err)
	}
	out := &InvalidError{Type: TypeName(m), Violations: make([]Violation, 0, len(broken.Violations))}
	for _, one := range broken.Violations {
		out.Violations = append(out.Violations, Violation{
			Path:    protovalidate.FieldPathString(one.Proto.GetField()),
			Rule:    one.Proto.GetRuleId(),
			Message: one.Proto.GetMessage(),
		})
	}
	return out
}

// Warm prepares the rules of every message of the contract. Without it the first message of a type pays for its own
// preparation; a service calls Warm beside its connecting to the bus.
func Warm() error {
	v, err := validator()
	if err != nil {
		return fmt.Errorf("build validator: %w", err)
	}
	var failed error
	protoregistry.GlobalTypes.RangeMessages(func(t protoreflect.MessageType) bool {
		if !strings.HasPrefix(string(t.Descriptor().FullName()), "proviso.") {
			return true
		}
		var broken *protovalidate.ValidationError
		// An empty message breaks rules; only a rule that cannot be prepared is a failure.
		if err := v.Validate(t.New().Interface()); err != nil && !errors.As(err, &broken) {
			failed = fmt.Errorf("prepare rules of %s: %w", t.Descriptor().FullName(), err)
		}
		return failed == nil
	})
	return failed
}

// validator is built once: it caches what it learns about each message type.
var validator = sync.OnceValues(func() (protovalidate.Validator, error) { return protovalidate.New() })
