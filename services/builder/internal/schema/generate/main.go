// Command generate writes the pinned provider's schema, without its prose, as compressed JSON.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"

	"proviso.dev/services/builder/internal/schema"
)

func main() {
	tofu := flag.String("tofu", "", "path of the tofu binary")
	mirror := flag.String("mirror", "", "filesystem mirror that holds the provider")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := run(*tofu, *mirror, *out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(tofu, mirror, out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	raw, err := read(ctx, tofu, mirror)
	if err != nil {
		return err
	}
	var schemas tfjson.ProviderSchemas
	if err := json.Unmarshal(raw, &schemas); err != nil {
		return fmt.Errorf("decode provider schema: %w", err)
	}
	p, ok := schemas.Schemas["registry.opentofu.org/"+schema.Source]
	if !ok {
		return fmt.Errorf("no schema of %s", schema.Source)
	}
	doc := schema.Document{Source: schema.Source, Version: schema.Version, Provider: block(p.ConfigSchema.Block)}
	if doc.Resources, err = encode(p.ResourceSchemas); err != nil {
		return err
	}
	if doc.Data, err = encode(p.DataSourceSchemas); err != nil {
		return err
	}
	return write(out, doc)
}

// read asks the provider, installed from the mirror, for its schema.
func read(ctx context.Context, tofu, mirror string) ([]byte, error) {
	tofu, err := filepath.Abs(tofu)
	if err != nil {
		return nil, err
	}
	mirror, err = filepath.Abs(mirror)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "schema")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	files := map[string]string{
		"main.tf": fmt.Sprintf("terraform {\n  required_providers {\n    proxmox = {\n      source  = %q\n      version = %q\n    }\n  }\n}\n", schema.Source, schema.Version),
		"rc":      fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	var stdout bytes.Buffer
	for _, args := range [][]string{{"init", "-no-color", "-input=false"}, {"providers", "schema", "-json"}} {
		stdout.Reset()
		cmd := exec.CommandContext(ctx, tofu, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "rc"), "CHECKPOINT_DISABLE=1")
		cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("run tofu %s: %w", args[0], err)
		}
	}
	return stdout.Bytes(), nil
}

func encode(in map[string]*tfjson.Schema) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(in))
	for name, s := range in {
		raw, err := json.Marshal(block(s.Block))
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", name, err)
		}
		out[name] = raw
	}
	return out, nil
}

func block(in *tfjson.SchemaBlock) schema.Block {
	out := schema.Block{Deprecated: in.Deprecated}
	for name, a := range in.Attributes {
		if out.Attributes == nil {
			out.Attributes = make(map[string]*schema.Attribute)
		}
		out.Attributes[name] = attribute(a)
	}
	for name, b := range in.NestedBlocks {
		if out.Blocks == nil {
			out.Blocks = make(map[string]*schema.NestedBlock)
		}
		out.Blocks[name] = &schema.NestedBlock{
			Nesting:  schema.Nesting(b.NestingMode),
			MinItems: int(b.MinItems),
			MaxItems: int(b.MaxItems),
			Block:    block(b.Block),
		}
	}
	return out
}

func attribute(in *tfjson.SchemaAttribute) *schema.Attribute {
	t := in.AttributeType
	if n := in.AttributeNestedType; n != nil {
		t = nested(n)
	}
	return &schema.Attribute{
		Type: t, Required: in.Required, Optional: in.Optional, Computed: in.Computed, Sensitive: in.Sensitive, Deprecated: in.Deprecated,
	}
}

// nested folds an attribute with attributes of its own into one type.
func nested(in *tfjson.SchemaNestedAttributeType) cty.Type {
	types := make(map[string]cty.Type, len(in.Attributes))
	var optional []string
	for name, a := range in.Attributes {
		types[name] = attribute(a).Type
		if !a.Required {
			optional = append(optional, name)
		}
	}
	t := cty.ObjectWithOptionalAttrs(types, optional)
	switch in.NestingMode {
	case tfjson.SchemaNestingModeList:
		return cty.List(t)
	case tfjson.SchemaNestingModeSet:
		return cty.Set(t)
	case tfjson.SchemaNestingModeMap:
		return cty.Map(t)
	default:
		return t
	}
}

func write(path string, doc schema.Document) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode schema: %w", err)
	}
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zw.Write(raw); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
