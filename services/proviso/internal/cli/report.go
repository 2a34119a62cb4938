package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/proviso/internal/client"
)

// States of a report.
const (
	stateDelivered  = "delivered"
	stateNeedsInput = "needs_input"
	stateRefused    = "refused"
	stateFailed     = "failed"

	stateCancelled = "cancelled" // of a run only
)

// report is what `ask --json` prints: one object, always with all members. Objects that do not exist are null, lists empty.
type report struct {
	RunID      string            `json:"run_id"` // empty: no run began
	State      string            `json:"state"`
	Language   string            `json:"language"`
	Intent     json.RawMessage   `json:"intent"`
	Questions  []questionReport  `json:"questions"`
	Refusal    *refusalReport    `json:"refusal"` // why, when refused or failed
	Manifest   *manifestReport   `json:"manifest"`
	Validation validationReport  `json:"validation"`
	Placement  []placementReport `json:"placement"`
	// Steps are what the agents did, in order, with what came of it in words and figures.
	Steps []stepReport `json:"steps"`
	// Reply is the answer to a question, in place of a manifest.
	Reply   *replyReport `json:"reply"`
	Notices []string     `json:"notices"`
	// SnapshotAgeMs is how old the state of the cluster was that the run rests on; 0 before it was collected.
	SnapshotAgeMs int64 `json:"snapshot_age_ms"`
	// Unknown is what could not be read, in the request's language.
	Unknown  []string        `json:"unknown"`
	ModelUse *modelUseReport `json:"model_use"`
}

type stepReport struct {
	Step     string  `json:"step"`
	Agent    string  `json:"agent"`
	Outcome  string  `json:"outcome"`
	WorkedMs float64 `json:"worked_ms"`
	Summary  string  `json:"summary"` // in the request's language; empty where the intent or the reply says it
}

type replyReport struct {
	Text     string           `json:"text"`
	Rows     []replyRowReport `json:"rows"`
	Commands []string         `json:"commands"`
}

type replyRowReport struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

type modelUseReport struct {
	Calls         int32    `json:"calls"`
	InputTokens   int32    `json:"input_tokens"`
	OutputTokens  int32    `json:"output_tokens"`
	Models        []string `json:"models"`
	PromptVersion string   `json:"prompt_version"`
	Out           bool     `json:"out"`
}

type questionReport struct {
	ID       string         `json:"id"`
	Text     string         `json:"text"`
	Options  []optionReport `json:"options"`
	Required bool           `json:"required"`
}

type optionReport struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

type refusalReport struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type manifestReport struct {
	Platform   string       `json:"platform"`
	Dialect    string       `json:"dialect"`
	Files      []fileReport `json:"files"`
	Iterations int          `json:"iterations"`
}

type fileReport struct {
	Path    string `json:"path"`
	Content string `json:"content"`
}

type validationReport struct {
	Stages []stageReport `json:"stages"`
}

type stageReport struct {
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	DurationMs float64         `json:"duration_ms"`
	Findings   []findingReport `json:"findings"`
	Summary    string          `json:"summary"`
}

type findingReport struct {
	Stage    string `json:"stage"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Address  string `json:"address"`
	Message  string `json:"message"`
	Fix      string `json:"fix"`
}

type placementReport struct {
	Guest  string `json:"guest"`
	Node   string `json:"node"`
	Reason string `json:"reason"`
}

// emptyReport has every list, so that none is null.
func emptyReport() report {
	return report{
		Intent: json.RawMessage("null"), Questions: []questionReport{}, Placement: []placementReport{},
		Validation: validationReport{Stages: []stageReport{}}, Notices: []string{}, Unknown: []string{},
		Steps: []stepReport{},
	}
}

// failureReport is the report when there is no run to report on, or none that can be read.
func failureReport(f failure, lang, run string) report {
	r := emptyReport()
	r.RunID, r.Language, r.State = run, lang, stateFailed
	if f.exit == exitRefused {
		r.State = stateRefused
	}
	r.Refusal = &refusalReport{Code: f.code, Message: f.message}
	return r
}

// reportOf is the report on a run that has ended or waits; manifest may be nil.
func reportOf(run *client.Run, manifest *provisov1.Manifest) (report, error) {
	r := emptyReport()
	r.RunID, r.Language = run.GetRunId(), run.GetLanguage()
	r.SnapshotAgeMs, r.Unknown = run.GetSnapshotAgeMs(), append(r.Unknown, run.GetUnknown()...)
	if intent := run.GetIntent(); intent != nil {
		data, err := wire.Encode(intent)
		if err != nil {
			return r, fmt.Errorf("report intent: %w", err)
		}
		r.Intent = data
	}
	for _, s := range run.GetSteps() {
		r.Steps = append(r.Steps, stepReport{
			Step: s.GetStep(), Agent: s.GetRole(), Outcome: s.GetOutcome(), WorkedMs: s.GetWorkedMs(), Summary: s.GetSummary(),
		})
	}
	for _, d := range run.GetPlacement() {
		r.Placement = append(r.Placement, placementReport{Guest: d.GetGuest(), Node: d.GetNode(), Reason: d.GetReason()})
	}
	for _, s := range run.GetProof().GetStages() {
		r.Validation.Stages = append(r.Validation.Stages, reportStage(s))
	}
	r.Notices = append(r.Notices, run.GetNotices()...)
	r.Reply, r.ModelUse = reportReply(run.GetReply()), reportModelUse(run.GetModelUse())
	switch {
	case client.Waiting(run.GetState()):
		r.State = stateNeedsInput
		r.Questions = reportQuestions(run.GetQuestions())
	case run.GetState() == stateDelivered:
		r.State = stateDelivered
	case run.GetState() == stateRefused:
		r.State = stateRefused
		r.Refusal = reportReason(run.GetRefusal(), run)
	case run.GetState() == stateCancelled: // somebody said no, so nothing has failed
		r.State = stateRefused
		r.Refusal = reportReason(run.GetRefusal(), run)
	default:
		r.State = stateFailed
		r.Refusal = reportReason(run.GetFailure(), run)
	}
	if manifest != nil {
		r.Manifest = reportManifest(manifest)
	}
	return r, nil
}

func reportReply(reply *provisov1.Reply) *replyReport {
	if reply == nil {
		return nil
	}
	item := &replyReport{Text: reply.GetText(), Rows: []replyRowReport{}, Commands: append([]string{}, reply.GetCommands()...)}
	for _, row := range reply.GetRows() {
		item.Rows = append(item.Rows, replyRowReport{Label: row.GetLabel(), Value: row.GetValue(), Reason: row.GetReason()})
	}
	return item
}

func reportModelUse(use *provisov1.ModelUse) *modelUseReport {
	if use == nil {
		return nil
	}
	return &modelUseReport{
		Calls: use.GetCalls(), InputTokens: use.GetInputTokens(), OutputTokens: use.GetOutputTokens(),
		Models: append([]string{}, use.GetModels()...), PromptVersion: use.GetPromptVersion(), Out: use.GetOut(),
	}
}

func reportQuestions(questions []*provisov1.Clarification) []questionReport {
	list := make([]questionReport, 0, len(questions))
	for _, q := range questions {
		item := questionReport{ID: q.GetId(), Text: q.GetText(), Options: []optionReport{}, Required: q.GetRequired()}
		for _, o := range q.GetOptions() {
			item.Options = append(item.Options, optionReport{Value: o.GetValue(), Label: o.GetLabel()})
		}
		list = append(list, item)
	}
	return list
}

func reportStage(s *provisov1.Stage) stageReport {
	item := stageReport{
		Name: s.GetName(), Status: s.GetStatus(), DurationMs: s.GetDurationMs(), Summary: s.GetSummary(), Findings: []findingReport{},
	}
	for _, f := range s.GetFindings() {
		item.Findings = append(item.Findings, findingReport{
			Stage: f.GetStage(), Rule: f.GetRule(), Severity: f.GetSeverity(), Address: f.GetAddress(), Message: f.GetMessage(), Fix: f.GetFix(),
		})
	}
	return item
}

func reportManifest(m *provisov1.Manifest) *manifestReport {
	item := &manifestReport{Platform: m.GetPlatform(), Dialect: m.GetDialect(), Files: []fileReport{}, Iterations: len(m.GetIterations())}
	for _, f := range m.GetFiles() {
		item.Files = append(item.Files, fileReport{Path: f.GetPath(), Content: f.GetContent()})
	}
	return item
}

// reportReason is why a run was not delivered. A cancelled or expired run needs no reason but its state.
func reportReason(reason *provisov1.Refusal, run *client.Run) *refusalReport {
	if reason == nil {
		return &refusalReport{Code: run.GetState(), Message: i18n.T(run.GetLanguage(), "cli.ended."+run.GetState())}
	}
	return &refusalReport{Code: reason.GetCode(), Message: reason.GetMessage()}
}

// exitOf is the exit code of a state.
func exitOf(state string) int {
	switch state {
	case stateDelivered:
		return exitDelivered
	case stateNeedsInput:
		return exitNeedsInput
	case stateRefused:
		return exitRefused
	}
	return exitFailed
}

// writeReport prints a report. Characters such as "<" stay readable: this is no web page.
func writeReport(w io.Writer, r report) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(r) // all values are strings, numbers and checked JSON; a closed pipe is nobody's error
}
