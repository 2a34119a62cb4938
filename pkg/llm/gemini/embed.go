package gemini

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/genai"
	"proviso.dev/pkg/llm"
)

var _ llm.Embedder = (*Model)(nil)

// Embed makes one call for all texts.
func (m *Model) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	contents := make([]*genai.Content, len(texts))
	for i, text := range texts {
		contents[i] = genai.NewContentFromText(text, genai.RoleUser)
	}
	reply := &hint{}
	out, err := m.client.Models.EmbedContent(context.WithValue(ctx, hintKey{}, reply), m.cfg.Model, contents, nil)
	if err != nil {
		return nil, failure(err, reply)
	}
	if len(out.Embeddings) != len(texts) {
		return nil, &llm.Error{Kind: llm.KindProtocol, Status: http.StatusOK, Err: errors.New("another number of vectors than of texts")}
	}
	vectors := make([][]float32, len(texts))
	for i, e := range out.Embeddings {
		if e == nil || len(e.Values) == 0 {
			return nil, &llm.Error{Kind: llm.KindProtocol, Status: http.StatusOK, Err: errors.New("a vector is missing")}
		}
		vectors[i] = e.Values
	}
	return vectors, nil
}
