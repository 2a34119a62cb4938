package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/schema"
)

// A File is one file of a manifest.
type File struct {
	Path    string
	Content string
}

// Outcome is what became of a stage.
type Outcome string

// The outcomes. A stage that could not run is skipped, never passed.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// A Stage is one stage of a review.
type Stage struct {
	Name     string
	Outcome  Outcome
	Duration time.Duration
	Findings []Finding
	// Text says what was seen, or why the stage was skipped.
	Text Text
}

// A Text is a text of the catalogue.
type Text struct {
	Key  string // empty: no text
	Args []any
}

// A Result is a review.
type Result struct{ Stages []Stage }

// Findings returns all findings, in order of stages.
func (r Result) Findings() []Finding {
	var out []Finding
	for _, s := range r.Stages {
		out = append(out, s.Findings...)
	}
	return out
}

// Open returns the findings that keep the manifest from being valid.
func (r Result) Open() []Finding {
	var out []Finding
	for _, f := range r.Findings() {
		if f.Open() {
			out = append(out, f)
		}
	}
	return out
}

// Valid reports whether every stage ran and found no error.
func (r Result) Valid() bool {
	for _, s := range r.Stages {
		if s.Outcome != Passed {
			return false
		}
	}
	return len(r.Stages) > 0
}

// A Reviewer reviews manifests. It is safe for concurrent use.
type Reviewer struct {
	provider *schema.Provider
	now      func() time.Time
}

// New returns a reviewer that measures its stages with now.
func New(now func() time.Time) (*Reviewer, error) {
	p, err := schema.Load()
	if err != nil {
		return nil, err
	}
	return &Reviewer{provider: p, now: now}, nil
}

// Review runs the stages. Without a cluster the stage state is skipped, without a plan the stage intent; the stages after
// one that leaves nothing to look at are skipped too.
func (v *Reviewer) Review(files []File, plan *provisov1.StrategicPlan, cluster *Cluster) Result {
	var out Result
	found := map[string]*findings{}
	for _, name := range []string{StageParse, StageSchema, StageReferences, StageState, StagePolicy, StageIntent} {
		found[name] = &findings{index: map[string]int{}}
	}
	report := func(f Finding) { found[f.Stage].add(f) }
	spent := map[string]time.Duration{}
	timed := func(stage string, run func()) {
		start := v.now()
		run()
		spent[stage] += v.now().Sub(start)
	}
	const beforeFailed = "builder.stage.earlier_failed"
	skipped := map[string]string{}

	var d *document
	timed(StageParse, func() { d = parse(files, report) })
	evaluable := false
	if d != nil {
		var order []*resource
		timed(StageSchema, func() { checkSchema(d, v.provider, report) })
		timed(StageReferences, func() { order, evaluable = checkReferences(d, report) })
		if evaluable {
			// Evaluation feeds both stages; it is counted where its larger part belongs.
			timed(StageReferences, func() { evaluate(d, order, v.provider, report) })
		}
	} else {
		skipped[StageSchema], skipped[StageReferences] = beforeFailed, beforeFailed
	}
	if !evaluable {
		skipped[StageState], skipped[StagePolicy], skipped[StageIntent] = beforeFailed, beforeFailed, beforeFailed
	} else {
		s := newSubject(d, cluster)
		timed(StageState, func() { apply(stateRules, s, report) })
		timed(StagePolicy, func() { apply(policyRules, s, report) })
		timed(StageIntent, func() { compare(s, plan, report) })
		if cluster == nil {
			skipped[StageState] = "builder.stage.no_snapshot"
		}
		if plan == nil {
			skipped[StageIntent] = "builder.stage.no_plan"
		}
	}
	for _, name := range []string{StageParse, StageSchema, StageReferences, StageState, StagePolicy, StageIntent} {
		out.Stages = append(out.Stages, found[name].stage(name, spent[name], skipped[name]))
	}
	return out
}

// findings collects those of one stage. The instances of a resource share their code, so that one defect in it would
// be found once for each of them: it is kept once, at the address of the resource.
type findings struct {
	list  []Finding
	index map[string]int
}

func (l *findings) add(f Finding) {
	key := fmt.Sprint(f.Rule, f.Range, f.Args)
	if i, seen := l.index[key]; seen && f.Range.Filename != "" {
		if l.list[i].Address != f.Address {
			l.list[i].Address = withoutKey(f.Address)
		}
		return
	}
	l.index[key] = len(l.list)
	l.list = append(l.list, f)
}

// withoutKey takes the instance's key out of an address: vm.web["web-1"].disk[0] is vm.web.disk[0] for all of them.
func withoutKey(address string) string {
	before, rest, found := strings.Cut(address, `["`)
	if !found {
		return address
	}
	_, after, _ := strings.Cut(rest, `"]`)
	return before + after
}

func (l *findings) stage(name string, spent time.Duration, skipped string) Stage {
	s := Stage{Name: name, Outcome: Passed, Duration: spent, Findings: l.list}
	order(s.Findings)
	for _, f := range s.Findings {
		if f.Severity == Error {
			s.Outcome = Failed
		}
	}
	if skipped != "" && s.Outcome == Passed {
		s.Outcome, s.Text.Key = Skipped, skipped
	}
	return s
}

// A subject is what the rules look at.
type subject struct {
	*document
	cluster *Cluster // nil: not known
	// guests are the virtual machines, containers the containers, everyone both in the order of the code.
	guests, containers, everyone []*guest
	// by kind, with both names of a type
	instances map[string][]*instance
	pools     map[string]bool // that the manifest creates
	volumes   map[string]bool // that the manifest downloads
	imported  []importBlock
}

func newSubject(d *document, cluster *Cluster) *subject {
	s := &subject{
		document: d, cluster: cluster, everyone: readGuests(d),
		instances: map[string][]*instance{}, pools: map[string]bool{}, volumes: map[string]bool{}, imported: d.imports(),
	}
	for _, g := range s.everyone {
		if g.ct != nil {
			s.containers = append(s.containers, g)
		} else {
			s.guests = append(s.guests, g)
		}
	}
	for _, r := range d.resources {
		if r.data {
			continue
		}
		k := kind(r.typ)
		s.instances[k] = append(s.instances[k], r.instances...)
		for _, in := range r.instances {
			switch k {
			case "pool":
				if name, ok := in.text("pool_id"); ok {
					s.pools[name] = true
				}
			case typeDownload:
				if id, ok := in.volume(); ok {
					s.volumes[id] = true
				}
			}
		}
	}
	return s
}

// A rule is one check: a row of the tables in state.go and policy.go.
type rule struct {
	id       string
	stage    string
	severity Severity
	// insist: the reviewer does not let the warning pass; internal/refine has a repair for it.
	insist bool
	// cluster: without a snapshot the rule has no answer.
	cluster bool
	check   func(s *subject, report reportFunc)
}

// Insisted returns the rules of the tables whose warnings the reviewer does not let pass, and ruleTuning: whoever repairs
// must know a repair for each.
func Insisted() []string {
	out := []string{ruleTuning}
	for _, r := range slices.Concat(stateRules, policyRules) {
		if r.insist {
			out = append(out, r.id)
		}
	}
	return out
}

// A reportFunc takes one violation: where it is, and the names and values for the catalogue's text.
type reportFunc func(address string, at hcl.Range, args ...any)

func apply(rules []rule, s *subject, report func(Finding)) {
	for _, r := range rules {
		if r.cluster && s.cluster == nil {
			continue
		}
		r.check(s, func(address string, at hcl.Range, args ...any) {
			f := Finding{Stage: r.stage, Rule: r.id, Severity: r.severity, Insist: r.insist, Address: address, Range: at, Args: args}
			if len(s.imported) > 0 && s.relaxed(r.id, address) {
				f.Severity, f.Insist = Information, false
			}
			report(f)
		})
	}
}
