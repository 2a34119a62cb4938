package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proviso.dev/test/eval"
	"proviso.dev/test/eval/system"
)

// errDropped is returned when a figure is significantly worse than the baseline.
var errDropped = errors.New("worse than the baseline")

// committed is where results and baseline are kept, below the repository's root.
const committed = "test/eval/results"

// options say what to run. The zero value runs everything and keeps nothing.
type options struct {
	Class, Lang, Case string
	Out               string
	Update            bool
	Verbose           bool
}

// whole reports whether every case is run; only then figures are compared with the baseline.
func (o options) whole() bool { return o.Class == "" && o.Lang == "" && o.Case == "" }

func (o options) picks(class, lang, key string) bool {
	return (o.Class == "" || o.Class == class) && (o.Lang == "" || o.Lang == lang) && strings.Contains(key, o.Case)
}

func run(ctx context.Context, w io.Writer, o options) error {
	begin := time.Now()
	root, err := repository()
	if err != nil {
		return err
	}
	cases, err := eval.Load(eval.Files(), "cases")
	if err != nil {
		return err
	}
	attacks, err := eval.LoadHostile(eval.Files(), "hostile")
	if err != nil {
		return err
	}
	cases = slices.DeleteFunc(cases, func(c eval.Case) bool { return !o.picks(c.Class, c.Lang, c.Key()) })
	attacks = slices.DeleteFunc(attacks, func(h eval.Hostile) bool { return !o.picks(eval.ClassAttack, h.Lang, h.Key()) })
	bin, err := system.Build(ctx, root)
	if err != nil {
		return err
	}
	built := time.Now()
	r := &runner{bin: bin, commit: revision(ctx, root)}
	if err := r.cases(ctx, cases); err != nil {
		return err
	}
	if err := r.attacks(ctx, attacks); err != nil {
		return err
	}
	if err := r.report(w, filepath.Join(root, o.Out), o.Verbose); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d cases and %d attacks in %.0f s, building %.0f s\n", len(cases), len(attacks), time.Since(built).Seconds(), built.Sub(begin).Seconds())
	switch folder := filepath.Join(root, committed); {
	case !o.whole():
		return nil
	case o.Update:
		return r.keep(folder)
	default:
		return r.compare(w, folder)
	}
}

// runner runs cases and collects results.
type runner struct {
	bin     string
	commit  string
	results []eval.Result
}

// cases runs the cases fixture by fixture, each on a system of its own.
func (r *runner) cases(ctx context.Context, cases []eval.Case) error {
	byFixture := map[string][]eval.Case{}
	var order []string
	for _, c := range cases {
		if byFixture[c.Fixture] == nil {
			order = append(order, c.Fixture)
		}
		byFixture[c.Fixture] = append(byFixture[c.Fixture], c)
	}
	for _, fixture := range order {
		err := r.on(ctx, fixture, system.Options{}, func(s *system.System, cluster eval.Cluster) error {
			for _, c := range byFixture[fixture] {
				result, err := one(ctx, s, c, cluster)
				if err != nil {
					return fmt.Errorf("case %s: %w", c.Key(), err)
				}
				r.add(result)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// on gives a system for a fixture to work, and ends it.
func (r *runner) on(ctx context.Context, fixture string, opt system.Options, work func(*system.System, eval.Cluster) error) error {
	seed, err := eval.Seed(fixture)
	if err != nil {
		return err
	}
	s, err := system.Start(ctx, r.bin, seed, opt)
	if err != nil {
		return err
	}
	return errors.Join(work(s, eval.Index(seed)), s.Close())
}

func (r *runner) add(result eval.Result) {
	result.Commit = r.commit
	r.results = append(r.results, result)
}

// one runs one case. An error of the system is a result, so that one broken run does not hide the others; only the end of
// ctx stops everything.
func one(ctx context.Context, s *system.System, c eval.Case, cluster eval.Cluster) (eval.Result, error) {
	if err := s.Forget(ctx); err != nil {
		return eval.Result{}, err
	}
	session := ""
	if len(c.Session) > 0 {
		session = strings.NewReplacer("/", "-", ".", "-").Replace(c.Key())
	}
	outcome, err := converse(ctx, s, c, session)
	if ctx.Err() != nil {
		return eval.Result{}, ctx.Err()
	}
	var v eval.Verdict
	if err == nil {
		v = eval.Judge(c, outcome, cluster)
	} else {
		v = eval.Verdict{Failure: "run", Diff: []string{"run: " + err.Error()}}
	}
	result := eval.NewResult(outcome)
	result.Case, result.Lang, result.Class, result.Pair, result.Prompt, result.Fixture = c.Key(), c.Lang, c.Class, c.Pair, c.Prompt, c.Fixture
	result.WantState, result.WantAsked = c.State, len(c.Questions)
	for field := range c.Answers {
		if !slices.Contains(c.Questions, field) {
			result.WantAsked++
		}
	}
	result.Pass, result.Fields, result.Missed, result.Needless = v.Pass, v.Fields, v.Missed, v.Needless
	result.FailureClass, result.Diff = v.Failure, v.Diff
	return result, nil
}

func converse(ctx context.Context, s *system.System, c eval.Case, session string) (eval.Outcome, error) {
	for _, before := range c.Session {
		if _, err := s.Ask(ctx, system.Dialogue{Prompt: before, Session: session}); err != nil {
			return eval.Outcome{}, fmt.Errorf("earlier request %q: %w", before, err)
		}
	}
	answers := map[string]string{}
	maps.Copy(answers, c.Answers) // the dialogue uses them up
	return s.Ask(ctx, system.Dialogue{Prompt: c.Prompt, Answers: answers, Replies: c.Replies, Turns: c.Turns, Session: session})
}

// report writes raw results and failures, and prints the summary.
func (r *runner) report(w io.Writer, folder string, verbose bool) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make folder for results: %w", err)
	}
	if err := eval.WriteResults(filepath.Join(folder, "results.jsonl"), r.results); err != nil {
		return err
	}
	var failures strings.Builder
	for _, result := range r.results {
		if result.Pass {
			continue
		}
		fmt.Fprintf(&failures, "%s (%s)\n    %s\n", result.Case, result.FailureClass, strings.ReplaceAll(result.Prompt, "\n", "\n    "))
		for _, d := range result.Diff {
			fmt.Fprintf(&failures, "  - %s\n", d)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "failures.txt"), []byte(failures.String()), 0o644); err != nil {
		return fmt.Errorf("write failures: %w", err)
	}
	if verbose {
		fmt.Fprintln(w, failures.String())
	}
	return eval.Summarise(w, r.results)
}

// keep makes the results of this run the committed ones.
func (r *runner) keep(folder string) error {
	if err := eval.WriteResults(filepath.Join(folder, "rules.jsonl"), r.results); err != nil {
		return err
	}
	data, err := json.MarshalIndent(eval.NewBaseline(r.results, r.commit), "", "  ")
	if err != nil {
		return fmt.Errorf("encode baseline: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "baseline.json"), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}

func (r *runner) compare(w io.Writer, folder string) error {
	data, err := os.ReadFile(filepath.Join(folder, "baseline.json"))
	if err != nil {
		return fmt.Errorf("read baseline: %w", err)
	}
	var b eval.Baseline
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("decode baseline: %w", err)
	}
	if drops := eval.Drops(b, r.results); len(drops) > 0 {
		return fmt.Errorf("%w of %s:\n  %s", errDropped, b.Commit, strings.Join(drops, "\n  "))
	}
	fmt.Fprintf(w, "no figure is significantly below the baseline of %s\n", b.Commit)
	return nil
}

// repository is the root of the working copy.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find repository: %w", err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("find repository: %w", os.ErrNotExist)
}

// revision is the commit that is measured; "unknown" outside of a working copy.
func revision(ctx context.Context, root string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
