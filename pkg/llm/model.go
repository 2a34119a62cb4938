package llm

import (
	"context"
	"encoding/json"
)

// Model is one language model behind one endpoint. An implementation makes exactly one call, never retries, and returns an
// *[Error] when it fails. It is safe for concurrent use.
type Model interface {
	// Name is the configured name of the model; results and metrics carry it.
	Name() string
	// Provider is the name of the provider in the conventions for GenAI metrics: "gcp.gemini", "openai".
	Provider() string
	// Generate makes one call.
	Generate(ctx context.Context, r Request) (Response, error)
}

// Request is one call.
type Request struct {
	// System are the rules, the same for every request of one version: providers reward a stable prefix.
	System string
	// User is the rest; what the requester wrote stands last.
	User string
	// Schema is the form of the answer.
	Schema *Schema
	// MaxOutputTokens is the most that the answer may have.
	MaxOutputTokens int
}

// Response is what came of one call.
type Response struct {
	// Text is the answer as received; it is read by [Decode].
	Text string
	// Usage is what the call cost; zero when the provider does not say.
	Usage Usage
}

// Usage counts tokens as billed: output includes what a model thought.
type Usage struct{ InputTokens, OutputTokens int }

// Schema is a message's JSON Schema in the forms that providers take.
type Schema struct {
	// Name of the message, fit for an identifier: "intent_proposal".
	Name string
	// Plain is the schema with everything inlined and only keywords that Gemini reads.
	Plain json.RawMessage
	// Strict is the schema in which every property is required and an optional one may be null, as strict modes want it.
	Strict json.RawMessage
	// Digest identifies the schema.
	Digest string
}

// ModelFunc is a function as [Model], for tests.
type ModelFunc func(ctx context.Context, r Request) (Response, error)

// Name is "func".
func (ModelFunc) Name() string { return "func" }

// Provider is "func".
func (ModelFunc) Provider() string { return "func" }

// Generate calls the function.
func (f ModelFunc) Generate(ctx context.Context, r Request) (Response, error) { return f(ctx, r) }
