package descriptor

import (
	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"proviso.dev/pkg/wire"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// fit makes a message satisfy its contract, by the rules of the contract itself: texts are cut, facts that break a rule are left out, and
// lists end at their bounds. It reports whether nothing was left out.
func (s *session) fit(m proto.Message) bool { return fit(m.ProtoReflect()) }

func fit(m protoreflect.Message) bool {
	whole := true
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
		switch {
		case field.IsList() && field.Message() != nil:
			whole = fitList(value.List(), int(rules.GetRepeated().GetMaxItems())) && whole
			if value.List().Len() == 0 {
				m.Clear(field)
			}
		case field.Message() != nil && !field.IsList() && !field.IsMap():
			whole = fit(value.Message()) && whole
		case field.Kind() == protoreflect.StringKind && !field.IsList():
			if most := int(rules.GetString().GetMaxLen()); most > 0 {
				m.Set(field, protoreflect.ValueOfString(reading.Cut(value.String(), most)))
			}
		}
		return true
	})
	return whole
}

// fitList fits the elements of a list, leaves out those that break a rule all the same, and ends the list at its bound.
func fitList(list protoreflect.List, most int) bool {
	whole, kept := true, 0
	for i := range list.Len() {
		element := list.Get(i)
		whole = fit(element.Message()) && whole
		if (most > 0 && kept >= most) || wire.Validate(element.Message().Interface()) != nil {
			whole = false
			continue
		}
		list.Set(kept, element)
		kept++
	}
	list.Truncate(kept)
	return whole
}
