package retrieval

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// None is the kind of questions that the documents do not answer.
const None = "none"

// A Summary is the figures of some results.
type Summary struct {
	Name       string
	Answerable int     // questions that the documents answer
	Recall     float64 // of the best pages among five, mean over the answerable
	NDCG       float64
	Lost       int // answerable questions that were answered with nothing
	None       int // questions that the documents do not answer
	Recognised int // of those, answered with nothing
}

// NonePrecision is the share of rightly refused questions among the refused; 1 when none was refused.
func (s Summary) NonePrecision() float64 {
	if s.Recognised+s.Lost == 0 {
		return 1
	}
	return float64(s.Recognised) / float64(s.Recognised+s.Lost)
}

// NoneRecall is the share of refused questions among those without an answer; 1 when there are none.
func (s Summary) NoneRecall() float64 {
	if s.None == 0 {
		return 1
	}
	return float64(s.Recognised) / float64(s.None)
}

func summarise(name string, results []Result, in func(Result) bool) Summary {
	s := Summary{Name: name}
	for _, r := range results {
		switch {
		case !in(r):
		case len(r.Grades) == 0:
			s.None++
			if !r.Answered() {
				s.Recognised++
			}
		default:
			s.Answerable++
			s.Recall += r.Recall
			s.NDCG += r.NDCG
			if !r.Answered() {
				s.Lost++
			}
		}
	}
	if s.Answerable > 0 {
		s.Recall /= float64(s.Answerable)
		s.NDCG /= float64(s.Answerable)
	}
	return s
}

// Summarise returns the figures of all questions first, then by kind, by language, and by both.
func Summarise(results []Result) []Summary {
	list := []Summary{summarise("all", results, func(Result) bool { return true })}
	var kinds, languages []string
	for _, r := range results {
		if !slices.Contains(kinds, r.Kind) {
			kinds = append(kinds, r.Kind)
		}
		if !slices.Contains(languages, r.Language) {
			languages = append(languages, r.Language)
		}
	}
	for _, s := range kinds {
		list = append(list, summarise(s, results, func(r Result) bool { return r.Kind == s }))
	}
	for _, l := range languages {
		list = append(list, summarise(l, results, func(r Result) bool { return r.Language == l }))
		for _, s := range kinds {
			list = append(list, summarise(l+" "+s, results, func(r Result) bool { return r.Kind == s && r.Language == l }))
		}
	}
	return list
}

// Latency returns quantiles of the time that questions took.
func Latency(results []Result, quantiles ...float64) []time.Duration {
	if len(results) == 0 {
		return make([]time.Duration, len(quantiles))
	}
	took := make([]time.Duration, len(results))
	for i, r := range results {
		took[i] = r.Took
	}
	slices.Sort(took)
	list := make([]time.Duration, len(quantiles))
	for i, q := range quantiles {
		list[i] = took[min(len(took)-1, int(q*float64(len(took))))]
	}
	return list
}

// Print writes figures as a table.
func Print(w io.Writer, list []Summary) {
	fmt.Fprintf(w, "%-18s %5s %6s %8s %5s %6s %11s %9s\n", "questions", "n", "R@5", "nDCG@10", "lost", "none", "recognised", "precision")
	for _, s := range list {
		if s.Answerable+s.None == 0 {
			continue
		}
		row := fmt.Sprintf("%-18s", s.Name)
		if s.Answerable > 0 {
			row += fmt.Sprintf(" %5d %6.3f %8.3f %5d", s.Answerable, s.Recall, s.NDCG, s.Lost)
		} else {
			row += strings.Repeat(" ", 28)
		}
		if s.None > 0 {
			row += fmt.Sprintf(" %6d %11.3f %9.3f", s.None, s.NoneRecall(), s.NonePrecision())
		}
		fmt.Fprintln(w, strings.TrimRight(row, " "))
	}
}
