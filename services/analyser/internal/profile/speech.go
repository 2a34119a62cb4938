package profile

import "proviso.dev/pkg/i18n"

// speech makes profiles in the requester's language.
type speech struct {
	lang   i18n.Lang
	demand []Demand
}

func (s speech) say(key string, args ...any) string {
	return i18n.T(s.lang, "profile."+key, args...)
}

// clip cuts text to at most n bytes at a rune boundary.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
