package manager_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"proviso.dev/pkg/bus"
	manager "proviso.dev/services/manager/unit"
)

// BenchmarkRun is a whole run, from the request to its result, with agents that need no time and every write on the disk: what
// is left is the saga and the bus.
func BenchmarkRun(b *testing.B) {
	for _, sync := range []bool{true, false} {
		b.Run(fmt.Sprintf("fsync=%v", sync), func(b *testing.B) {
			l := newLab(b, 0, sync)
			l.manage(manager.Config{})
			l.work(allWell())
			results := make(chan *nats.Msg, 16)
			sub, err := l.env.NC.ChanSubscribe(bus.ResultsOf("gateway"), results)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = sub.Unsubscribe() }()
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				l.ask(fmt.Sprintf("r%d", len(took)), true)
				select {
				case <-results:
				case <-time.After(patience):
					b.Fatal("no result")
				}
				took = append(took, time.Since(began))
			}
			b.ReportMetric(float64(l.writes())/float64(len(took)), "writes/run")
			slices.Sort(took)
			ms := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.99), "p99-ms")
		})
	}
}

// writes is how many messages all streams and buckets have taken so far, the removed ones included.
func (l *lab) writes() (n uint64) {
	l.t.Helper()
	streams := l.env.JS.ListStreams(l.ctx)
	for info := range streams.Info() {
		n += info.State.LastSeq
	}
	if err := streams.Err(); err != nil {
		l.t.Fatal(err)
	}
	return n
}

// BenchmarkRuns keeps 16 runs in flight.
func BenchmarkRuns(b *testing.B) {
	l := newLab(b, 0, true)
	l.manage(manager.Config{})
	l.work(allWell())
	const inFlight = 16
	results := make(chan *nats.Msg, 2*inFlight)
	sub, err := l.env.NC.ChanSubscribe(bus.ResultsOf("gateway"), results)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	asked, ended := 0, 0
	for b.Loop() {
		for asked-ended < inFlight {
			l.ask(fmt.Sprintf("r%d", asked), true)
			asked++
		}
		select {
		case <-results:
			ended++
		case <-time.After(patience):
			b.Fatal("no result")
		}
	}
	b.ReportMetric(float64(ended)/b.Elapsed().Seconds(), "runs/s")
}
