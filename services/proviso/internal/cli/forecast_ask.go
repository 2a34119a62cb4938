package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/outlook"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/terminal"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// horizonMost is how far ahead a system forecasts.
const horizonMost = 7 * 24 * time.Hour

// targets counts what a forecast of a system is asked of.
func (f forecastFlags) targets() int {
	n := 0
	for _, given := range []bool{f.Node != "", f.Guest != 0, f.Storage != ""} {
		if given {
			n++
		}
	}
	return n
}

// askForecast asks a system how a figure of a node, a guest or a storage goes on.
func askForecast(ctx context.Context, p Process, flags forecastFlags) error {
	ahead := time.Duration(flags.Horizon) * flags.Step
	switch {
	case flags.targets() != 1:
		return &usageError{key: "cli.usage.forecast_target"}
	case ahead < time.Minute || ahead > horizonMost:
		return &usageError{key: "cli.usage.forecast_week"}
	}
	lang := p.language()
	gateway, stop, err := connect(ctx, p, lang, "")
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := gateway.bind(ctx)
	defer cancel()
	f, raw, err := gateway.client.Forecast(ctx, client.ForecastQuestion{
		Node: flags.Node, VMID: flags.Guest, Storage: flags.Storage, Metric: flags.Metric, Horizon: ahead, Cluster: flags.Cluster,
	})
	if err != nil {
		return err
	}
	if flags.JSON {
		fmt.Fprintln(p.Stdout, strings.TrimSpace(string(raw)))
		return nil
	}
	showOutlook(p, outlook.Subject{Node: flags.Node, VMID: flags.Guest, Storage: flags.Storage}, f)
	return nil
}

// showOutlook draws a forecast of a system, and says why it is what it is.
func showOutlook(p Process, of outlook.Subject, f *provisov1.Forecast) {
	lang := p.language()
	fmt.Fprintln(p.Stdout, p.Paint.Paint(terminal.Bold, i18n.T(lang, "cli.forecast.of", "subject", terminal.Clean(of.Title(lang)), "metric", i18n.T(lang, "outlook.metric."+f.GetMetric()))))
	table := terminal.Table{Headings: []string{
		i18n.T(lang, "cli.table.time"), i18n.T(lang, "cli.table.low"), i18n.T(lang, "cli.table.expected"), i18n.T(lang, "cli.table.high"),
	}}
	points := f.GetPoints()
	each := max(1, (len(points)+forecastRows-1)/forecastRows)
	for i := 0; i < len(points); i += each {
		part := points[i:min(i+each, len(points))]
		low, mean, high := part[0].GetP05(), 0.0, part[0].GetP95()
		for _, point := range part {
			low, high = min(low, point.GetP05()), max(high, point.GetP95())
			mean += point.GetP50() / float64(len(part))
		}
		value := func(v float64) string { return outlook.Value(lang, f.GetUnit(), v) }
		table.Rows = append(table.Rows, []terminal.Cell{
			{Text: part[len(part)-1].GetAt().AsTime().Format(forecastTime)}, {Text: value(low)}, {Text: value(mean), Style: terminal.Bold}, {Text: value(high)},
		})
	}
	fmt.Fprint(p.Stdout, table.Draw(p.Columns, p.Paint))
	for _, sentence := range f.GetExplanation() {
		for _, line := range terminal.Wrap(terminal.Clean(sentence), p.Columns) {
			fmt.Fprintln(p.Stdout, line)
		}
	}
}
