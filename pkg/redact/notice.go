package redact

import (
	"slices"
	"strings"

	"proviso.dev/pkg/i18n"
)

// Notice tells a requester, in "en" or "fr", that secrets were taken out of what they wrote, and of which kinds. It is empty
// when nothing was found. It never holds a secret.
func Notice(language string, found []Found) string {
	if len(found) == 0 {
		return ""
	}
	var kinds []string
	for _, f := range found {
		if kind := i18n.T(language, "redact.kind."+f.Kind); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	key := "redact.notice.one"
	if len(found) > 1 {
		key = "redact.notice.several"
	}
	return i18n.T(language, key, "kinds", strings.Join(kinds, ", "))
}
