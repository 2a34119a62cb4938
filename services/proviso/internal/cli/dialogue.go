package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/terminal"
)

// questionConfirm is the question whether the interpretation is right.
const questionConfirm = "confirm"

// dialogue follows a run event by event, shows what happens, asks where there is somebody to ask, and shows what came of it.
func (a *asker) dialogue(ctx context.Context) (int, error) {
	d := &dialogue{asker: a, lines: readLines(a.Stdin), shown: shown{}}
	code, decided := exitFailed, false
	err := a.gateway.Events(ctx, a.run, func(e client.Event) error {
		if e.Changed != nil && e.Changed.Language != nil {
			a.lang = e.Changed.GetLanguage()
		}
		d.showEvent(e)
		if e.Changed == nil || !client.Waiting(e.Changed.GetState()) {
			return d.showConfirmed(ctx, e)
		}
		var err error
		code, decided, err = d.ask(ctx)
		if err == nil && decided {
			return client.ErrStop
		}
		return err
	})
	if err != nil || decided {
		return code, err
	}
	return d.finish(ctx)
}

type dialogue struct {
	*asker
	lines <-chan string
	shown shown
}

// shown remembers what the user has seen.
type shown struct {
	interpretation string // tag of the table
	confirmed      bool
	notices        int // how many; they are only ever added to
}

// readLines reads lines for as long as somebody types. The channel is closed at the end of input; a read cannot be
// interrupted, so the reader outlives a dialogue that ends first.
func readLines(r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(r)
		s.Buffer(make([]byte, 0, 4096), maxStdin)
		for s.Scan() {
			lines <- s.Text()
		}
	}()
	return lines
}

// ask puts the open questions of a run to the user. decided: there is nobody to ask, and the code says so.
func (d *dialogue) ask(ctx context.Context) (code int, decided bool, err error) {
	run, err := d.gateway.Run(ctx, d.run)
	if err != nil {
		return exitFailed, false, err
	}
	if !client.Waiting(run.GetState()) {
		return 0, false, nil // an answer that was given beforehand has been used meanwhile
	}
	d.showNotices(run)
	d.showInterpretation(run)
	if !d.Interactive {
		d.showOpenQuestions(run)
		d.abandon(ctx)
		return exitNeedsInput, true, nil
	}
	var answers []client.Answer
	for _, q := range run.GetQuestions() {
		text, err := d.answer(ctx, q)
		if errors.Is(err, errNoInput) {
			d.showOpenQuestions(run)
			d.abandon(ctx)
			return exitNeedsInput, true, nil
		}
		if err != nil {
			return exitFailed, false, err
		}
		answers = append(answers, client.Answer{ID: q.GetId(), Text: text})
	}
	return 0, false, d.gateway.Answer(ctx, d.run, answers)
}

// answer asks one question until something is said.
func (d *dialogue) answer(ctx context.Context, q *provisov1.Clarification) (string, error) {
	fmt.Fprintln(d.Stderr)
	fmt.Fprintln(d.Stderr, d.Paint.Paint(terminal.Bold, terminal.Clean(q.GetText())))
	confirming := q.GetId() == questionConfirm
	if !confirming {
		for i, o := range q.GetOptions() {
			label := o.GetLabel()
			if label == "" {
				label = o.GetValue()
			}
			fmt.Fprintf(d.Stderr, "  %d) %s\n", i+1, terminal.Clean(label))
		}
	}
	for {
		fmt.Fprint(d.Stderr, "> ")
		text, err := d.line(ctx)
		if err != nil {
			return "", err
		}
		if confirming && i18n.T(d.lang, "cli.word.correct") == strings.ToLower(text) {
			fmt.Fprintln(d.Stderr, i18n.T(d.lang, "cli.ask.correction"))
			continue
		}
		if !confirming {
			text = choose(q.GetOptions(), text)
		}
		if text != "" {
			return text, nil
		}
	}
}

// line reads one line; it returns errNoInput at the end of input.
func (d *dialogue) line(ctx context.Context) (string, error) {
	select {
	case text, ok := <-d.lines:
		if !ok {
			fmt.Fprintln(d.Stderr)
			return "", errNoInput
		}
		return strings.TrimSpace(text), nil
	case <-ctx.Done():
		fmt.Fprintln(d.Stderr)
		return "", context.Cause(ctx)
	}
}

// choose turns the number of an option into its value. A value itself goes first: ids of templates are numbers too.
func choose(options []*provisov1.Option, text string) string {
	for _, o := range options {
		if o.GetValue() == text {
			return text
		}
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(options) {
		return options[n-1].GetValue()
	}
	return text
}

// finish shows what came of a run.
func (d *dialogue) finish(ctx context.Context) (int, error) {
	run, err := d.gateway.Wait(ctx, d.run, "")
	if err != nil {
		return exitFailed, err
	}
	d.lang = run.GetLanguage()
	r, err := d.report(ctx, run)
	if err != nil {
		return exitFailed, err
	}
	d.showNotices(run)
	defer d.showModelUse(run)
	if r.State != stateDelivered {
		d.showInterpretation(run)                            // a request that was understood and cannot be served
		if run.GetPlan() != nil && r.State == stateRefused { // planned, and no dialect writes it
			d.showPlacement(run.GetPlacement(), true)
			d.showPlan(ctx, run)
		}
		if len(run.GetProof().GetStages()) > 0 {
			d.showProof(run.GetProof())
		}
		fmt.Fprintln(d.Stderr, "proviso: "+terminal.Clean(r.Refusal.Message))
		return exitOf(r.State), nil
	}
	if run.GetReply() != nil {
		d.showReply(run.GetReply())
		return exitDelivered, nil
	}
	d.showPlacement(run.GetPlacement(), !adopts(run.GetInterpretation()))
	d.showPlan(ctx, run)
	d.showManifest(r.Manifest)
	d.showProof(run.GetProof())
	d.showNext(run)
	return exitDelivered, nil
}
