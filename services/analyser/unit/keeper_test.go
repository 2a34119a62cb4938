package analyser

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func TestKeeper(t *testing.T) {
	history := forecast.Series{Start: time.Unix(0, 0), Step: time.Hour, Values: []float64{1, 2, 3}, Known: []bool{true, true, true}}
	tests := map[string]struct {
		reason string
		change func(*forecast.Series, *forecast.Options)
		asked  int // how often the forecaster is asked when this follows the first
	}{
		"Same":    {"", func(*forecast.Series, *forecast.Options) {}, 1},
		"Value":   {"", func(s *forecast.Series, _ *forecast.Options) { s.Values = []float64{1, 2, 4} }, 2},
		"Gap":     {"What was measured counts, not only what stands in its place.", func(s *forecast.Series, _ *forecast.Options) { s.Known = []bool{true, false, true} }, 2},
		"Start":   {"", func(s *forecast.Series, _ *forecast.Options) { s.Start = time.Unix(3600, 0) }, 2},
		"Step":    {"", func(s *forecast.Series, _ *forecast.Options) { s.Step = time.Minute }, 2},
		"Maximum": {"A node that has grown has another bound.", func(_ *forecast.Series, o *forecast.Options) { o.Maximum = 10 }, 2},
		"Horizon": {"", func(_ *forecast.Series, o *forecast.Options) { o.Horizon = 2 }, 2},
		"Prior": {"What is known of others is not part of the history.", func(_ *forecast.Series, o *forecast.Options) {
			o.Prior = &forecast.Prior{Quantiles: []float64{0.5}, Values: []float64{1}, Series: 1}
		}, 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			asked := 0
			k, err := newKeeper(forecast.Func{Method: "count", Run: func(forecast.Series, forecast.Options) (forecast.Forecast, error) {
				asked++
				return forecast.Forecast{Quantiles: []float64{0.5}}, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			s, o := history, forecast.Options{Horizon: 1}
			for range 2 {
				if _, err := k.Forecast(s, o); err != nil {
					t.Fatal(err)
				}
				s, o = history, forecast.Options{Horizon: 1}
				tc.change(&s, &o)
			}
			if asked != tc.asked {
				t.Errorf("%s\nthe forecaster was asked %d times, want %d", tc.reason, asked, tc.asked)
			}
		})
	}
}

// A failure is not kept: the next attempt may go well.
func TestKeeperForgetsFailures(t *testing.T) {
	fails := errors.New("no")
	k, err := newKeeper(forecast.Func{Run: func(forecast.Series, forecast.Options) (forecast.Forecast, error) {
		err := fails
		fails = nil
		return forecast.Forecast{Quantiles: []float64{0.5}}, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	history := forecast.Series{Step: time.Hour, Values: []float64{1}}
	if _, err := k.Forecast(history, forecast.Options{}); err == nil {
		t.Fatal("the first failure is hidden")
	}
	if _, err := k.Forecast(history, forecast.Options{}); err != nil {
		t.Errorf("a failure was kept: %v", err)
	}
}

// What a diagnosis costs a run: nothing to speak of when it is known, and what it takes to make and to encode when it is not.
func BenchmarkDiagnosis(b *testing.B) {
	seed := twin.Generated(32, 5000, 7)
	s := &pve.Snapshot{Version: "8.4.1", Quorate: true, TakenAt: time.Unix(1794916800, 0).UTC()}
	for _, n := range seed.Nodes {
		s.Nodes = append(s.Nodes, pve.Node{Name: n.Name, Status: pve.NodeOnline, CPUs: n.CPUs, CPUUsage: 0.4, MemoryBytes: n.MemoryBytes, MemoryUsedBytes: n.MemoryBytes / 2})
		for _, st := range seed.Storages {
			s.Storages = append(s.Storages, pve.Storage{Name: st.Name, Node: n.Name, Type: st.Type, Shared: st.Shared, Active: true, Content: st.Content, TotalBytes: st.TotalBytes, UsedBytes: st.UsedBytes})
		}
	}
	for _, g := range seed.Guests {
		s.Guests = append(s.Guests, pve.Guest{VMID: g.VMID, Name: g.Name, Kind: pve.KindVM, Node: g.Node, Status: pve.GuestRunning, CPUs: g.CPUs, MemoryBytes: g.MemoryBytes})
	}
	payload := &provisov1.ContextPayload{Infrastructure: &provisov1.Infrastructure{
		Snapshot: &provisov1.Reference{Digest: "sha256-0000000000000000000000000000000000000000000000000000000000000000", MediaType: "application/json"},
		TakenAt:  timestamppb.New(s.TakenAt),
	}}
	c := &cluster{snapshot: s, index: placement.NewIndex(s, placement.Policy{})}
	d, err := newDiagnoses(nil, nil, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	in := capacity.Input{Snapshot: s, Index: c.index, SnapshotRef: payload.GetInfrastructure().GetSnapshot(), Now: s.TakenAt}
	key, err := keyOf(payload)
	if err != nil {
		b.Fatal(err)
	}
	d.cache.Add(key, &diagnosis{analysis: capacity.Analyse(in)})
	b.Run("Known", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.of(b.Context(), payload, c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Made", func(b *testing.B) {
		size := 0
		for b.Loop() {
			a := capacity.Analyse(in)
			if err := wire.Validate(a); err != nil {
				b.Fatal(err)
			}
			data, err := wire.Encode(a)
			if err != nil {
				b.Fatal(err)
			}
			size = len(data)
		}
		b.ReportMetric(float64(size), "bytes")
	})
}
