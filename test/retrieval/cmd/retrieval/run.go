package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"proviso.dev/pkg/knowledge"
	"proviso.dev/test/retrieval"
)

func run(pattern, archive, out string, verbose bool) error {
	index, pages, err := knowledge.Open(knowledge.Sources{Index: archive})
	if err != nil {
		return err
	}
	if !pages {
		return fmt.Errorf("%w: run make docs-index", knowledge.ErrNotIndexed)
	}
	files, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no questions: " + pattern)
	}
	var all []retrieval.Result
	for _, file := range files {
		questions, err := retrieval.Load(file)
		if err != nil {
			return err
		}
		results := retrieval.Score(questions, func(query string) []string {
			var sources []string
			for _, h := range index.Search(query, 10) {
				sources = append(sources, h.Source)
			}
			return sources
		})
		fmt.Println(filepath.Base(file))
		retrieval.Print(os.Stdout, retrieval.Summarise(results))
		if verbose {
			complain(results)
		}
		all = append(all, results...)
	}
	took := retrieval.Latency(all, 0.5, 0.99)
	fmt.Printf("latency: p50 %v, p99 %v over %d questions\n", took[0], took[1], len(all))
	if out == "" {
		return nil
	}
	return write(out, all)
}

// complain prints what a person would look at first.
func complain(results []retrieval.Result) {
	for _, r := range results {
		switch {
		case len(r.Grades) == 0 && r.Answered():
			fmt.Printf("  %s %s: answered with %v: %s\n", r.ID, r.Kind, r.Got[0], r.Query)
		case len(r.Grades) > 0 && !r.Answered():
			fmt.Printf("  %s %s: not answered: %s\n", r.ID, r.Kind, r.Query)
		case len(r.Grades) > 0 && (r.Recall < 1 || r.NDCG < 0.85):
			fmt.Printf("  %s %s: R %.2f nDCG %.2f: %s\n      missing %v\n      got %v\n", r.ID, r.Kind, r.Recall, r.NDCG, r.Query, r.Missing, r.Got[:min(6, len(r.Got))])
		}
	}
}

func write(file string, results []retrieval.Result) error {
	f, err := os.Create(filepath.Clean(file))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(f)
	encoder.SetEscapeHTML(false)
	for _, r := range results {
		if err := encoder.Encode(r); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}
