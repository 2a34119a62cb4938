package review

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"proviso.dev/services/builder/internal/schema"
)

// checkSchema holds every block against what the language and the provider know. Values are looked at when they are
// evaluated (see evaluate), where the same stage reports types that do not fit.
func checkSchema(d *document, provider *schema.Provider, report func(Finding)) {
	s := schemaCheck{provider: provider, report: func(f Finding) {
		f.Stage = StageSchema
		if f.Severity == "" {
			f.Severity = Error
		}
		report(f)
	}}
	for _, b := range d.terraform {
		s.language(b.Body, "terraform", terraformBlock)
	}
	for _, b := range d.providers {
		if b.Labels[0] == "proxmox" {
			s.body(b.Body, "provider.proxmox", provider.Config(), providerArguments)
		}
	}
	for _, name := range d.names.variables {
		s.language(d.variables[name].block.Body, "var."+name, variableBlock)
	}
	for _, b := range d.outputs {
		s.language(b.Body, "output."+b.Labels[0], outputBlock)
	}
	for _, b := range d.others {
		if b.Type == "import" {
			s.language(b.Body, "import", importArguments)
		}
	}
	for _, r := range d.resources {
		s.resource(r)
	}
}

type schemaCheck struct {
	provider *schema.Provider
	report   func(Finding)
}

// arguments of the language itself, and the blocks that it knows.
type language struct {
	attributes []string
	required   []string
	blocks     map[string]*language // nil: not looked into
}

var (
	conditionBlock = &language{attributes: []string{"condition", "error_message"}, required: []string{"condition", "error_message"}}
	terraformBlock = &language{
		attributes: []string{"required_version", "experiments"},
		blocks:     map[string]*language{"required_providers": nil, "backend": nil, "cloud": nil, "provider_meta": nil, "encryption": nil},
	}
	variableBlock = &language{
		attributes: []string{"type", "default", "description", "sensitive", "nullable", "ephemeral", "deprecated"},
		blocks:     map[string]*language{"validation": conditionBlock},
	}
	outputBlock = &language{
		attributes: []string{"value", "description", "sensitive", "depends_on", "ephemeral", "deprecated"}, required: []string{"value"},
		blocks: map[string]*language{"precondition": conditionBlock},
	}
	lifecycleBlock = &language{
		attributes: []string{"create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by", "enabled", "destroy"},
		blocks:     map[string]*language{"precondition": conditionBlock, "postcondition": conditionBlock},
	}
)

var (
	resourceArguments = &language{
		attributes: []string{"count", "for_each", "provider", "depends_on"},
		blocks:     map[string]*language{"lifecycle": lifecycleBlock, "provisioner": nil, "connection": nil},
	}
	providerArguments = &language{attributes: []string{"alias", "for_each"}}
	noArguments       = &language{}
)

func (s schemaCheck) language(body *hclsyntax.Body, address string, l *language) {
	for _, a := range sortedAttributes(body) {
		if !slices.Contains(l.attributes, a.Name) {
			s.unknown(address, a.Name, a.NameRange)
		}
	}
	for _, name := range l.required {
		if body.Attributes[name] == nil {
			s.missing(address, name, body.Range())
		}
	}
	for _, b := range body.Blocks {
		inner, known := l.blocks[b.Type]
		switch {
		case !known:
			s.unknown(address, b.Type, b.TypeRange)
		case inner != nil:
			s.language(b.Body, address+"."+b.Type, inner)
		}
	}
}

func (s schemaCheck) unknown(address, name string, at hcl.Range) {
	s.report(Finding{Rule: "schema.unknown_argument", Address: address + "." + name, Range: at, Args: []any{"name", name}})
}

func (s schemaCheck) missing(address, name string, at hcl.Range) {
	s.report(Finding{Rule: "schema.missing_argument", Address: address, Range: at, Args: []any{"name", name}})
}

func (s schemaCheck) resource(r *resource) {
	block := s.provider.Resource(r.typ)
	if r.data {
		block = s.provider.DataSource(r.typ)
	}
	if block == nil {
		s.report(Finding{Rule: "schema.unknown_resource", Address: r.address(), Range: r.block.DefRange(), Args: []any{"name", r.typ, "version", schema.Version}})
		return
	}
	if r.forEach != nil && r.count != nil {
		s.report(Finding{Rule: "schema.count_and_for_each", Address: r.address(), Range: r.block.DefRange()})
	}
	s.body(r.block.Body, r.address(), block, resourceArguments)
}

// body checks one body; extra are the arguments of the language that it takes besides.
func (s schemaCheck) body(body *hclsyntax.Body, address string, b *schema.Block, extra *language) {
	for name, a := range body.Attributes {
		attr, known := b.Attributes[name]
		switch {
		case slices.Contains(extra.attributes, name):
		case !known:
			s.unknown(address, name, a.NameRange)
		case attr.ReadOnly():
			s.report(Finding{Rule: "schema.read_only", Address: address + "." + name, Range: a.NameRange, Args: []any{"name", name}})
		}
	}
	for name, attr := range b.Attributes {
		if attr.Required && body.Attributes[name] == nil {
			s.missing(address, name, body.Range())
		}
	}
	var counts map[string]int
	if len(body.Blocks) > 0 {
		counts = make(map[string]int, len(body.Blocks))
	}
	for _, inner := range body.Blocks {
		typeName, content := inner.Type, inner.Body
		dynamic := isDynamic(inner)
		if dynamic {
			if typeName, content = inner.Labels[0], dynamicContent(inner); content == nil {
				s.missing(address+".dynamic."+typeName, "content", inner.DefRange())
				continue
			}
		}
		if l, known := extra.blocks[typeName]; known {
			if l != nil {
				s.language(content, address+"."+typeName, l)
			}
			continue
		}
		nested := b.Nested(typeName)
		if nested == nil {
			s.unknown(address, typeName, inner.TypeRange)
			continue
		}
		place := fmt.Sprintf("%s.%s[%d]", address, typeName, counts[typeName])
		if dynamic {
			// How many there are is known after evaluation only.
			place = address + "." + typeName
		} else {
			counts[typeName]++
		}
		if nested.MaxItems > 0 && counts[typeName] > nested.MaxItems {
			s.report(Finding{Rule: "schema.too_many_blocks", Address: place, Range: inner.DefRange(), Args: []any{"name", typeName, "limit", nested.MaxItems}})
		}
		s.body(content, place, &nested.Block, noArguments)
	}
	for name, nested := range b.Blocks {
		if counts[name] < nested.MinItems {
			s.missing(address, name, body.Range())
		}
	}
}

// dynamicContent returns the body of a dynamic block's content, nil when it has none.
func dynamicContent(b *hclsyntax.Block) *hclsyntax.Body {
	for _, inner := range b.Body.Blocks {
		if inner.Type == "content" {
			return inner.Body
		}
	}
	return nil
}
