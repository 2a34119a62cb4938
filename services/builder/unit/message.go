package builder

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/refine"
	"proviso.dev/services/builder/internal/review"
)

// What a proof says of a manifest.
const (
	statusValidated = "validated"
	statusProven    = "proven"
	statusFailed    = "failed"
)

// How many findings of one list travel: all that the contract allows in the artefact, few in an event.
const (
	allFindings   = 500
	briefFindings = 20
)

func file(f bpg.File) *provisov1.File {
	sum := sha256.Sum256([]byte(f.Content))
	return &provisov1.File{Path: f.Path, Content: f.Content, Sha256: hex.EncodeToString(sum[:])}
}

func stage(s review.Stage, lang string, most int) *provisov1.Stage {
	out := &provisov1.Stage{
		Name: s.Name, Status: string(s.Outcome), DurationMs: float64(s.Duration.Microseconds()) / 1000,
		Findings: findings(s.Findings, lang, most),
	}
	switch {
	case s.Text.Key != "":
		out.Summary = i18n.T(lang, s.Text.Key, s.Text.Args...)
	case len(s.Findings) == 0:
		out.Summary = i18n.T(lang, "builder.stage.clean")
	default:
		errors, others := 0, 0
		for _, f := range s.Findings {
			if f.Severity == review.Error {
				errors++
			} else {
				others++
			}
		}
		out.Summary = i18n.T(lang, "builder.stage.found", "errors", errors, "warnings", others)
	}
	return out
}

// findings returns at most so many, the last of which counts the rest.
func findings(fs []review.Finding, lang string, most int) []*provisov1.Finding {
	out := make([]*provisov1.Finding, 0, min(len(fs), most+1))
	for i, f := range fs {
		if i == most {
			out = append(out, &provisov1.Finding{
				Stage: f.Stage, Rule: "more", Severity: string(review.Information),
				Message: i18n.T(lang, "builder.more_findings", "count", len(fs)-most),
			})
			break
		}
		out = append(out, f.Proto(lang))
	}
	return out
}

func (v *verification) proofMessage(most int) *provisov1.Proof {
	p := &provisov1.Proof{Status: v.status}
	for _, stages := range [][]review.Stage{v.loop.Result.Stages, v.twin} {
		for _, s := range stages {
			p.Stages = append(p.Stages, stage(s, v.lang, most))
		}
	}
	return p
}

func (v *verification) iteration(it refine.Iteration) *provisov1.Iteration {
	out := &provisov1.Iteration{
		Number: int32(it.Number), Findings: findings(it.Findings, v.lang, allFindings), Repaired: it.Repaired, ExitLoop: it.ExitLoop,
	}
	if it.ExitLoop {
		out.Statement = v.statement(it)
	}
	return out
}

// statement is what the reviewer declares when it ends the loop.
func (v *verification) statement(it refine.Iteration) string {
	warnings := 0
	for _, f := range it.Findings {
		if f.Severity == review.Warning {
			warnings++
		}
	}
	guests := len(v.plan.GetVirtualMachines()) + len(v.plan.GetContainers()) + len(v.plan.GetAdoptions())
	return v.say("loop.satisfied", "machines", guests, "stages", len(v.loop.Result.Stages), "warnings", warnings)
}

// notes are what the requester should know: the plan's risks, and the warnings that the reviewer let pass.
func (v *verification) notes() []string {
	const most = 128
	notes := append([]string(nil), v.plan.GetRisks()...)
	for _, f := range v.loop.Result.Findings() {
		if f.Severity == review.Warning && len(notes) < most {
			notes = append(notes, f.Rule+": "+f.Message(v.lang))
		}
	}
	return notes
}

// summary names the first open findings with their messages.
func (v *verification) summary(open []review.Finding) string {
	const most = 5
	var parts []string
	for i, f := range open {
		if i == most {
			parts = append(parts, v.say("more_findings", "count", len(open)-most))
			break
		}
		parts = append(parts, strings.TrimSpace(f.Rule+" "+f.Where())+": "+f.Message(v.lang))
	}
	return strings.Join(parts, "; ")
}

func (v *verification) list(items []string) string {
	if len(items) == 0 {
		return v.say("loop.nothing")
	}
	return strings.Join(items, ", ")
}

// clip shortens text to at most n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
