package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/knowledge"
	"proviso.dev/services/proviso/internal/terminal"
)

type docsFlags struct {
	Search searchFlags `cmd:"" help:"${help_docs_search}"`
}

type searchFlags struct {
	JSON  bool   `name:"json" help:"${help_json}"`
	Limit int    `name:"limit" default:"10" help:"${help_docs_limit}"`
	Index string `name:"index" placeholder:"FILE" help:"${help_docs_index}"`
	// Docs names an operator's folder; empty: PROVISO_DOCS_DIR, else none.
	Docs  string   `name:"docs" placeholder:"DIR" help:"${help_docs_dir}"`
	Query []string `arg:"" help:"${help_docs_query}"`
}

// searchLimit is the most documents that one search shows.
const searchLimit = 50

// searchReport is what scripts get; the names are part of the interface.
type searchReport struct {
	Answered bool           `json:"answered"`
	Results  []searchResult `json:"results"`
}

type searchResult struct {
	Source string  `json:"source"`
	Title  string  `json:"title"`
	Score  float64 `json:"score"`
}

// runSearch searches the documentation. It starts no system.
func runSearch(p Process, flags searchFlags) error {
	if flags.Limit < 1 || flags.Limit > searchLimit {
		return &usageError{key: "cli.usage.docs_limit"}
	}
	index, pages, err := knowledge.Open(knowledge.Sources{
		Index:     firstOf(flags.Index, p.Getenv("PROVISO_DOCS_INDEX")),
		Fallbacks: archivesNearby(),
		Folder:    firstOf(flags.Docs, p.Getenv("PROVISO_DOCS_DIR")),
	})
	if err != nil {
		return err
	}
	lang := p.language()
	if !pages {
		fmt.Fprintln(p.Stderr, "proviso: "+i18n.T(lang, "cli.docs.not_indexed"))
	}
	hits := index.Search(strings.Join(flags.Query, " "), flags.Limit)
	if flags.JSON {
		report := searchReport{Answered: len(hits) > 0, Results: []searchResult{}}
		for _, h := range hits {
			report.Results = append(report.Results, searchResult{Source: h.Source, Title: h.Title, Score: h.Score})
		}
		return json.NewEncoder(p.Stdout).Encode(report)
	}
	if len(hits) == 0 {
		fmt.Fprintln(p.Stdout, i18n.T(lang, "cli.docs.nothing"))
		return nil
	}
	for _, h := range hits {
		printHit(p, h)
	}
	return nil
}

// extractLines is how much of a passage is shown of each document.
const extractLines = 4

func printHit(p Process, h knowledge.Hit) {
	fmt.Fprintf(p.Stdout, "%s  %s\n", p.Paint.Paint(terminal.Bold, terminal.Clean(h.Source)), terminal.Clean(oneLine(h.Title)))
	lines := terminal.Wrap(terminal.Clean(oneLine(h.Text)), p.Columns-2)
	for i, line := range lines[:min(extractLines, len(lines))] {
		if i == extractLines-1 && len(lines) > extractLines {
			line += " …"
		}
		fmt.Fprintln(p.Stdout, "  "+line)
	}
	fmt.Fprintln(p.Stdout)
}

// archivesNearby is where the provider's pages may lie beside a binary that was built without them.
func archivesNearby() []string {
	list := []string{
		filepath.Join("bin", knowledge.Archive), filepath.Join(".build", knowledge.Archive),
		filepath.Join("pkg", "knowledge", "provider", knowledge.Archive),
	}
	if executable, err := os.Executable(); err == nil {
		list = append(list, filepath.Join(filepath.Dir(executable), knowledge.Archive))
	}
	return list
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
