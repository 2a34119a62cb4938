package collector

import (
	"cmp"
	"context"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/knowledge"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// searchResults is how many documents a search gives when it does not say how many it wants.
const searchResults = 5

// searchQuery answers questions to the documents that this collector has.
func searchQuery(documents *knowledge.Index) agent.Query {
	return agent.NewQuery(bus.VerbSearch, func(_ context.Context, r *provisov1.SearchRequest) (*provisov1.SearchResponse, error) {
		return search(documents, r), nil
	})
}

func search(documents *knowledge.Index, r *provisov1.SearchRequest) *provisov1.SearchResponse {
	hits := documents.Search(r.GetQuery(), cmp.Or(int(r.GetLimit()), searchResults))
	response := &provisov1.SearchResponse{Answered: len(hits) > 0}
	for _, h := range hits {
		response.Results = append(response.Results, &provisov1.SearchResult{
			Source: cut(h.Source, 512), Title: cut(h.Title, 256), Score: h.Score, Text: cut(h.Text, 8192),
		})
	}
	return response
}

// serveQueries answers queries until the returned function is called.
func (u *Unit) serveQueries(ctx context.Context, env *agent.Env) (stop func(), err error) {
	return agent.ServeQueries(ctx, env, searchQuery(u.documents))
}
