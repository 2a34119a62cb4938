// Package schema holds the pinned provider's schema as data: which resources exist, and which arguments and blocks each
// one takes.
//
// It owns the decoding and the types. It has no prose, no defaults (the provider's schema carries none) and no opinion:
// what a manifest may contain is decided in internal/review. The data is written by the command in generate/ from
// `tofu providers schema -json`, so that nobody has to type it.
package schema

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/zclconf/go-cty/cty"
)

//go:generate go run ./generate -tofu ../../../../bin/tofu -mirror ../../../../bin/plugins -out bpg.json.gz

// Source and Version identify the provider that the data was taken from.
const (
	Source  = "bpg/proxmox"
	Version = "0.111.1"
)

//go:embed bpg.json.gz
var compressed []byte

// Nesting says how often a block may be written.
type Nesting string

// The nestings that the provider uses.
const (
	NestingSingle Nesting = "single"
	NestingList   Nesting = "list"
	NestingSet    Nesting = "set"
	NestingMap    Nesting = "map"
)

// A Block is the content of a resource, of a data source, of the provider's configuration, or of a block within them.
type Block struct {
	Attributes map[string]*Attribute   `json:"attributes,omitempty"`
	Blocks     map[string]*NestedBlock `json:"blocks,omitempty"`
	Deprecated bool                    `json:"deprecated,omitempty"`
	written    map[string]*NestedBlock // attributes that are written as blocks
}

// An Attribute is one argument or computed value.
type Attribute struct {
	// Type is what a value is converted to. Attributes of objects that may be left out are optional in it.
	Type       cty.Type `json:"type"`
	Required   bool     `json:"required,omitempty"`
	Optional   bool     `json:"optional,omitempty"`
	Computed   bool     `json:"computed,omitempty"`
	Sensitive  bool     `json:"sensitive,omitempty"`
	Deprecated bool     `json:"deprecated,omitempty"`
}

// ReadOnly reports whether only the provider sets the attribute.
func (a *Attribute) ReadOnly() bool { return a.Computed && !a.Optional && !a.Required }

// A NestedBlock is a block within a block.
type NestedBlock struct {
	Nesting  Nesting `json:"nesting"`
	MinItems int     `json:"min,omitempty"` // fewest blocks
	MaxItems int     `json:"max,omitempty"` // most blocks; 0: any number
	Block    Block   `json:"block"`
}

// Document is the form of the stored data.
type Document struct {
	Source    string                     `json:"source"`
	Version   string                     `json:"version"`
	Provider  Block                      `json:"provider"`
	Resources map[string]json.RawMessage `json:"resources"`
	Data      map[string]json.RawMessage `json:"data"`
}

// A Provider answers questions about the provider's schema. It is safe for concurrent use; a resource is decoded when it
// is first asked for.
type Provider struct {
	document Document
	decoded  sync.Map // kind + name -> *Block
}

// Load returns the pinned provider's schema. An error means that the embedded data is damaged.
var Load = sync.OnceValues(func() (*Provider, error) {
	zr, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("open provider schema: %w", err)
	}
	raw, err := io.ReadAll(zr)
	if err != nil {
		return nil, fmt.Errorf("decompress provider schema: %w", err)
	}
	p := &Provider{}
	if err := json.Unmarshal(raw, &p.document); err != nil {
		return nil, fmt.Errorf("decode provider schema: %w", err)
	}
	return p, nil
})

// Config returns the schema of the provider block.
func (p *Provider) Config() *Block { return &p.document.Provider }

// Resource returns the schema of a resource type, or nil when the provider has none of that name.
func (p *Provider) Resource(name string) *Block { return p.lookup("r", name, p.document.Resources) }

// DataSource returns the schema of a data source, or nil when the provider has none of that name.
func (p *Provider) DataSource(name string) *Block { return p.lookup("d", name, p.document.Data) }

func (p *Provider) lookup(kind, name string, in map[string]json.RawMessage) *Block {
	if b, ok := p.decoded.Load(kind + name); ok {
		return b.(*Block)
	}
	raw, ok := in[name]
	if !ok {
		return nil
	}
	b := new(Block)
	if err := json.Unmarshal(raw, b); err != nil {
		// The data is embedded and covered by a test that decodes all of it.
		panic(fmt.Sprintf("provider schema of %s: %v", name, err))
	}
	if a := b.Attributes[networkDevice]; a != nil {
		b.written = map[string]*NestedBlock{networkDevice: asBlock(a.Type)}
	}
	actual, _ := p.decoded.LoadOrStore(kind+name, b)
	return actual.(*Block)
}

// networkDevice is the one attribute, among those of all resources, that the provider declares as a list of objects and that
// people write as blocks.
const networkDevice = "network_device"

// Nested returns the schema of a block within the block, nil when there is none of that name.
func (b *Block) Nested(name string) *NestedBlock {
	if n := b.Blocks[name]; n != nil {
		return n
	}
	return b.written[name]
}

// asBlock reads a list of objects as the blocks that it is written as.
func asBlock(t cty.Type) *NestedBlock {
	n := &NestedBlock{Nesting: NestingList, Block: Block{Attributes: map[string]*Attribute{}}}
	for name, typ := range t.ElementType().AttributeTypes() {
		n.Block.Attributes[name] = &Attribute{Type: typ, Optional: true}
	}
	return n
}
