package review

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// An instance is one object that the manifest creates.
type instance struct {
	*node
	resource *resource
	address  string // with its key: proxmox_virtual_environment_vm.web["web-1"]
	key      string // of for_each or count
}

// A node is an evaluated body: the arguments that are written, and the blocks.
type node struct {
	at     hcl.Range
	values map[string]value
	blocks map[string][]*node
}

// A value is an evaluated argument.
type value struct {
	cty.Value
	at hcl.Range
}

// has reports whether the argument is written with something other than null; an unknown value counts.
func (n *node) has(name string) bool {
	v, ok := n.values[name]
	return ok && !v.IsNull()
}

// where returns the place of an argument, or of the node when it is not written.
func (n *node) where(name string) hcl.Range {
	if v, ok := n.values[name]; ok {
		return v.at
	}
	return hcl.Range{Filename: n.at.Filename, Start: n.at.Start, End: n.at.Start}
}

// child returns the first block of a kind, or nil.
func (n *node) child(name string) *node {
	if n == nil || len(n.blocks[name]) == 0 {
		return nil
	}
	return n.blocks[name][0]
}

func (n *node) known(name string, t cty.Type) (cty.Value, bool) {
	if n == nil {
		return cty.NilVal, false
	}
	v, ok := n.values[name]
	if !ok || !v.IsKnown() || v.IsNull() || v.Type() != t {
		return cty.NilVal, false
	}
	return v.Value, true
}

// text, number and flag return an argument that is written and known.
func (n *node) text(name string) (string, bool) {
	v, ok := n.known(name, cty.String)
	if !ok {
		return "", false
	}
	return v.AsString(), true
}

func (n *node) number(name string) (int, bool) {
	v, ok := n.known(name, cty.Number)
	if !ok {
		return 0, false
	}
	i, _ := v.AsBigFloat().Int64()
	return int(i), true
}

func (n *node) flag(name string) (value, known bool) {
	v, ok := n.known(name, cty.Bool)
	return ok && v.True(), ok
}

// texts returns a list of strings; known is false when any of it is unknown.
func (n *node) texts(name string) (list []string, known bool) {
	if n == nil {
		return nil, true
	}
	v, written := n.values[name]
	if !written || v.IsKnown() && v.IsNull() {
		return nil, true
	}
	if !v.IsWhollyKnown() || !v.CanIterateElements() {
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); e.Type() == cty.String && !e.IsNull() {
			list = append(list, e.AsString())
		}
	}
	return list, true
}

// orText, orNumber and orFlag return an argument, or what the provider takes when it is not written. An unknown value
// yields ok false: nothing can be said about it.
func (n *node) orText(name, def string) (v string, ok bool) {
	if n == nil || !n.has(name) {
		return def, true
	}
	return n.text(name)
}

func (n *node) orNumber(name string, def int) (v int, ok bool) {
	if n == nil || !n.has(name) {
		return def, true
	}
	return n.number(name)
}

func (n *node) orFlag(name string, def bool) (v, ok bool) {
	if n == nil || !n.has(name) {
		return def, true
	}
	return n.flag(name)
}
