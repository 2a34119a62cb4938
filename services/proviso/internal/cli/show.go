package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/terminal"
)

// maxNodeTables is up to how many guests each gets a table of all nodes; with more, the first one's stands for all.
const maxNodeTables = 3

func (a *asker) t(key string, args ...any) string { return i18n.T(a.lang, key, args...) }

// showEvent shows one event as it happens.
func (d *dialogue) showEvent(e client.Event) {
	switch {
	case e.Succeeded != nil:
		d.step(terminal.Good, "✓", e.Succeeded.GetStep(), d.duration(e.Succeeded.GetWorkedMs()), summaryOf(e.Succeeded))
		d.showUnknown(e.Succeeded.GetCollected().GetUnknown())
	case e.Failed != nil:
		d.step(terminal.Bad, "✗", e.Failed.GetStep(), "", e.Failed.GetReason().GetMessage())
	case e.Progress != nil && e.Progress.GetStage() != nil:
		s := e.Progress.GetStage()
		style, sign := statusStyle(s.GetStatus())
		fmt.Fprintf(d.Stderr, "    %s %s %s  %s\n", d.Paint.Paint(style, sign), terminal.Pad(d.stage(s.GetName()), 12),
			terminal.Pad(d.stageTime(s), 8), terminal.Clean(s.GetSummary()))
	case e.Progress != nil && e.Progress.GetText() != "":
		fmt.Fprintf(d.Stderr, "    · %s\n", terminal.Clean(e.Progress.GetText()))
	}
}

// step shows one step: who did what, how long it took and what came of it.
func (d *dialogue) step(style terminal.Style, sign, step, took, summary string) {
	line := fmt.Sprintf("  %s %s %s", d.Paint.Paint(style, sign), terminal.Pad(d.t("cli.step."+step), 45), took)
	fmt.Fprintln(d.Stderr, strings.TrimRight(line, " "))
	if summary != "" {
		for _, l := range terminal.Wrap(terminal.Clean(summary), d.Columns-6) {
			fmt.Fprintln(d.Stderr, "      "+d.Paint.Paint(terminal.Dim, l))
		}
	}
}

// unknownShown is how much of what is not known is listed; the report as JSON has all of it.
const unknownShown = 8

// showUnknown lists what could not be read.
func (d *dialogue) showUnknown(list []string) {
	for i, u := range list {
		if i == unknownShown {
			u = d.t("cli.unknown.more", "count", len(list)-i)
		}
		for k, l := range terminal.Wrap(terminal.Clean(u), d.Columns-8) {
			mark := "? "
			if k > 0 {
				mark = "  "
			}
			fmt.Fprintln(d.Stderr, "      "+d.Paint.Paint(terminal.Dim, mark+l))
		}
		if i == unknownShown {
			return
		}
	}
}

func summaryOf(s *provisov1.StepSucceeded) string {
	switch {
	case s.GetAnalysed().GetRefusal() != nil: // said at the end, once
		return ""
	case s.GetCollected() != nil:
		return s.GetCollected().GetSummary()
	case s.GetAnalysed() != nil:
		return s.GetAnalysed().GetSummary()
	case s.GetBuilt() != nil:
		return s.GetBuilt().GetSummary()
	}
	return ""
}

// showConfirmed shows the interpretation to somebody who said --yes: assumed values are told even where nobody is asked.
func (d *dialogue) showConfirmed(ctx context.Context, e client.Event) error {
	if d.shown.confirmed || e.Changed == nil || e.Changed.GetState() != "collecting" {
		return nil
	}
	d.shown.confirmed = true
	if d.shown.interpretation != "" {
		return nil
	}
	run, err := d.gateway.Run(ctx, d.run)
	if err != nil {
		return err
	}
	d.showNotices(run)
	d.showInterpretation(run)
	return nil
}

// showInterpretation draws the table of what was understood, once for each version of it.
func (d *dialogue) showInterpretation(run *client.Run) {
	rows := run.GetInterpretation()
	if len(rows) == 0 {
		return
	}
	table := terminal.Table{Headings: []string{d.t("cli.table.parameter"), d.t("cli.table.value"), d.t("cli.table.why")}}
	for _, r := range rows {
		origin := d.t("cli.origin." + r.GetOrigin())
		why := terminal.Cell{Text: origin}
		if r.GetReason() != "" {
			why.Text = origin + d.t("cli.word.colon") + r.GetReason()
		}
		value := terminal.Cell{Text: r.GetValue(), Style: terminal.Bold}
		if r.GetOrigin() == "assumed" || r.GetOrigin() == "derived" {
			why.Style, value.Style = terminal.Mark, terminal.Mark
		}
		table.Rows = append(table.Rows, []terminal.Cell{{Text: r.GetLabel()}, value, why})
	}
	drawn := table.Draw(d.Columns, d.Paint)
	if drawn == d.shown.interpretation {
		return
	}
	d.shown.interpretation = drawn
	d.heading("cli.heading.interpretation")
	fmt.Fprint(d.Stdout, drawn)
	if words := run.GetIntent().GetNotUnderstood(); len(words) > 0 {
		d.note(d.t("cli.note.not_understood", "words", strings.Join(words, " · ")))
	}
}

func (d *dialogue) note(text string) {
	for _, l := range terminal.Wrap(terminal.Clean(text), d.Columns) {
		fmt.Fprintln(d.Stdout, d.Paint.Paint(terminal.Mark, l))
	}
}

// showOpenQuestions says what is open and how to answer it in the next call.
func (d *dialogue) showOpenQuestions(run *client.Run) {
	d.heading("cli.heading.questions")
	var again strings.Builder
	again.WriteString("proviso ask")
	if d.flags.Yes {
		again.WriteString(" --yes")
	}
	if d.flags.Out != "" {
		again.WriteString(" --out " + quote(d.flags.Out))
	}
	if d.session != "" {
		again.WriteString(" --session " + d.session)
	}
	for _, given := range d.answers {
		again.WriteString(" --answer " + repeated(given.ID+"="+given.Text))
	}
	for _, q := range run.GetQuestions() {
		fmt.Fprintf(d.Stdout, "%s%s%s\n", d.Paint.Paint(terminal.Bold, q.GetId()), d.t("cli.word.colon"), terminal.Clean(q.GetText()))
		for _, o := range q.GetOptions() {
			fmt.Fprintf(d.Stdout, "    %s  %s\n", terminal.Clean(o.GetValue()), terminal.Clean(o.GetLabel()))
		}
		sample := "…"
		if len(q.GetOptions()) > 0 {
			sample = q.GetOptions()[0].GetValue()
		}
		again.WriteString(" --answer " + quote(q.GetId()+"="+sample))
	}
	fmt.Fprintf(d.Stdout, "\n%s\n  %s %s\n", d.t("cli.note.answer_with"), terminal.Clean(again.String()), repeated(d.prompt))
}

// quote makes a word safe to paste into a shell.
func quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_=.,:/@", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// repeated is a word of the user's in a command to paste, without secrets: what is printed may be kept where they must not be.
func repeated(s string) string {
	clean, _ := redact.Text(s)
	return quote(terminal.Clean(clean))
}

// adopts reports whether a run only takes over guests that exist. They stay where they are: how the other nodes fared says nothing.
func adopts(rows []*provisov1.InterpretationRow) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r *provisov1.InterpretationRow) bool {
		return !strings.HasPrefix(r.GetPath(), "changes[") && !strings.HasPrefix(r.GetPath(), "imports[")
	})
}

// showPlacement says where each guest goes and, with tables, how all nodes fared.
func (d *dialogue) showPlacement(placement []*provisov1.PlacementDecision, tables bool) {
	if len(placement) == 0 {
		return
	}
	d.heading("cli.heading.placement")
	for i, p := range placement {
		fmt.Fprintf(d.Stdout, "%s → %s\n", d.Paint.Paint(terminal.Bold, terminal.Clean(p.GetGuest())), d.Paint.Paint(terminal.Good, terminal.Clean(p.GetNode())))
		for _, l := range terminal.Wrap(terminal.Clean(p.GetReason()), d.Columns-2) {
			fmt.Fprintln(d.Stdout, "  "+l)
		}
		if !tables || i > 0 && len(placement) > maxNodeTables {
			continue
		}
		table := terminal.Table{Headings: []string{
			d.t("cli.table.node"), d.t("cli.table.outcome"), d.t("cli.table.load"), d.t("cli.table.memory_free"), d.t("cli.table.why"),
		}}
		for _, n := range p.GetNodes() {
			outcome := terminal.Cell{Text: d.t("cli.outcome." + n.GetOutcome())}
			switch n.GetOutcome() {
			case "chosen":
				outcome.Style = terminal.Good
			case "rejected":
				outcome.Style = terminal.Dim
			}
			load, free := strconv.Itoa(int(n.GetLoadPercent()))+" %", d.gib(n.GetMemoryFreeMib())
			if n.GetLoadPercent() == 0 && n.GetMemoryFreeMib() == 0 {
				load, free = "?", "?" // offline: unknown, not empty
			}
			table.Rows = append(table.Rows, []terminal.Cell{{Text: n.GetNode()}, outcome, {Text: load}, {Text: free}, {Text: n.GetReason()}})
		}
		if len(table.Rows) > 0 {
			fmt.Fprint(d.Stdout, table.Draw(d.Columns, d.Paint))
		}
	}
}

// gib words an amount of memory.
func (d *dialogue) gib(mib int32) string {
	return d.decimal(float64(mib)/1024) + " " + d.t("cli.unit.gib")
}

func (d *dialogue) showManifest(m *manifestReport) {
	d.heading("cli.heading.manifest")
	for _, f := range m.Files {
		if strings.HasSuffix(f.Path, ".md") {
			continue // says again, in prose, what is shown around here
		}
		fmt.Fprintln(d.Stdout, d.Paint.Paint(terminal.Dim, "── "+terminal.Clean(f.Path)+" "+strings.Repeat("─", max(3, d.Columns-4-terminal.Width(f.Path)))))
		fmt.Fprintln(d.Stdout, strings.TrimRight(terminal.Clean(f.Content), "\n"))
	}
}

// showProof draws the stages that the manifest went through, and what they found.
func (d *dialogue) showProof(proof *provisov1.Proof) {
	d.heading("cli.heading.proof")
	table := terminal.Table{Headings: []string{d.t("cli.table.stage"), d.t("cli.table.outcome"), d.t("cli.table.duration"), d.t("cli.table.seen")}}
	for _, s := range proof.GetStages() {
		style, sign := statusStyle(s.GetStatus())
		var seen strings.Builder
		seen.WriteString(s.GetSummary())
		for _, f := range s.GetFindings() {
			seen.WriteString("\n" + strings.TrimSpace(f.GetRule()+" "+f.GetAddress()) + ": " + f.GetMessage())
			if f.GetFix() != "" {
				seen.WriteString(" → " + f.GetFix())
			}
		}
		table.Rows = append(table.Rows, []terminal.Cell{
			{Text: d.stage(s.GetName())}, {Text: sign + " " + d.t("cli.status."+s.GetStatus()), Style: style},
			{Text: d.stageTime(s)}, {Text: strings.TrimPrefix(seen.String(), "\n")},
		})
	}
	fmt.Fprint(d.Stdout, table.Draw(d.Columns, d.Paint))
	if proof.GetStatus() != "" {
		fmt.Fprintln(d.Stdout, d.t("cli.proof."+proofKey(proof)))
	}
}

// proofKey names what the proof came to. A manifest of guests that were there before is proven without their destruction, and
// is not said to have been destroyed.
func proofKey(p *provisov1.Proof) string {
	if p.GetStatus() == "proven" && slices.ContainsFunc(p.GetStages(), func(s *provisov1.Stage) bool { return s.GetStatus() == "skipped" }) {
		return "proven_kept"
	}
	return p.GetStatus()
}

// stageTime is how long a stage took; nothing for one that was not done.
func (d *dialogue) stageTime(s *provisov1.Stage) string {
	if s.GetStatus() == "skipped" {
		return ""
	}
	return d.duration(s.GetDurationMs())
}

func (d *dialogue) stage(name string) string { return d.t("cli.stage." + name) }

func statusStyle(status string) (terminal.Style, string) {
	switch status {
	case "passed":
		return terminal.Good, "✓"
	case "failed":
		return terminal.Bad, "✗"
	}
	return terminal.Dim, "–"
}

// showNext says what to do with a manifest.
func (d *dialogue) showNext(run *client.Run) {
	d.heading("cli.heading.next")
	folder := d.flags.Out
	if folder == "" {
		folder = "proviso-bundle"
		if guests := run.GetPlacement(); len(guests) > 0 {
			folder = guests[0].GetGuest()
		}
		if again, ok := d.again(run, folder); ok {
			fmt.Fprintln(d.Stdout, again)
		}
	}
	fmt.Fprintf(d.Stdout, "  cd %s\n  cp terraform.tfvars.example terraform.tfvars   # %s\n  export TF_VAR_proxmox_api_token='…'           # %s\n  tofu init\n  tofu plan\n  tofu apply\n",
		quote(terminal.Clean(folder)), d.t("cli.note.fill_in"), d.t("cli.note.token"))
}

// again is the command that delivers the same manifest into a folder. There is none once the interpretation was corrected in
// words: a command that confirms beforehand is never asked.
func (d *dialogue) again(run *client.Run, folder string) (command string, ok bool) {
	words := []string{"  proviso ask --yes --out", quote(terminal.Clean(folder))}
	if d.session != "" {
		words = append(words, "--session", d.session)
	}
	confirmations := 0
	for _, turn := range run.GetTurns() {
		if turn.GetQuestionId() == questionConfirm {
			confirmations++
			continue
		}
		words = append(words, "--answer", repeated(turn.GetQuestionId()+"="+turn.GetText()))
	}
	return strings.Join(append(words, repeated(d.prompt)), " "), confirmations <= 1
}

func (d *dialogue) heading(key string) {
	fmt.Fprintf(d.Stdout, "\n%s\n", d.Paint.Paint(terminal.Bold, d.t(key)))
}

// duration words a time in milliseconds.
func (a *asker) duration(ms float64) string {
	switch {
	case ms >= 1000:
		return a.decimal(ms/1000) + " s"
	case ms >= 10:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return a.decimal(ms) + " ms"
}

// decimal words a number with one decimal as the language writes it.
func (a *asker) decimal(n float64) string {
	text := strconv.FormatFloat(n, 'f', 1, 64)
	if a.lang == "fr" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}
