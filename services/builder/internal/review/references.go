package review

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkReferences resolves every reference to its declaration, finds cycles and what nobody uses, and learns which
// resources depend on which. It reports whether the document can be evaluated.
func checkReferences(d *document, report func(Finding)) (order []*resource, ok bool) {
	ok = true
	c := referenceCheck{d: d, report: func(f Finding) {
		f.Stage = StageReferences
		if f.Severity == "" {
			f.Severity = Error
		}
		ok = ok && f.Severity != Error
		report(f)
	}}
	for _, b := range slices.Concat(d.terraform, d.providers) {
		if b.Type == "provider" {
			c.body(b.Body, scope{address: "provider." + b.Labels[0]})
		}
	}
	for _, name := range d.names.variables {
		v := d.variables[name]
		// Only its validations may refer, and to the variable itself, which is no use of it.
		for _, inner := range v.block.Body.Blocks {
			before := v.used
			c.body(inner.Body, scope{address: "var." + name})
			v.used = before
		}
	}
	localUses := make(map[string][]string, len(d.locals))
	for _, name := range d.names.locals {
		for _, t := range d.locals[name].attr.Expr.Variables() {
			c.traversal(t, scope{address: "local." + name})
			if to, is := second(t); is && t.RootName() == "local" {
				localUses[name] = append(localUses[name], to)
			}
		}
	}
	for _, r := range d.resources {
		r.uses = map[string]bool{}
		r.static = map[*hclsyntax.Block]bool{}
		c.body(r.block.Body, scope{address: r.address(), resource: r, each: r.forEach != nil, count: r.count != nil, top: true})
		delete(r.uses, r.address())
	}
	for _, b := range slices.Concat(d.outputs, d.others) {
		c.body(b.Body, scope{address: b.Type + "." + strings.Join(b.Labels, ".")})
	}
	c.unused()
	if name := cycleOf(d.names.locals, func(n string) []string { return localUses[n] }); name != "" {
		c.report(Finding{Rule: "references.cycle", Address: "local." + name, Range: d.locals[name].attr.SrcRange, Args: []any{"name", "local." + name}})
	}
	return c.resourceOrder(), ok
}

type referenceCheck struct {
	d      *document
	report func(Finding)
}

// scope is where an expression stands.
type scope struct {
	address     string
	resource    *resource // whose uses are noted; nil outside resources
	each, count bool
	top         bool     // directly in a resource, where lifecycle and depends_on have rules of their own
	iterators   []string // of dynamic blocks around
}

// body resolves all references of a body. It reports whether none of them differs between instances of the resource.
func (c referenceCheck) body(b *hclsyntax.Body, s scope) (static bool) {
	static = true
	for name, a := range b.Attributes {
		if s.top && name == "provider" {
			continue
		}
		for _, t := range a.Expr.Variables() {
			c.traversal(t, s)
			if root := t.RootName(); root == "each" || root == "count" || slices.Contains(s.iterators, root) {
				static = false
			}
		}
	}
	for _, inner := range b.Blocks {
		in := s
		in.top = false
		switch {
		case s.top && inner.Type == "lifecycle":
			c.lifecycle(inner.Body, in)
			continue
		case isDynamic(inner):
			in.iterators = append(slices.Clone(s.iterators), iterator(inner))
			in.address += "." + inner.Labels[0]
			static = false
		default:
			in.address += "." + inner.Type
		}
		fixed := c.body(inner.Body, in)
		static = static && fixed
		if s.resource != nil {
			s.resource.static[inner] = fixed && !isDynamic(inner)
		}
	}
	return static
}

// lifecycle names arguments of the resource itself in ignore_changes; the rest of it refers as usual.
func (c referenceCheck) lifecycle(b *hclsyntax.Body, s scope) {
	for name, a := range b.Attributes {
		if name == "ignore_changes" {
			continue
		}
		for _, t := range a.Expr.Variables() {
			c.traversal(t, s)
		}
	}
	for _, inner := range b.Blocks {
		c.body(inner.Body, s)
	}
}

// iterator is the name that a dynamic block's content uses for its element.
func iterator(b *hclsyntax.Block) string {
	if a := b.Body.Attributes["iterator"]; a != nil {
		if name := hcl.ExprAsKeyword(a.Expr); name != "" {
			return name
		}
	}
	return b.Labels[0]
}

// second returns the name after the root of a traversal: "web" of var.web.
func second(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	a, ok := t[1].(hcl.TraverseAttr)
	return a.Name, ok
}

func (c referenceCheck) traversal(t hcl.Traversal, s scope) {
	root := t.RootName()
	name, named := second(t)
	unresolved := func(what string) {
		c.report(Finding{Rule: "references.unresolved", Address: s.address, Range: t.SourceRange(), Args: []any{"name", what}})
	}
	switch {
	case slices.Contains(s.iterators, root), root == "self", root == "path", root == "terraform", root == "tofu":
	case root == "each":
		if !s.each {
			unresolved("each")
		}
	case root == "count":
		if !s.count {
			unresolved("count")
		}
	case root == "var":
		v := c.d.variables[name]
		if v == nil {
			unresolved("var." + name)
			return
		}
		v.used = true
	case root == "local":
		l := c.d.locals[name]
		if l == nil {
			unresolved("local." + name)
			return
		}
		l.used = true
	case root == "module":
		// Modules are not read; the policy stage says so.
	case root == "data":
		if len(t) < 3 {
			unresolved("data." + name)
			return
		}
		third, _ := t[2].(hcl.TraverseAttr)
		c.resource("data."+name+"."+third.Name, s, unresolved)
	case !named:
		// A bare word: an identifier in quotes was meant, or a resource without its name.
		unresolved(root)
	default:
		c.resource(root+"."+name, s, unresolved)
	}
}

func (c referenceCheck) resource(address string, s scope, unresolved func(string)) {
	if c.d.byAddress[address] == nil {
		unresolved(address)
		return
	}
	if s.resource != nil {
		s.resource.uses[address] = true
	}
}

// unused reports variables and locals that nothing refers to.
func (c referenceCheck) unused() {
	for _, name := range c.d.names.variables {
		if v := c.d.variables[name]; !v.used {
			c.report(Finding{Rule: "references.unused", Severity: Warning, Address: "var." + name, Range: v.block.DefRange(), Args: []any{"name", "var." + name}})
		}
	}
	for _, name := range c.d.names.locals {
		if l := c.d.locals[name]; !l.used {
			c.report(Finding{Rule: "references.unused", Severity: Warning, Address: "local." + name, Range: l.attr.SrcRange, Args: []any{"name", "local." + name}})
		}
	}
}

// resourceOrder returns the resources, each after those that it refers to, and as few changes of type as that allows.
func (c referenceCheck) resourceOrder() []*resource {
	depth := make(map[*resource]int, len(c.d.resources)) // 0: not seen, -1: on the way, else done
	var visit func(r *resource) int
	visit = func(r *resource) int {
		depth[r] = -1
		deepest := 0
		for _, address := range sortedKeys(r.uses) {
			to := c.d.byAddress[address]
			switch depth[to] {
			case 0:
				deepest = max(deepest, visit(to))
			case -1:
				c.report(Finding{Rule: "references.cycle", Address: r.address(), Range: r.block.DefRange(), Args: []any{"name", address}})
			default:
				deepest = max(deepest, depth[to])
			}
		}
		depth[r] = deepest + 1
		return depth[r]
	}
	for _, r := range c.d.resources {
		if depth[r] == 0 {
			visit(r)
		}
	}
	out := slices.Clone(c.d.resources)
	slices.SortStableFunc(out, func(a, b *resource) int { return depth[a] - depth[b] })
	return out
}

// cycleOf returns a name that depends on itself, "" when there is none.
func cycleOf(names []string, uses func(string) []string) string {
	state := make(map[string]int, len(names))
	var found string
	var visit func(string)
	visit = func(n string) {
		state[n] = 1
		for _, to := range uses(n) {
			switch state[to] {
			case 0:
				visit(to)
			case 1:
				found = to
			}
		}
		state[n] = 2
	}
	for _, n := range names {
		if state[n] == 0 {
			visit(n)
		}
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
