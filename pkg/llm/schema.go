package llm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	contract "proviso.dev/proto"
)

// readable are the keywords that Gemini reads; a service ignores or refuses others.
var readable = []string{"type", "format", "title", "description", "enum", "items", "minItems", "maxItems", "minimum", "maximum",
	"anyOf", "properties", "additionalProperties", "required", "propertyOrdering"}

// SchemaOf derives the schemas of a message from its generated JSON Schema: everything inlined, keywords that providers do
// not read left out. An answer is checked again with the full rules, by [Decode].
func SchemaOf(m proto.Message) (*Schema, error) {
	d := m.ProtoReflect().Descriptor()
	data, err := contract.Schemas.ReadFile("schema/" + string(d.FullName()) + ".schema.strict.bundle.json")
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	var bundle struct {
		Defs map[string]map[string]any `json:"$defs"`
		Ref  string                    `json:"$ref"`
	}
	if err := json.Unmarshal(data, &bundle); err != nil {
		return nil, fmt.Errorf("read schema of %s: %w", d.FullName(), err)
	}
	in := inliner{defs: bundle.Defs}
	root, err := in.resolve(map[string]any{"$ref": bundle.Ref}, 0)
	if err != nil {
		return nil, fmt.Errorf("inline schema of %s: %w", d.FullName(), err)
	}
	order(root, d)
	plain, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write schema of %s: %w", d.FullName(), err)
	}
	harden(root)
	strict, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write strict schema of %s: %w", d.FullName(), err)
	}
	sum := sha256.Sum256(plain)
	return &Schema{Name: snake(string(d.Name())), Plain: plain, Strict: strict, Digest: hex.EncodeToString(sum[:8])}, nil
}

// inliner puts definitions in the place of references.
type inliner struct{ defs map[string]map[string]any }

// depthMost keeps a message that holds itself from being inlined for ever; none that a model fills is that deep.
const depthMost = 8

func (in inliner) resolve(node map[string]any, depth int) (map[string]any, error) {
	if depth > depthMost {
		return nil, fmt.Errorf("deeper than %d levels", depthMost)
	}
	if ref, ok := node["$ref"].(string); ok {
		target, ok := in.defs[strings.TrimPrefix(ref, "#/$defs/")]
		if !ok {
			return nil, fmt.Errorf("no definition %s", ref)
		}
		return in.resolve(target, depth+1)
	}
	out := map[string]any{}
	for key, value := range node {
		if slices.Contains(readable, key) && key != "title" {
			out[key] = value
		}
	}
	if items, ok := node["items"].(map[string]any); ok {
		resolved, err := in.resolve(items, depth+1)
		if err != nil {
			return nil, err
		}
		out["items"] = resolved
	}
	if props, ok := node["properties"].(map[string]any); ok {
		resolved := map[string]any{}
		for name, p := range props {
			child, ok := p.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("property %s is no schema", name)
			}
			r, err := in.resolve(child, depth+1)
			if err != nil {
				return nil, err
			}
			resolved[name] = r
		}
		out["properties"] = resolved
	}
	return out, nil
}

// order tells the model to write the properties in the order of the message's fields.
func order(node map[string]any, d protoreflect.MessageDescriptor) {
	props, _ := node["properties"].(map[string]any)
	if props == nil || d == nil {
		return
	}
	var names []string
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		child, ok := props[string(f.Name())].(map[string]any)
		if !ok {
			continue
		}
		names = append(names, string(f.Name()))
		if f.IsList() {
			child, _ = child["items"].(map[string]any)
		}
		order(child, f.Message())
	}
	node["propertyOrdering"] = names
}

// harden makes every property required, and nullable where it was optional.
func harden(node map[string]any) {
	delete(node, "propertyOrdering")
	if items, ok := node["items"].(map[string]any); ok {
		harden(items)
	}
	props, _ := node["properties"].(map[string]any)
	if props == nil {
		return
	}
	required := map[string]bool{}
	if list, ok := node["required"].([]any); ok {
		for _, name := range list {
			required[fmt.Sprint(name)] = true
		}
	}
	names := make([]string, 0, len(props))
	for name, p := range props {
		names = append(names, name)
		child, _ := p.(map[string]any)
		harden(child)
		if typ, ok := child["type"].(string); ok && !required[name] && typ != "array" {
			child["type"] = []string{typ, "null"}
			if enum, ok := child["enum"].([]any); ok {
				child["enum"] = append(slices.Clone(enum), nil)
			}
		}
	}
	slices.Sort(names)
	node["required"] = names
	node["additionalProperties"] = false
}

// snake writes "IntentProposal" as "intent_proposal".
func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
