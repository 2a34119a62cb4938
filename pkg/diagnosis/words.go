package diagnosis

import (
	"math"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/outlook"
)

// words speaks one language.
type words struct{ lang string }

func (w words) say(key string, args ...any) string { return i18n.T(w.lang, "capacity."+key, args...) }

// decimal writes a number with at most that many decimals.
func (w words) decimal(v float64, places int) string {
	text := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if w.lang == i18n.French {
		text = strings.ReplaceAll(text, ".", ",")
	}
	return text
}

func (w words) number(v float64) string  { return w.decimal(v, 1) }
func (w words) whole(v float64) string   { return w.decimal(v, 0) }
func (w words) percent(v float64) string { return w.say("percent", "n", w.decimal(100*v, 0)) }

// bytes writes GiB, rounded down to a tenth: what is said to be free is free.
func (w words) bytes(v float64) string {
	return w.say("bytes", "n", w.decimal(math.Floor(v*10/(1<<30))/10, 1))
}

func (w words) mib(n int64) string { return w.bytes(float64(n) * (1 << 20)) }

// mibUp is mib rounded up, for what is missing.
func (w words) mibUp(n int64) string {
	return w.say("bytes", "n", w.decimal(math.Ceil(float64(n)*10/1024)/10, 1))
}

// machines counts guests: French has none and one in the singular.
func (w words) machines(n int) string {
	form := "many"
	if n == 1 || n == 0 && w.lang == i18n.French {
		form = "one"
	}
	return w.say("machines."+form, "n", n)
}

func (w words) guests(v float64) string { return w.machines(int(v)) }

// subject begins a sentence about a node or a storage.
func (w words) subject(s outlook.Subject) string {
	switch {
	case s.Storage != "" && s.Node != "":
		return w.say("subject.storage_on", "name", s.Storage, "node", s.Node)
	case s.Storage != "":
		return w.say("subject.storage", "name", s.Storage)
	}
	return w.say("subject.node", "name", s.Node)
}

// feature names a feature; one without words keeps its name.
func (w words) feature(name string) string {
	if !i18n.Has(w.lang, "capacity.feature."+name) {
		return name
	}
	return w.say("feature." + name)
}

func (w words) list(names []string) string {
	separator := w.say("separator")
	if len(names) <= mostNames {
		return strings.Join(names, separator)
	}
	return w.say("more", "names", strings.Join(names[:mostNames], separator), "n", len(names)-mostNames)
}
