package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"proviso.dev/pkg/llm"
)

var _ llm.Embedder = (*Model)(nil)

// vectorsMost is the largest answer with vectors that is read, in bytes.
const vectorsMost = 32 << 20

// Embed makes one call to /embeddings.
func (m *Model) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	data, err := json.Marshal(map[string]any{"model": m.cfg.Model, "input": texts})
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.cfg.BaseURL+"/embeddings", bytes.NewReader(data))
	if err != nil {
		return nil, &llm.Error{Kind: llm.KindRejected, Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+m.cfg.Key.Reveal())
	resp, err := m.client.Do(req)
	if err != nil {
		return nil, &llm.Error{Kind: llm.KindUnavailable, Err: err}
	}
	defer resp.Body.Close()
	data, err = io.ReadAll(io.LimitReader(resp.Body, vectorsMost))
	if err != nil {
		return nil, &llm.Error{Kind: llm.KindUnavailable, Status: resp.StatusCode, Err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, &llm.Error{Kind: llm.KindOf(resp.StatusCode), Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header), Err: errors.New("server refuses")}
	}
	var answer struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, &llm.Error{Kind: llm.KindProtocol, Status: http.StatusOK, Err: errors.New("answer is broken JSON")}
	}
	vectors := make([][]float32, len(texts))
	for _, d := range answer.Data {
		if d.Index >= 0 && d.Index < len(vectors) {
			vectors[d.Index] = d.Embedding
		}
	}
	for _, v := range vectors {
		if len(v) == 0 {
			return nil, &llm.Error{Kind: llm.KindProtocol, Status: http.StatusOK, Err: errors.New("a vector is missing")}
		}
	}
	return vectors, nil
}
