package refine

import (
	"slices"
	"strings"

	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/review"
)

// MaxIterations is how often the reviewer looks at most.
const MaxIterations = 10

// A Verdict is what the reviewer says of a manifest.
type Verdict struct {
	Result review.Result
	// ExitLoop is the reviewer's statement that all requirements are met.
	ExitLoop bool
}

// A Reviewer looks at files and gives its verdict.
type Reviewer func(files []bpg.File) Verdict

// A Refiner repairs the draft and returns the rules whose findings it acted on; none when it knows no repair.
type Refiner func(d *bpg.Draft, findings []review.Finding) (repaired []string)

// An Iteration is one turn of the loop.
type Iteration struct {
	Number   int // from 1
	Findings []review.Finding
	Repaired []string // rules, sorted
	ExitLoop bool
}

// End says why the loop ended.
type End string

// The ends. Only Satisfied yields a valid manifest.
const (
	Satisfied End = "satisfied" // the reviewer said so
	Stuck     End = "stuck"     // the same findings came back
	Limit     End = "limit"     // MaxIterations are used up
)

// A Loop refines one draft. It is used by one goroutine.
type Loop struct {
	Draft    bpg.Draft
	Reviewer Reviewer
	Refiner  Refiner
	// Observe is told of every iteration when it is over; nil: nobody is.
	Observe func(Iteration)

	Iterations []Iteration
	Files      []bpg.File    // of the last review
	Result     review.Result // of the last review
	seen       []string      // what earlier iterations left open
}

// Run refines the draft until the loop ends.
func (l *Loop) Run() End {
	for len(l.Iterations) < MaxIterations {
		l.Files = bpg.Render(l.Draft)
		v := l.Reviewer(l.Files)
		l.Result = v.Result
		it := Iteration{Number: len(l.Iterations) + 1, Findings: v.Result.Findings(), ExitLoop: v.ExitLoop}
		if v.ExitLoop {
			l.record(it)
			return Satisfied
		}
		if end := l.repair(it, v.Result.Open()); end != "" {
			return end
		}
	}
	return Limit
}

// Resume takes findings of a later check into the loop: they cost an iteration like any other, and count against the
// same limit.
func (l *Loop) Resume(findings []review.Finding) End {
	if len(l.Iterations) >= MaxIterations {
		return Limit
	}
	if end := l.repair(Iteration{Number: len(l.Iterations) + 1, Findings: findings}, findings); end != "" {
		return end
	}
	return l.Run()
}

// repair lets the refiner act on what is open. The end is empty when the loop goes on.
func (l *Loop) repair(it Iteration, open []review.Finding) End {
	key := fingerprint(open)
	if slices.Contains(l.seen, key) {
		l.record(it)
		return Stuck
	}
	l.seen = append(l.seen, key)
	it.Repaired = l.Refiner(&l.Draft, open)
	l.record(it)
	if len(it.Repaired) == 0 {
		return Stuck // nothing changed, so the next review would find the same
	}
	return ""
}

func (l *Loop) record(it Iteration) {
	l.Iterations = append(l.Iterations, it)
	if l.Observe != nil {
		l.Observe(it)
	}
}

// fingerprint is equal for equal findings, in whatever order they were found.
func fingerprint(findings []review.Finding) string {
	keys := make([]string, len(findings))
	for i, f := range findings {
		keys[i] = f.Key()
	}
	slices.Sort(keys)
	return strings.Join(keys, "\n")
}
