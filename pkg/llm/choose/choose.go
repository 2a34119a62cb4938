// Package choose makes models of their configuration.
//
// It owns the table of providers. What a model is asked, and under which policy, is package llm's.
package choose

import (
	"context"
	"fmt"

	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/gemini"
	"proviso.dev/pkg/llm/openai"
)

// Models returns the configured models in their order; none when none is configured. It does not connect.
func Models(ctx context.Context, cfg llm.Config) ([]llm.Model, error) {
	var out []llm.Model
	for _, e := range cfg.Entries {
		m, err := model(ctx, e)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// Embedder returns the configured model for vectors; nil when none is configured. It does not connect.
func Embedder(ctx context.Context, cfg llm.Config) (llm.Embedder, error) {
	if cfg.Embedding.Provider == "" {
		return nil, nil //nolint:nilnil // No embedder is configured, which is no error.
	}
	return model(ctx, cfg.Embedding)
}

// both is what every provider's model does.
type both interface {
	llm.Model
	llm.Embedder
}

func model(ctx context.Context, e llm.Entry) (m both, err error) {
	switch e.Provider {
	case llm.Gemini:
		m, err = gemini.New(ctx, gemini.Config{Model: e.Model, Key: e.Key, BaseURL: e.BaseURL, Thinking: e.Thinking})
	case llm.OpenAI:
		m, err = openai.New(openai.Config{Model: e.Model, Key: e.Key, BaseURL: e.BaseURL})
	default:
		err = fmt.Errorf("no provider %q", e.Provider)
	}
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", e.Model, err)
	}
	return m, nil
}
