package cli

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"proviso.dev/services/proviso/internal/terminal"
)

const (
	defaultColumns = 100
	maxColumns     = 140
)

// Process is what the command line knows of the process it runs in.
type Process struct {
	Args   []string // without the program's name
	Getenv func(string) string
	Stdin  io.Reader
	Stdout io.Writer // results
	Stderr io.Writer // progress, questions, complaints
	// Interactive says that a person reads and answers.
	Interactive bool
	// Paint colours results; it does nothing where they do not go to a terminal.
	Paint terminal.Painter
	// Columns is the width to draw in.
	Columns int
}

// FromOS returns the process as the operating system has it.
func FromOS() Process {
	p := Process{
		Args: os.Args[1:], Getenv: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Columns: defaultColumns,
	}
	out := term.IsTerminal(int(os.Stdout.Fd()))
	p.Interactive = out && term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))
	if !out {
		return p
	}
	p.Paint.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if columns, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && columns > 0 {
		p.Columns = min(columns, maxColumns)
	}
	return p
}

// language is the user's, as the locale says: "fr" or "en".
func (p Process) language() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := p.Getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "fr") {
				return "fr"
			}
			return "en"
		}
	}
	return "en"
}

// speaking is the process with another language; empty: its own.
func (p Process) speaking(lang string) Process {
	if lang == "" {
		return p
	}
	getenv := p.Getenv
	p.Getenv = func(name string) string {
		if name == "LC_ALL" {
			return lang
		}
		return getenv(name)
	}
	return p
}
