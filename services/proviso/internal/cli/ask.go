package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"proviso.dev/pkg/i18n"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/delivery"
)

const (
	// maxStdin is how much of standard input is read as a prompt; whatever is longer is refused for its length.
	maxStdin = 1 << 20
	// goodbye bounds what is done for a run after the user has left.
	goodbye = 2 * time.Second
)

// asker is one `ask` on its way.
type asker struct {
	Process
	flags   askFlags
	prompt  string
	answers []client.Answer
	session string // dialogue that the run belongs to; empty: none
	lang    string // of the prompt, or the user's; the run's once it is known
	gateway *client.Client
	remote  bool   // the gateway goes on without us
	run     string // id, once begun
}

func runAsk(ctx context.Context, p Process, flags askFlags) int {
	a := &asker{Process: p, flags: flags, lang: p.language()}
	code, err := a.ask(ctx)
	if err == nil {
		return code
	}
	a.abandon(ctx)
	f := failureOf(err, a.lang)
	if flags.JSON {
		writeReport(p.Stdout, failureReport(f, a.lang, a.run))
	} else {
		fmt.Fprintln(p.Stderr, "proviso: "+f.message)
	}
	return f.exit
}

func (a *asker) ask(ctx context.Context) (int, error) {
	if err := a.prepare(); err != nil {
		return exitUsage, err
	}
	gateway, stop, err := connect(ctx, a.Process, a.lang, a.session)
	if err != nil {
		return exitFailed, err
	}
	defer stop()
	a.gateway, a.remote = gateway.client, gateway.remote
	ctx, cancel := gateway.bind(ctx)
	defer cancel()
	a.run, err = a.gateway.Create(ctx, client.Request{Prompt: a.prompt, Confirmed: a.flags.Yes, Answers: a.answers, Session: a.session})
	if err != nil {
		return exitFailed, err
	}
	if a.flags.JSON {
		return a.script(ctx)
	}
	return a.dialogue(ctx)
}

// prepare checks everything that can be checked before anything starts.
func (a *asker) prepare() error {
	var err error
	if a.answers, err = parseAnswers(a.flags.Answer); err != nil {
		return err
	}
	if a.session = cmp.Or(a.flags.Session, a.Getenv("PROVISO_SESSION")); a.session != "" && !sessionName.MatchString(a.session) {
		return &usageError{key: "cli.usage.session"}
	}
	if len(a.flags.Prompt) == 0 {
		return &usageError{key: "cli.usage.no_prompt"}
	}
	a.prompt = strings.Join(a.flags.Prompt, " ")
	if a.prompt == "-" {
		data, err := io.ReadAll(io.LimitReader(a.Stdin, maxStdin))
		if err != nil {
			return fmt.Errorf("read prompt: %w", err)
		}
		a.prompt = strings.TrimRight(string(data), "\r\n")
		a.Interactive = false // what would be answered has been read as the prompt
	}
	if a.flags.JSON {
		a.Interactive = false
	}
	// The parser of arguments replaces bytes that are not UTF-8, so the arguments themselves are looked at.
	if !utf8.ValidString(a.prompt) || slices.ContainsFunc(a.Args, func(arg string) bool { return !utf8.ValidString(arg) }) {
		return &refusal{code: "not_text", key: "cli.refused.not_text"}
	}
	if hasWords(a.prompt) {
		a.lang = i18n.Detect(a.prompt)
	}
	if a.flags.Out != "" {
		return delivery.Check(a.flags.Out)
	}
	return nil
}

// hasWords says whether a text can have a language.
func hasWords(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

var answerID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// sessionName is the contract's grammar of a session's name.
var sessionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// parseAnswers reads ID=TEXT. The last one counts when an id comes twice.
func parseAnswers(flags []string) ([]client.Answer, error) {
	var answers []client.Answer
	for _, flag := range flags {
		id, text, ok := strings.Cut(flag, "=")
		if !ok || !answerID.MatchString(id) || strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
			return nil, &usageError{key: "cli.usage.answer", args: []any{"answer", strings.ToValidUTF8(flag, "?")}}
		}
		known := false
		for i := range answers {
			if answers[i].ID == id {
				answers[i].Text, known = text, true
			}
		}
		if !known {
			answers = append(answers, client.Answer{ID: id, Text: text})
		}
	}
	return answers, nil
}

// script waits and prints one object; it asks nobody.
func (a *asker) script(ctx context.Context) (int, error) {
	run, err := a.gateway.Wait(ctx, a.run, "")
	if err != nil {
		return exitFailed, err
	}
	a.lang = run.GetLanguage()
	r, err := a.report(ctx, run)
	if err != nil {
		return exitFailed, err
	}
	if client.Waiting(run.GetState()) {
		a.abandon(ctx) // the next call begins a run of its own
	}
	writeReport(a.Stdout, r)
	return exitOf(r.State), nil
}

func (a *asker) report(ctx context.Context, run *client.Run) (report, error) {
	if run.GetState() != stateDelivered || run.GetReply() != nil {
		return reportOf(run, nil)
	}
	manifest, err := a.gateway.Manifest(ctx, a.run)
	if err != nil {
		return report{}, err
	}
	if err := a.deliver(ctx); err != nil {
		return report{}, err
	}
	return reportOf(run, manifest)
}

// deliver writes the bundle where the user wants it.
func (a *asker) deliver(ctx context.Context) error {
	if a.flags.Out == "" {
		return nil
	}
	bundle, err := a.gateway.Bundle(ctx, a.run)
	if err != nil {
		return err
	}
	_, err = delivery.Write(a.flags.Out, bundle)
	return err
}

// abandon ends the run on a gateway that would otherwise keep it open until it expires. Nobody waits for the outcome.
func (a *asker) abandon(ctx context.Context) {
	if !a.remote || a.run == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	var problem *client.Problem
	if err := a.gateway.Cancel(ctx, a.run); err != nil && !errors.As(err, &problem) && !a.flags.JSON {
		fmt.Fprintln(a.Stderr, i18n.T(a.lang, "cli.note.not_cancelled", "run", a.run))
	}
}
