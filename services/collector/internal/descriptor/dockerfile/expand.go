package dockerfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// platform are the arguments that BuildKit sets itself, for the platform that clusters run.
var platform = map[string]string{
	"BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDARCH": "amd64", "BUILDVARIANT": "",
	"TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETARCH": "amd64", "TARGETVARIANT": "",
}

// Bounds of expansion, in bytes: of one word, because ENV a=$a$a doubles it with every line, and of all words of a file together, after
// which they stay as written.
const (
	mostOfWord  = 1024
	mostOfWords = 4 << 20
)

// expander fills variables into words.
type expander struct {
	lex  *shell.Lex
	left int // bytes of results
}

func newExpander(escape rune) *expander {
	return &expander{lex: shell.NewLex(escape), left: mostOfWords}
}

// expand fills in what the scopes hold, earlier ones first. A variable that has neither a value nor a default stays as written.
func (e *expander) expand(word string, scopes ...map[string]string) string {
	if e.left <= 0 {
		return word[:min(len(word), mostOfWord)]
	}
	env := environment(scopes)
	value, missing, err := e.lex.ProcessWord(word, env)
	if err == nil && len(missing) > 0 {
		value, _, err = e.lex.ProcessWord(word, append(env, asWritten(word, missing)))
	}
	if err != nil {
		value = word
	}
	e.left -= len(value)
	return value[:min(len(value), mostOfWord)]
}

// asWritten gives each variable that is missing itself as value, but for those that the word gives a default.
func asWritten(word string, missing map[string]struct{}) map[string]string {
	out := make(map[string]string, len(missing))
	for name := range missing {
		switch {
		case strings.Contains(word, "${"+name+"}"):
			out[name] = "${" + name + "}"
		case !strings.Contains(word, "${"+name):
			out[name] = "$" + name
		}
	}
	return out
}

// words is expand for an instruction whose words are split after expansion, as EXPOSE does.
func (e *expander) words(word string, scope map[string]string) []string {
	if e.left <= 0 {
		return []string{word}
	}
	words, err := e.lex.ProcessWords(word, environment{scope})
	if err != nil || len(words) == 0 {
		return []string{word}
	}
	for _, w := range words {
		e.left -= len(w)
	}
	return words
}

// environment looks variables up in several scopes.
type environment []map[string]string

// Get implements shell.EnvGetter.
func (e environment) Get(name string) (string, bool) {
	for _, scope := range e {
		if value, ok := scope[name]; ok {
			return value, true
		}
	}
	return "", false
}

// Keys implements shell.EnvGetter.
func (e environment) Keys() []string {
	all := map[string]string{}
	for _, scope := range e {
		maps.Copy(all, scope)
	}
	return slices.Sorted(maps.Keys(all))
}
