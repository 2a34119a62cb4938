package bpg

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// A block writes one body, in order. Its methods take values, never HCL text, but for expr.
type block struct {
	body  *hclwrite.Body
	begun *bool // something was written
}

func newFile() (*hclwrite.File, block) {
	f := hclwrite.NewEmptyFile()
	return f, block{f.Body(), new(bool)}
}

// finish returns the file as written: hclwrite formats it on the way out.
func finish(f *hclwrite.File) string { return string(f.Bytes()) }

// block appends a nested block, with a blank line before it unless it is the first thing in its body.
func (b block) block(typ string, labels ...string) block {
	b.gap()
	*b.begun = true
	return block{b.body.AppendNewBlock(typ, labels).Body(), new(bool)}
}

// gap writes a blank line, but not at the beginning.
func (b block) gap() {
	if *b.begun {
		b.body.AppendNewline()
	}
}

func (b block) value(name string, v cty.Value) {
	*b.begun = true
	b.body.SetAttributeValue(name, v)
}

func (b block) raw(name string, ts hclwrite.Tokens) {
	*b.begun = true
	b.body.SetAttributeRaw(name, ts)
}

func (b block) text(name, v string)       { b.value(name, cty.StringVal(v)) }
func (b block) number(name string, v int) { b.value(name, cty.NumberIntVal(int64(v))) }
func (b block) flag(name string, v bool)  { b.value(name, cty.BoolVal(v)) }

func (b block) texts(name string, vs []string) {
	if len(vs) == 0 {
		b.value(name, cty.ListValEmpty(cty.String))
		return
	}
	// A literal of several long strings reads better one a line, as a diff does.
	long := 0
	list := make([]hclwrite.Tokens, len(vs))
	for i, v := range vs {
		list[i] = hclwrite.TokensForValue(cty.StringVal(v))
		long += len(v)
	}
	if long <= 80 {
		b.raw(name, hclwrite.TokensForTuple(list))
		return
	}
	b.raw(name, oneALine(list))
}

func oneALine(list []hclwrite.Tokens) hclwrite.Tokens {
	newline := &hclwrite.Token{Type: hclsyntax.TokenNewline, Bytes: []byte("\n")}
	out := hclwrite.Tokens{{Type: hclsyntax.TokenOBrack, Bytes: []byte("[")}, newline}
	for _, ts := range list {
		out = append(append(out, ts...), &hclwrite.Token{Type: hclsyntax.TokenComma, Bytes: []byte(",")}, newline)
	}
	return append(out, &hclwrite.Token{Type: hclsyntax.TokenCBrack, Bytes: []byte("]")})
}

// ref writes a reference such as each.value.vm_id.
func (b block) ref(name string, path ...string) {
	t := hcl.Traversal{hcl.TraverseRoot{Name: path[0]}}
	for _, p := range path[1:] {
		t = append(t, hcl.TraverseAttr{Name: p})
	}
	b.raw(name, hclwrite.TokensForTraversal(t))
}

var identifierPattern = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// expr writes an expression that is fixed but for identifiers: each %s in the pattern takes one of names, and nothing
// but an identifier is let in.
func (b block) expr(name, pattern string, ids ...string) {
	args := make([]any, len(ids))
	for i, id := range ids {
		if !identifierPattern.MatchString(id) {
			panic(fmt.Sprintf("bpg: %q is no identifier", id))
		}
		args[i] = id
	}
	text := fmt.Sprintf(pattern, args...)
	f, diags := hclwrite.ParseConfig([]byte("x = "+text+"\n"), "", hcl.InitialPos)
	if diags.HasErrors() {
		panic("bpg: " + diags.Error())
	}
	b.raw(name, f.Body().GetAttribute("x").Expr().BuildTokens(nil))
}

// comment writes a comment of fixed text, one line each.
func (b block) comment(lines ...string) {
	*b.begun = true
	for _, l := range lines {
		// A catalogue text holds no newline; this keeps it so whatever happens.
		l = "# " + strings.ReplaceAll(strings.ReplaceAll(l, "\n", " "), "\r", " ") + "\n"
		b.body.AppendUnstructuredTokens(hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte(l)}})
	}
}
