// Package words says in English and French why a forecast is what it is.
//
// It owns sentences about a forecast, built from the catalogue "forecast". It does not decide anything and draws no tables.
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

// Explain returns one sentence per thing worth knowing, the most important first.
func Explain(lang i18n.Lang, f forecast.Forecast) []string {
	say := func(key string, args ...any) string { return i18n.T(lang, "forecast."+key, args...) }
	number := func(v float64) string { return Number(lang, v) }
	var lines []string
	if f.Cold != "" {
		lines = append(lines, say("cold."+string(f.Cold), "points", f.Measured))
	}
	// Without a replay there is no record, and the shares are only where learning begins.
	if f.Replays > 0 {
		lines = append(lines, say("record", "error", number(f.Error), "naive", number(f.NaiveError)))
		var parts []string
		for _, m := range f.Members[:min(named, len(f.Members))] {
			parts = append(parts, say("share", "name", say("member."+m.Name), "share", percent(lang, m.Weight)))
		}
		lines = append(lines, say("members", "list", strings.Join(parts, say("separator"))))
	}
	if f.Cold == "" {
		lines = append(lines, say("season."+strength(f.Season.Strength), "share", percent(lang, f.Season.Strength)))
		if f.Season.Weekly >= weeklyMatters {
			lines = append(lines, say("weekly", "share", percent(lang, f.Season.Weekly)))
		}
	}
	switch f.Trend.Direction {
	case forecast.Rising, forecast.Falling, forecast.Steady:
		lines = append(lines, say("trend."+string(f.Trend.Direction), "slope", number(math.Abs(f.Trend.PerDay)),
			"least", number(math.Min(math.Abs(f.Trend.Low), math.Abs(f.Trend.High))),
			"most", number(math.Max(math.Abs(f.Trend.Low), math.Abs(f.Trend.High)))))
	}
	if f.Shift != nil {
		lines = append(lines, say("shift", "time", f.Shift.Time.UTC().Format(minute), "from", number(f.Shift.From), "to", number(f.Shift.To)))
	}
	if f.Filled > 0 {
		lines = append(lines, say("gaps", "filled", f.Filled, "total", f.Filled+f.Measured))
	}
	return lines
}

// minute is how times are written; they are UTC.
const minute = "2006-01-02 15:04"

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

// Saturation says when a limit is reached.
func Saturation(lang i18n.Lang, r forecast.Reach) string {
	key := "reach.never"
	switch {
	case !r.Likely.IsZero():
		key = "reach.likely"
	case !r.Possible.IsZero():
		key = "reach.possible"
	}
	text := i18n.T(lang, "forecast."+key, "limit", Number(lang, r.Limit), "likely", r.Likely.UTC().Format(time.DateOnly),
		"possible", r.Possible.UTC().Format(time.DateOnly), "until", r.Until.UTC().Format(time.DateOnly))
	if r.Extrapolated {
		text += " " + i18n.T(lang, "forecast.reach.extrapolated")
	}
	return text
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
