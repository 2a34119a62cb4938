package knowledge_test

import (
	"errors"
	"testing"

	"proviso.dev/pkg/knowledge"
)

// A command pays for the index at each call.
func BenchmarkOpen(b *testing.B) {
	if _, err := knowledge.Embedded(); errors.Is(err, knowledge.ErrNotIndexed) {
		b.Skip("built without the provider's documentation: run make docs-index")
	}
	for b.Loop() {
		if _, _, err := knowledge.Open(knowledge.Sources{}); err != nil {
			b.Fatal(err)
		}
	}
}
