package review

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"proviso.dev/services/builder/internal/schema"
)

func (e *evaluator) resource(r *resource) {
	block := e.provider.Resource(r.typ)
	if r.data {
		block = e.provider.DataSource(r.typ)
	}
	if block == nil {
		return
	}
	if len(r.uses) > 0 {
		e.refresh()
	}
	keys, known := e.keys(r)
	shared := map[*hclsyntax.Block][]*node{}
	for _, k := range keys {
		ctx := e.ctx
		address := r.address()
		if k.context != nil {
			ctx = e.ctx.NewChild()
			ctx.Variables = k.context
			address += k.suffix
		}
		in := &instance{resource: r, address: address, key: k.name}
		in.node = e.body(r.block.Body, block, ctx, address, resourceArguments, shareOf{r.static, shared}.get)
		r.instances = append(r.instances, in)
	}
	switch {
	case r.data:
		e.publishData(r)
	case e.used[r.address()]:
		e.publish(r, block, known)
	}
}

type instanceKey struct {
	name    string
	suffix  string               // `["web-1"]`
	context map[string]cty.Value // each or count; nil for a single resource
}

func (e *evaluator) keys(r *resource) (keys []instanceKey, known bool) {
	single := []instanceKey{{}}
	switch {
	case r.forEach != nil:
		v := e.expr(r.forEach, e.ctx, r.address())
		if !v.IsWhollyKnown() && !v.IsKnown() || v.IsNull() {
			return []instanceKey{{context: map[string]cty.Value{"each": cty.DynamicVal}, suffix: "[*]"}}, false
		}
		if !v.CanIterateElements() || v.Type().IsListType() || v.Type().IsTupleType() {
			e.report(Finding{Stage: StageReferences, Rule: "references.for_each", Severity: Error, Address: r.address(), Range: r.forEach.Range()})
			return nil, false
		}
		if v.LengthInt() > maxInstances {
			e.report(Finding{Stage: StageReferences, Rule: "references.too_many", Severity: Error, Address: r.address(), Range: r.forEach.Range(), Args: []any{"limit", maxInstances}})
			return nil, false
		}
		for it := v.ElementIterator(); it.Next(); {
			k, element := it.Element()
			if v.Type().IsSetType() {
				k = element
			}
			if k.Type() != cty.String || !k.IsKnown() || k.IsNull() {
				return []instanceKey{{context: map[string]cty.Value{"each": cty.DynamicVal}, suffix: "[*]"}}, false
			}
			keys = append(keys, instanceKey{
				name: k.AsString(), suffix: fmt.Sprintf("[%q]", k.AsString()),
				context: map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": k, "value": element})},
			})
		}
		return keys, true
	case r.count != nil:
		v, err := convert.Convert(e.expr(r.count, e.ctx, r.address()), cty.Number)
		if err != nil || !v.IsKnown() || v.IsNull() {
			return []instanceKey{{context: map[string]cty.Value{"count": cty.DynamicVal}, suffix: "[*]"}}, false
		}
		n, _ := v.AsBigFloat().Int64()
		if n > maxInstances {
			e.report(Finding{Stage: StageReferences, Rule: "references.too_many", Severity: Error, Address: r.address(), Range: r.count.Range(), Args: []any{"limit", maxInstances}})
			return nil, false
		}
		for i := range max(n, 0) {
			keys = append(keys, instanceKey{
				name: fmt.Sprint(i), suffix: fmt.Sprintf("[%d]", i),
				context: map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(i)})},
			})
		}
		return keys, true
	}
	return single, true
}

func (e *evaluator) publish(r *resource, block *schema.Block, known bool) {
	var v cty.Value
	switch {
	case !known:
		v = cty.DynamicVal
	case r.forEach != nil:
		m := make(map[string]cty.Value, len(r.instances))
		for _, in := range r.instances {
			m[in.key] = in.value(block)
		}
		v = object(m)
	case r.count != nil:
		list := make([]cty.Value, len(r.instances))
		for i, in := range r.instances {
			list[i] = in.value(block)
		}
		v = cty.TupleVal(list)
	default:
		v = r.instances[0].value(block)
	}
	if e.byType[r.typ] == nil {
		e.byType[r.typ] = map[string]cty.Value{}
	}
	e.byType[r.typ][r.name] = v
	e.stale[r.typ] = true
}

func (e *evaluator) refresh() {
	for typ := range e.stale {
		e.root[typ] = object(e.byType[typ])
	}
	clear(e.stale)
}

func (e *evaluator) publishData(r *resource) {
	all := map[string]cty.Value{}
	if old, ok := e.root["data"]; ok {
		all = old.AsValueMap()
	}
	byName := map[string]cty.Value{}
	if old, ok := all[r.typ]; ok {
		byName = old.AsValueMap()
	}
	byName[r.name] = cty.DynamicVal
	all[r.typ] = cty.ObjectVal(byName)
	e.root["data"] = cty.ObjectVal(all)
}

func (in *instance) value(block *schema.Block) cty.Value {
	m := make(map[string]cty.Value, len(block.Attributes))
	for name, a := range block.Attributes {
		v, written := in.values[name]
		switch {
		case written && v.IsKnown() && v.Type() != cty.DynamicPseudoType:
			m[name] = v.Value
		case written || a.Computed:
			m[name] = cty.UnknownVal(a.Type.WithoutOptionalAttributesDeep())
		default:
			m[name] = cty.NullVal(a.Type.WithoutOptionalAttributesDeep())
		}
	}
	if strings.HasSuffix(in.resource.typ, "download_file") {
		if id, ok := in.volume(); ok {
			m["id"] = cty.StringVal(id)
		}
	}
	return cty.ObjectVal(m)
}

func (in *instance) volume() (string, bool) {
	store, a := in.text("datastore_id")
	content, b := in.text("content_type")
	file, c := in.text("file_name")
	return store + ":" + content + "/" + file, a && b && c
}
