package compose

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v3"
)

// tree reads nodes of YAML with aliases and merge keys resolved. It stops giving out nodes once it has given out too many:
// aliases of aliases make few lines endless.
type tree struct{ left int }

// pair is a key with its value.
type pair struct{ key, value *yaml.Node }

// resolve follows aliases.
func (t *tree) resolve(n *yaml.Node) *yaml.Node {
	for depth := 0; n != nil && n.Kind == yaml.AliasNode; depth++ {
		if depth > 8 {
			return nil
		}
		n = n.Alias
	}
	return n
}

// visit counts a node that is given out.
func (t *tree) visit() bool {
	t.left--
	return t.left > 0
}

// get is the value of a key of a mapping; nil when there is none or no mapping.
func (t *tree) get(n *yaml.Node, key string) *yaml.Node { return t.find(n, key, 0) }

func (t *tree) find(n *yaml.Node, key string, depth int) *yaml.Node {
	n = t.resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > 8 {
		return nil
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !t.visit() {
			return nil
		}
		switch k := n.Content[i]; {
		case k.Value == key && k.Tag != "!!merge":
			return t.resolve(n.Content[i+1])
		case k.Tag == "!!merge":
			merged = append(merged, t.sources(n.Content[i+1])...)
		}
	}
	for _, m := range merged {
		if found := t.find(m, key, depth+1); found != nil {
			return found
		}
	}
	return nil
}

// sources are the mappings that a merge key names.
func (t *tree) sources(n *yaml.Node) []*yaml.Node {
	if n = t.resolve(n); n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// pairs are the keys and values of a mapping, its own before those that it merges.
func (t *tree) pairs(n *yaml.Node) []pair {
	var out []pair
	t.gather(n, map[string]bool{}, &out, 0)
	return out
}

func (t *tree) gather(n *yaml.Node, seen map[string]bool, out *[]pair, depth int) {
	n = t.resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > 8 {
		return
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !t.visit() {
			return
		}
		k := n.Content[i]
		if k.Tag == "!!merge" {
			merged = append(merged, t.sources(n.Content[i+1])...)
			continue
		}
		if value := t.resolve(n.Content[i+1]); value != nil && !seen[k.Value] {
			seen[k.Value] = true
			*out = append(*out, pair{k, value})
		}
	}
	for _, m := range merged {
		t.gather(m, seen, out, depth+1)
	}
}

// items are the elements of a sequence; anything else is its own only element.
func (t *tree) items(n *yaml.Node) []*yaml.Node {
	n = t.resolve(n)
	if n == nil || n.Tag == "!!null" || !t.visit() {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	var out []*yaml.Node
	for _, item := range n.Content {
		if !t.visit() {
			break
		}
		if item = t.resolve(item); item != nil {
			out = append(out, item)
		}
	}
	return out
}

// interpolate fills in the defaults of variables. Nothing is known of their values, so one without a default stays as written.
func interpolate(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	keep := func(variable string, mapping template.Mapping, config *template.Config) (string, error) {
		value, filled, err := template.DefaultReplacementAppliedFunc(variable, mapping, config)
		if err != nil || !filled || (value == "" && strings.Count(variable, "$") > 1 && variable != "$$") {
			return variable, nil
		}
		return value, nil
	}
	unset := func(string) (string, bool) { return "", false }
	out, err := template.SubstituteWithOptions(text, unset, template.WithReplacementFunction(keep), template.WithoutLogging)
	if err != nil {
		return text
	}
	return out
}

// unset reports whether a text holds a variable that was left as written.
func unset(text string) bool { return strings.Contains(text, "$") }
