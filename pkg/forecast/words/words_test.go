package words

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/forecast/synthetic"
	"proviso.dev/pkg/i18n"
)

// Whatever there is to explain, both languages have words for it, without holes.
//
// Shows: T-2.3.3-01
func TestEverythingHasWords(t *testing.T) {
	classes := synthetic.Classes()
	histories := map[string]forecast.Series{"one": classes["idle"].Generate(1).Slice(0, 1), "two days": classes["idle"].Generate(1).Slice(0, 96)}
	for name, trace := range classes {
		histories[name] = trace.Generate(1)
	}
	hole := regexp.MustCompile(`forecast\.|[{}]|NaN|Inf`)
	for name, history := range histories {
		f, err := forecast.New().Forecast(history, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var counts []int
		for _, lang := range i18n.Langs() {
			lines := Speaker{Lang: lang}.Explain(&f)
			counts = append(counts, len(lines))
			for _, m := range f.Members {
				if key := "forecast.member." + m.Name; !i18n.Has(lang, key) {
					t.Errorf("%s is missing in %s", key, lang)
				}
			}
			for _, line := range lines {
				if hole.MatchString(line) {
					t.Errorf("%s: %s", name, line)
				}
			}
		}
		if counts[0] != counts[1] || counts[0] < 2 {
			t.Errorf("%s: %v sentences in the two languages", name, counts)
		}
	}
	for _, cold := range []forecast.Cold{forecast.ColdEmpty, forecast.ColdPoints, forecast.ColdSeason} {
		for _, lang := range i18n.Langs() {
			if !i18n.Has(lang, "forecast.cold."+string(cold)) {
				t.Errorf("%s is missing in %s", cold, lang)
			}
		}
	}
}

func TestExplainSaysWhatIsThere(t *testing.T) {
	f := forecast.Forecast{Explanation: forecast.Explanation{
		Measured: 1400, Filled: 40, Season: forecast.Season{Steps: 48, Strength: 0.7, Weekly: 0.15},
		Trend:   forecast.Trend{PerDay: -1.25, Low: -2, High: -0.5, Direction: forecast.Falling},
		Shift:   &forecast.Shift{Time: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), From: 0.5, To: 1234.4},
		Members: []forecast.Member{{Name: "slot-week", Weight: 0.6}, {Name: "last-hour", Weight: 0.4}}, Error: 0.123, NaiveError: 2, Replays: 300,
	}}
	want := map[string][]string{
		i18n.English: {
			"Replayed over the last days, the forecast missed by 0.123 on average; repeating the day before would have missed by 2.",
			"The forecast rests on the same time over the last week (60%), the last hour (40%).",
			"The days resemble one another: the time of day explains 70% of what varies.",
			"The day of the week explains another 15%.",
			"It falls by 1.25 a day (between 0.5 and 2).",
			"The level changed on 2026-03-02 06:00: from 0.5 to 1234.",
			"40 of 1440 steps have no measured value; they repeat the one before.",
		},
		i18n.French: {
			"Rejouée sur les derniers jours, la prévision s'est trompée de 0,123 en moyenne ; répéter la veille aurait donné une erreur de 2.",
			"La prévision s'appuie sur la dernière semaine à la même heure (60 %), la dernière heure (40 %).",
			"Les journées se ressemblent : l'heure explique 70 % des variations.",
			"Le jour de la semaine en explique encore 15 %.",
			"La valeur diminue de 1,25 par jour (entre 0,5 et 2).",
			"Le niveau a changé le 2026-03-02 06:00 : de 0,5 à 1234.",
			"40 pas sur 1440 n'ont pas de valeur mesurée ; ils répètent la précédente.",
		},
	}
	for lang, lines := range want {
		if diff := cmp.Diff(lines, Speaker{Lang: lang}.Explain(&f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

// Who knows the unit says it, and a trend that is known as exactly as it is written has no interval.
func TestUnits(t *testing.T) {
	f := forecast.Forecast{Explanation: forecast.Explanation{
		Measured: 10, Cold: forecast.ColdPoints, Trend: forecast.Trend{PerDay: 5, Low: 4.9, High: 5.1, Direction: forecast.Rising},
		Shift: &forecast.Shift{Time: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), From: 1, To: 2},
	}}
	want := []string{
		"The history is shorter than a day (measured steps: 10): the interval is wide on purpose.", "It rises by 5 GiB a day.",
		"The level changed on Monday: from 1 GiB to 2 GiB.",
	}
	s := Speaker{Lang: i18n.English, Value: func(v float64) string { return fmt.Sprintf("%.0f GiB", v) }, Moment: func(t time.Time) string { return t.Weekday().String() }}
	if diff := cmp.Diff(want, s.Explain(&f)); diff != "" {
		t.Error(diff)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 7: "7", 0.12345: "0.123", 12.345: "12.3", 99.96: "100", 123.4: "123", 21700.4: "21700", -1.5: "-1.5", 0.00001234: "1.23e-05", 1e18: "1.00e+18",
	} {
		if got := Number(i18n.English, v); got != want {
			t.Errorf("%v: want %s, got %s", v, want, got)
		}
	}
}
