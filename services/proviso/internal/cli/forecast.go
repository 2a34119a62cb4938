package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/forecast/words"
	"proviso.dev/pkg/i18n"
	"proviso.dev/services/proviso/internal/terminal"
)

type forecastFlags struct {
	JSON    bool          `name:"json" help:"${help_json}"`
	CSV     string        `name:"csv" placeholder:"FILE" help:"${help_csv}"`
	Step    time.Duration `name:"step" default:"30m" help:"${help_step}"`
	Horizon int           `name:"horizon" default:"48" help:"${help_horizon}"`
	// Node, Guest and Storage ask a system rather than a file; one of them.
	Node    string `name:"node" placeholder:"NAME" help:"${help_node}"`
	Guest   int    `name:"guest" placeholder:"ID" help:"${help_guest}"`
	Storage string `name:"storage" placeholder:"NAME" help:"${help_storage}"`
	Metric  string `name:"metric" placeholder:"NAME" help:"${help_metric}"`
	Cluster string `name:"cluster" placeholder:"NAME" help:"${help_cluster}"`
	Lang    string `name:"lang" placeholder:"en|fr" enum:"en,fr," default:"" help:"${help_lang}"`
}

// runForecast forecasts a file, for which it starts no system, or what a system measured.
func runForecast(ctx context.Context, p Process, flags forecastFlags) error {
	p = p.speaking(flags.Lang)
	if flags.targets() > 0 {
		if flags.CSV != "" {
			return &usageError{key: "cli.usage.forecast_target"}
		}
		return askForecast(ctx, p, flags)
	}
	if flags.Horizon < 1 || flags.Horizon > forecast.MaxHorizon {
		return &usageError{key: "cli.usage.forecast_horizon"}
	}
	if flags.Step < time.Second || flags.Step%time.Second != 0 {
		return &usageError{key: "cli.usage.forecast_step"}
	}
	history, err := forecastHistory(p, flags)
	if err != nil {
		return err
	}
	f, err := forecast.New().Forecast(history, forecast.Options{Horizon: flags.Horizon, Minimum: leastOf(history)})
	if err != nil {
		return err
	}
	if flags.JSON {
		return json.NewEncoder(p.Stdout).Encode(forecastReportOf(f))
	}
	showForecast(p, f)
	return nil
}

// forecastHistory is where the history comes from.
func forecastHistory(p Process, flags forecastFlags) (forecast.Series, error) {
	if flags.CSV == "" {
		return forecast.Series{}, &usageError{key: "cli.usage.forecast_source"}
	}
	return csvHistory(p, flags.CSV, flags.Step)
}

// csvHistory reads a file, or standard input when the name is "-".
func csvHistory(p Process, name string, step time.Duration) (forecast.Series, error) {
	in, shown := p.Stdin, i18n.T(p.language(), "cli.word.stdin")
	if name != "-" {
		file, err := os.Open(filepath.Clean(name))
		if err != nil {
			return forecast.Series{}, err
		}
		defer file.Close()
		in, shown = file, name
	}
	samples, err := forecast.ReadCSV(in)
	var row *forecast.RowError
	switch {
	case errors.As(err, &row):
		return forecast.Series{}, rowUsage(shown, row)
	case err != nil:
		return forecast.Series{}, err
	case len(samples) == 0:
		return forecast.Series{}, &refusal{code: "series", key: "cli.csv.empty", args: []any{"file", shown}}
	}
	series, err := forecast.Resample(samples, step)
	if errors.Is(err, forecast.ErrTooLong) {
		return forecast.Series{}, &refusal{code: "series", key: "cli.csv.span", args: []any{"file", shown, "most", forecast.MaxBuckets, "step", duration(step)}}
	}
	return series, err
}

// rowUsage words what is wrong with a row.
func rowUsage(file string, row *forecast.RowError) error {
	key := "cli.csv.columns"
	switch {
	case errors.Is(row, forecast.ErrTime):
		key = "cli.csv.time"
	case errors.Is(row, forecast.ErrValue):
		key = "cli.csv.value"
	case errors.Is(row, forecast.ErrNotFinite):
		key = "cli.csv.finite"
	case errors.Is(row, forecast.ErrTooLong):
		key = "cli.csv.rows"
	}
	return &refusal{code: "series", key: key, args: []any{"file", file, "line", row.Line, "text", shorten(row.Text, 40), "most", forecast.MaxSamples}}
}

// leastOf is the least value that can be: loads are not negative, but a file may hold anything.
func leastOf(s forecast.Series) float64 {
	for _, v := range s.Values {
		if v < 0 {
			return math.Inf(-1)
		}
	}
	return 0
}

// forecastReport is what scripts get; the names are part of the interface.
type forecastReport struct {
	Points  []forecastPoint `json:"points"`
	Method  string          `json:"method"`
	History historyReport   `json:"history"`
	Season  seasonReport    `json:"season"`
	Trend   trendReport     `json:"trend"`
	Shift   *shiftReport    `json:"shift,omitempty"`
	Members []memberReport  `json:"members"`
	Errors  errorsReport    `json:"errors"`
}

type forecastPoint struct {
	Time time.Time `json:"time"`
	P05  float64   `json:"p05"`
	P50  float64   `json:"p50"`
	P95  float64   `json:"p95"`
}

type historyReport struct {
	Measured int           `json:"measured"`
	Filled   int           `json:"filled"`
	Cold     forecast.Cold `json:"cold,omitempty"`
}

type seasonReport struct {
	Steps    int     `json:"steps"`
	Strength float64 `json:"strength"`
	Weekly   float64 `json:"weekly"`
}

type trendReport struct {
	Direction forecast.Direction `json:"direction"`
	PerDay    float64            `json:"per_day"`
	Low       float64            `json:"low"`
	High      float64            `json:"high"`
}

type shiftReport struct {
	Time time.Time `json:"time"`
	From float64   `json:"from"`
	To   float64   `json:"to"`
}

type memberReport struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
}

type errorsReport struct {
	Replays       int     `json:"replays"`
	Forecast      float64 `json:"forecast"`
	SeasonalNaive float64 `json:"seasonal_naive"`
}

func forecastReportOf(f forecast.Forecast) forecastReport {
	report := forecastReport{
		Method: f.Method, Members: []memberReport{},
		History: historyReport{Measured: f.Measured, Filled: f.Filled, Cold: f.Cold},
		Season:  seasonReport{Steps: f.Season.Steps, Strength: f.Season.Strength, Weekly: f.Season.Weekly},
		Trend:   trendReport{Direction: f.Trend.Direction, PerDay: f.Trend.PerDay, Low: f.Trend.Low, High: f.Trend.High},
		Errors:  errorsReport{Replays: f.Replays, Forecast: f.Error, SeasonalNaive: f.NaiveError},
	}
	for i, point := range f.Points {
		report.Points = append(report.Points, forecastPoint{Time: point.Time, P05: f.At(i, 0.05), P50: f.At(i, 0.5), P95: f.At(i, 0.95)})
	}
	for _, m := range f.Members {
		report.Members = append(report.Members, memberReport{Name: m.Name, Weight: m.Weight})
	}
	if f.Shift != nil {
		report.Shift = &shiftReport{Time: f.Shift.Time, From: f.Shift.From, To: f.Shift.To}
	}
	return report
}

// forecastRows is how many rows of a forecast a person gets.
const forecastRows = 12

// showForecast draws the forecast and says why it is what it is.
func showForecast(p Process, f forecast.Forecast) {
	lang := p.language()
	fmt.Fprintln(p.Stdout, p.Paint.Paint(terminal.Bold, i18n.T(lang, "cli.forecast.title",
		"count", len(f.Points), "step", duration(f.Step), "time", f.Points[0].Time.UTC().Format(forecastTime))))
	table := terminal.Table{Headings: []string{
		i18n.T(lang, "cli.table.time"), i18n.T(lang, "cli.table.low"), i18n.T(lang, "cli.table.expected"), i18n.T(lang, "cli.table.high"),
	}}
	each := (len(f.Points) + forecastRows - 1) / forecastRows
	for i := 0; i < len(f.Points); i += each {
		part := f
		part.Points = f.Points[i:min(i+each, len(f.Points))]
		low, high := math.Inf(1), math.Inf(-1)
		for k := range part.Points {
			low, high = math.Min(low, part.At(k, 0.05)), math.Max(high, part.At(k, 0.95))
		}
		table.Rows = append(table.Rows, []terminal.Cell{
			{Text: f.Points[i].Time.UTC().Format(forecastTime)}, {Text: words.Number(lang, low)},
			{Text: words.Number(lang, part.Mean(0.5)), Style: terminal.Bold}, {Text: words.Number(lang, high)},
		})
	}
	fmt.Fprint(p.Stdout, table.Draw(p.Columns, p.Paint))
	for _, sentence := range (words.Speaker{Lang: lang}).Explain(&f) {
		for _, line := range terminal.Wrap(sentence, p.Columns) {
			fmt.Fprintln(p.Stdout, line)
		}
	}
	fmt.Fprintln(p.Stdout, i18n.T(lang, "cli.forecast.method", "method", f.Method))
}

// duration writes 30m rather than 30m0s.
func duration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// forecastTime is how times are written; they are UTC.
const forecastTime = "2006-01-02 15:04"
