package collector

import (
	"strings"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"

	"proviso.dev/services/collector/internal/wording"
)

// runUnknownMost is how much of what is not known a run repeats; the payload has all of it.
const runUnknownMost = 64

// unknowns say what of the cluster could not be read, in the requester's language.
func unknowns(lang string, list []pve.UnknownRef) []string {
	var out []string
	for _, u := range list[:min(len(list), runUnknownMost)] {
		out = append(out, i18n.T(lang, "collector.unknown", "what", thing(lang, u.What), "reason", whyUnknown(lang, u.Reason)))
	}
	return out
}

// thing translates what package pve calls a part of the cluster: a fixed phrase, or one with names behind it. What it has no words for
// stays as it is.
func thing(lang, what string) string {
	if key := "collector.part." + slug(what); i18n.Has(lang, key) {
		return i18n.T(lang, key)
	}
	words := strings.Fields(what)
	for n := len(words) - 1; n > 0; n-- { // "content of cephfs on pmox04": the longest phrase that is known, then the rest
		key := "collector.part." + slug(strings.Join(words[:n], " "))
		if !i18n.Has(lang, key) {
			continue
		}
		name, where, on := strings.Cut(strings.Join(words[n:], " "), " on ")
		text := i18n.T(lang, key, "name", wording.Quote(name))
		if on {
			text += " " + i18n.T(lang, "collector.part_on", "node", wording.Quote(where))
		}
		return text
	}
	return wording.Quote(what)
}

// whyUnknown translates a reason.
func whyUnknown(lang, reason string) string {
	if key := "collector.why." + slug(reason); i18n.Has(lang, key) {
		return i18n.T(lang, key)
	}
	return wording.Quote(reason)
}

// slug makes a key of a phrase: "token may not read it" is "token_may_not_read_it".
func slug(phrase string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(phrase), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "_")
}
