package i18n

import "strings"

// Texts returns the texts of a language whose keys begin with prefix, by key: for a front end that looks them up itself. A
// language that is not known is English. The map is the caller's.
func Texts(lang Lang, prefix string) map[string]string {
	out := map[string]string{}
	texts, err := catalogue()
	if err != nil {
		return out
	}
	if lang != French {
		lang = English
	}
	for key, text := range texts[lang] {
		if strings.HasPrefix(key, prefix) {
			out[key] = text
		}
	}
	return out
}
