package workload

import (
	"strings"

	"proviso.dev/pkg/i18n"
)

// words speaks the requester's language.
type words struct{ lang string }

func (w words) say(key string, args ...any) string { return i18n.T(w.lang, "workload."+key, args...) }

func (w words) refuse(code, key string, args ...any) *RefusedError {
	return &RefusedError{Code: code, Message: w.say("refusal."+key, args...)}
}

// maxListed bounds enumerations in sentences.
const maxListed = 8

func (w words) list(names []string) string {
	switch {
	case len(names) == 0:
		return w.say("none")
	case len(names) > maxListed:
		return w.say("more", "names", strings.Join(names[:maxListed], ", "), "count", len(names)-maxListed)
	default:
		return strings.Join(names, ", ")
	}
}
