package strategy

import (
	"fmt"
	"strings"

	"proviso.dev/pkg/i18n"
)

// singular mends the one plural that a figure of a plan often is not: "1 vCPUs". French writes vCPU without an s.
func singular(text string) string {
	if rest, ok := strings.CutPrefix(text, "1 vCPUs"); ok {
		text = "1 vCPU" + rest
	}
	return oneCPU.Replace(text)
}

var oneCPU = strings.NewReplacer(" 1 vCPUs", " 1 vCPU", "(1 vCPUs", "(1 vCPU")

// words speaks the requester's language.
type words struct{ lang string }

func (w words) say(key string, args ...any) string {
	return singular(i18n.T(w.lang, "analyser."+key, args...))
}

func (w words) refuse(code, key string, args ...any) *RefusedError {
	return &RefusedError{Code: code, Message: w.say("refusal."+key, args...)}
}

// gib writes bytes as GiB with one decimal, rounded down: what is said to be free is free.
func (w words) gib(bytes int64) string {
	tenths := max(0, bytes) * 10 >> 30
	point := "."
	if w.lang == "fr" {
		point = ","
	}
	return fmt.Sprintf("%d%s%d", tenths/10, point, tenths%10)
}

// gibUp is gib rounded up, for what is needed.
func (w words) gibUp(bytes int64) string { return w.gib(bytes + (1<<30)/10 - 1) }

func percent(share float64) int { return int(share*100 + 0.5) }

// maxListed bounds enumerations in sentences.
const maxListed = 8

// list enumerates names; long lists are cut and say so.
func (w words) list(names []string) string {
	switch {
	case len(names) == 0:
		return w.say("list.none")
	case len(names) > maxListed:
		return w.say("list.more", "names", strings.Join(names[:maxListed], ", "), "count", len(names)-maxListed)
	default:
		return strings.Join(names, ", ")
	}
}
