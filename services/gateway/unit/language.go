package gateway

import (
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
)

// negotiate returns the language to answer in: the one of "en" and "fr" that the client prefers, else fallback, else
// English.
func negotiate(accept, fallback string) string {
	best, quality := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary != "en" && primary != "fr" {
			continue
		}
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			parsed, err := strconv.ParseFloat(v, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		if q > quality {
			best, quality = primary, q
		}
	}
	switch {
	case best != "":
		return best
	case fallback == "fr":
		return "fr"
	default:
		return "en"
	}
}

// languageOf is the language of a dialogue that has not begun: the one asked for, else the one of the words, else none.
func languageOf(prompt, asked string) string {
	switch {
	case asked == "en" || asked == "fr":
		return asked
	case isBlank(prompt):
		return ""
	}
	return i18n.Detect(prompt)
}

// withLanguage makes an error a problem in the language of the run or prompt concerned.
func withLanguage(err error, lang string) error {
	if err == nil {
		return nil
	}
	p := *asProblem(err)
	if p.language == "" {
		p.language = lang
	}
	return &p
}
