package collector

import (
	"cmp"
	"context"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/knowledge"
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// searchResults is how many documents a search gives when it does not say how many it wants.
const searchResults = 5

// searchFunc finds documents.
type searchFunc func(ctx context.Context, question string, k int) []knowledge.Hit

// searchQuery answers questions to the documents that this collector has.
func searchQuery(find searchFunc) agent.Query {
	return agent.NewQuery(bus.VerbSearch, func(ctx context.Context, r *provisov1.SearchRequest) (*provisov1.SearchResponse, error) {
		hits := find(ctx, r.GetQuery(), cmp.Or(int(r.GetLimit()), searchResults))
		response := &provisov1.SearchResponse{Answered: len(hits) > 0}
		for _, h := range hits {
			response.Results = append(response.Results, &provisov1.SearchResult{
				Source: cut(h.Source, 512), Title: cut(h.Title, 256), Score: h.Score, Text: cut(h.Text, 8192),
			})
		}
		return response, nil
	})
}

// serveQueries answers queries until the returned function is called.
func (u *Unit) serveQueries(ctx context.Context, env *agent.Env, w *worker) (stop func(), err error) {
	return agent.ServeQueries(ctx, env, searchQuery(u.search(ctx, env)), w.historyQuery())
}

// search is by words alone, or where a model makes vectors also by those. They are made in the background: until then, and when
// the model fails, the search goes by words.
func (u *Unit) search(ctx context.Context, env *agent.Env) searchFunc {
	if u.embedder == nil {
		return func(_ context.Context, question string, k int) []knowledge.Hit {
			return u.documents.Search(question, k)
		}
	}
	dense := knowledge.NewDense(u.documents, u.embed, u.cfg.DocsVectors)
	go func() {
		if err := dense.Prepare(ctx); err != nil && ctx.Err() == nil {
			env.Log.Warn("documents are searched by words alone", "model", u.embedder.Name(), "error", err)
		}
	}()
	return dense.Search
}

// embedTimeout bounds one call to the model for vectors; a search that it holds up goes by words.
const embedTimeout = 3 * time.Second

// embed asks the model for vectors. What a person or an operator wrote leaves without its secrets.
func (u *Unit) embed(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, embedTimeout)
	defer cancel()
	clean := make([]string, len(texts))
	for i, text := range texts {
		clean[i], _ = redact.Text(text)
	}
	return u.embedder.Embed(ctx, clean)
}
