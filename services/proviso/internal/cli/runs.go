package cli

import (
	"context"
	"fmt"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/terminal"
)

// runRuns lists the runs of a gateway, or shows one.
func runRuns(ctx context.Context, p Process, flags runsFlags) error {
	if flags.Limit < 1 || flags.Limit > 100 {
		return &usageError{key: "cli.usage.limit"}
	}
	server := p.Getenv("PROVISO_SERVER")
	if server == "" {
		server = defaultServer
	}
	c, err := dial(p, server, p.language())
	if err != nil {
		return err
	}
	if flags.ID != "" {
		return showRun(ctx, p, c, flags)
	}
	runs, raw, err := c.Runs(ctx, flags.Limit)
	if err != nil {
		return err
	}
	if flags.JSON {
		fmt.Fprintln(p.Stdout, strings.TrimSpace(string(raw)))
		return nil
	}
	lang := p.language()
	if len(runs) == 0 {
		fmt.Fprintln(p.Stdout, i18n.T(lang, "cli.runs.none"))
		return nil
	}
	table := terminal.Table{Headings: []string{
		i18n.T(lang, "cli.table.run"), i18n.T(lang, "cli.table.state"), i18n.T(lang, "cli.table.updated"), i18n.T(lang, "cli.table.request"),
	}}
	for _, r := range runs {
		table.Rows = append(table.Rows, []terminal.Cell{
			{Text: r.RunID}, {Text: i18n.T(lang, "cli.state."+r.State), Style: stateStyle(r.State)},
			{Text: r.UpdatedAt.Local().Format("2006-01-02 15:04:05")}, {Text: shorten(r.Text, 60)},
		})
	}
	fmt.Fprint(p.Stdout, table.Draw(p.Columns, p.Paint))
	return nil
}

func showRun(ctx context.Context, p Process, c *client.Client, flags runsFlags) error {
	run, err := c.Run(ctx, flags.ID)
	if err != nil {
		return err
	}
	if flags.JSON {
		fmt.Fprintln(p.Stdout, strings.TrimSpace(string(run.JSON)))
		return nil
	}
	d := &dialogue{asker: &asker{Process: p, gateway: c, run: flags.ID, lang: run.GetLanguage(), prompt: run.GetText()}}
	fmt.Fprintf(p.Stdout, "%s  %s\n%s\n", p.Paint.Paint(terminal.Bold, run.GetRunId()),
		p.Paint.Paint(stateStyle(run.GetState()), d.t("cli.state."+run.GetState())), terminal.Clean(run.GetText()))
	d.showNotices(run)
	defer d.showModelUse(run)
	d.showInterpretation(run)
	for _, q := range run.GetQuestions() {
		fmt.Fprintf(p.Stdout, "? %s: %s\n", q.GetId(), terminal.Clean(q.GetText()))
	}
	if run.GetState() != stateDelivered {
		for _, reason := range []*provisov1.Refusal{run.GetRefusal(), run.GetFailure()} {
			if reason != nil {
				fmt.Fprintln(p.Stdout, terminal.Clean(reason.GetMessage()))
			}
		}
		return nil
	}
	if run.GetReply() != nil {
		d.showReply(run.GetReply())
		return nil
	}
	manifest, err := c.Manifest(ctx, flags.ID)
	if err != nil {
		return err
	}
	d.showPlacement(run.GetPlacement(), !adopts(run.GetInterpretation()))
	d.showPlan(ctx, run)
	d.showManifest(reportManifest(manifest))
	d.showProof(run.GetProof())
	return nil
}

func stateStyle(state string) terminal.Style {
	switch {
	case state == stateDelivered:
		return terminal.Good
	case client.Ended(state):
		return terminal.Bad
	case client.Waiting(state):
		return terminal.Mark
	}
	return terminal.Plain
}

// shorten cuts a text to one line of so many characters.
func shorten(s string, characters int) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > characters {
		return string(r[:characters-1]) + "…"
	}
	return s
}
