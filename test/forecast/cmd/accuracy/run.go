package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/forecast/backtest"
	"proviso.dev/pkg/forecast/synthetic"
)

// forecasters are compared in one run: the product's, the yardstick, and what the parts of the product's are worth alone.
func forecasters() []forecast.Forecaster {
	return []forecast.Forecaster{
		forecast.New(), forecast.Ablation(forecast.Recent), forecast.Ablation(forecast.Profile), forecast.Ablation(forecast.Shifted),
		forecast.SeasonalNaive{},
	}
}

// set is a named set of series.
type set struct {
	name   string
	series []backtest.Named
}

func run(w io.Writer, data string, halves, worst int) error {
	sets := []set{{"synthetic, 3 seeds of each class", madeUp()}}
	if data == "" {
		fmt.Fprintln(w, "PROVISO_DATA is not set: no public series")
	} else {
		public, err := load(data)
		if err != nil {
			return err
		}
		sets = append(public, sets...)
	}
	for _, s := range sets {
		if err := score(w, s, halves, worst); err != nil {
			return err
		}
	}
	return speed(w)
}

func load(data string) ([]set, error) {
	nab, err := backtest.LoadNAB(filepath.Join(data, "nab"), false)
	if err != nil {
		return nil, err
	}
	bitbrains, err := backtest.LoadBitbrains(filepath.Join(data, "bitbrains", "cpu_5min.csv.gz"))
	if err != nil {
		return nil, err
	}
	return []set{{"NAB AWS CPU", nab}, {"Bitbrains", bitbrains}}, nil
}

func madeUp() []backtest.Named {
	var list []backtest.Named
	classes := synthetic.Classes()
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		for seed := range uint64(3) {
			list = append(list, backtest.Named{Name: fmt.Sprintf("%s-%d", name, seed), Series: classes[name].Generate(seed)})
		}
	}
	return list
}

func score(w io.Writer, s set, halves, worst int) error {
	fmt.Fprintf(w, "\n%s, a day ahead\n", s.name)
	var reports []backtest.Report
	for _, f := range forecasters() {
		report, err := backtest.Run(f, s.series, backtest.Day)
		if err != nil {
			return err
		}
		reports = append(reports, report)
	}
	if err := backtest.Print(w, reports...); err != nil {
		return err
	}
	if err := backtest.PrintWorst(w, reports[0], worst); err != nil {
		return err
	}
	if halves > 0 {
		spread(w, reports[0], halves)
	}
	if err := cold(w, s); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, a week ahead\n", s.name)
	week, err := backtest.Run(forecast.New(), s.series, backtest.Week)
	if err != nil {
		return err
	}
	naive, err := backtest.Run(forecast.SeasonalNaive{}, s.series, backtest.Week)
	if err != nil {
		return err
	}
	return backtest.Print(w, week, naive)
}

// cold shows what little history gives.
func cold(w io.Writer, s set) error {
	for _, values := range []int{3, 20, 96} {
		report, err := backtest.Run(forecast.New(), s.series, backtest.Cold(values))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "from %d values: rel. MAE %.3f, WQL %.3f, P95 covers %.1f %%\n", values, report.RelMAE, report.WQL, 100*report.Coverage)
	}
	return nil
}

// spread shows between which values the scores lie for nine in ten random halves.
func spread(w io.Writer, r backtest.Report, halves int) {
	var mae, wql, coverage []float64
	for seed := range uint64(halves) {
		half := r.Half(seed)
		mae, wql, coverage = append(mae, half.RelMAE), append(wql, half.WQL), append(coverage, 100*half.Coverage)
	}
	between := func(v []float64) (low, high float64) {
		slices.Sort(v)
		return v[len(v)/20], v[len(v)-1-len(v)/20]
	}
	a, b := between(mae)
	c, d := between(wql)
	e, f := between(coverage)
	fmt.Fprintf(w, "random halves: rel. MAE %.3f–%.3f, WQL %.3f–%.3f, P95 covers %.1f–%.1f %%\n", a, b, c, d, e, f)
}

const (
	guests  = 5000
	metrics = 2
)

// speed forecasts a day from a month of half hours, for two metrics of each of 5,000 guests.
func speed(w io.Writer) error {
	var histories []forecast.Series
	classes := synthetic.Classes()
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		for seed := range uint64(10) {
			histories = append(histories, classes[name].Generate(seed))
		}
	}
	f := forecast.New()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	began, busy := time.Now(), cpuTime()
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1); i <= guests*metrics; i = next.Add(1) {
				if _, err := f.Forecast(histories[int(i)%len(histories)], forecast.Options{}); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	took := time.Since(began)
	busy = cpuTime() - busy
	fmt.Fprintf(w, "\n%d guests x %d metrics, a month of history, a day ahead: %.2f s on %d cores, of which it had %.2f s: %.2f ms each\n", guests, metrics,
		took.Seconds(), runtime.GOMAXPROCS(0), busy.Seconds(), busy.Seconds()*1000/guests/metrics)
	return nil
}

// cpuTime is the processor time that this process has used; on a machine that others use as well, it says more than the clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
