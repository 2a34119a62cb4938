package terraform

import (
	"io/fs"
	"math/big"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Bounds of evaluation: values that double from local to local are given up early.
const (
	maxExpression = 8 << 10 // bytes of source
	maxText       = 4 << 10 // bytes of a value
	maxElements   = 1024    // of a value, with everything in it
	maxRounds     = 8       // locals that stand for locals
	maxNames      = 4096    // variables and locals of a module
)

// A scope is what of a module has a known value.
type scope struct {
	variables map[string]cty.Value
	locals    map[string]cty.Value
	context   *hcl.EvalContext
}

// functions are pure, and make nothing larger than what they are given.
var functions = map[string]function.Function{
	"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
	"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String), "tonumber": stdlib.MakeToFunc(cty.Number),
	"tobool": stdlib.MakeToFunc(cty.Bool), "lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc,
	"floor": stdlib.FloorFunc, "ceil": stdlib.CeilFunc, "keys": stdlib.KeysFunc, "values": stdlib.ValuesFunc, "length": stdlib.LengthFunc,
}

// renew makes the context after values were added.
func (s *scope) renew() {
	s.context = &hcl.EvalContext{
		Variables: map[string]cty.Value{"var": cty.ObjectVal(s.variables), "local": cty.ObjectVal(s.locals)},
		Functions: functions,
	}
}

// resolve gives every module its scope: defaults of variables unless a file of values or a calling module sets them, and
// what locals make of them.
func resolve(files fs.FS, order []*module, modules map[string]*module) {
	for _, m := range order {
		m.scope = &scope{variables: map[string]cty.Value{}, locals: map[string]cty.Value{}}
		m.scope.renew()
		set := assigned(files, m.dir)
		for _, f := range m.files {
			for _, b := range f.content.Blocks.OfType("variable") {
				m.scope.declare(b, set)
			}
		}
		m.scope.renew()
		m.locals()
	}
	// A module that others call has what they pass. Callers mostly stand above what they call, and so come first.
	passed := map[string]map[string][]cty.Value{} // by folder and variable; cty.NilVal: not known
	for _, m := range order {
		for _, f := range m.files {
			for _, b := range f.content.Blocks.OfType("module") {
				dir := path.Join(m.dir, m.scope.text(b.Body, "source"))
				if source := m.scope.text(b.Body, "source"); !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") || modules[dir] == nil {
					continue
				}
				if passed[dir] == nil {
					passed[dir] = map[string][]cty.Value{}
				}
				attributes, _ := b.Body.JustAttributes()
				for name, a := range attributes {
					value, ok := m.scope.evaluate(a.Expr)
					if !ok {
						value = cty.NilVal
					}
					passed[dir][name] = append(passed[dir][name], value)
				}
			}
		}
	}
	for dir, names := range passed {
		s := modules[dir].scope
		for name, values := range names {
			if _, declared := s.variables[name]; declared || !modules[dir].sensitive(name) {
				delete(s.variables, name)
				if len(values) == 1 && values[0] != cty.NilVal {
					s.variables[name] = values[0]
				}
			}
		}
		s.locals = map[string]cty.Value{}
		s.renew()
		modules[dir].locals()
	}
}

// assigned are the variables that files of values set; the values themselves are not looked at.
func assigned(files fs.FS, dir string) map[string]bool {
	set := map[string]bool{}
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return set
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".json")
		if name != "terraform.tfvars" && !strings.HasSuffix(name, ".auto.tfvars") {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
			continue
		}
		data, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil || tooDeep(data) > 0 {
			continue
		}
		var parsed *hcl.File
		if strings.HasSuffix(e.Name(), ".json") {
			parsed, _ = json.Parse(data, e.Name())
		} else {
			parsed, _ = hclsyntax.ParseConfig(data, e.Name(), hcl.InitialPos)
		}
		if parsed == nil || parsed.Body == nil {
			continue
		}
		attributes, _ := parsed.Body.JustAttributes()
		for name := range attributes {
			set[name] = true
		}
	}
	return set
}

// declare takes the default of a variable.
func (s *scope) declare(b *hcl.Block, set map[string]bool) {
	name := b.Labels[0]
	if set[name] || len(s.variables) > maxNames || reading.SecretName(name) || isSensitive(s, b.Body) {
		return
	}
	if value, ok := s.attribute(b.Body, "default"); ok && !value.IsNull() {
		s.variables[name] = value
	}
}

// isSensitive reports whether a variable's block says so, or says something unknown about it.
func isSensitive(s *scope, body hcl.Body) bool {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "sensitive"}, {Name: "ephemeral"}}})
	if content == nil {
		return true
	}
	for _, a := range content.Attributes {
		if value, ok := s.evaluate(a.Expr); !ok || value.IsNull() || value.Type() != cty.Bool || value.True() {
			return true
		}
	}
	return false
}

// sensitive reports whether a variable of the module is.
func (m *module) sensitive(name string) bool {
	if reading.SecretName(name) {
		return true
	}
	for _, f := range m.files {
		for _, b := range f.content.Blocks.OfType("variable") {
			if b.Labels[0] == name {
				return isSensitive(m.scope, b.Body)
			}
		}
	}
	return true // it is declared nowhere
}

// locals evaluates the locals, those that stand for others after them.
func (m *module) locals() {
	open := map[string]hcl.Expression{}
	for _, f := range m.files {
		for _, b := range f.content.Blocks.OfType("locals") {
			attributes, _ := b.Body.JustAttributes()
			for name, a := range attributes {
				if len(open) < maxNames {
					open[name] = a.Expr
				}
			}
		}
	}
	for range maxRounds {
		found := false
		for name, e := range open {
			if value, ok := m.scope.evaluate(e); ok {
				m.scope.locals[name] = value
				delete(open, name)
				found = true
			}
		}
		if !found {
			return
		}
		m.scope.renew()
	}
}

// evaluate evaluates an expression whose parts are all known, within bounds.
func (s *scope) evaluate(e hcl.Expression) (cty.Value, bool) {
	if r := e.Range(); r.End.Byte-r.Start.Byte > maxExpression || nestedLoops(e) {
		return cty.NilVal, false
	}
	value, problems := e.Value(s.context)
	if problems.HasErrors() || value == cty.NilVal || value.IsMarked() || !value.IsWhollyKnown() {
		return cty.NilVal, false
	}
	elements, bytes := 0, 0
	err := cty.Walk(value, func(_ cty.Path, v cty.Value) (bool, error) {
		elements++
		if v.Type() == cty.String && !v.IsNull() {
			bytes += len(v.AsString())
		}
		return elements <= maxElements, nil
	})
	return value, err == nil && elements <= maxElements && bytes <= maxText
}

// nestedLoops reports whether a loop stands inside of another.
func nestedLoops(e hcl.Expression) bool {
	node, ok := e.(hclsyntax.Node)
	if !ok {
		return false // JSON: its texts are templates, which have loops of their own
	}
	w := &loops{}
	_ = hclsyntax.Walk(node, w)
	return w.nested
}

// loops walks an expression.
type loops struct {
	depth  int
	nested bool
}

// Enter implements [hclsyntax.Walker].
func (w *loops) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(*hclsyntax.ForExpr); ok {
		w.depth++
		w.nested = w.nested || w.depth > 1
	}
	return nil
}

// Exit implements [hclsyntax.Walker].
func (w *loops) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(*hclsyntax.ForExpr); ok {
		w.depth--
	}
	return nil
}

// attribute is the value of an attribute; false: it is not written or not known.
func (s *scope) attribute(body hcl.Body, name string) (cty.Value, bool) {
	e := expression(body, name)
	if e == nil {
		return cty.NilVal, false
	}
	return s.evaluate(e)
}

// expression is what is written behind an attribute; nil: nothing.
func expression(body hcl.Body, name string) hcl.Expression {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: name}}})
	if content == nil || content.Attributes[name] == nil {
		return nil
	}
	return content.Attributes[name].Expr
}

// blocks are the blocks of a type.
func blocks(body hcl.Body, typ string) []*hcl.Block {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: typ}}})
	if content == nil {
		return nil
	}
	return content.Blocks
}

// text is the text of an attribute; empty: not known.
func (s *scope) text(body hcl.Body, name string) string {
	value, ok := s.attribute(body, name)
	if !ok {
		return ""
	}
	text, _ := asText(value)
	return text
}

// asText is a text or a number as a text.
func asText(value cty.Value) (string, bool) {
	if value == cty.NilVal || value.IsNull() || !slices.Contains([]cty.Type{cty.String, cty.Number}, value.Type()) {
		return "", false
	}
	if text, err := convert.Convert(value, cty.String); err == nil {
		return text.AsString(), true
	}
	return "", false
}

// asNumber is a whole number, which may be written as a text.
func asNumber(value cty.Value) (int64, bool) {
	if value == cty.NilVal || value.IsNull() || !slices.Contains([]cty.Type{cty.String, cty.Number}, value.Type()) {
		return 0, false
	}
	number, err := convert.Convert(value, cty.Number)
	if err != nil {
		return 0, false
	}
	n, exact := number.AsBigFloat().Int64()
	return n, exact == big.Exact
}
