package knowledge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// EmbedFunc turns texts into vectors, one for each, whose nearness is that of their meaning. It is given at most batch texts.
type EmbedFunc func(ctx context.Context, texts []string) ([][]float32, error)

const (
	// batch is how many texts are embedded at once: answers of long vectors stay below a megabyte.
	batch = 16
	// embedMost is how much of a passage is embedded, in bytes: models cut longer texts by themselves, at a place of their own.
	embedMost = 2048
	// fusion is the usual constant of reciprocal rank fusion: how little the first places count above the next.
	fusion = 60
	// fused is how many documents of each order are joined.
	fused = 30
)

// Dense searches an index by words and by vectors, and joins both orders by rank. Without vectors, or when a question cannot be
// embedded, it searches by words alone. Whether there is an answer is decided by words in any case: nearness of vectors has no
// zero. It is safe for concurrent use.
type Dense struct {
	index *Index
	embed EmbedFunc
	file  string

	mu      sync.RWMutex // guards vectors
	vectors [][]float32  // per passage, of length 1; nil until Prepare has succeeded
}

// NewDense returns a search over an index. File keeps vectors between starts; empty: they are kept in memory alone. It has to
// be another one for another model, since vectors of different models cannot be compared.
func NewDense(index *Index, embed EmbedFunc, file string) *Dense {
	return &Dense{index: index, embed: embed, file: file}
}

// Prepare embeds the passages that the file has no vectors of. Until it has succeeded, searches go by words alone.
func (d *Dense) Prepare(ctx context.Context) error {
	known, err := d.load()
	if err != nil {
		return err
	}
	var texts []string
	var digests []digest
	for _, document := range d.index.documents {
		for _, p := range document.Passages {
			text := p.Title + "\n" + p.Text
			text = text[:min(len(text), embedMost)]
			texts, digests = append(texts, text), append(digests, sha256.Sum256([]byte(text)))
		}
	}
	var missing []int
	for i, dg := range digests {
		if _, ok := known[dg]; !ok {
			missing = append(missing, i)
		}
	}
	for part := range slices.Chunk(missing, batch) {
		asked := make([]string, len(part))
		for k, i := range part {
			asked[k] = texts[i]
		}
		vectors, err := d.vectorsOf(ctx, asked)
		if err != nil {
			return err
		}
		for k, i := range part {
			known[digests[i]] = vectors[k]
		}
	}
	if len(missing) > 0 {
		if err := d.save(known); err != nil {
			return err
		}
	}
	all := make([][]float32, len(digests))
	for i, dg := range digests {
		all[i] = known[dg]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.vectors = all
	return nil
}

// vectorsOf embeds texts and makes the vectors one long.
func (d *Dense) vectorsOf(ctx context.Context, texts []string) ([][]float32, error) {
	vectors, err := d.embed(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("embed %d texts: %w", len(texts), err)
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("embed %d texts: got %d vectors", len(texts), len(vectors))
	}
	for _, v := range vectors {
		length := math.Sqrt(dot(v, v))
		if length == 0 {
			continue
		}
		for i := range v {
			v[i] = float32(float64(v[i]) / length)
		}
	}
	return vectors, nil
}

// Search is [Index.Search] with vectors, where there are any.
func (d *Dense) Search(ctx context.Context, question string, k int) []Hit {
	q := d.index.ask(question)
	defer q.done()
	ranked := q.ranked()
	if !q.answered(ranked) && !d.index.beside(question) {
		return nil
	}
	d.mu.RLock()
	vectors := d.vectors
	d.mu.RUnlock()
	if vectors != nil {
		if v, err := d.vectorsOf(ctx, []string{question}); err == nil {
			ranked = q.fuse(ranked, v[0], vectors)
		}
	}
	return q.hits(ranked[:min(k, len(ranked))])
}

// fuse joins the order by words with that by vectors: a document's score is the sum of its reciprocal ranks.
func (q *asked) fuse(ranked []int32, question []float32, vectors [][]float32) []int32 {
	near := make([]float64, len(q.documents))
	for i := range near {
		near[i] = -1
	}
	nearest := make([]int32, len(q.documents))
	for p, v := range vectors {
		id := q.owner[p]
		if s := dot(question, v); s > near[id] {
			near[id], nearest[id] = s, int32(p) //nolint:gosec // There are thousands of passages at most.
		}
	}
	byNearness := make([]int32, len(q.documents))
	for i := range byNearness {
		byNearness[i] = int32(i) //nolint:gosec // as above
	}
	slices.SortStableFunc(byNearness, func(a, b int32) int { return cmp.Compare(near[b], near[a]) })

	clear(q.scores)
	var joined []int32
	for _, order := range [][]int32{ranked, byNearness} {
		for rank, id := range order[:min(fused, len(order))] {
			if q.scores[id] == 0 {
				joined = append(joined, id)
			}
			q.scores[id] += 1 / float64(fusion+rank+1)
		}
	}
	for _, id := range joined {
		if q.passage[id] == 0 {
			q.best[id] = nearest[id] // no word points to a passage
		}
	}
	q.sort(joined)
	return joined
}

// dot is the product of two vectors, over the length of the shorter one.
func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

type digest [sha256.Size]byte

// load reads the vectors of the file; a file that is not there, or that something else wrote, has none.
func (d *Dense) load() (map[digest][]float32, error) {
	known := make(map[digest][]float32)
	if d.file == "" {
		return known, nil
	}
	f, err := os.Open(d.file)
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read vectors: %w", err)
	}
	defer f.Close()
	if err := gob.NewDecoder(f).Decode(&known); err != nil {
		return make(map[digest][]float32), nil //nolint:nilerr // It is a cache: what cannot be read is made anew.
	}
	return known, nil
}

// save writes the vectors beside the file and renames: nobody may read half of them.
func (d *Dense) save(known map[digest][]float32) error {
	if d.file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.file), 0o700); err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(d.file), ".vectors-*")
	if err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone when it was renamed
	if err := errors.Join(gob.NewEncoder(f).Encode(known), f.Close()); err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	if err := os.Rename(f.Name(), d.file); err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	return nil
}
