package inquiry

import (
	"cmp"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"proviso.dev/pkg/outlook"
	"proviso.dev/services/collector/internal/wording"
)

// full answers when something is full.
func (a *answer) full() {
	var known []*outlook.Outlook
	var unknown []string
	var failed error
	subjects := a.subjects()
	for _, s := range subjects {
		metric := outlook.Disk
		switch {
		case s.Storage == "" && s.VMID > 0 && a.q.Metric != "":
			metric = a.q.Metric
		case s.Storage == "":
			metric = outlook.Memory
		}
		if s.Storage == "" && a.q.Metric == outlook.CPU {
			metric = outlook.CPU
		}
		o, err := a.look(s, metric, a.s.TakenAt.Add(outlook.Week))
		if err != nil {
			unknown, failed = append(unknown, a.title(s)), err
			continue
		}
		known = append(known, o)
	}
	if len(known) == 0 {
		s := outlook.Subject{Node: a.q.Node, Storage: a.q.Storage}
		if len(subjects) > 0 {
			s = subjects[0]
		}
		metric := a.q.Metric
		if metric == "" && s.Storage == "" {
			metric = outlook.Memory
		}
		a.unforetold(s, metric, cmp.Or(failed, outlook.ErrNotRead))
		return
	}
	slices.SortStableFunc(known, func(x, y *outlook.Outlook) int {
		return cmp.Or(soonest(x.Reaches, y.Reaches), soonest(x.MayReach, y.MayReach), cmp.Compare(y.Now/max(1, y.Limit), x.Now/max(1, x.Limit)))
	})
	first, sight := known[0], known[0].Sight
	for _, o := range known {
		if o.Sight.Before(sight) {
			sight = o.Sight
		}
	}
	a.fullVerdict(first, sight, len(known))
	a.sentence(first.Little(a.lang))
	if len(unknown) > 0 {
		a.text("full_without", "names", a.names(unknown))
	}
	for _, o := range known {
		value := func(v float64) string { return outlook.Value(a.lang, o.Unit, v) }
		label := a.title(o.Subject)
		if o.Storage == "" {
			label = a.say("of", "metric", a.say("metric."+o.Metric), "subject", label)
		} else if o.Node != "" {
			label = a.say("storage_on_node", "storage", wording.Quote(o.Storage), "node", wording.Quote(o.Node))
		}
		a.row(label, a.reached(o), a.say("full_evidence", "now", value(o.Now), "limit", value(o.Limit), "capacity", value(o.Capacity), "change", value(o.Forecast.Trend.PerDay), "source", a.source(o)))
	}
}

// fullVerdict says what is full first, and when.
func (a *answer) fullVerdict(o *outlook.Outlook, sight time.Time, of int) {
	value := func(v float64) string { return outlook.Value(a.lang, o.Unit, v) }
	args := []any{"subject", a.title(o.Subject), "metric", a.metric(o, of), "now", value(o.Now), "limit", value(o.Limit), "capacity", value(o.Capacity),
		"sight", outlook.Date(a.lang, sight), "at", outlook.Date(a.lang, o.Reaches), "earliest", outlook.Date(a.lang, o.MayReach), "trend", o.Direction(a.lang)}
	which := "one"
	if of > 1 {
		which = "first"
	}
	switch {
	case o.Now >= o.Limit:
		a.text("full_now", args...)
	case o.Reaches.IsZero() && o.MayReach.IsZero():
		a.text("full_never."+which, args...)
	case o.Reaches.IsZero():
		a.text("full_maybe."+which, args...)
	default:
		a.text("full_at."+which, args...)
	}
}

// metric names a figure within a sentence, or at its beginning where several were compared and a date is known.
func (a *answer) metric(o *outlook.Outlook, of int) string {
	name := a.say("metric." + o.Metric)
	if of > 1 && !o.MayReach.IsZero() && o.Now < o.Limit {
		return capital(name)
	}
	return name
}

// capital begins a sentence.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// soonest orders moments; zero is never.
func soonest(a, b time.Time) int {
	switch {
	case a.Equal(b):
		return 0
	case b.IsZero() || !a.IsZero() && a.Before(b):
		return -1
	}
	return 1
}
