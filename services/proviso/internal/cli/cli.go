package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"proviso.dev/pkg/i18n"
)

// grammar is the command line. Help texts come from the catalogue.
type grammar struct {
	Ask      askFlags      `cmd:"" help:"${help_ask}"`
	Serve    serveFlags    `cmd:"" help:"${help_serve}"`
	Runs     runsFlags     `cmd:"" help:"${help_runs}"`
	Docs     docsFlags     `cmd:"" help:"${help_docs}"`
	Forecast forecastFlags `cmd:"" help:"${help_forecast}"`
	Place    placeFlags    `cmd:"" help:"${help_place}"`
	Version  versionFlags  `cmd:"" help:"${help_version}"`
}

type askFlags struct {
	JSON   bool     `name:"json" help:"${help_json}"`
	Yes    bool     `name:"yes" short:"y" help:"${help_yes}"`
	Out    string   `name:"out" placeholder:"DIR" help:"${help_out}"`
	Answer []string `name:"answer" placeholder:"ID=TEXT" sep:"none" help:"${help_answer}"`
	// Session names the dialogue that the request belongs to; empty: PROVISO_SESSION, else none.
	Session string   `name:"session" placeholder:"NAME" help:"${help_session}"`
	Prompt  []string `arg:"" optional:"" help:"${help_prompt}"`
}

type serveFlags struct {
	Listen    string `name:"listen" placeholder:"HOST:PORT" help:"${help_listen}"`
	TokenFile string `name:"token-file" placeholder:"FILE" help:"${help_token_file}"`
	Data      string `name:"data" placeholder:"DIR" help:"${help_data}"`
	Metrics   string `name:"metrics" placeholder:"HOST:PORT" help:"${help_metrics}"`
}

type runsFlags struct {
	JSON  bool   `name:"json" help:"${help_json}"`
	Limit int    `name:"limit" default:"20" help:"${help_limit}"`
	ID    string `arg:"" optional:"" help:"${help_id}"`
}

type versionFlags struct{}

// Run runs one command and returns its exit code.
func Run(ctx context.Context, p Process) int {
	var g grammar
	command, err := parse(&g, p)
	if err != nil {
		return complain(p, p.language(), err, wantsJSON(p.Args))
	}
	switch command {
	case "ask", "ask <prompt>":
		return runAsk(ctx, p, g.Ask)
	case "serve":
		err = runServe(ctx, p, g.Serve)
	case "runs", "runs <id>":
		err = runRuns(ctx, p, g.Runs)
	case "docs search <query>":
		err = runSearch(p, g.Docs.Search)
	case "forecast":
		err = runForecast(ctx, p, g.Forecast)
	case "place":
		err = runPlace(ctx, p, g.Place)
	case "version":
		printVersion(p.Stdout)
	}
	if err != nil {
		return complain(p, p.language(), err, false)
	}
	return exitDelivered
}

// parse reads the arguments; an empty command means that help was asked for and printed.
func parse(g *grammar, p Process) (string, error) {
	vars := kong.Vars{}
	lang := p.language()
	for _, name := range []string{"ask", "serve", "runs", "version", "json", "yes", "out", "answer", "session", "prompt", "listen", "token_file", "data", "metrics", "limit", "id", "docs", "docs_search", "docs_limit", "docs_index", "docs_dir", "docs_query", "forecast", "csv", "step", "horizon", "node", "guest", "storage", "metric", "cluster", "lang", "place", "place_vbp", "place_seconds", "place_seed"} {
		vars["help_"+name] = i18n.T(lang, "cli.help."+name)
	}
	helped := false
	parser, err := kong.New(g,
		kong.Name("proviso"), kong.Description(i18n.T(lang, "cli.help.proviso")), vars,
		kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return "", fmt.Errorf("build command line: %w", err)
	}
	parsed, err := parser.Parse(p.Args)
	if helped {
		return "", nil
	}
	if err != nil {
		return "", &usageError{key: "cli.usage.arguments", args: []any{"reason", err.Error()}}
	}
	return parsed.Command(), nil
}

// wantsJSON says whether arguments that could not be parsed ask for JSON.
func wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "--json" {
			return true
		}
		if a == "--" {
			return false
		}
	}
	return false
}

// complain tells what went wrong in one sentence and returns the exit code that goes with it.
func complain(p Process, lang string, err error, asJSON bool) int {
	f := failureOf(err, lang)
	if asJSON {
		writeReport(p.Stdout, failureReport(f, lang, ""))
		return f.exit
	}
	fmt.Fprintln(p.Stderr, "proviso: "+f.message)
	return f.exit
}

// failure is an error as a user sees it.
type failure struct {
	code    string
	message string
	exit    int
}

// oneLine makes a text fit into a sentence.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
