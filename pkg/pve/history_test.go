package pve

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSeriesOf(t *testing.T) {
	at := time.Unix(1_700_000_000, 0).UTC()
	tests := map[string]struct {
		reason string
		answer string
		want   Series
	}{
		"Gaps": {
			reason: "A key that is missing, null or no number is a gap, and so is a row that is missing; none of them is 0.",
			answer: `[{"time":1700000000,"cpu":0.5,"memused":10},{"time":1700000060,"memused":null},{"time":1700000120,"cpu":"0.25","memused":30},
				{"time":1700000240,"cpu":0,"memused":"NaN"}]`,
			want: Series{Start: at, StepSeconds: 60, Points: 5, Values: map[Metric][]Run{
				MetricCPU:        {{From: 0, Values: []float64{0.5}}, {From: 2, Values: []float64{0.25}}, {From: 4, Values: []float64{0}}},
				MetricMemoryUsed: {{From: 0, Values: []float64{10}}, {From: 2, Values: []float64{30}}},
			}},
		},
		"NamesOfAll": {
			reason: "Nodes, guests and storages use different names for the same.",
			answer: `[{"time":1700000000,"roottotal":1,"maxmem":2,"used":3,"pressureiofull":4,"diskread":1234567.89,"arcsize":7}]`,
			want: Series{Start: at, Points: 1, Values: map[Metric][]Run{
				MetricDiskTotal: {{Values: []float64{1}}}, MetricMemoryTotal: {{Values: []float64{2}}}, MetricDiskUsed: {{Values: []float64{3}}},
				MetricIOFull: {{Values: []float64{4}}}, MetricDiskRead: {{Values: []float64{1234570}}},
			}},
		},
		"Disorder": {
			reason: "Order and doublets are nobody's promise.",
			answer: `[{"time":1700000060,"cpu":2},{"time":1700000000,"cpu":1},{"time":1700000060,"cpu":9},{"cpu":4}]`,
			want:   Series{Start: at, StepSeconds: 60, Points: 2, Values: map[Metric][]Run{MetricCPU: {{Values: []float64{1, 2}}}}},
		},
		"Nothing": {reason: "A guest that was made a moment ago has no history.", answer: `[]`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := newStub(t, map[string]http.HandlerFunc{"/nodes/a/rrddata?timeframe=hour&cf=AVERAGE": data(tc.answer)}).reader(t, nil)
			got, err := r.NodeHistory(t.Context(), "a", TimeframeHour)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSeriesAt(t *testing.T) {
	s := Series{Start: time.Unix(0, 0).UTC(), StepSeconds: 60, Points: 4, Values: map[Metric][]Run{MetricCPU: {{From: 1, Values: []float64{0, 2}}}}}
	for point, want := range []struct {
		value float64
		known bool
	}{{0, false}, {0, true}, {2, true}, {0, false}} {
		if value, known := s.At(MetricCPU, point); value != want.value || known != want.known {
			t.Errorf("point %d is %v, %t; want %v, %t", point, value, known, want.value, want.known)
		}
	}
	if s.Known(MetricCPU) != 2 || s.Known(MetricNetIn) != 0 || !s.Time(3).Equal(time.Unix(180, 0)) {
		t.Errorf("known %d and %d, time %v", s.Known(MetricCPU), s.Known(MetricNetIn), s.Time(3))
	}
}

func TestHistoryOfMany(t *testing.T) {
	guest := data(`[{"time":1700000000,"cpu":0.5,"disk":0},{"time":1700000060,"cpu":0.25,"disk":0}]`)
	answers := map[string]http.HandlerFunc{
		"/nodes/a/rrddata":             data(`[{"time":1700000000,"cpu":0.5},{"time":1700000060,"cpu":0.25}]`),
		"/nodes/a/storage/rbd/rrddata": data(`[{"time":1700000000,"used":7},{"time":1700000060,"used":8}]`),
		"/nodes/a/qemu/100/rrddata":    guest, "/nodes/a/lxc/101/rrddata": guest,
		"/nodes/b/rrddata":          refuse(403, "Permission check failed", ""),
		"/nodes/a/qemu/102/rrddata": data(`null`),
		"/nodes/b/qemu/103/rrddata": refuse(595, "No route to host", ""),
	}
	request := HistoryRequest{
		Timeframe: TimeframeHour, Nodes: []string{"a", "b"}, Storages: []StorageRef{{Node: "a", Name: "rbd"}},
		Guests: []GuestRef{{"a", KindVM, 100}, {"a", KindContainer, 101}, {"a", KindVM, 102}, {"b", KindVM, 103}, {"b", "docker", 104}},
	}
	got, err := newStub(t, answers).reader(t, func(c *Config) { c.Cluster = "lab" }).History(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	series := func(values map[Metric][]Run) Series {
		return Series{Start: time.Unix(1_700_000_000, 0).UTC(), StepSeconds: 60, Points: 2, Values: values}
	}
	cpu := []Run{{Values: []float64{0.5, 0.25}}}
	guests := map[int]Series{ // of a machine the disk is always 0, which means nothing
		100: series(map[Metric][]Run{MetricCPU: cpu}), 101: series(map[Metric][]Run{MetricCPU: cpu, MetricDiskUsed: {{Values: []float64{0, 0}}}}),
	}
	if diff := cmp.Diff(guests, got.Guests); diff != "" {
		t.Errorf("guests: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]Series{"a/rbd": series(map[Metric][]Run{MetricDiskUsed: {{Values: []float64{7, 8}}}})}, got.Storages); diff != "" {
		t.Errorf("storages: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]Series{"a": series(map[Metric][]Run{MetricCPU: cpu})}, got.Nodes); diff != "" {
		t.Errorf("nodes: -want, +got:\n%s", diff)
	}
	reasons := map[string]string{}
	for _, u := range got.Unknown {
		reasons[u.What] = u.Reason
	}
	want := map[string]string{
		"history of b": reasonDenied, "history of guest 103": reasonNoNode, "history of guest 102": reasons["history of guest 102"], "history of guest 104": reasons["history of guest 104"],
	}
	if diff := cmp.Diff(want, reasons); diff != "" || reasons["history of guest 102"] == "" || reasons["history of guest 104"] == "" {
		t.Errorf("-want, +got:\n%s", diff)
	}

	encoded, err := got.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeHistory(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("round trip: -want, +got:\n%s", diff)
	}
}

func TestHistoryFails(t *testing.T) {
	revoked := map[string]http.HandlerFunc{"/nodes/a/rrddata": refuse(401, "no such token", "")}
	if _, err := newStub(t, revoked).reader(t, nil).History(t.Context(), HistoryRequest{Timeframe: TimeframeDay, Nodes: []string{"a", "a", "a"}}); !errors.Is(err, ErrCredentials) {
		t.Errorf("got %v, want %v", err, ErrCredentials)
	}
	if _, err := newStub(t, nil).reader(t, nil).History(t.Context(), HistoryRequest{Timeframe: "fortnight"}); !errors.Is(err, ErrTimeframe) {
		t.Errorf("got %v, want %v", err, ErrTimeframe)
	}
}

func TestDecodeHistoryRefuses(t *testing.T) {
	tests := map[string]string{
		"NotJSON":    `{`,
		"BeyondEnd":  `{"nodes":{"a":{"points":2,"values":{"cpu":[{"i":1,"v":[1,2]}]}}}}`,
		"Overlap":    `{"guests":{"100":{"points":9,"values":{"cpu":[{"i":0,"v":[1,2]},{"i":1,"v":[3]}]}}}}`,
		"EmptyRun":   `{"storages":{"a/b":{"points":9,"values":{"cpu":[{"i":0,"v":[]}]}}}}`,
		"Negative":   `{"nodes":{"a":{"points":9,"values":{"cpu":[{"i":-1,"v":[1]}]}}}}`,
		"TooMany":    `{"nodes":{"a":{"points":1000000000}}}`,
		"StepBack":   `{"nodes":{"a":{"points":2,"step_s":-60}}}`,
		"Endless":    `{"nodes":{"a":{"points":9,"values":{"cpu":[{"i":0,"n":1000000000,"v":[1]}]}}}}`,
		"TextInside": `{"nodes":{"a":{"points":2,"values":{"cpu":[{"i":0,"v":["1"]}]}}}}`,
	}
	for name, encoded := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := DecodeHistory([]byte(encoded)); got != nil || !errors.Is(err, ErrHistory) {
				t.Errorf("got %v, %v; want %v", got, err, ErrHistory)
			}
		})
	}
}
