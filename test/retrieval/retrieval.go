// Package retrieval scores the documentation search on hand-written questions.
//
// It owns the questions' form, the measures and the report. It does not decide what may be tuned on which questions: the files in
// questions/ say in their names which are for development and which are held out.
package retrieval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"time"
)

// Depths of the measures.
const (
	recallDepth = 5
	gainDepth   = 10
)

// A Question is one that a person might ask, with the pages that answer it.
type Question struct {
	ID       string `json:"id"`
	Language string `json:"language"` // "en" or "fr"
	Kind     string `json:"kind"`     // "paraphrase", "error", "several", "none"
	Query    string `json:"query"`
	// Grades says how good a page's answer is: 2 answers the question or a part of it, 1 helps. None: the documents do not answer.
	Grades map[string]int `json:"grades"`
}

// Load reads questions, one JSON object a line.
func Load(file string) ([]Question, error) {
	content, err := os.ReadFile(file) //nolint:gosec // The caller names the file.
	if err != nil {
		return nil, fmt.Errorf("read questions: %w", err)
	}
	var questions []Question
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var q Question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("decode question %d of %s: %w", len(questions)+1, file, err)
		}
		if (q.Kind == None) != (len(q.Grades) == 0) || q.Query == "" {
			return nil, fmt.Errorf("question %q of %s: a question has a query, and grades unless its kind is %s", q.ID, file, None)
		}
		questions = append(questions, q)
	}
	return questions, lines.Err()
}

// SearchFn answers a question with the sources of documents, best first; none: not answered.
type SearchFn func(query string) []string

// A Result is what came of one question.
type Result struct {
	Question
	Got     []string      `json:"got"`
	Recall  float64       `json:"recall_5"` // of the pages of grade 2; meaningless for a question without an answer
	NDCG    float64       `json:"ndcg_10"`
	Missing []string      `json:"missing,omitempty"` // pages of grade 2 that are not among the first five
	Took    time.Duration `json:"took_ns"`
}

// Answered reports whether anything was found.
func (r Result) Answered() bool { return len(r.Got) > 0 }

// Score asks every question once.
func Score(questions []Question, search SearchFn) []Result {
	results := make([]Result, len(questions))
	for i, q := range questions {
		began := time.Now()
		got := search(q.Query)
		r := Result{Question: q, Got: got, Took: time.Since(began)}
		r.Recall, r.Missing = recall(q.Grades, got)
		r.NDCG = ndcg(q.Grades, got)
		results[i] = r
	}
	return results
}

// recall is the share of the best pages among the first results; where there are more than fit, of as many as fit.
func recall(grades map[string]int, got []string) (float64, []string) {
	found, best := 0, 0
	var missing []string
	for _, page := range slices.Sorted(maps.Keys(grades)) {
		if grades[page] < 2 {
			continue
		}
		best++
		if slices.Contains(got[:min(recallDepth, len(got))], page) {
			found++
		} else {
			missing = append(missing, page)
		}
	}
	if best == 0 {
		return 0, nil
	}
	return float64(found) / float64(min(recallDepth, best)), missing
}

// ndcg is the discounted gain of the first results, relative to the best possible order.
func ndcg(grades map[string]int, got []string) float64 {
	gain := func(grade, rank int) float64 { return (math.Exp2(float64(grade)) - 1) / math.Log2(float64(rank)+2) }
	ideal, real := 0.0, 0.0
	for rank, grade := range slices.SortedFunc(maps.Values(grades), func(a, b int) int { return b - a }) {
		if rank < gainDepth {
			ideal += gain(grade, rank)
		}
	}
	for rank, page := range got[:min(gainDepth, len(got))] {
		real += gain(grades[page], rank)
	}
	if ideal == 0 {
		return 0
	}
	return real / ideal
}
