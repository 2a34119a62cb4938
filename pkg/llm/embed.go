package llm

import "context"

// Embedder turns texts into vectors whose nearness is that of their meaning. An implementation makes exactly one call, never
// retries, and returns an *[Error] when it fails. It is safe for concurrent use.
type Embedder interface {
	// Name is the configured name of the model; vectors of different models cannot be compared.
	Name() string
	// Embed returns one vector for each text, in order.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}
