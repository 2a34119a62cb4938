package review

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxFileBytes bounds one file: a manifest of 1,000 machines that are all different takes about 1.5 MiB.
const maxFileBytes = 4 << 20

// maxNesting bounds how deep brackets may stand in one another: the parser descends with them, and a stack that overflows
// ends the process.
const maxNesting = 10_000

// nesting is at least as deep as the deepest bracket of the text. Brackets in strings and comments count, which errs on
// the safe side.
func nesting(text string) int {
	depth, deepest := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return deepest
}

// A document is the parsed configuration: its declarations by kind, in order of appearance.
type document struct {
	terraform []*hclsyntax.Block
	providers []*hclsyntax.Block
	variables map[string]*variable
	locals    map[string]*local
	resources []*resource
	byAddress map[string]*resource
	outputs   []*hclsyntax.Block
	others    []*hclsyntax.Block // module, moved, import, check, …
	names     struct{ variables, locals []string }
}

type variable struct {
	block *hclsyntax.Block
	used  bool
}

type local struct {
	attr *hclsyntax.Attribute
	used bool
}

// A resource is one resource or data block.
type resource struct {
	typ, name string
	data      bool
	block     *hclsyntax.Block
	forEach   hclsyntax.Expression
	count     hclsyntax.Expression
	static    map[*hclsyntax.Block]bool // blocks that do not differ between instances
	uses      map[string]bool           // addresses of the resources it refers to
	instances []*instance
}

// address is how the configuration refers to it.
func (r *resource) address() string {
	if r.data {
		return "data." + r.typ + "." + r.name
	}
	return r.typ + "." + r.name
}

// parse reads the configuration out of the files that hold one; others are none of its business.
func parse(files []File, report func(Finding)) *document {
	d := &document{variables: map[string]*variable{}, locals: map[string]*local{}, byAddress: map[string]*resource{}}
	ok := true
	fail := func(f Finding) {
		ok = false
		f.Stage, f.Severity = StageParse, Error
		report(f)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Path, ".tf") {
			continue
		}
		if len(file.Content) > maxFileBytes {
			fail(Finding{Rule: "parse.too_large", Range: hcl.Range{Filename: file.Path}, Args: []any{"bytes", len(file.Content), "limit", maxFileBytes}})
			continue
		}
		if deep := nesting(file.Content); deep > maxNesting {
			fail(Finding{Rule: "parse.too_deep", Range: hcl.Range{Filename: file.Path}, Args: []any{"depth", deep, "limit", maxNesting}})
			continue
		}
		bodies, diags := parseFile(file)
		for _, diag := range diags {
			if diag.Severity == hcl.DiagError {
				fail(Finding{Rule: "parse.syntax", Range: pointsAt(diag), Args: []any{"detail", diag.Summary + ": " + diag.Detail}})
			}
		}
		if diags.HasErrors() {
			continue
		}
		for _, body := range bodies {
			for _, a := range sortedAttributes(body) {
				fail(Finding{Rule: "parse.stray_argument", Address: a.Name, Range: a.SrcRange, Args: []any{"name", a.Name}})
			}
			for _, b := range body.Blocks {
				d.add(b, fail)
			}
		}
	}
	if !ok {
		return nil
	}
	slices.Sort(d.names.variables)
	slices.Sort(d.names.locals)
	return d
}

// chunkBytes is where a file is long enough to be parsed in pieces.
const chunkBytes = 32 << 10

// parseFile parses a file. The parser's list of tokens grows by copying, which for a manifest of a thousand machines takes
// most of the time: a long file is therefore cut behind closing braces in the first column and parsed piece by piece, on
// all processors. A piece that parses has no open string, comment or block, so the pieces together are the file; if any
// does not parse, the file is parsed as a whole, which also gives its diagnostics.
func parseFile(file File) ([]*hclsyntax.Body, hcl.Diagnostics) {
	if len(file.Content) > 2*chunkBytes {
		if bodies := parsePieces(cut(file)); bodies != nil {
			return bodies, nil
		}
	}
	parsed, diags := hclsyntax.ParseConfig([]byte(file.Content), file.Path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	return []*hclsyntax.Body{parsed.Body.(*hclsyntax.Body)}, diags
}

// A piece is a part of a file, and where it begins.
type piece struct {
	path, text string
	start      hcl.Pos
}

func cut(file File) []piece {
	var out []piece
	start := hcl.InitialPos
	for rest := file.Content; rest != ""; {
		end := len(rest)
		if end > chunkBytes {
			if i := strings.Index(rest[chunkBytes:], "\n}\n"); i >= 0 {
				end = chunkBytes + i + len("\n}\n")
			}
		}
		out = append(out, piece{file.Path, rest[:end], start})
		start.Byte += end
		start.Line += strings.Count(rest[:end], "\n")
		rest = rest[end:]
	}
	return out
}

// parsePieces returns the bodies of the pieces, nil when any of them does not parse.
func parsePieces(pieces []piece) []*hclsyntax.Body {
	bodies := make([]*hclsyntax.Body, len(pieces))
	var next atomic.Int32
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pieces)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(pieces); i = int(next.Add(1)) - 1 {
				p := pieces[i]
				if parsed, diags := hclsyntax.ParseConfig([]byte(p.text), p.path, p.start); !diags.HasErrors() {
					bodies[i] = parsed.Body.(*hclsyntax.Body)
				}
			}
		})
	}
	workers.Wait()
	if slices.Contains(bodies, nil) {
		return nil
	}
	return bodies
}

// labels that each kind of block takes.
var labels = map[string]int{
	"terraform": 0, "locals": 0, "provider": 1, "variable": 1, "output": 1, "module": 1, "resource": 2, "data": 2,
	"moved": 0, "import": 0, "removed": 0, "check": 1, "ephemeral": 2,
}

func (d *document) add(b *hclsyntax.Block, fail func(Finding)) {
	want, known := labels[b.Type]
	if !known || len(b.Labels) != want {
		fail(Finding{Rule: "parse.unknown_block", Address: b.Type, Range: b.DefRange(), Args: []any{"name", b.Type}})
		return
	}
	twice := func(address string) {
		fail(Finding{Rule: "parse.declared_twice", Address: address, Range: b.DefRange(), Args: []any{"name", address}})
	}
	switch b.Type {
	case "terraform":
		d.terraform = append(d.terraform, b)
	case "provider":
		d.providers = append(d.providers, b)
	case "variable":
		if d.variables[b.Labels[0]] != nil {
			twice("var." + b.Labels[0])
			return
		}
		d.variables[b.Labels[0]] = &variable{block: b}
		d.names.variables = append(d.names.variables, b.Labels[0])
	case "locals":
		for _, a := range sortedAttributes(b.Body) {
			if d.locals[a.Name] != nil {
				twice("local." + a.Name)
				continue
			}
			d.locals[a.Name] = &local{attr: a}
			d.names.locals = append(d.names.locals, a.Name)
		}
	case "resource", "data":
		r := &resource{typ: b.Labels[0], name: b.Labels[1], data: b.Type == "data", block: b}
		if d.byAddress[r.address()] != nil {
			twice(r.address())
			return
		}
		if a := b.Body.Attributes["for_each"]; a != nil {
			r.forEach = a.Expr
		}
		if a := b.Body.Attributes["count"]; a != nil {
			r.count = a.Expr
		}
		d.resources = append(d.resources, r)
		d.byAddress[r.address()] = r
	case "output":
		for _, o := range d.outputs {
			if o.Labels[0] == b.Labels[0] {
				twice("output." + b.Labels[0])
				return
			}
		}
		d.outputs = append(d.outputs, b)
	default:
		d.others = append(d.others, b)
	}
}

// pointsAt is where a diagnostic points.
func pointsAt(d *hcl.Diagnostic) hcl.Range {
	if d.Subject != nil {
		return *d.Subject
	}
	return hcl.Range{}
}

// sortedAttributes returns the attributes of a body in order of appearance.
func sortedAttributes(b *hclsyntax.Body) []*hclsyntax.Attribute {
	out := make([]*hclsyntax.Attribute, 0, len(b.Attributes))
	for _, a := range b.Attributes {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return out
}
