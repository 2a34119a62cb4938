package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// A Result is one line of raw results: one attempt at one case.
type Result struct {
	Case          string   `json:"case"`
	Lang          string   `json:"lang"`
	Class         string   `json:"class"`
	Pair          string   `json:"pair,omitempty"`
	Config        string   `json:"config"` // "rules"
	Attempt       int      `json:"attempt"`
	Seed          int64    `json:"seed"`
	Model         string   `json:"model"`
	PromptVersion string   `json:"prompt_version"`
	Stages        []Stage  `json:"stages"`
	Tokens        int      `json:"tokens"`
	Calls         int      `json:"calls"`
	MS            float64  `json:"ms"`            // request to end
	UnderstandMS  float64  `json:"understand_ms"` // of the first understanding
	State         string   `json:"state"`
	WantState     []string `json:"want_state,omitempty"`
	Refusal       string   `json:"refusal,omitempty"`
	Asked         []string `json:"asked,omitempty"`
	WantAsked     int      `json:"want_asked,omitempty"` // questions that had to come
	Pass          bool     `json:"pass"`
	Fields        Tally    `json:"fields"`
	Missed        int      `json:"missed"`
	Needless      int      `json:"needless"`
	FailureClass  string   `json:"failure_class,omitempty"`
	Diff          []string `json:"diff,omitempty"`
	Commit        string   `json:"commit"`
	Prompt        string   `json:"prompt"`
	Fixture       string   `json:"fixture"`

	// Of the hostile corpus only.
	Channel string   `json:"channel,omitempty"`
	Origin  string   `json:"origin,omitempty"`
	OWASP   []string `json:"owasp,omitempty"`
	Held    *bool    `json:"held,omitempty"`
	Noticed *bool    `json:"noticed,omitempty"`
	Audited *bool    `json:"audited,omitempty"`
	RunID   string   `json:"-"`
}

// A Stage is one step of a run or one stage of its proof.
type Stage struct {
	Name    string  `json:"name"`
	Outcome string  `json:"outcome"`
	MS      float64 `json:"ms"`
}

// ClassAttack is the class of results of the hostile corpus.
const ClassAttack = "attack"

// NewResult fills in what every outcome has.
func NewResult(o Outcome) Result {
	use := o.Run.GetModelUse()
	r := Result{
		Config: "rules", Attempt: 1, PromptVersion: use.GetPromptVersion(), Calls: int(use.GetCalls()),
		Tokens: int(use.GetInputTokens() + use.GetOutputTokens()), MS: hundredths(float64(o.Wall.Microseconds()) / 1000),
		State: o.State(), Refusal: o.Run.GetRefusal().GetCode(), RunID: o.Run.GetRunId(),
	}
	if len(use.GetModels()) > 0 {
		r.Config, r.Model = "both", use.GetModels()[0]
	}
	if len(o.UnderstandMS) > 0 {
		r.UnderstandMS = hundredths(o.UnderstandMS[0])
	}
	for _, q := range o.Asked {
		r.Asked = append(r.Asked, q.GetId())
	}
	for _, s := range o.Run.GetSteps() {
		r.Stages = append(r.Stages, Stage{s.GetStep(), s.GetOutcome(), hundredths(s.GetWorkedMs())})
	}
	for _, s := range o.Run.GetProof().GetStages() {
		r.Stages = append(r.Stages, Stage{s.GetName(), s.GetStatus(), hundredths(s.GetDurationMs())})
	}
	return r
}

// hundredths rounds milliseconds: what is finer is noise.
func hundredths(ms float64) float64 { return math.Round(ms*100) / 100 }

// WriteResults writes one line a result.
func WriteResults(path string, results []Result) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create results: %w", err)
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range results {
		if err := enc.Encode(r); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close results: %w", err)
	}
	return nil
}

// ReadResults reads what [WriteResults] wrote.
func ReadResults(r io.Reader) ([]Result, error) {
	var out []Result
	for dec := json.NewDecoder(r); ; {
		var one Result
		switch err := dec.Decode(&one); err {
		case nil:
			out = append(out, one)
		case io.EOF:
			return out, nil
		default:
			return nil, fmt.Errorf("read results: %w", err)
		}
	}
}

// median of the values; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
