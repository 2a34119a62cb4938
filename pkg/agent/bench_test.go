package agent_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// BenchmarkDurableHop is one piece of work out and its result back: publish with id, deliver, result event, deliver, both
// acknowledgements confirmed. A run makes four of them. The disk's own time for an fsync stands beside every figure.
func BenchmarkDurableHop(b *testing.B) {
	for _, always := range []bool{false, true} {
		b.Run("SyncAlways="+strconv.FormatBool(always), func(b *testing.B) { durableHop(b, always) })
	}
}

func durableHop(b *testing.B, always bool) {
	dir := b.TempDir()
	s := startServer(b, func(o *server.Options) { o.StoreDir, o.SyncAlways = dir, always })
	manager, worker := environment(b, s, bus.RoleManager), environment(b, s, bus.RoleBuilder)
	if err := bus.Provision(within(b, 20*time.Second), manager.JS, bus.TopologyOptions{}); err != nil {
		b.Fatal(err)
	}
	builds(b, worker, func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { return built(), nil })
	back := make(chan string, 1)
	serve(b, func(ctx context.Context) error {
		return agent.Consume(ctx, manager, bus.ConsumerManagerEvents, 4, func(_ context.Context, d agent.Delivery) error {
			m, err := wire.Decode[*provisov1.StepSucceeded](d.Data, wire.OwnServices)
			if err != nil {
				return agent.Terminate("invalid", err.Error())
			}
			back <- m.GetRunId()
			return nil
		})
	})
	hop := func(run string) time.Duration {
		began := time.Now()
		assign(b, manager, run, nil)
		select {
		case got := <-back:
			if got != run {
				b.Fatalf("got %s back, want %s", got, run)
			}
		case <-time.After(10 * time.Second):
			b.Fatal("no result")
		}
		return time.Since(began)
	}
	for i := range 20 {
		hop(fmt.Sprintf("warm%d", i))
	}
	var times []time.Duration
	for b.Loop() {
		times = append(times, hop(fmt.Sprintf("r%d", len(times))))
	}
	b.ReportMetric(milliseconds(times, .50), "p50-ms")
	b.ReportMetric(milliseconds(times, .99), "p99-ms")
	b.ReportMetric(milliseconds(fsyncs(b, dir), .50), "fsync-p50-ms")
}

// fsyncs measures what the disk takes to make 2 KiB durable.
func fsyncs(b *testing.B, dir string) []time.Duration {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 2<<10)
	out := make([]time.Duration, 100)
	for i := range out {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		out[i] = time.Since(began)
	}
	return out
}

func milliseconds(times []time.Duration, quantile float64) float64 {
	slices.Sort(times)
	at := int(quantile * float64(len(times)-1))
	return float64(times[at].Microseconds()) / 1000
}
