// Package i18n holds what Proviso says to people, in English and French, and recognises which of the two a text is in.
//
// It owns the catalogues (catalogue/<owner>.<lang>.json, keys "<owner>.…", texts with {name} placeholders), their lookup and
// the detection. It does not format numbers or dates, and it never holds text for operators: logs and dead letters are
// English.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
)

// Lang is a language: [English] or [French].
type Lang = string

// The languages. Everything else is treated as English.
const (
	English Lang = "en"
	French  Lang = "fr"
)

// Langs returns the languages.
func Langs() []Lang { return []Lang{English, French} }

//go:embed catalogue/*.json
var files embed.FS

var unknown atomic.Uint64

// Unknown returns how many lookups found no text since the process began. It should stay 0.
func Unknown() uint64 { return unknown.Load() }

// T returns the text of a key in a language, with placeholders replaced by the values of args: name, value, name, value.
// A language that is not known is English. A key that is not known is returned as it is, and counted: a user sees a strange
// word rather than nothing.
func T(lang Lang, key string, args ...any) string {
	texts, err := catalogue()
	if err != nil {
		unknown.Add(1)
		return key
	}
	if lang != French {
		lang = English
	}
	text, ok := texts[lang][key]
	if !ok {
		unknown.Add(1)
		return key
	}
	return fill(text, args)
}

// Has reports whether a key has a text in a language.
func Has(lang Lang, key string) bool {
	texts, err := catalogue()
	return err == nil && texts[lang][key] != ""
}

// fill replaces placeholders in one pass, so that a value which looks like a placeholder stays as it is.
func fill(text string, args []any) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		value, known := argument(args, name)
		if !ok || !known {
			out.WriteByte('{')
			text = rest
			continue
		}
		fmt.Fprint(&out, value)
		text = after
	}
}

// argument is the value after a name.
func argument(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// catalogue merges the files, once.
var catalogue = sync.OnceValues(func() (map[Lang]map[string]string, error) { return load(files) })

func load(source fs.FS) (map[Lang]map[string]string, error) {
	out := map[Lang]map[string]string{English: {}, French: {}}
	names, err := fs.Glob(source, "catalogue/*.json")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	for _, name := range names {
		owner, lang, err := parseName(name)
		if err != nil {
			return nil, err
		}
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var texts map[string]string
		if err := json.Unmarshal(data, &texts); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		for key, text := range texts {
			if !strings.HasPrefix(key, owner+".") {
				return nil, fmt.Errorf("%s: key %q does not begin with %q", name, key, owner+".")
			}
			out[lang][key] = text
		}
	}
	return out, nil
}

// parseName takes catalogue/<owner>.<lang>.json apart.
func parseName(name string) (owner string, lang Lang, err error) {
	base := strings.TrimSuffix(strings.TrimPrefix(name, "catalogue/"), ".json")
	owner, lang, ok := strings.Cut(base, ".")
	if !ok || owner == "" || (lang != English && lang != French) {
		return "", "", fmt.Errorf("%s: name is not <owner>.<en|fr>.json", name)
	}
	return owner, lang, nil
}
