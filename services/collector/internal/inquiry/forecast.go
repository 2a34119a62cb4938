package inquiry

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/outlook"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// forecaster makes the forecasts of answers.
var forecaster forecast.Forecaster = forecast.New()

// horizon returns the span that a question about the future means, and how it is called.
func (a *answer) horizon() (from, to time.Time, called string) {
	now := a.s.TakenAt.UTC()
	midnight := now.Truncate(day)
	switch a.q.When {
	case WhenTonight:
		from, to = midnight.Add(18*time.Hour), midnight.Add(30*time.Hour)
		if now.Hour() < 6 {
			from, to = midnight, midnight.Add(6*time.Hour)
		}
		return latest(from, now), to, a.say("when.tonight")
	case WhenTomorrow:
		return midnight.Add(day), midnight.Add(2 * day), a.say("when.tomorrow")
	case WhenWeek:
		return now, now.Add(outlook.Week), a.say("when.week")
	case WhenHours:
		return now, now.Add(time.Duration(a.q.Hours) * time.Hour), wording.Plural(a.lang, "inquiry.when.hours", a.q.Hours)
	}
	return now, now.Add(day), a.say("when.day")
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// subjects are what a question about the future is about.
func (a *answer) subjects() []outlook.Subject {
	var list []outlook.Subject
	for _, g := range Wants(a.s, a.q).History.Guests {
		list = append(list, outlook.Subject{VMID: g.VMID})
	}
	for _, n := range Wants(a.s, a.q).History.Nodes {
		list = append(list, outlook.Subject{Node: n})
	}
	for _, st := range Wants(a.s, a.q).History.Storages {
		what := outlook.Subject{Storage: st.Name}
		if row, _ := a.s.StorageOn(st.Name, st.Node); !row.Shared {
			what.Node = st.Node
		}
		list = append(list, what)
	}
	return list
}

// title names a subject as the snapshot knows it.
func (a *answer) title(s outlook.Subject) string {
	if g, ok := a.s.Guest(s.VMID); ok && s.VMID > 0 {
		return title(g)
	}
	return wording.Quote(cmp.Or(s.Storage, s.Node))
}

// look forecasts one figure as far as a moment.
func (a *answer) look(s outlook.Subject, metric string, to time.Time) (*outlook.Outlook, error) {
	horizon := time.Duration(0)
	if !to.IsZero() {
		horizon = to.Sub(a.s.TakenAt) + time.Hour // the last measurement lies a little back
		if h := a.facts.History; h != nil && h.TakenAt.Before(a.s.TakenAt) {
			horizon += a.s.TakenAt.Sub(h.TakenAt)
		}
	}
	return outlook.Of(a.s, a.facts.History, outlook.Question{Subject: s, Metric: metric, Horizon: horizon, Diagnosis: a.state()}, forecaster)
}

// source says what a forecast rests on: "history of node pmox01: 1,344 half hours up to 21 November 2026, 09:00 UTC".
func (a *answer) source(o *outlook.Outlook) string {
	return a.say("history_of", "subject", wording.Quote(o.Subject.Title(a.lang)), "steps", o.Steps(a.lang), "to", outlook.Moment(a.lang, o.To))
}

// forecast answers how a figure goes on.
func (a *answer) forecast() {
	subjects := a.subjects()
	metrics := []string{a.q.Metric}
	if a.q.Metric == "" && a.q.Copes {
		metrics = []string{outlook.CPU, outlook.Memory}
	}
	from, to, called := a.horizon()
	if len(subjects) == 0 {
		a.unforetold(outlook.Subject{Node: a.q.Node, Storage: a.q.Storage}, a.q.Metric, outlook.ErrNotRead)
		return
	}
	if len(subjects) > 1 {
		a.forecasts(subjects, cmp.Or(a.q.Metric, outlook.DefaultMetric(subjects[0])), from, to, called)
		return
	}
	var known []*outlook.Outlook
	for _, m := range metrics {
		metric := cmp.Or(m, outlook.DefaultMetric(subjects[0]))
		o, err := a.look(subjects[0], metric, to)
		if err != nil {
			a.unforetold(subjects[0], metric, err)
			continue
		}
		known = append(known, o)
	}
	if a.q.Copes && len(known) == len(metrics) {
		a.copes(known, from, to, called)
	}
	for _, o := range known {
		a.course(o, from, to, called)
	}
}

// span is the least and the most that is expected within a time.
type span struct {
	low, high, top, topLower float64 // medians, the highest P95, and the P05 beside it
	highAt, topAt            time.Time
	lowAt                    time.Time
}

// within returns the extremes of a forecast within a time; ok is false where it does not reach into it.
func within(o *outlook.Outlook, from, to time.Time) (x span, ok bool) {
	for i, p := range o.Forecast.Points {
		if !p.Time.Add(o.Step).After(from) || !p.Time.Before(to) {
			continue
		}
		median, top, bottom := o.Forecast.At(i, 0.5), o.Forecast.At(i, 0.95), o.Forecast.At(i, 0.05)
		if !ok || median < x.low {
			x.low, x.lowAt = median, p.Time
		}
		if !ok || median > x.high {
			x.high, x.highAt = median, p.Time
		}
		if !ok || top > x.top {
			x.top, x.topAt, x.topLower = top, p.Time, bottom
		}
		ok = true
	}
	return x, ok
}

// copes gives the verdict whether the most that is to be reckoned with stays below what counts as full.
func (a *answer) copes(known []*outlook.Outlook, from, to time.Time, called string) {
	verdict := "copes_yes"
	for _, o := range known {
		if x, ok := within(o, from, to); !ok || o.Limit > 0 && x.top >= o.Limit {
			verdict = "copes_perhaps"
			if ok && x.high >= o.Limit {
				a.text("copes_no", "subject", a.title(o.Subject), "when", called)
				return
			}
		}
	}
	a.text(verdict, "subject", a.title(known[0].Subject), "when", called)
}

// course tells one forecast with its evidence.
func (a *answer) course(o *outlook.Outlook, from, to time.Time, called string) {
	value := func(v float64) string { return outlook.Value(a.lang, o.Unit, v) }
	x, ok := within(o, from, to)
	if !ok {
		a.unforetold(o.Subject, o.Metric, outlook.ErrNotRead)
		return
	}
	metric := a.say("metric." + o.Metric)
	key := "forecast"
	if value(x.low) == value(x.high) { // "between 4.8 GiB and 4.8 GiB" says no more than one of them
		key = "forecast_level"
	}
	a.text(key, "subject", a.title(o.Subject), "metric", metric, "when", called, "low", value(x.low), "high", value(x.high),
		"top", value(x.top), "at", outlook.Moment(a.lang, x.topAt))
	a.sentence(o.Little(a.lang))
	a.sentence(o.Direction(a.lang))
	if o.Limit > 0 && (o.Now >= o.Limit || !o.MayReach.IsZero()) {
		a.sentence(o.Full(a.lang))
	}
	a.sentence(o.Members(a.lang))
	a.text("method", "method", o.Method(a.lang))
	source := a.source(o)
	a.row(metric, a.say("now", "value", value(o.Now)), source)
	a.row(outlook.Moment(a.lang, x.lowAt), a.say("quantile.p50", "value", value(x.low)), a.say("lowest_median"))
	a.row(outlook.Moment(a.lang, x.highAt), a.say("quantile.p50", "value", value(x.high)), a.say("highest_median"))
	a.row(outlook.Moment(a.lang, x.topAt), a.say("quantile.p95", "value", value(x.top), "low", value(x.topLower)), a.say("highest_p95"))
	t := o.Forecast.Trend
	a.row(a.say("label.trend"), a.say("per_day", "value", value(t.PerDay)), a.say("trend_range", "low", value(t.Low), "high", value(t.High)))
	a.row(a.say("label.season"), outlook.Value(a.lang, outlook.Fraction, o.Forecast.Season.Strength), a.say("season_of"))
	if sh := o.Forecast.Shift; sh != nil {
		a.row(a.say("label.shift"), a.say("from_to", "from", value(sh.From), "to", value(sh.To)), outlook.Moment(a.lang, sh.Time))
	}
	if o.Limit > 0 {
		a.row(a.say("label.limit"), value(o.Limit), a.reached(o))
	}
}

// reached writes when a limit is reached.
func (a *answer) reached(o *outlook.Outlook) string {
	date := func(t time.Time) string {
		if t.IsZero() {
			return a.say("not_before", "date", outlook.Date(a.lang, o.Sight))
		}
		return outlook.Moment(a.lang, t)
	}
	if o.Now >= o.Limit {
		return a.say("reached")
	}
	return a.say("reached_at", "median", date(o.Reaches), "earliest", date(o.MayReach))
}

// forecasts tells the forecasts of several things, the one that needs most first.
func (a *answer) forecasts(subjects []outlook.Subject, metric string, from, to time.Time, called string) {
	type line struct {
		o *outlook.Outlook
		x span
	}
	var lines []line
	var unknown []string
	for _, s := range subjects {
		o, err := a.look(s, metric, to)
		if err != nil {
			unknown = append(unknown, a.title(s))
			continue
		}
		if x, ok := within(o, from, to); ok {
			lines = append(lines, line{o, x})
		}
	}
	if len(lines) == 0 {
		a.unforetold(subjects[0], metric, outlook.ErrNotRead)
		return
	}
	share := func(l line) float64 { return l.x.top / max(l.o.Capacity, 1e-9) }
	slices.SortStableFunc(lines, func(p, q line) int { return cmp.Compare(share(q), share(p)) })
	worst := lines[0]
	value := func(l line, v float64) string { return outlook.Value(a.lang, l.o.Unit, v) }
	if a.q.Copes {
		verdict := "copes_yes"
		if worst.o.Limit > 0 && worst.x.top >= worst.o.Limit {
			verdict = "copes_perhaps"
		}
		a.text(verdict, "subject", a.title(worst.o.Subject), "when", called)
	}
	a.text("forecasts", "metric", capital(a.say("metric."+metric)), "when", called, "subject", a.title(worst.o.Subject), "low", value(worst, worst.x.low), "high", value(worst, worst.x.high),
		"top", value(worst, worst.x.top), "at", outlook.Moment(a.lang, worst.x.topAt))
	for _, l := range lines {
		a.row(a.title(l.o.Subject), a.say("range", "low", value(l, l.x.low), "high", value(l, l.x.high), "top", value(l, l.x.top)), a.source(l.o))
	}
	if len(unknown) > 0 {
		a.text("forecast_without", "names", a.names(unknown))
	}
}

// unforetold says that the future of a figure is unknown, why, and where a person finds what was measured.
func (a *answer) unforetold(s outlook.Subject, metric string, err error) {
	named := a.title(s)
	if named == "" {
		named = a.say("the_cluster")
	}
	key := "forecast_unknown"
	if errors.Is(err, outlook.ErrMetric) {
		key = "forecast_unmeasured"
	}
	a.text(key, "subject", named, "metric", a.say("metric."+cmp.Or(metric, outlook.DefaultMetric(s))))
	if errors.Is(err, outlook.ErrMetric) {
		return
	}
	node, path := s.Node, ""
	if g, ok := a.s.Guest(s.VMID); ok && s.VMID > 0 {
		node = g.Node
		path = "/" + string(g.Kind) + "/" + a.number(g.VMID)
	}
	if s.Storage != "" {
		for _, st := range a.s.Storages {
			if st.Name == s.Storage && st.Active && node == "" {
				node = st.Node
			}
		}
		if !storageName(s.Storage) {
			return
		}
		path = "/storage/" + s.Storage
	}
	if Commandable(node) {
		a.command("pvesh get /nodes/" + node + path + "/rrddata --timeframe " + string(pve.FinestTimeframe(a.s.Major())))
	}
}
