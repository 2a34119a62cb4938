package knowledge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"proviso.dev/pkg/knowledge"
)

// A command pays for the index at each call.
func BenchmarkOpen(b *testing.B) {
	if _, err := knowledge.Embedded(); errors.Is(err, knowledge.ErrNotIndexed) {
		b.Skip("built without the provider's documentation: run make docs-index")
	}
	folder := b.TempDir() // without one, what the binary was built with is indexed once
	for b.Loop() {
		if _, _, err := knowledge.Open(knowledge.Sources{Folder: folder}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuestions asks the development questions of test/retrieval, each once a round, and reports the quantiles of one answer.
func BenchmarkQuestions(b *testing.B) {
	files, err := filepath.Glob("../../test/retrieval/questions/*.jsonl")
	if err != nil || len(files) == 0 {
		b.Fatalf("no questions: %v", err)
	}
	var questions []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		for line := range bytes.Lines(content) {
			var q struct {
				Query string `json:"query"`
			}
			if err := json.Unmarshal(line, &q); err != nil {
				b.Fatalf("%s: %v", file, err)
			}
			questions = append(questions, q.Query)
		}
	}
	ix, pages, err := knowledge.Open(knowledge.Sources{})
	if err != nil {
		b.Fatal(err)
	}
	if !pages {
		b.Skip("built without the provider's documentation: run make docs-index")
	}
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		for _, q := range questions {
			began := time.Now()
			ix.Search(q, 10)
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(len(questions)), "questions")
}
