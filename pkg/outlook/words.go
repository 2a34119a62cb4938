package outlook

import (
	"math"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/forecast/words"
	"proviso.dev/pkg/i18n"
)

func say(lang, key string, args ...any) string { return i18n.T(lang, "outlook."+key, args...) }

// Value writes a figure: "34%", "12.5 GiB", "40 MiB", "1.2 MiB/s".
func Value(lang, unit string, v float64) string {
	switch unit {
	case Fraction:
		return number(lang, 100*v, 1) + say(lang, "percent")
	case BytesPerSecond:
		return number(lang, v/(1<<20), 2) + " " + say(lang, "rate")
	}
	// What is less than half a tenth of a GiB is told in MiB, so that a small change is not said to be none.
	if mib := math.Round(v / (1 << 20)); mib != 0 && math.Abs(v) < (1<<30)/20 {
		return number(lang, mib, 0) + " " + say(lang, "size_small")
	}
	return number(lang, v/(1<<30), 1) + " " + say(lang, "size")
}

// number writes a number with at most so many decimals, and none where they are zero.
func number(lang string, v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	if lang == i18n.French {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s
}

// Count writes a number of things with the language's mark between thousands: "1,344", "1 344".
func Count(lang string, n int) string {
	digits := strconv.Itoa(n)
	mark := ","
	if lang == i18n.French {
		mark = "\u202f"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return digits
}

// Date writes the day of a moment: "2 December 2026".
func Date(lang string, t time.Time) string {
	t = t.UTC()
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = say(lang, "first_of_month")
	}
	return day + " " + say(lang, "month."+strconv.Itoa(int(t.Month()))) + " " + strconv.Itoa(t.Year())
}

// Moment writes a moment: "2 December 2026, 14:00 UTC".
func Moment(lang string, t time.Time) string {
	return say(lang, "moment", "date", Date(lang, t), "time", t.UTC().Format("15:04"))
}

// Steps writes how many steps of which length: "1,344 half hours", "70 values 3 hours apart".
func (o *Outlook) Steps(lang string) string {
	n := Count(lang, o.Known)
	form := ".many"
	if o.Known == 1 || o.Known == 0 && lang == i18n.French {
		form = ".one"
	}
	switch {
	case o.Step == 30*time.Minute:
		return say(lang, "steps.half_hour"+form, "n", n)
	case o.Step == time.Hour:
		return say(lang, "steps.hour"+form, "n", n)
	case o.Step%time.Hour == 0:
		return say(lang, "steps.hours"+form, "n", n, "hours", int(o.Step/time.Hour))
	}
	return say(lang, "steps.minutes"+form, "n", n, "minutes", int(o.Step/time.Minute))
}

// Title names a subject: "node pmox01", "nœud pmox01". Names are the cluster's, as they are.
func (s Subject) Title(lang string) string {
	switch {
	case s.Storage != "" && s.Node != "":
		return say(lang, "storage_on", "name", s.Storage, "node", s.Node)
	case s.Storage != "":
		return say(lang, "storage", "name", s.Storage)
	case s.VMID > 0:
		return say(lang, "guest", "id", s.VMID)
	}
	return say(lang, "node", "name", s.Node)
}

// Sentences explain an outlook with its figures: what it rests on, what is expected, when it is full, and what holds of any forecast, from
// how it did before to what repeats.
func (o *Outlook) Sentences(lang string) []string {
	value := func(v float64) string { return Value(lang, o.Unit, v) }
	out := []string{say(lang, "basis", "subject", o.Subject.Title(lang), "steps", o.Steps(lang), "from", Moment(lang, o.From), "to", Moment(lang, o.To))}
	if f := &o.Forecast; len(f.Points) > 0 {
		low, high := f.At(0, 0.5), f.At(0, 0.5)
		for i := range f.Points {
			low, high = min(low, f.At(i, 0.5)), max(high, f.At(i, 0.5))
		}
		peak, at := f.Peak(0.95)
		out = append(out, say(lang, "expected", "metric", say(lang, "metric."+o.Metric), "until", Moment(lang, f.Points[len(f.Points)-1].Time.Add(o.Step)),
			"low", value(low), "high", value(high), "peak", value(peak), "at", Moment(lang, at)))
	}
	if sentence := o.Full(lang); sentence != "" {
		out = append(out, sentence)
	}
	out = append(out, o.speaker(lang).Explain(&o.Forecast)...)
	return append(out, say(lang, "method", "method", o.Method(lang)))
}

// speaker says what holds of any forecast, in the figure's unit.
func (o *Outlook) speaker(lang string) words.Speaker {
	return words.Speaker{
		Lang: lang, Value: func(v float64) string { return Value(lang, o.Unit, v) }, Moment: func(t time.Time) string { return Moment(lang, t) },
	}
}

// Direction tells where a figure leads: "It rises by 1.2 GiB a day."
func (o *Outlook) Direction(lang string) string { return o.speaker(lang).Trend(&o.Forecast) }

// Little says that there is too little history for more than a wide interval; empty where there is enough.
func (o *Outlook) Little(lang string) string { return o.speaker(lang).Cold(&o.Forecast) }

// Members names what a combination leans on; empty where nothing was learnt yet.
func (o *Outlook) Members(lang string) string { return o.speaker(lang).Members(&o.Forecast) }

// Full tells when the limit is reached; empty when there is none.
func (o *Outlook) Full(lang string) string {
	limit := Value(lang, o.Unit, o.Limit)
	switch {
	case o.Limit <= 0:
		return ""
	case o.Now >= o.Limit:
		return say(lang, "full_now", "now", Value(lang, o.Unit, o.Now), "limit", limit)
	case o.Reaches.IsZero() && o.MayReach.IsZero():
		return say(lang, "full_never", "limit", limit, "sight", o.day(lang, o.Sight))
	case o.Reaches.IsZero():
		return say(lang, "full_maybe", "limit", limit, "sight", o.day(lang, o.Sight), "earliest", o.day(lang, o.MayReach))
	}
	return say(lang, "full_at", "limit", limit, "at", o.day(lang, o.Reaches), "earliest", o.day(lang, o.MayReach))
}

// day writes a moment as exactly as it is known: near ones with the hour, those that a trend leads to by the day.
func (o *Outlook) day(lang string, t time.Time) string {
	if t.Sub(o.To) > Week {
		return Date(lang, t)
	}
	return Moment(lang, t)
}

// Method names how a forecast was computed.
func (o *Outlook) Method(lang string) string {
	if !i18n.Has(lang, "outlook.method."+o.Forecast.Method) {
		return o.Forecast.Method
	}
	return say(lang, "method."+o.Forecast.Method)
}
