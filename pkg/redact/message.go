package redact

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Message redacts every string of m in place, nested messages, lists and values of maps included, and returns what was
// found. A field whose name announces a secret, such as "cipassword", loses its whole value.
func Message(m proto.Message) []Found { return new(Redactor).Message(m) }

// Message is [Message] with the placeholders of r.
func (r *Redactor) Message(m proto.Message) []Found {
	if m == nil {
		return nil
	}
	return r.message(m.ProtoReflect())
}

func (r *Redactor) message(m protoreflect.Message) (found []Found) {
	if !m.IsValid() {
		return nil
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			found = append(found, r.entries(f, v.Map())...)
		case f.IsList():
			found = append(found, r.elements(f, v.List())...)
		case f.Kind() == protoreflect.StringKind:
			if clean, more := r.field(string(f.Name()), v.String()); more != nil || clean != v.String() {
				m.Set(f, protoreflect.ValueOfString(clean))
				found = append(found, more...)
			}
		case f.Message() != nil:
			found = append(found, r.message(v.Message())...)
		}
		return true
	})
	return found
}

func (r *Redactor) elements(f protoreflect.FieldDescriptor, l protoreflect.List) (found []Found) {
	for i := range l.Len() {
		switch {
		case f.Kind() == protoreflect.StringKind:
			clean, more := r.field(string(f.Name()), l.Get(i).String())
			l.Set(i, protoreflect.ValueOfString(clean))
			found = append(found, more...)
		case f.Message() != nil:
			found = append(found, r.message(l.Get(i).Message())...)
		}
	}
	return found
}

func (r *Redactor) entries(f protoreflect.FieldDescriptor, entries protoreflect.Map) (found []Found) {
	type entry struct {
		key   protoreflect.MapKey
		clean string
	}
	var changed []entry // a map must not be written to while it is ranged over
	entries.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		switch {
		case f.MapValue().Kind() == protoreflect.StringKind:
			clean, more := r.field(k.String(), v.String())
			changed = append(changed, entry{k, clean})
			found = append(found, more...)
		case f.MapValue().Message() != nil:
			found = append(found, r.message(v.Message())...)
		}
		return true
	})
	for _, e := range changed {
		entries.Set(e.key, protoreflect.ValueOfString(e.clean))
	}
	return found
}

// field redacts one string under its name. The name is read as an announcement: structured first, patterns second.
func (r *Redactor) field(name, v string) (string, []Found) {
	if m := announcement.FindStringSubmatchIndex(name); m != nil && m[1] == len(name) && len(v) >= 3 && !harmless(v) {
		r.reserve(v)
		before := len(r.secrets)
		kind := KindToken
		if m[2] >= 0 {
			kind = KindPassword
		}
		v = r.take(v, kind)
		if len(r.secrets) == before {
			return v, nil
		}
		return v, []Found{{Kind: kind}}
	}
	return r.Text(v)
}
