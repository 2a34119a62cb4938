package words

import (
	"regexp"
	"strings"
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
			lines := append(Explain(lang, f), Saturation(lang, f.Reaches(90)))
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
		if diff := cmp.Diff(lines, Explain(lang, f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestSaturation(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	tests := map[string]struct {
		reach forecast.Reach
		en    string
		fr    string
	}{
		"Likely":   {forecast.Reach{Limit: 90, Likely: day(20), Possible: day(10), Until: day(31), Extrapolated: true}, "90 is expected to be reached on 2026-03-20, possibly from 2026-03-10. This lies beyond the forecast", "90 devrait être atteint le 2026-03-20, peut-être dès le 2026-03-10. Cette date dépasse la prévision"},
		"Possible": {forecast.Reach{Limit: 0.5, Possible: day(10), Until: day(31)}, "0.5 may be reached from 2026-03-10; it is not expected before 2026-03-31.", "0,5 pourrait être atteint dès le 2026-03-10"},
		"Never":    {forecast.Reach{Limit: 90, Until: day(31)}, "90 is not reached before 2026-03-31.", "90 n'est pas atteint avant le 2026-03-31."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for lang, want := range map[string]string{i18n.English: tt.en, i18n.French: tt.fr} {
				if got := Saturation(lang, tt.reach); !strings.HasPrefix(got, want) {
					t.Errorf("want %q, got %q", want, got)
				}
			}
		})
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
