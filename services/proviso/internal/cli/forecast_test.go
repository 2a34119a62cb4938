package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// monday is when the histories of these tests begin.
var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// historyFile writes ten days of 5-minute values that are 20 by night and 60 by day, with the times as the layout says.
func historyFile(t *testing.T, header string, stamp func(time.Time) string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(header)
	for i := range 10 * 288 {
		when := monday.Add(time.Duration(i) * 5 * time.Minute)
		value := 20
		if when.Hour() >= 8 && when.Hour() < 18 {
			value = 60
		}
		fmt.Fprintf(&b, "%s,%d\n", stamp(when), value+i%3)
	}
	return textFile(t, b.String())
}

func textFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "history.csv")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Scripts get points and method, whatever way the times are written in.
func TestForecastForScripts(t *testing.T) {
	dateTime := func(t time.Time) string { return t.Format(time.DateTime) }
	tests := map[string]struct {
		reason string
		file   string
	}{
		"DateTime":     {"The form of public data sets.", historyFile(t, "timestamp,value\n", dateTime)},
		"NoHeader":     {"A header is optional.", historyFile(t, "", dateTime)},
		"RFC3339":      {"Times may carry a zone.", historyFile(t, "time,cpu\n", func(t time.Time) string { return t.In(time.FixedZone("", 7200)).Format(time.RFC3339) })},
		"Seconds":      {"Unix time.", historyFile(t, "", func(t time.Time) string { return fmt.Sprint(t.Unix()) })},
		"Milliseconds": {"Unix time as monitoring writes it.", historyFile(t, "\ufefftimestamp,value\n", func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := run(t, nil, nil, "forecast", "--csv", tt.file, "--step", "30m", "--horizon", "48", "--json")
			if c.code != 0 || c.stderr != "" {
				t.Fatalf("%s code %d, stderr %q", tt.reason, c.code, c.stderr)
			}
			if !strings.HasPrefix(c.stdout, `{"points":[{"time":"2026-03-12T00:00:00Z","p05":`) {
				t.Errorf("%s got %.80s", tt.reason, c.stdout)
			}
			var got struct {
				Points []struct {
					Time          time.Time
					P05, P50, P95 float64
				}
				Method string
			}
			if err := json.Unmarshal([]byte(c.stdout), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Points) != 48 || got.Method == "" {
				t.Fatalf("%d points by method %q", len(got.Points), got.Method)
			}
			for i, p := range got.Points {
				if want := monday.Add(240*time.Hour + time.Duration(i)*30*time.Minute); !p.Time.Equal(want) {
					t.Fatalf("point %d at %s, want %s", i, p.Time, want)
				}
				want := 21.0
				if i >= 16 && i < 36 {
					want = 61
				}
				if math.Abs(p.P50-want) > 3 || p.P05 > p.P50 || p.P50 > p.P95 {
					t.Errorf("point %d is %v, want %v", i, p, want)
				}
			}
		})
	}
}

// People get a short table and the reasons in their language.
//
// Shows: T-2.3.3-01
func TestForecastForPeople(t *testing.T) {
	file := historyFile(t, "", func(t time.Time) string { return t.Format(time.DateTime) })
	tests := map[string]struct {
		lang string
		want []string
	}{
		"English": {"en_GB.UTF-8", []string{"Forecast for 336 steps of 30m after 2026-03-12 00:00 (UTC)", "Expected", "The forecast rests on", "The days resemble one another", "There is no clear trend.", "Method: mixture"}},
		"French":  {"fr_FR.UTF-8", []string{"Prévision de 336 pas de 30m après", "Attendu", "La prévision s'appuie sur", "Les journées se ressemblent", "Aucune tendance nette.", "Méthode : mixture"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := run(t, map[string]string{"LANG": tt.lang}, nil, "forecast", "--csv", file, "--horizon", "336")
			if c.code != 0 || c.stderr != "" {
				t.Fatalf("code %d, stderr %q", c.code, c.stderr)
			}
			for _, want := range tt.want {
				if !strings.Contains(c.stdout, want) {
					t.Errorf("%q is missing in:\n%s", want, c.stdout)
				}
			}
			if lines := strings.Count(c.stdout, "\n"); lines > 30 {
				t.Errorf("%d lines are not short:\n%s", lines, c.stdout)
			}
		})
	}
}

// Few values give a forecast that says how little it knows.
//
// Shows: T-2.3.4-01
func TestForecastFromLittle(t *testing.T) {
	c := run(t, nil, nil, "forecast", "--csv", textFile(t, "2026-03-02 00:00:00,40\n"))
	if c.code != 0 || !strings.Contains(c.stdout, "shorter than a day (measured steps: 1)") {
		t.Errorf("code %d: %s", c.code, c.stdout)
	}
}

func TestForecastReadsStandardInput(t *testing.T) {
	c := run(t, nil, strings.NewReader("2026-03-02 00:00:00,40\n2026-03-02 00:30:00,44\n"), "forecast", "--csv", "-", "--horizon", "1", "--json")
	if c.code != 0 || !strings.HasPrefix(c.stdout, `{"points":[{"time":"2026-03-02T01:00:00Z"`) {
		t.Errorf("code %d: %s%s", c.code, c.stdout, c.stderr)
	}
}

func TestForecastRefuses(t *testing.T) {
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"NoSource":    {[]string{}, exitUsage, "--csv"},
		"Missing":     {[]string{"--csv", filepath.Join(t.TempDir(), "gone.csv")}, exitFailed, "gone.csv"},
		"Empty":       {[]string{"--csv", textFile(t, "timestamp,value\n")}, exitRefused, "no value"},
		"NotANumber":  {[]string{"--csv", textFile(t, "timestamp,value\n2026-03-02 00:00:00,NaN\n")}, exitRefused, `Line 2`},
		"Infinite":    {[]string{"--csv", textFile(t, "2026-03-02 00:00:00,1e999\n")}, exitRefused, "finite"},
		"Words":       {[]string{"--csv", textFile(t, "timestamp,value\n2026-03-02 00:00:00,a lot\n")}, exitRefused, `"a lot"`},
		"NoTime":      {[]string{"--csv", textFile(t, "yesterday,5\n")}, exitRefused, `"yesterday"`},
		"Columns":     {[]string{"--csv", textFile(t, "2026-03-02 00:00:00;5\n")}, exitRefused, "two columns"},
		"Quotes":      {[]string{"--csv", textFile(t, "2026-03-02 00:00:00,5\n\"2026,5\n")}, exitRefused, "Line 2"},
		"Span":        {[]string{"--csv", textFile(t, "2026-03-02 00:00:00,5\n20260302,5\n")}, exitRefused, "spans more than"},
		"Step":        {[]string{"--csv", "-", "--step", "0s"}, exitUsage, "--step"},
		"StepPart":    {[]string{"--csv", "-", "--step", "1500ms"}, exitUsage, "--step"},
		"Horizon":     {[]string{"--csv", "-", "--horizon", "0"}, exitUsage, "1 to 8192"},
		"HorizonHuge": {[]string{"--csv", "-", "--horizon", "1000000"}, exitUsage, "1 to 8192"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := run(t, nil, nil, append([]string{"forecast"}, tt.args...)...)
			if c.code != tt.code || !strings.Contains(c.stderr, tt.says) || c.stdout != "" {
				t.Errorf("code %d, stdout %q, stderr %q", c.code, c.stdout, c.stderr)
			}
			if strings.Count(c.stderr, "\n") != 1 {
				t.Errorf("that is not one sentence: %q", c.stderr)
			}
		})
	}
}
