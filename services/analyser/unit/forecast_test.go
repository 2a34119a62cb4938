package analyser_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	analyser "proviso.dev/services/analyser/unit"
)

// halfHours makes a series of that many half hours up to the snapshot's moment.
func halfHours(end time.Time, n int, figures func(i int) map[pve.Metric]float64) pve.Series {
	s := pve.Series{Start: end.Add(-time.Duration(n-1) * 30 * time.Minute), StepSeconds: 1800, Points: n, Values: map[pve.Metric][]pve.Run{}}
	for i := range n {
		for m, v := range figures(i) {
			if s.Values[m] == nil {
				s.Values[m] = []pve.Run{{}}
			}
			s.Values[m][0].Values = append(s.Values[m][0].Values, v)
		}
	}
	return s
}

// measured is what was measured of the laboratory: pmox01 is busy by day, its memory grows by a GiB a day from 10 GiB; pmox02 has three
// figures; the shared pool grows by 10 GiB a day to 600 GiB; nothing of pmox03.
func measured(s *pve.Snapshot) *pve.History {
	const gib = float64(1 << 30)
	end := s.TakenAt.Truncate(30 * time.Minute)
	n := 14 * 48
	h := &pve.History{TakenAt: s.TakenAt, Timeframe: pve.TimeframeMonth, Nodes: map[string]pve.Series{}, Guests: map[int]pve.Series{}, Storages: map[string]pve.Series{},
		Unknown: []pve.UnknownRef{{What: "history of pmox03", Reason: "token may not read it"}}}
	h.Nodes["pmox01"] = halfHours(end, n, func(i int) map[pve.Metric]float64 {
		return map[pve.Metric]float64{
			pve.MetricCPU:        0.3 + 0.2*math.Sin(2*math.Pi*float64(i)/48),
			pve.MetricMemoryUsed: (10 + float64(i)/48) * gib, pve.MetricMemoryTotal: 32 * gib,
		}
	})
	h.Nodes["pmox02"] = halfHours(end, 3, func(int) map[pve.Metric]float64 { return map[pve.Metric]float64{pve.MetricCPU: 0.4} })
	h.Nodes["pmox04"] = halfHours(end.AddDate(0, 0, -3), 200, func(int) map[pve.Metric]float64 { return map[pve.Metric]float64{pve.MetricCPU: 0.4} })
	h.Guests[118] = halfHours(end, n, func(int) map[pve.Metric]float64 {
		return map[pve.Metric]float64{pve.MetricCPU: 0.1, pve.MetricDiskUsed: 0}
	})
	h.Storages[pve.StorageKey("pmox01", "pmoxpool01")] = halfHours(end, n, func(i int) map[pve.Metric]float64 {
		return map[pve.Metric]float64{pve.MetricDiskUsed: (600 - 10*float64(n-1-i)/48) * gib, pve.MetricDiskTotal: 853.9 * gib}
	})
	return h
}

// Whoever may ask is told how a figure goes on, or in a sentence why that is unknown. The collector is another one's: here it answers with
// what it stored.
//
// Shows: T-2.3.1-01, T-2.3.3-01, T-2.3.4-01
func TestForecastOnTheBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := natstest.Start(t, nil)
	connect := func(role bus.Role) *agent.Env {
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		env, err := agent.NewEnv(role, nc, agent.Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return env
	}
	collector, gateway := connect(bus.RoleCollector), connect(bus.RoleGateway)
	if err := bus.Provision(ctx, collector.JS, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	snapshot := labSnapshot(t)
	put := func(data []byte, err error) *provisov1.Reference {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		ref, err := collector.Artifacts.Put(ctx, "application/json", data)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	stored := &provisov1.HistoryResponse{History: put(measured(snapshot).Encode()), Snapshot: put(snapshot.Encode())}
	unit, err := analyser.New(analyser.Config{})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- unit.Run(running, connect(unit.Role())) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("unit ended with %v", err)
		}
	}()
	ask := func(q *provisov1.ForecastRequest) (*provisov1.Forecast, error) {
		for {
			a, err := agent.Ask[*provisov1.ForecastResponse](ctx, gateway.NC, bus.RoleAnalyser, bus.VerbForecast, q)
			if !errors.Is(err, agent.ErrNobodyAnswers) { // the unit is starting; ctx bounds the wait
				return a.GetForecast(), err
			}
		}
	}
	node := func(name string) *provisov1.ForecastRequest {
		return &provisov1.ForecastRequest{Target: &provisov1.ForecastRequest_Node{Node: name}}
	}
	code := func(q *provisov1.ForecastRequest) (string, string) {
		_, err := ask(q)
		var told *agent.QueryError
		if !errors.As(err, &told) {
			return "", ""
		}
		return told.Code, told.Message
	}
	if got, _ := code(node("pmox01")); got != "collector_unavailable" {
		t.Errorf("without a collector: got %q", got)
	}
	history := agent.NewQuery(bus.VerbHistory, func(_ context.Context, q *provisov1.HistoryRequest) (*provisov1.HistoryResponse, error) {
		if len(q.GetNodes()) == 1 && q.GetNodes()[0] == "pmox77" {
			return nil, &agent.QueryError{Code: "not_found", Message: `there is no node "pmox77"`}
		}
		return stored, nil
	})
	end, err := agent.ServeQueries(ctx, collector, history)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if err := collector.NC.FlushWithContext(ctx); err != nil { // the server has heard of it
		t.Fatal(err)
	}

	t.Run("Season", func(t *testing.T) {
		f, err := ask(node("pmox01"))
		if err != nil {
			t.Fatal(err)
		}
		if f.GetSubject() != "node pmox01" || f.GetMetric() != "cpu" || f.GetUnit() != "fraction" || f.GetCapacity() != 1 || len(f.GetPoints()) != 48 || f.GetKnownPoints() != 14*48 {
			t.Errorf("got %s, %s in %s of %v: %d points from %d", f.GetSubject(), f.GetMetric(), f.GetUnit(), f.GetCapacity(), len(f.GetPoints()), f.GetKnownPoints())
		}
		if f.GetDirection() != "flat" || f.GetSeasonStrength() < 0.9 || f.GetCold() {
			t.Errorf("a pure wave of a day: direction %s, season %.2f, cold %v", f.GetDirection(), f.GetSeasonStrength(), f.GetCold())
		}
		for i, p := range f.GetPoints() { // the wave goes on
			want := 0.3 + 0.2*math.Sin(2*math.Pi*float64(14*48+i)/48)
			if math.Abs(p.GetP50()-want) > 0.06 || p.GetP05() > p.GetP50() || p.GetP50() > p.GetP95() {
				t.Errorf("step %d: got %.2f %.2f %.2f, want about %.2f", i, p.GetP05(), p.GetP50(), p.GetP95(), want)
			}
		}
	})
	t.Run("TrendInFrench", func(t *testing.T) {
		q := node("pmox01")
		q.Metric, q.HorizonMinutes, q.Language = "memory", 10080, "fr"
		f, err := ask(q)
		if err != nil {
			t.Fatal(err)
		}
		const gib = float64(1 << 30)
		if f.GetDirection() != "rising" || math.Abs(f.GetTrendPerDay()/gib-1) > 0.05 || f.GetLimit() != 30*gib || len(f.GetPoints()) != 336 {
			t.Errorf("got %s by %.2f GiB a day to %.1f GiB, %d points", f.GetDirection(), f.GetTrendPerDay()/gib, f.GetLimit()/gib, len(f.GetPoints()))
		}
		// 24 GiB now, a GiB a day: 30 GiB in six days.
		days := f.GetReachesLimitAt().AsTime().Sub(snapshot.TakenAt).Hours() / 24
		if days < 5 || days > 8 || f.GetMayReachLimitAt().AsTime().After(f.GetReachesLimitAt().AsTime()) {
			t.Errorf("full in %.1f days, at the earliest %s; want about 6", days, f.GetMayReachLimitAt().AsTime())
		}
		text := strings.Join(f.GetExplanation(), " ")
		for _, want := range []string{"nœud pmox01", "672 demi-heures", "La valeur augmente de 1 Gio par jour.", "Le seuil de 30 Gio"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in %s", want, text)
			}
		}
	})
	t.Run("Storage", func(t *testing.T) {
		f, err := ask(&provisov1.ForecastRequest{Target: &provisov1.ForecastRequest_Storage{Storage: "pmoxpool01"}})
		if err != nil {
			t.Fatal(err)
		}
		if f.GetSubject() != "storage pmoxpool01" || f.GetMetric() != "disk" || f.GetUnit() != "bytes" || f.GetReachesLimitAt() == nil {
			t.Errorf("got %v", f)
		}
	})
	t.Run("Cold", func(t *testing.T) {
		f, err := ask(node("pmox02"))
		if err != nil {
			t.Fatal(err)
		}
		warm, err := ask(node("pmox01"))
		if err != nil {
			t.Fatal(err)
		}
		width := func(f *provisov1.Forecast) float64 { return f.GetPoints()[0].GetP95() - f.GetPoints()[0].GetP05() }
		if !f.GetCold() || f.GetKnownPoints() != 3 || width(f) <= width(warm) || !strings.Contains(strings.Join(f.GetExplanation(), " "), "shorter than a day") {
			t.Errorf("three figures: cold %v, %d points, width %.2f against %.2f: %v", f.GetCold(), f.GetKnownPoints(), width(f), width(warm), f.GetExplanation())
		}
	})

	tests := map[string]struct {
		reason string
		ask    *provisov1.ForecastRequest
		code   string
		words  string
	}{
		"NoSuchNode":  {reason: "What the collector says is passed on.", ask: node("pmox77"), code: "not_found", words: "pmox77"},
		"Unread":      {reason: "Nothing was read: why is said.", ask: node("pmox03"), code: "no_history", words: "token may not read it"},
		"Stale":       {reason: "A history that ended three days ago says nothing of tomorrow.", ask: node("pmox04"), code: "history_stale", words: "pmox04"},
		"NotMeasured": {reason: "What a machine's disks hold nobody outside knows.", ask: &provisov1.ForecastRequest{Target: &provisov1.ForecastRequest_VmId{VmId: 118}, Metric: "disk"}, code: "not_measured", words: "guest 118"},
		"NoTarget":    {reason: "A question breaks the contract.", ask: &provisov1.ForecastRequest{}, code: agent.QueryInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, message := code(tt.ask)
			if got != tt.code || !strings.Contains(message, tt.words) || message == "" {
				t.Errorf("%s: got %s: %s, want %s", tt.reason, got, message, tt.code)
			}
		})
	}
}
