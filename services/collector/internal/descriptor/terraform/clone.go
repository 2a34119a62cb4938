package terraform

import (
	"math"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// clonedVM reads bpg's newer resource, which writes objects where the older one writes blocks.
func (s *scope) clonedVM(body hcl.Body) *provisov1.DeclaredGuest {
	g := &provisov1.DeclaredGuest{
		Dialect: "bpg", Kind: "vm", Name: s.name(body, "name"), VmId: s.small(body, "id"), Node: s.name(body, "node_name"),
	}
	if value, ok := s.member(expression(body, "clone"), "source_vm_id"); ok {
		g.Template = named(value)
	}
	cpu := expression(body, "cpu")
	if value, ok := s.member(cpu, "cores"); ok {
		if n, ok := asNumber(value); ok && n > 0 && n <= math.MaxInt16 {
			g.Cores = new(int32(n))
		}
	}
	if value, ok := s.member(cpu, "sockets"); ok && g.Cores != nil {
		if n, ok := asNumber(value); ok && n > 0 && n <= math.MaxInt16 {
			g.Cores = new(g.GetCores() * int32(n))
		}
	} else if has(cpu, "sockets") {
		g.Cores = nil
	}
	if value, ok := s.member(expression(body, "memory"), "size"); ok {
		if n, ok := asNumber(value); ok && n > 0 {
			g.MemoryMib = &n
		}
	}
	g.DiskBytes = s.disksOf(expression(body, "disk"))
	return g
}

// pairs are the entries of an object that is written out; nil: it is not.
func pairs(e hcl.Expression) []hcl.KeyValuePair {
	if e == nil {
		return nil
	}
	written, problems := hcl.ExprMap(e)
	if problems.HasErrors() {
		return nil
	}
	return written
}

// key is the key of an entry; empty: it is computed.
func key(e hcl.Expression) string {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return word
	}
	value, problems := e.Value(nil)
	if problems.HasErrors() {
		return ""
	}
	text, _ := asText(value)
	return text
}

// has reports whether an object that is written out has a key.
func has(object hcl.Expression, name string) bool {
	for _, p := range pairs(object) {
		if key(p.Key) == name {
			return true
		}
	}
	return false
}

// member is the value of a key, however unknown its neighbours are.
func (s *scope) member(object hcl.Expression, name string) (value cty.Value, ok bool) {
	for _, p := range pairs(object) {
		if key(p.Key) == name {
			return s.evaluate(p.Value)
		}
	}
	return cty.NilVal, false
}

// disksOf sums the sizes in a map of disks; nil: there are none, or one of them has no size that is known.
func (s *scope) disksOf(disks hcl.Expression) *int64 {
	return summed(pairs(disks), func(p hcl.KeyValuePair) (cty.Value, bool) { return s.member(p.Value, "size_gb") }, gibibytes)
}
