// Package words says in English and French why a forecast is what it is.
//
// It owns the sentences that hold for a forecast of any series, from the catalogue "forecast". It knows neither what a series measures
// nor which level matters to it: who does, as package outlook for the figures of a cluster, gives the units and adds what follows from
// them. It does not decide anything and draws no tables.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/i18n"
)

// named is how many members a sentence names.
const named = 3

// A Speaker says sentences about the forecast of one series.
type Speaker struct {
	// Lang is English or French.
	Lang i18n.Lang
	// Value writes a value of the series with its unit; nil: [Number], without one.
	Value func(float64) string
	// Moment writes a time; nil: year to minute, in UTC.
	Moment func(time.Time) string
}

func (s Speaker) say(key string, args ...any) string { return i18n.T(s.Lang, "forecast."+key, args...) }

func (s Speaker) value(v float64) string {
	if s.Value == nil {
		return Number(s.Lang, v)
	}
	return s.Value(v)
}

func (s Speaker) moment(t time.Time) string {
	if s.Moment == nil {
		return t.UTC().Format("2006-01-02 15:04")
	}
	return s.Moment(t)
}

// Explain returns one sentence per thing worth knowing, the most important first.
func (s Speaker) Explain(f *forecast.Forecast) []string {
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(s.Cold(f))
	if f.Replays > 0 {
		add(s.say("record", "error", s.value(f.Error), "naive", s.value(f.NaiveError)))
	}
	add(s.Members(f))
	if f.Cold == "" {
		add(s.say("season."+strength(f.Season.Strength), "share", percent(s.Lang, f.Season.Strength)))
		if f.Season.Weekly >= weeklyMatters {
			add(s.say("weekly", "share", percent(s.Lang, f.Season.Weekly)))
		}
	}
	add(s.Trend(f))
	if f.Shift != nil {
		add(s.say("shift", "time", s.moment(f.Shift.Time), "from", s.value(f.Shift.From), "to", s.value(f.Shift.To)))
	}
	if f.Filled > 0 {
		add(s.say("gaps", "filled", f.Filled, "total", f.Filled+f.Measured))
	}
	return lines
}

// Cold says that there is too little history for more than a wide interval; empty where there is enough.
func (s Speaker) Cold(f *forecast.Forecast) string {
	if f.Cold == "" {
		return ""
	}
	return s.say("cold."+string(f.Cold), "points", f.Measured)
}

// Members names the heaviest members of a combination. It is empty without a replay: there is no record then, and the shares are only
// where learning begins.
func (s Speaker) Members(f *forecast.Forecast) string {
	if f.Replays == 0 {
		return ""
	}
	var parts []string
	for _, m := range f.Members[:min(named, len(f.Members))] {
		parts = append(parts, s.say("share", "name", s.say("member."+m.Name), "share", percent(s.Lang, m.Weight)))
	}
	return s.say("members", "list", strings.Join(parts, s.say("separator")))
}

// Trend tells where a series leads: "It rises by 1.2 a day."
func (s Speaker) Trend(f *forecast.Forecast) string {
	switch f.Trend.Direction {
	case forecast.Rising, forecast.Falling:
	case forecast.Steady, forecast.Unknown:
		return s.say("trend." + string(f.Trend.Direction))
	default:
		return ""
	}
	slope, low, high := math.Abs(f.Trend.PerDay), math.Abs(f.Trend.Low), math.Abs(f.Trend.High)
	if s.value(slope) == s.value(0) { // "by 0 GiB a day" would contradict itself
		return s.say("trend.slow." + string(f.Trend.Direction))
	}
	key, least, most := "trend."+string(f.Trend.Direction), s.value(min(low, high)), s.value(max(low, high))
	if least != most {
		key += ".within"
	}
	return s.say(key, "slope", s.value(slope), "least", least, "most", most)
}

// weeklyMatters is from where a week's profile is worth a sentence.
const weeklyMatters = 0.1

// strength classes the share of the variance that a profile explains.
func strength(share float64) string {
	switch {
	case share >= 0.6:
		return "strong"
	case share >= 0.2:
		return "some"
	}
	return "none"
}

// Number writes a number with three significant digits at least, whole ones in full.
func Number(lang i18n.Lang, v float64) string {
	digits := 0
	switch a := math.Abs(v); {
	case a >= 1e15:
		return localise(lang, strconv.FormatFloat(v, 'e', 2, 64))
	case a >= 100 || a == 0:
	case a >= 1e-4:
		digits = 2 - int(math.Floor(math.Log10(a)))
	default:
		return localise(lang, strconv.FormatFloat(v, 'g', 3, 64))
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return localise(lang, text)
}

func percent(lang i18n.Lang, share float64) string {
	text := fmt.Sprintf("%.0f", 100*share)
	return i18n.T(lang, "forecast.percent", "number", text)
}

func localise(lang i18n.Lang, text string) string {
	if lang == i18n.French {
		return strings.ReplaceAll(text, ".", ",")
	}
	return text
}
