package prover

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/review"
)

// The stages on the twin, in order.
const (
	StageValidate = "validate"
	StagePlan     = "plan"
	StageApply    = "apply"
	StageReplan   = "replan"
	StageDestroy  = "destroy"
)

// Stages lists them.
func Stages() []string {
	return []string{StageValidate, StagePlan, StageApply, StageReplan, StageDestroy}
}

// Config of a prover.
type Config struct {
	// Tools to run. Zero: nothing can be proven.
	Tools Tools
	// Parallel is how many proofs run at once; 0: 1. Each takes OpenTofu, a provider and a twin, some 300 MiB together.
	Parallel int
	// Budget is the longest that one proof may take, waiting for its turn included; 0: two minutes.
	Budget time.Duration
	// Now measures the stages.
	Now func() time.Time
}

// defaultBudget is generous: a proof of one machine takes seconds.
const defaultBudget = 2 * time.Minute

// A Prover proves manifests. It is safe for concurrent use; proofs beyond Config.Parallel wait for their turn.
type Prover struct {
	cfg   Config
	slots chan struct{}
}

// New returns a prover.
func New(cfg Config) *Prover {
	if cfg.Budget == 0 {
		cfg.Budget = defaultBudget
	}
	return &Prover{cfg: cfg, slots: make(chan struct{}, max(cfg.Parallel, 1))}
}

// Available reports whether the tools are there.
func (p *Prover) Available() bool { return p.cfg.Tools.Tofu != "" }

// Skipped returns the stages as skipped for a reason, a key of the catalogue.
func Skipped(reason string) []review.Stage {
	var out []review.Stage
	for _, name := range Stages() {
		out = append(out, review.Stage{Name: name, Outcome: review.Skipped, Text: review.Text{Key: reason}})
	}
	return out
}

// A Subject is what is proven.
type Subject struct {
	Files    []bpg.File
	Plan     *provisov1.StrategicPlan
	Snapshot *pve.Snapshot
	// Resources is how many objects the manifest is to create.
	Resources int
}

// Prove runs the stages and calls done, which may be nil, after each. After a stage that failed the next ones are skipped. An
// error means that nothing was proven and nothing was found either: the tools could not be run, or time was up.
func (p *Prover) Prove(ctx context.Context, s Subject, done func(review.Stage)) ([]review.Stage, error) {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a place to prove: %w", context.Cause(ctx))
	}

	cluster, err := newTwin(s)
	if err != nil {
		return nil, err
	}
	server, err := twin.Serve(ctx, cluster)
	if err != nil {
		return nil, fmt.Errorf("serve twin: %w", err)
	}
	defer server.Close()
	token := server.TokenID() + "=" + server.TokenSecret()
	box, err := newSandbox(p.cfg.Tools, s.Files, server.URL(), token, server.CAPEM())
	if err != nil {
		return nil, err
	}
	defer box.remove()

	r := &run{Subject: s, box: box, cluster: cluster, before: cluster.Dump(), token: token}
	if r.adopted, err = r.configurations(ctx); err != nil {
		return nil, err
	}
	r.before = cluster.Dump() // reading a planted guest makes its configuration part of the dump
	steps := []struct {
		name string
		run  func(context.Context) (result, error)
	}{
		{StageValidate, r.validate}, {StagePlan, r.plan}, {StageApply, r.apply}, {StageReplan, r.replan}, {StageDestroy, r.destroy},
	}
	var out []review.Stage
	failed := false
	for _, step := range steps {
		stage := review.Stage{Name: step.name, Outcome: review.Skipped, Text: review.Text{Key: "builder.stage.earlier_failed"}}
		if !failed {
			start := p.cfg.Now()
			res, err := step.run(ctx)
			if err != nil {
				return nil, fmt.Errorf("stage %s: %w", step.name, err)
			}
			stage = res.stage(step.name, p.cfg.Now().Sub(start))
			failed = stage.Outcome == review.Failed
		}
		out = append(out, stage)
		if done != nil {
			done(stage)
		}
	}
	return out, nil
}

// margin is what a caller keeps of its time to store and publish what there is when a proof takes too long.
const margin = 5 * time.Second

// bounded gives the proof, waiting included, its budget, or less when the caller has less.
func (p *Prover) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	end := p.cfg.Now().Add(p.cfg.Budget)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-margin).Before(end) {
		end = deadline.Add(-margin)
	}
	return context.WithDeadline(ctx, end)
}

// imageBytes is the size of a download on the twin: no image is larger than the smallest disk that a plan gives it.
const imageBytes = 2 << 30

func newTwin(s Subject) (*twin.Cluster, error) {
	seed := twin.FromSnapshot(s.Snapshot)
	if len(s.Plan.GetDownloads()) > 0 {
		seed.Downloads = map[string]int64{}
		for _, d := range s.Plan.GetDownloads() {
			seed.Downloads[d.GetUrl()] = imageBytes
		}
	}
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		return nil, fmt.Errorf("seed twin: %w", err)
	}
	return cluster, nil
}

// A result is what a stage came to.
type result struct {
	text     review.Text
	findings []review.Finding
	skipped  bool // nothing was run; text says why
}

func (r result) stage(name string, took time.Duration) review.Stage {
	s := review.Stage{Name: name, Outcome: review.Passed, Duration: took, Text: r.text, Findings: r.findings}
	if r.skipped {
		s.Outcome = review.Skipped
	}
	for i := range s.Findings {
		s.Findings[i].Stage = name
		if s.Findings[i].Severity == review.Error {
			s.Outcome = review.Failed
		}
	}
	if s.Outcome == review.Failed {
		s.Text = review.Text{}
	}
	return s
}

// run is one proof.
type run struct {
	Subject
	box     *sandbox
	cluster *twin.Cluster
	before  []byte
	token   string
	adopted []map[string]string // configurations of the guests that exist, as they were, in the plan's order
}

// failures turns OpenTofu's errors into findings.
func failures(rule string, errs []diagnostic) []review.Finding {
	var out []review.Finding
	for _, d := range errs {
		detail := strings.TrimSpace(d.Summary + ": " + strings.Join(strings.Fields(d.Detail), " "))
		f := review.Finding{Rule: rule, Severity: review.Error, Address: d.Address, Args: []any{"detail", strings.TrimSuffix(detail, ":")}}
		if d.Range != nil {
			f.Range = hcl.Range{Filename: d.Range.Filename, Start: hcl.Pos{Line: d.Range.Start.Line}}
		}
		out = append(out, f)
	}
	return out
}

func finding(rule, address string, args ...any) review.Finding {
	return review.Finding{Rule: rule, Severity: review.Error, Address: address, Args: args}
}

func (r *run) validate(ctx context.Context) (result, error) {
	out, err := r.box.run(ctx, "init", "-input=false", "-no-color")
	if err != nil {
		return result{}, err
	}
	if out.code != 0 {
		return result{findings: failures("validate.failed", []diagnostic{{Summary: firstLines(out.stderr)}})}, nil
	}
	out, err = r.box.run(ctx, "validate", "-json", "-no-color")
	if err != nil {
		return result{}, err
	}
	var answer struct {
		Valid       bool         `json:"valid"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	if err := json.Unmarshal(out.stdout, &answer); err != nil {
		return result{}, fmt.Errorf("decode answer of validate: %w", err)
	}
	var errs, warnings []diagnostic
	for _, d := range answer.Diagnostics {
		if d.Severity == "error" {
			errs = append(errs, d)
		} else {
			warnings = append(warnings, d)
		}
	}
	findings := failures("validate.failed", errs)
	for _, f := range failures("validate.warning", warnings) {
		f.Severity = review.Warning
		findings = append(findings, f)
	}
	return result{text: review.Text{Key: "builder.stage.validated"}, findings: findings}, nil
}

func (r *run) plan(ctx context.Context) (result, error) {
	out, err := r.box.run(ctx, "plan", "-json", "-no-color", "-input=false", "-lock=false", "-out="+r.box.path("plan"))
	if err != nil {
		return result{}, err
	}
	rep := read(out)
	findings := failures("plan.failed", rep.errors)
	for _, f := range failures("plan.warning", rep.warnings) {
		f.Severity = review.Warning
		findings = append(findings, f)
	}
	want, got := r.wanted(), rep.counts
	got.Operation = ""
	if len(rep.errors) == 0 && got != want {
		findings = append(findings, finding("plan.counts", "", "got", got.String()+rep.what(), "want", want.String()))
	}
	return result{text: planned(want, rep), findings: findings}, nil
}

// planned says what a plan does.
func planned(want counts, rep report) review.Text {
	if want.Import > 0 {
		return review.Text{Key: "builder.stage.planned_import", Args: append(rep.args(), "import", rep.Import)}
	}
	return review.Text{Key: "builder.stage.planned", Args: rep.args()}
}

func (c counts) String() string {
	text := fmt.Sprintf("+%d ~%d -%d", c.Add, c.Change, c.Remove)
	if c.Import > 0 {
		text += fmt.Sprintf(" <%d", c.Import)
	}
	return text
}

// what lists the changes of a plan that imports, for the one who has to find out which was not wanted.
func (r report) what() string {
	if len(r.changes) == 0 || r.Import == 0 {
		return ""
	}
	return " (" + strings.Join(r.changes, ", ") + ")"
}

func (c counts) args() []any {
	return []any{"add", c.Add, "change", c.Change, "destroy", c.Remove}
}

func (r *run) apply(ctx context.Context) (result, error) {
	out, err := r.box.run(ctx, "apply", "-json", "-no-color", "-input=false", "-lock=false", "-auto-approve", r.box.path("plan"))
	if err != nil {
		return result{}, err
	}
	rep := read(out)
	findings := failures("apply.failed", rep.errors)
	if len(findings) == 0 {
		if findings, err = r.compare(ctx); err != nil {
			return result{}, err
		}
	}
	return result{text: review.Text{Key: "builder.stage.applied", Args: rep.args()}, findings: findings}, nil
}

func (r *run) replan(ctx context.Context) (result, error) {
	out, err := r.box.run(ctx, "plan", "-json", "-no-color", "-input=false", "-lock=false", "-detailed-exitcode")
	if err != nil {
		return result{}, err
	}
	rep := read(out)
	findings := failures("replan.failed", rep.errors)
	if len(findings) == 0 && out.code != 0 {
		detail := strings.Join(rep.changes, ", ")
		if detail == "" {
			detail = rep.counts.String()
		}
		findings = append(findings, finding("replan.changes", "", "detail", detail))
	}
	return result{text: review.Text{Key: "builder.stage.replanned"}, findings: findings}, nil
}

// destroy ends with the twin as it was. A protected machine refuses to be destroyed, which is what was asked for: its
// protection is lifted first, as an operator would.
func (r *run) destroy(ctx context.Context) (result, error) {
	if len(r.Plan.GetAdoptions()) > 0 {
		return r.destroyNew(ctx)
	}
	if err := r.liftProtection(ctx); err != nil {
		return result{}, err
	}
	out, err := r.box.run(ctx, "destroy", "-json", "-no-color", "-input=false", "-lock=false", "-auto-approve")
	if err != nil {
		return result{}, err
	}
	rep := read(out)
	findings := failures("destroy.failed", rep.errors)
	if after := r.cluster.Dump(); len(findings) == 0 && !bytes.Equal(r.before, after) {
		findings = append(findings, finding("destroy.left_over", "", "detail", firstDifference(r.before, after)))
	}
	return result{text: review.Text{Key: "builder.stage.destroyed", Args: rep.args()}, findings: findings}, nil
}

// firstDifference shows the first line in which two dumps differ.
func firstDifference(before, after []byte) string {
	a, b := bytes.Split(before, []byte("\n")), bytes.Split(after, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return firstLines(string(a[i])) + " / " + firstLines(string(b[i]))
		}
	}
	return fmt.Sprintf("%d / %d lines", len(a), len(b))
}
