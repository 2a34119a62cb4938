package mention

import (
	"regexp"
	"slices"
	"strings"
)

// Cluster returns which of the clusters of these names a text speaks of; zero: none. A name counts next to the word cluster, or
// where a place stands: "in lyon", "sur le cluster lyon". Of several the last counts, so that a correction in the same text holds.
func Cluster(text string, names []string) Value {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
	if len(names) == 0 {
		return Value{}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // "lab-2" before "lab"
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = regexp.QuoteMeta(n)
	}
	any := `["'«“]?\s?(` + strings.Join(quoted, "|") + `)\s?["'»”]?`
	noun := `(?:proxmox\s+)?(?:cluster|grappe)(?:\s+proxmox)?`
	find := regexp.MustCompile(`(?i)(?:(?:^|[^\pL\pN_-])(?:(?:on|onto|in|into|at|to|from|of|sur|dans|à|a|vers|de|du|chez)\s+)?(?:(?:the|our|le|la|notre|l')\s*)?` + noun + `\s+(?:named\s+|called\s+|nommé[e]?\s+|appelé[e]?\s+|de\s+|of\s+|à\s+)?` + any +
		`|(?:^|[^\pL\pN_-])(?:(?:on|onto|in|into|at|to|from|sur|dans|à|a|vers|chez)\s+)?(?:(?:the|our)\s+)?` + any + `\s+` + noun +
		`|(?:^|[^\pL\pN_-])(?:on|onto|in|into|at|to|sur|dans|à|vers|chez)\s+(?:(?:the|our|le|la|notre|l')\s*)?` + any + `)(?:$|[^\pL\pN_-])`)
	var out Value
	for from := 0; from < len(text); {
		m := find.FindStringSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, text[from+m[g]:from+m[g+1]]) })
			start, end := from+m[0], from+m[1]
			for start < end && strings.ContainsRune(" ,.;:!?()\n\t", rune(text[start])) {
				start++
			}
			for end > start && strings.ContainsRune(" ,.;:!?()\n\t", rune(text[end-1])) {
				end--
			}
			out = Value{names[i], Phrase{start, end}}
		}
		from += max(m[1]-1, 1)
	}
	return out
}
