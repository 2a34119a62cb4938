package kubernetes

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxMerges bounds how many merge keys (<<) are followed to find one key: anchors may refer to themselves.
const maxMerges = 16

// A Field is a place in a document: a key with its value, or an item of a list. The zero value is a field that is not there;
// everything below it is not there either. Walking by known keys never expands an alias, so anchors cost nothing.
type Field struct {
	// Parent is the field that holds it; nil: the document.
	Parent *Field
	// Key is its key; empty for items and documents.
	Key string
	// Index is its place in a list, from 0; -1 elsewhere.
	Index int

	key, value *yaml.Node
}

// root is the field of a document.
func root(document *yaml.Node) Field {
	if document.Kind == yaml.DocumentNode && len(document.Content) > 0 {
		document = document.Content[0]
	}
	return Field{Index: -1, value: resolve(document)}
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for range maxMerges {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// Present reports whether something stands there, be it null.
func (f Field) Present() bool { return f.value != nil }

// Line is the line of the key in its document, from 1; of an item, the line where it begins; 0: not there.
func (f Field) Line() int {
	switch {
	case f.key != nil:
		return f.key.Line
	case f.value != nil:
		return f.value.Line
	default:
		return 0
	}
}

// Get walks down by keys.
func (f Field) Get(keys ...string) Field {
	for _, key := range keys {
		holder := f
		k, v := lookup(f.value, key, new(int))
		if v == nil {
			return Field{Index: -1}
		}
		f = Field{Parent: &holder, Key: key, Index: -1, key: k, value: resolve(v)}
	}
	return f
}

// lookup finds a key in a map, or in those that it merges.
func lookup(n *yaml.Node, key string, merges *int) (k, v *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i].Kind == yaml.ScalarNode {
			return n.Content[i], n.Content[i+1]
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		sources := []*yaml.Node{n.Content[i+1]}
		if s := resolve(n.Content[i+1]); s != nil && s.Kind == yaml.SequenceNode {
			sources = s.Content
		}
		for _, s := range sources {
			if *merges++; *merges > maxMerges {
				return nil, nil
			}
			if k, v := lookup(resolve(s), key, merges); v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

// Items are the items of a list; none of anything else.
func (f Field) Items() []Field {
	if f.value == nil || f.value.Kind != yaml.SequenceNode {
		return nil
	}
	items := make([]Field, 0, len(f.value.Content))
	for i, n := range f.value.Content {
		items = append(items, Field{Parent: &f, Index: i, value: resolve(n)})
	}
	return items
}

// Entries are the keys of a map with their values, in the order written, without what it merges.
func (f Field) Entries() []Field {
	if f.value == nil || f.value.Kind != yaml.MappingNode {
		return nil
	}
	entries := make([]Field, 0, len(f.value.Content)/2)
	for i := 0; i+1 < len(f.value.Content); i += 2 {
		if k := f.value.Content[i]; k.Kind == yaml.ScalarNode && k.Tag != "!!merge" {
			entries = append(entries, Field{Parent: &f, Key: k.Value, Index: -1, key: k, value: resolve(f.value.Content[i+1])})
		}
	}
	return entries
}

// Text is the text of a scalar as written; empty for null and for anything else.
func (f Field) Text() string {
	if f.value == nil || f.value.Kind != yaml.ScalarNode || f.value.Tag == "!!null" {
		return ""
	}
	return f.value.Value
}

// Number is a whole number; false: it is none, such as a placeholder.
func (f Field) Number() (int64, bool) {
	n, err := strconv.ParseInt(f.Text(), 10, 64)
	return n, err == nil
}

// Truth reports whether it is the boolean true.
func (f Field) Truth() bool { return f.Text() == "true" }

// shorten cuts long texts below: files in ConfigMaps are no variables.
func (f Field) shorten() {
	for _, e := range f.Entries() {
		if e.value != nil && len(e.value.Value) > maxValue {
			e.value.Value = strings.Clone(e.value.Value[:maxValue])
		}
	}
}

// size counts the nodes below, each alias as one.
func size(n *yaml.Node) int {
	count := 1
	for _, c := range n.Content {
		count += size(c)
	}
	return count
}

// prune leaves of an object its type and its metadata.
func (f Field) prune() {
	if f.value == nil || f.value.Kind != yaml.MappingNode {
		return
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(f.value.Content); i += 2 {
		switch f.value.Content[i].Value {
		case "apiVersion", "kind", "metadata":
			kept = append(kept, f.value.Content[i], f.value.Content[i+1])
		}
	}
	f.value.Content = kept
}

// drop empties every scalar below, so that nothing later can show it.
func (f Field) drop() {
	for _, e := range f.Entries() {
		if e.value != nil {
			*e.value = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: e.value.Line}
		}
	}
}

// Steps are the fields from the document down to this one, without the document.
func (f Field) Steps() []Field {
	var steps []Field
	for ; f.Parent != nil; f = *f.Parent {
		steps = append(steps, f)
	}
	slices.Reverse(steps)
	return steps
}

// identities are the keys by which lists of the API tell their items apart.
var identities = []string{"name", "mountPath", "containerPort", "port", "devicePath", "host", "path"}

// Counterpart finds the field of another tree that stands where f stands in its own: the same keys, and of lists the item
// that is called the same, or has the same place where items have no name.
func (f Field) Counterpart(other Field) Field {
	for _, step := range f.Steps() {
		if step.Index < 0 {
			other = other.Get(step.Key)
			continue
		}
		other = twin(step, other.Items())
	}
	return other
}

// twin finds an item like the one given.
func twin(item Field, items []Field) Field {
	for _, key := range identities {
		name := item.Get(key).Text()
		if name == "" {
			continue
		}
		for _, candidate := range items {
			if candidate.Get(key).Text() == name {
				return candidate
			}
		}
		return Field{Index: -1}
	}
	if item.Index < len(items) {
		return items[item.Index]
	}
	return Field{Index: -1}
}

// Scalar reports whether it is a single value.
func (f Field) Scalar() bool { return f.value != nil && f.value.Kind == yaml.ScalarNode }

// Block reports whether a text is written below its key, so that its first line is the next.
func (f Field) Block() bool {
	return f.value != nil && f.value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// maxWidth is how many keys and values of one map, or items of one list, count as themselves.
const maxWidth = 4000

// Expanded is how many nodes the documents of a text have when every alias is written out, counted up to most. A very wide map
// or list counts as most: libraries search them from the beginning for every key.
func Expanded(data []byte, most int) int {
	count := 0
	for number, d := range split(data) {
		if number >= maxDocuments || len(d.text) > maxDocument || nodes(d.text) > maxNodes {
			return most
		}
		if tree, err := Tree(d.text); err == nil {
			count += expanded(tree.value, map[*yaml.Node]int{}, most)
		}
		if count >= most {
			return most
		}
	}
	return count
}

// expanded counts each node once, and uses the count wherever an alias stands; a node that holds itself is endless.
func expanded(n *yaml.Node, seen map[*yaml.Node]int, most int) int {
	if n == nil {
		return 0
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if count, ok := seen[n]; ok {
		return count
	}
	seen[n] = most // until it is counted: what asks in between is inside of it
	if len(n.Content) > maxWidth {
		return most
	}
	count := 1
	for _, c := range n.Content {
		if count += expanded(c, seen, most); count >= most {
			count = most
			break
		}
	}
	seen[n] = count
	return count
}

// Plain is the field as maps, lists and scalars, with every alias written out: check Expanded before.
func (f Field) Plain() any {
	if f.value == nil {
		return nil
	}
	var v any
	if err := f.value.Decode(&v); err != nil {
		return nil
	}
	return v
}
