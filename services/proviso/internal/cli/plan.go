package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/policy"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/terminal"
)

// weighedShown bounds each list of what was weighed; the bundle's README has more of it, and the plan all.
const weighedShown = 12

// showPlan says what was to be reached and how it is, what is recommended beside the manifest, what was not taken, and in which order
// things come to be. A plan that is no longer kept is not shown: the run stands without it.
func (d *dialogue) showPlan(ctx context.Context, run *client.Run) {
	if run.GetPlan() == nil {
		return
	}
	plan, err := d.gateway.Plan(ctx, run.GetRunId())
	if err != nil {
		return
	}
	colon := d.t("cli.word.colon")
	d.listed("cli.heading.aims", len(plan.GetAims()), func(i int) (terminal.Style, string, string) {
		a := plan.GetAims()[i]
		style, sign := outcomeStyle(a.GetOutcome())
		return style, sign, a.GetText() + colon + a.GetHow()
	})
	recommended := policy.Grouped(plan, "recommended")
	d.listed("cli.heading.recommended", len(recommended), func(i int) (terminal.Style, string, string) {
		if i > 0 && slices.Equal(recommended[i].Subjects, recommended[i-1].Subjects) {
			return terminal.Dim, "·", recommended[i].GetReason() // of the same machines as the line before
		}
		return terminal.Dim, "·", strings.Join(recommended[i].Subjects, ", ") + colon + recommended[i].GetReason()
	})
	d.listed("cli.heading.alternatives", len(plan.GetAlternatives()), func(i int) (terminal.Style, string, string) {
		a := plan.GetAlternatives()[i]
		return terminal.Dim, "·", a.GetText() + " " + a.GetReason()
	})
	d.listed("cli.heading.steps", len(plan.GetSteps()), func(i int) (terminal.Style, string, string) {
		s := plan.GetSteps()[i]
		text := fmt.Sprintf("%s %s (%s)", d.t("cli.planned."+s.GetKind()), s.GetSubject(), d.t("cli.by."+s.GetBy()))
		if s.GetReason() != "" {
			text += colon + s.GetReason()
		}
		return terminal.Bold, strconv.Itoa(int(s.GetPlace())), text
	})
	d.listed("cli.heading.moves", len(plan.GetMoves()), func(i int) (terminal.Style, string, string) {
		m := plan.GetMoves()[i]
		return terminal.Dim, "·", m.GetCommand() + colon + m.GetReason()
	})
}

// listed prints a list under a heading, each line behind its sign, bounded; nothing when it is empty.
func (d *dialogue) listed(heading string, count int, line func(i int) (style terminal.Style, sign, text string)) {
	if count == 0 {
		return
	}
	d.heading(heading)
	for i := range min(count, weighedShown) {
		style, sign, text := line(i)
		lead := d.Paint.Paint(style, sign)
		for _, l := range terminal.Wrap(terminal.Clean(text), d.Columns-4) {
			fmt.Fprintln(d.Stdout, lead+" "+l)
			lead = strings.Repeat(" ", terminal.Width(sign))
		}
	}
	if count > weighedShown {
		fmt.Fprintln(d.Stdout, d.t("cli.note.weighed_more", "count", count-weighedShown))
	}
}

func outcomeStyle(outcome string) (terminal.Style, string) {
	switch outcome {
	case "met":
		return terminal.Good, "✓"
	case "partly":
		return terminal.Mark, "◐"
	}
	return terminal.Bad, "✗"
}
