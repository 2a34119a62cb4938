// Package terraform reads what Terraform and OpenTofu code declares: providers, modules, resources, data, and the Proxmox
// guests of both dialects.
//
// It owns the reading of literals and of what plainly stands for one: variables with a literal default, locals, templates of
// those. It runs no Terraform, reads no state, calls no function that reads or writes anything, and keeps no value of a
// sensitive variable.
package terraform

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Bounds of what is read. The parser calls itself for every bracket, and a stack that is too deep ends the process.
const (
	maxFile      = 1 << 20
	maxFiles     = 2000
	maxDepth     = 200
	maxResources = 1024
)

// A module is the files of a folder.
type module struct {
	dir   string
	files []file
	scope *scope
}

// A file is a parsed file.
type file struct {
	path    string
	content *hcl.BodyContent
}

// schema is what of a file is read.
var schema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "terraform"},
	{Type: "provider", LabelNames: []string{"name"}},
	{Type: "module", LabelNames: []string{"name"}},
	{Type: "resource", LabelNames: []string{"type", "name"}},
	{Type: "data", LabelNames: []string{"type", "name"}},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "locals"},
}}

// Read reads *.tf, *.tofu, *.tf.json and *.tofu.json files; each folder is a module.
func Read(files fs.FS, paths []string) reading.Result {
	var result reading.Result
	modules := map[string]*module{}
	paths = slices.Sorted(slices.Values(paths))
	for i, p := range paths {
		if i >= maxFiles {
			result.Problem(p, 0, "too_many", "There are more than "+strconv.Itoa(maxFiles)+" files; the rest is not read.")
			break
		}
		if twin := strings.TrimSuffix(p, ".tf") + ".tofu"; twin != p+".tofu" && slices.Contains(paths, twin) {
			result.Consumed = append(result.Consumed, p) // OpenTofu reads the other one in its place
			continue
		}
		content, ok := parse(files, p, &result)
		if !ok {
			continue
		}
		result.Consumed = append(result.Consumed, p)
		dir := path.Dir(p)
		if modules[dir] == nil {
			modules[dir] = &module{dir: dir}
		}
		modules[dir].files = append(modules[dir].files, file{p, content})
	}
	order := slices.SortedFunc(mapValues(modules), func(a, b *module) int { return cmp.Compare(a.dir, b.dir) })
	resolve(files, order, modules)
	for _, m := range order {
		m.read(&result)
	}
	if len(result.Resources) > maxResources {
		result.Resources = result.Resources[:maxResources]
		result.Problem("", 0, "too_many", "The code declares more than "+strconv.Itoa(maxResources)+" resources; the rest is not told.")
	}
	return result
}

// mapValues ranges over the values of a map.
func mapValues(m map[string]*module) func(yield func(*module) bool) {
	return func(yield func(*module) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// parse reads one file; false: it cannot be.
func parse(files fs.FS, p string, result *reading.Result) (*hcl.BodyContent, bool) {
	info, err := fs.Stat(files, p)
	if err != nil || info.Size() > maxFile {
		result.Problem(p, 0, "too_large", "The file is larger than "+strconv.Itoa(maxFile>>20)+" MiB, or cannot be read.")
		return nil, false
	}
	data, err := fs.ReadFile(files, p)
	if err != nil {
		result.Problem(p, 0, "too_large", "The file cannot be read.")
		return nil, false
	}
	if line := tooDeep(data); line > 0 {
		result.Problem(p, line, "too_large", "The file nests deeper than "+strconv.Itoa(maxDepth)+" levels.")
		return nil, false
	}
	var parsed *hcl.File
	var problems hcl.Diagnostics
	if strings.HasSuffix(p, ".json") {
		parsed, problems = json.Parse(data, p)
	} else {
		parsed, problems = hclsyntax.ParseConfig(data, p, hcl.InitialPos)
	}
	for _, d := range problems {
		if d.Severity != hcl.DiagError {
			continue
		}
		line := 0
		if d.Subject != nil {
			line = d.Subject.Start.Line
		}
		result.Problem(p, line, "syntax", "The file cannot be parsed: "+d.Summary+".")
		break // what follows follows from it
	}
	if parsed == nil || parsed.Body == nil {
		return nil, false
	}
	content, _, _ := parsed.Body.PartialContent(schema) // what else stands there is not asked for
	return content, content != nil
}

// tooDeep is the line on which brackets or signs nest too deep; 0: nowhere. It counts those in texts too.
func tooDeep(data []byte) int {
	depth, signs, line := 0, 0, 1
	for _, c := range data {
		switch c {
		case '\n':
			line++
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
		if c == '!' || c == '-' {
			signs++
		} else if c != ' ' {
			signs = 0
		}
		if depth > maxDepth || signs > 100*maxDepth {
			return line
		}
	}
	return 0
}

// read takes what a module declares, in the order of its files.
func (m *module) read(result *reading.Result) {
	required := map[string]bool{}
	for _, f := range m.files {
		for _, b := range f.content.Blocks.OfType("terraform") {
			for _, r := range blocks(b.Body, "required_providers") {
				m.providers(f.path, r.Body, required, result)
			}
		}
	}
	for _, f := range m.files {
		for _, b := range f.content.Blocks {
			switch b.Type {
			case "provider":
				if !required[b.Labels[0]] {
					required[b.Labels[0]] = true
					m.add(result, f.path, b.DefRange, "provider."+b.Labels[0], "provider", "", m.scope.text(b.Body, "version"))
				}
			case "module":
				m.add(result, f.path, b.DefRange, "module."+b.Labels[0], "module", m.scope.text(b.Body, "source"), m.scope.text(b.Body, "version"))
			case "data":
				m.add(result, f.path, b.DefRange, "data."+b.Labels[0]+"."+b.Labels[1], "data", b.Labels[0], "")
			case "resource":
				if d := m.add(result, f.path, b.DefRange, b.Labels[0]+"."+b.Labels[1], "resource", b.Labels[0], ""); d != nil {
					d.Guest = m.scope.guest(b.Labels[0], b.Body)
				}
			}
		}
	}
}

// providers takes the required providers, in both of their forms.
func (m *module) providers(p string, body hcl.Body, required map[string]bool, result *reading.Result) {
	attributes, _ := body.JustAttributes()
	sorted := slices.SortedFunc(attributeValues(attributes), func(a, b *hcl.Attribute) int {
		return cmp.Or(cmp.Compare(a.NameRange.Start.Line, b.NameRange.Start.Line), cmp.Compare(a.Name, b.Name))
	})
	for _, a := range sorted {
		required[a.Name] = true
		var source, version string
		if written := pairs(a.Expr); written != nil { // each by itself: aliases among them cannot be evaluated
			if value, ok := m.scope.member(a.Expr, "source"); ok {
				source, _ = asText(value)
			}
			if value, ok := m.scope.member(a.Expr, "version"); ok {
				version, _ = asText(value)
			}
		} else if value, ok := m.scope.evaluate(a.Expr); ok {
			version, _ = asText(value)
		}
		m.add(result, p, a.NameRange, "provider."+a.Name, "provider", source, version)
	}
}

// attributeValues ranges over the values of a map.
func attributeValues(m hcl.Attributes) func(yield func(*hcl.Attribute) bool) {
	return func(yield func(*hcl.Attribute) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// credentials finds what stands before the host of an address.
var credentials = regexp.MustCompile(`://[^/@\s]*@`)

// add adds a declaration.
func (m *module) add(result *reading.Result, p string, where hcl.Range, address, kind, typ, version string) *provisov1.DeclaredResource {
	if address = reading.Cut(address, 512); len(result.Resources) > maxResources {
		return nil
	}
	typ, _ = redact.Text(credentials.ReplaceAllString(typ, "://"))
	d := &provisov1.DeclaredResource{
		Address: address, Kind: kind, Type: reading.Cut(typ, 512), Version: reading.Cut(version, 128),
		Evidence: reading.At(p, where.Start.Line, reading.Terraform),
	}
	result.Resources = append(result.Resources, d)
	return d
}
