package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/knowledge"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Severity says what a finding does to a manifest.
type Severity string

// The severities. A manifest with an error is not valid; a warning is shown with it; information is never repaired.
const (
	Error       Severity = "error"
	Warning     Severity = "warning"
	Information Severity = "info"
)

// The in-process stages, in order.
const (
	StageParse      = "parse"
	StageSchema     = "schema"
	StageReferences = "references"
	StageState      = "state"
	StagePolicy     = "policy"
	StageIntent     = "intent"
)

// A Finding is one defect, in no language yet.
type Finding struct {
	Stage    string
	Rule     string
	Severity Severity
	// Insist marks a warning that the reviewer does not let pass, because its repair changes nothing that was asked for.
	Insist  bool
	Address string    // "proxmox_virtual_environment_vm.web.disk[0]"; empty for a whole file
	Range   hcl.Range // where it stands; zero when it stands nowhere
	Args    []any     // names and values for the catalogue's text
}

// Open reports whether the loop has to go on because of the finding.
func (f Finding) Open() bool { return f.Severity == Error || f.Insist }

// Key identifies a finding: two reviews that yield equal keys found the same.
func (f Finding) Key() string { return f.Rule + " " + f.Address + " " + fmt.Sprint(f.Args...) }

// Where returns the address and, if known, file and line.
func (f Finding) Where() string {
	if f.Range.Filename == "" {
		return f.Address
	}
	place := fmt.Sprintf("%s:%d", f.Range.Filename, f.Range.Start.Line)
	if f.Address == "" {
		return place
	}
	return f.Address + " (" + place + ")"
}

// Message says what is wrong, in the given language.
func (f Finding) Message(lang string) string {
	return i18n.T(lang, "builder.finding."+f.text(), f.said(lang)...)
}

// Fix says what to do, in the given language.
func (f Finding) Fix(lang string) string {
	return i18n.T(lang, "builder.fix."+f.text(), f.said(lang)...)
}

// said returns the arguments with those translated that are words: "what" is a kind of thing, "on" a node or nothing.
func (f Finding) said(lang string) []any {
	out := slices.Clone(f.Args)
	for i := 0; i+1 < len(out); i += 2 {
		value := fmt.Sprint(out[i+1])
		switch out[i] {
		case "what":
			if key := "builder.what." + strings.ReplaceAll(value, " ", "_"); i18n.Has(lang, key) {
				out[i+1] = i18n.T(lang, key)
			}
		case "on":
			if value != "" {
				out[i+1] = " " + i18n.T(lang, "builder.on_node", "node", value)
			}
		}
	}
	return out
}

// text is the catalogue's name of the rule. Every field that can differ from the plan has a rule of its own, and all of
// them say so in the same words.
func (f Finding) text() string {
	if f.Stage == StageIntent && !slices.Contains(intentTexts, f.Rule) {
		return ruleDiffers
	}
	return f.Rule
}

// Proto returns the finding as the wire knows it.
func (f Finding) Proto(lang string) *provisov1.Finding {
	documented, _ := knowledge.Rule(f.Rule)
	return &provisov1.Finding{
		Source:   documented.Source,
		Stage:    f.Stage,
		Rule:     f.Rule,
		Severity: string(f.Severity),
		Address:  clip(f.Where(), 512),
		Message:  clip(f.Message(lang), 4096),
		Fix:      clip(f.Fix(lang), 2048),
	}
}

// clip shortens text to at most n characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// order sorts findings by severity, then place, so that equal manifests give equal lists.
func order(fs []Finding) {
	rank := map[Severity]int{Error: 0, Warning: 1, Information: 2}
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(rank[a.Severity], rank[b.Severity]),
			strings.Compare(a.Range.Filename, b.Range.Filename),
			cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
			strings.Compare(a.Address, b.Address),
			strings.Compare(a.Rule, b.Rule),
		)
	})
}
