package inquiry

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/outlook"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

const (
	// A value is a peak when it is so much above the usual, and by no less than so many points of a hundred.
	peakFactor, peakLeast = 1.3, 0.05
	// A guest is named as a cause when it took so much of the rise.
	causeShare = 0.25
)

func (a *answer) number(n int) string { return strconv.Itoa(n) }

// reading is one measurement and what is usual there.
type reading struct {
	at            time.Time // end of the step
	value, median float64
	steps         int
	step          time.Duration
}

// measured returns the highest value of a metric in a span, or the one of the step that holds its only moment.
func measured(s pve.Series, m pve.Metric, from, to time.Time) (r reading, ok bool) {
	var all []float64
	for _, run := range s.Values[m] {
		for i, v := range run.Values {
			all = append(all, v)
			end := s.Time(run.From + i)
			begin := end.Add(-s.Step())
			inside := !begin.After(to) && end.After(from) && (!from.Equal(to) || !begin.After(from))
			if inside && (!ok || v > r.value) {
				r.at, r.value, ok = end, v, true
			}
		}
	}
	slices.Sort(all)
	if len(all) > 0 {
		r.median = all[len(all)/2]
	}
	r.steps, r.step = len(all), s.Step()
	return r, ok
}

// peakMetric is how what peaked is measured.
func (a *answer) peakMetric() (name string, m pve.Metric) {
	switch a.q.Metric {
	case outlook.Memory:
		return outlook.Memory, pve.MetricMemoryUsed
	case outlook.NetworkIn:
		return outlook.NetworkIn, pve.MetricNetIn
	case outlook.NetworkOut:
		return outlook.NetworkOut, pve.MetricNetOut
	}
	return outlook.CPU, pve.MetricCPU
}

// part is what one guest took of a node's figure.
type part struct {
	g         pve.Guest
	r         reading
	took, was float64 // in units of the node's figure: threads, bytes, bytes a second
}

// peak answers which guests were busy when a figure of a node was high.
func (a *answer) peak() {
	name, metric := a.peakMetric()
	from, to := a.q.At.span(a.s.TakenAt)
	node, high, ok := a.highest(metric, from, to)
	if !ok {
		a.text("peak_unknown", "metric", a.say("metric."+name))
		if Commandable(cmp.Or(a.q.Node, firstOnline(a.s))) {
			a.command("pvesh get /nodes/" + cmp.Or(a.q.Node, firstOnline(a.s)) + "/rrddata --timeframe " + string(pve.TimeframeDay))
		}
		return
	}
	unit, scale := outlook.Fraction, 1.0
	if metric != pve.MetricCPU {
		unit = outlook.Bytes
		if metric != pve.MetricMemoryUsed {
			unit = outlook.BytesPerSecond
		}
	} else {
		scale = float64(max(1, node.CPUs))
	}
	value := func(v float64) string { return outlook.Value(a.lang, unit, v) }
	rise := (high.value - high.median) * scale
	args := []any{"node", wording.Quote(node.Name), "metric", a.say("metric." + name), "value", value(high.value), "usual", value(high.median), "at", outlook.Moment(a.lang, high.at)}
	plain := high.value < high.median*peakFactor || unit == outlook.Fraction && high.value-high.median < peakLeast
	if plain {
		a.text("peak_none", args...)
	} else {
		a.text("peak_was", args...)
	}
	a.row(node.Name, value(high.value), a.say("peak_node_source", "usual", value(high.median), "source", a.evidence(outlook.Subject{Node: node.Name}, high)))
	parts, unread := a.parts(node, metric, high)
	for _, p := range parts {
		if slices.Contains(a.q.Guests, p.g.VMID) {
			a.text("peak_guest", "guest", title(p.g), "took", a.took(unit, p), "usual", outlook.Value(a.lang, unit, p.r.median))
		}
	}
	var causes []string
	explained := 0.0
	for _, p := range parts {
		if rise > 0 && (p.took-p.was)/rise >= causeShare {
			causes = append(causes, title(p.g))
			explained += (p.took - p.was) / rise
		}
		a.row(title(p.g), a.took(unit, p), a.say("peak_guest_source", "usual", outlook.Value(a.lang, unit, p.r.median), "source", a.evidence(outlook.Subject{VMID: p.g.VMID}, p.r)))
	}
	switch {
	case len(parts) == 0:
		a.text("peak_guests_unknown", "node", wording.Quote(node.Name))
	case parts[0].took <= parts[0].was && plain:
		a.text("peak_quiet")
	case parts[0].took <= parts[0].was:
		a.text("peak_host")
	case plain:
		a.text("peak_busiest", "guest", title(parts[0].g), "took", a.took(unit, parts[0]))
	case len(causes) == 0:
		a.text("peak_no_guest", "guest", title(parts[0].g), "took", a.took(unit, parts[0]))
	default:
		key := "peak_cause.many"
		if len(causes) == 1 {
			key = "peak_cause.one"
		}
		a.text(key, "guests", a.names(causes), "share", a.percent(min(explained, 1)))
	}
	if len(unread) > 0 && len(parts) > 0 {
		a.text("peak_unread", "names", a.names(unread))
	}
	a.scheduled(high.at)
	a.text("peak_note")
}

func firstOnline(s *pve.Snapshot) string {
	for _, n := range s.Nodes {
		if n.Online() {
			return n.Name
		}
	}
	return ""
}

// highest returns the node whose figure was highest then, compared with what it has.
func (a *answer) highest(m pve.Metric, from, to time.Time) (node pve.Node, high reading, ok bool) {
	if a.facts.History == nil {
		return node, high, false
	}
	most := math.Inf(-1)
	for _, n := range a.s.Nodes {
		s, known := a.facts.History.Nodes[n.Name]
		if !known || a.q.Node != "" && n.Name != a.q.Node {
			continue
		}
		r, found := measured(s, m, from, to)
		share := r.value
		if m == pve.MetricMemoryUsed {
			share /= max(1, float64(n.MemoryBytes))
		}
		if found && share > most {
			node, high, ok, most = n, r, true, share
		}
	}
	return node, high, ok
}

// parts returns what the guests of a node took when its figure was high, the most first, and those of which nothing was read.
func (a *answer) parts(node pve.Node, m pve.Metric, high reading) (parts []part, unread []string) {
	for _, g := range a.s.Guests {
		if g.Node != node.Name || g.Template {
			continue
		}
		r, ok := measured(a.facts.History.Guests[g.VMID], m, high.at.Add(-high.step/2), high.at.Add(-high.step/2))
		if !ok {
			if g.Status == pve.GuestRunning {
				unread = append(unread, title(g))
			}
			continue
		}
		scale := 1.0
		if m == pve.MetricCPU {
			scale = g.CPUs
		}
		parts = append(parts, part{g: g, r: r, took: r.value * scale, was: r.median * scale})
	}
	slices.SortStableFunc(parts, func(p, q part) int { return cmp.Compare(q.took-q.was, p.took-p.was) })
	return parts, unread
}

// took writes what a guest took: of a processor in threads beside the share of its own.
func (a *answer) took(unit string, p part) string {
	if unit != outlook.Fraction {
		return outlook.Value(a.lang, unit, p.took)
	}
	threads := math.Round(10*p.took) / 10
	form := ".many"
	if threads == 1 || a.lang == i18n.French && threads < 2 {
		form = ".one"
	}
	return a.say("took_cpu"+form, "share", outlook.Value(a.lang, unit, p.r.value), "vcpus", a.count("vcpu", int(p.g.CPUs+0.999)), "threads", wording.Amount(a.lang, threads))
}

// evidence says where a measurement comes from.
func (a *answer) evidence(s outlook.Subject, r reading) string {
	o := outlook.Outlook{Known: r.steps, Step: r.step}
	return a.say("measured_of", "subject", wording.Quote(s.Title(a.lang)), "steps", o.Steps(a.lang), "at", outlook.Moment(a.lang, r.at))
}

// scheduled names the backup jobs that begin within the hour before: their schedule is a hint, and no proof that they ran.
func (a *answer) scheduled(at time.Time) {
	for _, j := range a.s.Backup.Jobs {
		for back := range 60 {
			t := at.Add(-time.Duration(back) * time.Minute)
			if j.Enabled && j.Schedule == fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute()) {
				a.text("peak_backup", "job", a.job(j))
				a.row(wording.Quote(j.ID), a.job(j), a.selection(j))
				break
			}
		}
	}
}
