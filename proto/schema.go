// Package proto carries the contract's JSON Schemas, generated from the messages in proviso/v1.
//
// It owns no behaviour: the Go types are in proviso.dev/proto/proviso/v1, decoding and checking in proviso.dev/pkg/wire.
package proto

import "embed"

// Schemas holds one self-contained JSON Schema (draft 2020-12) per message:
// schema/proviso.v1.<Message>.schema.strict.bundle.json.
//
//go:embed schema/*.json
var Schemas embed.FS
