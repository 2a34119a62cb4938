package review

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"proviso.dev/services/builder/internal/schema"
)

// maxInstances bounds what a for_each or count may expand to, so that a small file cannot become a large computation.
const maxInstances = 10_000

// evaluator computes what a document says: variables at their defaults, what only an apply can know as unknown values.
type evaluator struct {
	d        *document
	provider *schema.Provider
	report   func(Finding) // of the stages schema and references
	vars     map[string]cty.Value
	locals   map[string]cty.Value
	root     map[string]cty.Value // resource type -> object of name -> value
	byType   map[string]map[string]cty.Value
	stale    map[string]bool // types with resources that root does not show yet
	used     map[string]bool // addresses that something refers to
	ctx      *hcl.EvalContext
}

func evaluate(d *document, order []*resource, provider *schema.Provider, report func(Finding)) {
	e := &evaluator{
		d: d, provider: provider, report: report,
		vars: map[string]cty.Value{}, locals: map[string]cty.Value{}, root: map[string]cty.Value{}, byType: map[string]map[string]cty.Value{},
		stale: map[string]bool{}, used: map[string]bool{},
	}
	e.ctx = &hcl.EvalContext{Variables: e.root, Functions: functions}
	for _, r := range d.resources {
		for address := range r.uses {
			e.used[address] = true
		}
	}
	for _, b := range slices.Concat(d.outputs, d.others) {
		e.noteUses(b.Body)
	}
	for _, l := range d.locals {
		e.noteExprUses(l.attr.Expr)
	}
	for _, name := range d.names.variables {
		e.variable(name)
	}
	e.root["var"] = object(e.vars)
	e.root["path"] = cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal("."), "root": cty.StringVal("."), "cwd": cty.UnknownVal(cty.String)})
	e.root["terraform"] = cty.ObjectVal(map[string]cty.Value{"workspace": cty.StringVal("default")})
	e.root["module"] = cty.DynamicVal
	for _, b := range d.providers {
		if b.Labels[0] == "proxmox" {
			e.body(b.Body, provider.Config(), e.ctx, "provider.proxmox", providerArguments, nil)
		}
	}
	e.validations()
	e.localValues()
	for _, r := range order {
		e.resource(r)
	}
	e.refresh()
	for _, o := range d.outputs {
		if a := o.Body.Attributes["value"]; a != nil {
			e.expr(a.Expr, e.ctx, "output."+o.Labels[0])
		}
	}
}

func object(m map[string]cty.Value) cty.Value {
	if len(m) == 0 {
		return cty.EmptyObjectVal
	}
	return cty.ObjectVal(m)
}

func (e *evaluator) noteExprUses(x hclsyntax.Expression) {
	for _, t := range x.Variables() {
		if name, ok := second(t); ok {
			e.used[t.RootName()+"."+name] = true
		}
	}
}

func (e *evaluator) noteUses(b *hclsyntax.Body) {
	for _, a := range b.Attributes {
		e.noteExprUses(a.Expr)
	}
	for _, inner := range b.Blocks {
		e.noteUses(inner.Body)
	}
}

// fail reports a diagnostic of the language's evaluator.
func (e *evaluator) fail(diags hcl.Diagnostics, address string) {
	for _, diag := range diags {
		if diag.Severity == hcl.DiagError {
			e.report(Finding{Stage: StageReferences, Rule: "references.invalid", Severity: Error, Address: address, Range: pointsAt(diag), Args: []any{"detail", diag.Summary + ": " + diag.Detail}})
		}
	}
}

// expr evaluates one expression; a failure is reported and unknown afterwards, so that it is reported once.
func (e *evaluator) expr(x hclsyntax.Expression, ctx *hcl.EvalContext, address string) cty.Value {
	return e.argument(x, ctx, address, "")
}

// argument is expr for an argument of something: its address is put together only when there is something to say.
func (e *evaluator) argument(x hclsyntax.Expression, ctx *hcl.EvalContext, of, name string) cty.Value {
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		if name != "" {
			of += "." + name
		}
		e.fail(diags, of)
		return cty.DynamicVal
	}
	return v
}

func (e *evaluator) variable(name string) {
	body := e.d.variables[name].block.Body
	address := "var." + name
	typ := cty.DynamicPseudoType
	var defaults *typeexpr.Defaults
	if a := body.Attributes["type"]; a != nil {
		t, def, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		e.fail(diags, address)
		if !diags.HasErrors() {
			typ, defaults = t, def
		}
	}
	a := body.Attributes["default"]
	if a == nil {
		e.vars[name] = cty.UnknownVal(typ.WithoutOptionalAttributesDeep())
		return
	}
	v := e.expr(a.Expr, &hcl.EvalContext{Functions: functions}, address)
	if defaults != nil && !v.IsNull() {
		v = defaults.Apply(v)
	}
	converted, err := convert.Convert(v, typ)
	if err != nil {
		e.report(Finding{Stage: StageSchema, Rule: "schema.type", Severity: Error, Address: address, Range: a.SrcRange, Args: []any{"name", "default", "detail", err.Error()}})
		converted = cty.UnknownVal(typ.WithoutOptionalAttributesDeep())
	}
	e.vars[name] = converted
}

// validations evaluates the conditions of variables at their defaults.
func (e *evaluator) validations() {
	for _, name := range e.d.names.variables {
		for _, b := range e.d.variables[name].block.Body.Blocks {
			a := b.Body.Attributes["condition"]
			if b.Type != "validation" || a == nil {
				continue
			}
			v := e.expr(a.Expr, e.ctx, "var."+name)
			if v.Type() == cty.Bool && v.IsKnown() && !v.IsNull() && v.False() {
				e.report(Finding{Stage: StageReferences, Rule: "references.default_refused", Severity: Error, Address: "var." + name, Range: a.SrcRange, Args: []any{"name", "var." + name}})
			}
		}
	}
}

// localValues evaluates the locals in the order of their dependencies. Those that need resources see them as unknown.
func (e *evaluator) localValues() {
	done := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		done[name] = true
		x := e.d.locals[name].attr.Expr
		unknown := false
		for _, t := range x.Variables() {
			switch to, _ := second(t); t.RootName() {
			case "local":
				if !done[to] {
					visit(to)
				}
			case "var", "path", "terraform":
			default:
				unknown = true
			}
		}
		if unknown {
			e.locals[name] = cty.DynamicVal
		} else {
			e.root["local"] = object(e.locals)
			e.locals[name] = e.expr(x, e.ctx, "local."+name)
		}
	}
	for _, name := range e.d.names.locals {
		if !done[name] {
			visit(name)
		}
	}
	e.root["local"] = object(e.locals)
}

// resource expands a resource into its instances and makes them known to those that refer to it.
// An instanceKey is one element of for_each or count.
// publish makes a resource a value for expressions: what is written is known, what the provider computes is not.
// refresh makes what was published visible. Building the object of a type costs as much as the type has resources, so it
// is done when somebody looks, not at every publication.
// publishData makes a data source known as unknown: reading it is the provider's business.
// value is the instance as expressions see it.
// volume is the id of what a download_file makes: the provider composes it from its arguments.
// shareOf hands out the nodes of blocks that are the same for every instance.
type shareOf struct {
	static map[*hclsyntax.Block]bool
	made   map[*hclsyntax.Block][]*node
}

func (s shareOf) get(b *hclsyntax.Block, build func() []*node) []*node {
	if !s.static[b] {
		return build()
	}
	if n, ok := s.made[b]; ok {
		return n
	}
	n := build()
	s.made[b] = n
	return n
}

// body evaluates a body against its schema. share may be nil.
func (e *evaluator) body(b *hclsyntax.Body, s *schema.Block, ctx *hcl.EvalContext, address string, extra *language, share func(*hclsyntax.Block, func() []*node) []*node) *node {
	n := &node{at: b.Range(), values: make(map[string]value, len(b.Attributes))}
	for name, a := range b.Attributes {
		attr := s.Attributes[name]
		if attr == nil {
			continue
		}
		v := e.argument(a.Expr, ctx, address, name)
		converted, err := convert.Convert(v, attr.Type)
		if err != nil {
			e.report(Finding{Stage: StageSchema, Rule: "schema.type", Severity: Error, Address: address + "." + name, Range: a.Expr.Range(), Args: []any{"name", name, "detail", err.Error()}})
			converted = cty.UnknownVal(attr.Type.WithoutOptionalAttributesDeep())
		} else if attr.Required && converted.IsNull() {
			e.report(Finding{Stage: StageSchema, Rule: "schema.missing_argument", Severity: Error, Address: address, Range: a.SrcRange, Args: []any{"name", name}})
		}
		n.values[name] = value{converted, a.SrcRange}
	}
	var counts map[string]int
	if len(b.Blocks) > 0 {
		n.blocks = make(map[string][]*node, len(b.Blocks))
		counts = make(map[string]int, len(b.Blocks))
	}
	for _, inner := range b.Blocks {
		if _, other := extra.blocks[inner.Type]; other {
			continue
		}
		name, dynamic := inner.Type, isDynamic(inner)
		if dynamic {
			name = inner.Labels[0]
		}
		nested := s.Nested(name)
		if nested == nil {
			continue
		}
		build := func() []*node {
			if dynamic {
				return e.dynamic(inner, nested, ctx, address+"."+name)
			}
			return []*node{e.body(inner.Body, &nested.Block, ctx, fmt.Sprintf("%s.%s[%d]", address, name, counts[name]), noArguments, nil)}
		}
		var made []*node
		if share != nil {
			made = share(inner, build)
		} else {
			made = build()
		}
		counts[name] += len(made)
		n.blocks[name] = append(n.blocks[name], made...)
		if nested.MaxItems > 0 && len(n.blocks[name]) > nested.MaxItems && dynamic {
			e.report(Finding{Stage: StageSchema, Rule: "schema.too_many_blocks", Severity: Error, Address: address + "." + name, Range: inner.DefRange(), Args: []any{"name", name, "limit", nested.MaxItems}})
		}
	}
	return n
}

// isDynamic reports whether a block is the language's own, which stands for blocks of the kind that its label names.
func isDynamic(b *hclsyntax.Block) bool { return b.Type == "dynamic" && len(b.Labels) == 1 }

// dynamic expands a dynamic block.
func (e *evaluator) dynamic(b *hclsyntax.Block, nested *schema.NestedBlock, ctx *hcl.EvalContext, address string) []*node {
	content, each := dynamicContent(b), b.Body.Attributes["for_each"]
	if content == nil || each == nil {
		return nil
	}
	v := e.expr(each.Expr, ctx, address)
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.LengthInt() > maxInstances {
		return nil
	}
	var out []*node
	for it := v.ElementIterator(); it.Next(); {
		k, element := it.Element()
		child := ctx.NewChild()
		child.Variables = map[string]cty.Value{iterator(b): cty.ObjectVal(map[string]cty.Value{"key": k, "value": element})}
		out = append(out, e.body(content, &nested.Block, child, fmt.Sprintf("%s[%d]", address, len(out)), noArguments, nil))
	}
	return out
}
