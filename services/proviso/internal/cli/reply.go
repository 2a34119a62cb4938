package cli

import (
	"fmt"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/terminal"
)

// showReply shows the answer to a question: the sentence, the figures behind it, and commands to copy.
func (d *dialogue) showReply(reply *provisov1.Reply) {
	d.heading("cli.heading.reply")
	for paragraph := range strings.SplitSeq(reply.GetText(), "\n") {
		for _, l := range terminal.Wrap(terminal.Clean(paragraph), d.Columns) {
			fmt.Fprintln(d.Stdout, l)
		}
	}
	if rows := reply.GetRows(); len(rows) > 0 {
		fmt.Fprintln(d.Stdout)
		fmt.Fprint(d.Stdout, d.replyTable(rows).Draw(d.Columns, d.Paint))
	}
	if commands := reply.GetCommands(); len(commands) > 0 {
		d.heading("cli.heading.commands")
		for _, c := range commands {
			fmt.Fprintln(d.Stdout, "  "+terminal.Clean(oneLine(c)))
		}
	}
	if d.flags.Out != "" {
		fmt.Fprintln(d.Stderr, d.t("cli.note.nothing_to_write"))
	}
}

// replyTable has a column of reasons only where there are some.
func (d *dialogue) replyTable(rows []*provisov1.ReplyRow) terminal.Table {
	reasons := false
	for _, r := range rows {
		reasons = reasons || r.GetReason() != ""
	}
	table := terminal.Table{Headings: []string{d.t("cli.table.what"), d.t("cli.table.value")}}
	if reasons {
		table.Headings = append(table.Headings, d.t("cli.table.note"))
	}
	for _, r := range rows {
		cells := []terminal.Cell{{Text: r.GetLabel()}, {Text: r.GetValue(), Style: terminal.Bold}}
		if reasons {
			cells = append(cells, terminal.Cell{Text: r.GetReason()})
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}

// showNotices tells what has not been told yet.
func (d *dialogue) showNotices(run *client.Run) {
	notices := run.GetNotices()
	for _, n := range notices[min(d.shown.notices, len(notices)):] {
		for _, l := range terminal.Wrap(terminal.Clean("! "+n), d.Columns) {
			fmt.Fprintln(d.Stderr, d.Paint.Paint(terminal.Mark, l))
		}
	}
	d.shown.notices = max(d.shown.notices, len(notices))
}

// showModelUse says what was asked of a model, if anything was.
func (d *dialogue) showModelUse(run *client.Run) {
	use := run.GetModelUse()
	if use.GetCalls() == 0 {
		return
	}
	fmt.Fprintln(d.Stderr, terminal.Clean(d.t("cli.note.model_use", "models", strings.Join(use.GetModels(), ", "),
		"calls", strconv.Itoa(int(use.GetCalls())),
		"input", strconv.Itoa(int(use.GetInputTokens())), "output", strconv.Itoa(int(use.GetOutputTokens())))))
}
