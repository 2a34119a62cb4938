package descriptor_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"proviso.dev/pkg/appfacts"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor"
)

// A score counts facts of the truth, facts that were read, and those in both.
type score struct{ truth, read, both int }

func (s *score) add(o score) { s.truth, s.read, s.both = s.truth+o.truth, s.read+o.read, s.both+o.both }

func (s score) precision() float64 { return float64(s.both) / float64(max(s.read, 1)) }
func (s score) recall() float64    { return float64(s.both) / float64(max(s.truth, 1)) }

func (s score) String() string {
	return fmt.Sprintf("precision %.3f, recall %.3f of %d", s.precision(), s.recall(), s.truth)
}

// compare counts the lines of two sets, and returns what is missing and what is too much.
func compare(truth, read []string) (s score, missing, extra []string) {
	truth, read = slices.Compact(slices.Sorted(slices.Values(truth))), slices.Compact(slices.Sorted(slices.Values(read)))
	s = score{truth: len(truth), read: len(read)}
	for _, line := range truth {
		if _, ok := slices.BinarySearch(read, line); ok {
			s.both++
		} else {
			missing = append(missing, line)
		}
	}
	for _, line := range read {
		if _, ok := slices.BinarySearch(truth, line); !ok {
			extra = append(extra, line)
		}
	}
	return s, missing, extra
}

// factsOf leaves out the lines of a truth that are problems, and cuts the places off.
func factsOf(lines []string) (out []string) {
	for _, line := range lines {
		fact, _, _ := strings.Cut(line, " @ ")
		if !strings.HasPrefix(fact, "problem ") {
			out = append(out, fact)
		}
	}
	return out
}

// TestTruth reads the repositories of test/repositories, whose truth was written by hand and without looking at the parsers, and
// holds what is read against it.
//
// Shows: T-3.3.5-125
func TestTruth(t *testing.T) {
	names, err := filepath.Glob("../../../../test/repositories/*.txtar")
	if err != nil || len(names) < 12 {
		t.Fatalf("want at least 12 repositories, got %d (%v)", len(names), err)
	}
	var all, places score
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := fstest.MapFS{}
			var truth []string
			for _, f := range archive.Files {
				if f.Name == "TRUTH" {
					for line := range strings.Lines(string(f.Data)) {
						if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
							truth = append(truth, line)
						}
					}
					continue
				}
				files[path.Clean(f.Name)] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
			}
			base := strings.TrimSuffix(filepath.Base(name), ".txtar")
			app := descriptor.Read(t.Context(), files, &provisov1.RepositoryReading{Url: "https://git.example.org/" + base + ".git"})
			s, missing, extra := compare(factsOf(truth), appfacts.Lines(app))
			at, _, _ := compare(slices.DeleteFunc(slices.Clone(truth), func(l string) bool { return strings.HasPrefix(l, "problem ") }), appfacts.LinesWithEvidence(app))
			all.add(s)
			places.add(at)
			t.Logf("%v; with the right place: %v", s, at)
			if os.Getenv("PROVISO_TRUTH") != "" {
				_, missingAt, extraAt := compare(truth, appfacts.LinesWithEvidence(app))
				t.Logf("missing:\n  %s\ntoo much:\n  %s", strings.Join(missingAt, "\n  "), strings.Join(extraAt, "\n  "))
			}
			if s.precision() < 0.95 || s.recall() < 0.95 {
				t.Errorf("want at least 0.95 of both, got %v\nmissing:\n  %s\ntoo much:\n  %s", s, strings.Join(missing, "\n  "), strings.Join(extra, "\n  "))
			}
			for _, line := range truth {
				words := strings.Fields(line)
				if words[0] != "problem" {
					continue
				}
				if !slices.ContainsFunc(app.GetProblems(), func(p *provisov1.ReadingProblem) bool { return p.GetCode() == words[1] && p.GetFile() == words[2] }) {
					t.Errorf("want the problem %s in %s, got %v", words[1], words[2], app.GetProblems())
				}
			}
		})
	}
	t.Logf("all: %v; with the right place: %v", all, places)
}
