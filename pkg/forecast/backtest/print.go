package backtest

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes one row per report.
func Print(w io.Writer, reports ...Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "method\tseries\torigins\trel. MAE\tWQL\tWQL3\tmean WQL\tMASE\tP95 covers\tleast\tbelow P05\t")
	for _, r := range reports {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.1f %%\t%.1f %%\t%.1f %%\t\n", r.Method, len(r.Series), r.Origins,
			r.RelMAE, r.WQL, r.WQL3, r.MeanWQL, r.MASE, 100*r.Coverage, 100*r.Least(), 100*r.Lower)
	}
	return t.Flush()
}

// PrintWorst writes the series with the highest relative errors, and where these come from.
func PrintWorst(w io.Writer, r Report, most int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "worst of "+r.Method+"\trel. MAE\tMAE\tWQL\tP95 covers\tlevel\tspikes\tshape\t")
	for _, s := range r.Series[:min(most, len(r.Series))] {
		fmt.Fprintf(t, "%s\t%.3f\t%.4g\t%.3f\t%.1f %%\t%.0f %%\t%.0f %%\t%.0f %%\t\n", s.Name, s.RelMAE, s.MAE, s.WQL, 100*s.Coverage,
			100*s.Causes.Level, 100*s.Causes.Spikes, 100*s.Causes.Shape)
	}
	return t.Flush()
}
