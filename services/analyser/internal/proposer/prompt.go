package proposer

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/llm/prompt"
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Version of the prompt; a changed text is a new file and a new version.
const Version = "profile/1"

//go:embed prompts/profile-1.txt
var rules string

// What a prompt holds of each part: bytes, names of one list, and characters and separators of one name.
const (
	partMost      = 300
	namesMost     = 5
	nameMost      = 64
	separatorMost = 4
)

// System returns the rules of the prompt, the same for every question.
func System() string { return rules }

// User returns what is known of the parts. Only names are shown, each of one word.
func User(parts []*Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(prompt.Data(p.ID, "application", strings.Join(p.known(), "\n"), partMost))
		fmt.Fprintf(&b, "\n%s open: %s\n", p.ID, strings.ReplaceAll(strings.Join(p.open, ", "), "sizing.", ""))
	}
	return b.String()
}

// known are the lines on a part.
func (p *Part) known() []string {
	c := p.component
	var lines []string
	line := func(title string, values ...string) {
		var shown []string
		for _, v := range values {
			if len(shown) < namesMost && plain(v) {
				shown = append(shown, v)
			}
		}
		if len(shown) > 0 {
			lines = append(lines, title+": "+strings.Join(shown, " "))
		}
	}
	line("name", c.GetName())
	line("image", strings.Split(c.GetImage(), "@")[0])
	if !p.is(fieldRole) {
		line("role", c.GetRole())
	}
	line("technology", c.GetTechnology())
	var ports []string
	for _, port := range c.GetPorts() {
		ports = append(ports, fmt.Sprintf("%d/%s", port.GetNumber(), port.GetProtocol()))
	}
	line("ports", ports...)
	line("command", start(c.GetCommand())...)
	line("needs", slices.Concat(c.GetDependencies(), c.GetExternalDependencies())...)
	line("volumes", each(c.GetVolumes(), (*provisov1.ProfileVolume).GetPath)...)
	line("variables", each(c.GetEnvironment(), (*provisov1.ProfileVariable).GetName)...)
	return lines
}

// start are the words of a command up to the first that is no name: what follows may be a sentence, or quoted.
func start(command string) []string {
	command, _ = redact.Text(command)
	words := strings.Fields(command)
	if end := slices.IndexFunc(words, func(w string) bool { return !plain(w) }); end >= 0 {
		words = words[:end]
	}
	return words
}

func each[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}

// plain reports whether a text is a name that cannot be a sentence, and no secret.
func plain(s string) bool {
	if s == "" || len(s) > nameMost || strings.Count(s, "-")+strings.Count(s, "_")+strings.Count(s, ".") > separatorMost {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:/+", c) >= 0) {
			return false
		}
	}
	_, found := redact.Text(s)
	return len(found) == 0
}
