package knowledge_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/knowledge"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/fake"
	"proviso.dev/pkg/llm/gemini"
	"proviso.dev/pkg/llm/openai"
)

// shelf holds two documents that a question finds by words; the second one is nearer to it in meaning.
func shelf(t *testing.T) *knowledge.Index {
	t.Helper()
	documents, err := knowledge.Read(fstest.MapFS{
		"a.md": {Data: []byte("# Parrots\nparrots eat seeds seeds seeds\n")},
		"b.md": {Data: []byte("# Zoo\nwhat our parrots are given every morning and evening\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return knowledge.New(documents)
}

func sources(hits []knowledge.Hit) []string {
	var list []string
	for _, h := range hits {
		list = append(list, h.Source)
	}
	return list
}

// Vectors change the order, never whether there is an answer; whatever happens to them, words remain.
func TestDense(t *testing.T) {
	const question = "parrots seeds"
	near := func(_ context.Context, texts []string) ([][]float32, error) {
		vectors := make([][]float32, len(texts))
		for i, text := range texts {
			vectors[i] = []float32{1, 0}
			if text == question || text == "Zoo\nwhat our parrots are given every morning and evening" {
				vectors[i] = []float32{0, 2}
			}
		}
		return vectors, nil
	}
	byWords := sources(shelf(t).Search(question, 2))
	if diff := cmp.Diff([]string{"a.md", "b.md"}, byWords); diff != "" {
		t.Fatalf("by words (-want +got):\n%s", diff)
	}
	tests := map[string]struct {
		reason   string
		embed    knowledge.EmbedFunc
		prepare  bool // must succeed
		question string
		want     []string
	}{
		"Near":       {reason: "Both orders count: each document is first once, and ties go by source.", embed: near, prepare: true, question: question, want: []string{"a.md", "b.md"}},
		"NoAnswer":   {reason: "Something is always nearest; that is no answer.", embed: near, prepare: true, question: "strawberry jam"},
		"Fails":      {reason: "A model that fails leaves words.", embed: func(context.Context, []string) ([][]float32, error) { return nil, errors.New("gone") }, question: question, want: byWords},
		"WrongCount": {reason: "So does one that miscounts.", embed: func(context.Context, []string) ([][]float32, error) { return nil, nil }, question: question, want: byWords},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := knowledge.NewDense(shelf(t), tt.embed, "")
			if err := d.Prepare(t.Context()); (err == nil) != tt.prepare {
				t.Fatalf("prepare: %v", err)
			}
			if diff := cmp.Diff(tt.want, sources(d.Search(t.Context(), tt.question, 2))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// Both providers' wires give vectors, a second start pays for none, and a broken file of vectors is made anew.
func TestDenseThroughTheModelPort(t *testing.T) {
	server := fake.New(fake.Script{})
	http := httptest.NewServer(server)
	defer http.Close()
	gem, err := gemini.New(t.Context(), gemini.Config{Model: "vectors", Key: "k", BaseURL: http.URL})
	if err != nil {
		t.Fatal(err)
	}
	local, err := openai.New(openai.Config{Model: "vectors", BaseURL: http.URL + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]llm.Embedder{"Gemini": gem, "OpenAI": local} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "cache", "vectors")
			server.Reset(fake.Script{})
			prepare := func(wantCalls int) {
				t.Helper()
				before := len(server.Requests())
				d := knowledge.NewDense(shelf(t), e.Embed, file)
				if err := d.Prepare(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := len(server.Requests()) - before; got != wantCalls {
					t.Errorf("%d calls, want %d", got, wantCalls)
				}
				if hits := d.Search(t.Context(), "what do parrots eat", 2); len(hits) == 0 {
					t.Error("nothing found")
				}
			}
			prepare(1)
			prepare(0)
			if err := os.WriteFile(file, []byte("broken"), 0o600); err != nil {
				t.Fatal(err)
			}
			prepare(1)
		})
	}
}
