package outlook_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/outlook"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
)

const gib = float64(1 << 30)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// cluster has a node of 40 GiB, a machine of 8, a container of 4 and two storages of 100 GiB, one of them on both nodes for itself.
func cluster() *pve.Snapshot {
	s := &pve.Snapshot{
		TakenAt: now, Version: "9.0.3", Quorate: true,
		Nodes: []pve.Node{
			{Name: "a", Status: pve.NodeOnline, CPUs: 16, MemoryBytes: 40 << 30},
			{Name: "b", Status: pve.NodeOnline, CPUs: 16, MemoryBytes: 40 << 30},
		},
		Guests: []pve.Guest{
			{VMID: 101, Name: "web", Kind: pve.KindVM, Node: "a", Status: pve.GuestRunning, CPUs: 4, MemoryBytes: 8 << 30},
			{VMID: 102, Name: "box", Kind: pve.KindContainer, Node: "a", Status: pve.GuestRunning, CPUs: 1, MemoryBytes: 4 << 30},
		},
	}
	for _, node := range []string{"a", "b"} {
		s.Storages = append(s.Storages,
			pve.Storage{Name: "local", Node: node, Type: "dir", Active: true, Content: []string{"images"}, TotalBytes: 100 << 30, UsedBytes: 50 << 30},
			pve.Storage{Name: "nas", Node: node, Type: "nfs", Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 100 << 30, UsedBytes: 50 << 30})
	}
	return s
}

// series makes a series of points that end now, a step apart.
func series(step time.Duration, n int, figures func(i int) map[pve.Metric]float64) pve.Series {
	s := pve.Series{Start: now.Add(-time.Duration(n-1) * step), StepSeconds: int64(step / time.Second), Points: n, Values: map[pve.Metric][]pve.Run{}}
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

func flat(values map[pve.Metric]float64) func(int) map[pve.Metric]float64 {
	return func(int) map[pve.Metric]float64 { return values }
}

func history() *pve.History {
	node := map[pve.Metric]float64{pve.MetricCPU: 0.25, pve.MetricIOWait: 0.02, pve.MetricMemoryUsed: 20 * gib, pve.MetricMemoryTotal: 40 * gib, pve.MetricNetIn: 1 << 20, pve.MetricDiskUsed: 7 * gib, pve.MetricDiskTotal: 30 * gib}
	guest := map[pve.Metric]float64{pve.MetricCPU: 0.1, pve.MetricMemoryUsed: 2 * gib, pve.MetricDiskUsed: gib, pve.MetricDiskTotal: 8 * gib, pve.MetricDiskRead: 5 << 20}
	n := 10 * 48
	growing := series(30*time.Minute, n, func(i int) map[pve.Metric]float64 {
		return map[pve.Metric]float64{pve.MetricDiskUsed: (50 - 5*float64(n-1-i)/48) * gib, pve.MetricDiskTotal: 100 * gib}
	})
	return &pve.History{
		TakenAt: now, Nodes: map[string]pve.Series{"a": series(30*time.Minute, n, flat(node)), "b": {}},
		Guests:   map[int]pve.Series{101: series(30*time.Minute, n, flat(guest)), 102: series(30*time.Minute, n, flat(guest))},
		Storages: map[string]pve.Series{pve.StorageKey("b", "local"): growing, pve.StorageKey("a", "nas"): growing},
	}
}

// What a figure is measured by, what it cannot exceed, and from which level on it counts as full.
func TestFiguresAndBounds(t *testing.T) {
	tests := map[string]struct {
		reason          string
		of              outlook.Subject
		metric          string
		want            string
		unit            string
		capacity, limit float64
		now             float64
	}{
		"NodeCPU":    {"The default of a node.", outlook.Subject{Node: "a"}, "", outlook.CPU, outlook.Fraction, 1, 0.8, 0.25},
		"NodeMemory": {"The host keeps 2 GiB, a twentieth of 40.", outlook.Subject{Node: "a"}, outlook.Memory, outlook.Memory, outlook.Bytes, 40 * gib, 38 * gib, 20 * gib},
		"IOWait":     {"Nothing is full of waiting.", outlook.Subject{Node: "a"}, outlook.IOWait, outlook.IOWait, outlook.Fraction, 1, 0, 0.02},
		"Network":    {"No bound is known.", outlook.Subject{Node: "a"}, outlook.NetworkIn, outlook.NetworkIn, outlook.BytesPerSecond, 0, 0, 1 << 20},
		"Root":       {"The root of a node.", outlook.Subject{Node: "a"}, outlook.Disk, outlook.Disk, outlook.Bytes, 30 * gib, 0.95 * 30 * gib, 7 * gib},
		"Guest":      {"A guest is in trouble before its last byte.", outlook.Subject{VMID: 101}, outlook.Memory, outlook.Memory, outlook.Bytes, 8 * gib, 0.95 * 8 * gib, 2 * gib},
		"Container":  {"What a container holds is measured.", outlook.Subject{VMID: 102}, outlook.DiskRead, outlook.DiskRead, outlook.BytesPerSecond, 0, 0, 5 << 20},
		"Local":      {"A storage of one node, the default figure of a storage; a file system refuses its last 5 %.", outlook.Subject{Storage: "local", Node: "b"}, "", outlook.Disk, outlook.Bytes, 100 * gib, 95 * gib, 50 * gib},
		"Shared":     {"A shared one, by whichever node it was read; a file system refuses its last 5 %.", outlook.Subject{Storage: "nas"}, "", outlook.Disk, outlook.Bytes, 100 * gib, 95 * gib, 50 * gib},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o, err := outlook.Of(cluster(), history(), outlook.Question{Subject: tt.of, Metric: tt.metric}, forecast.New())
			if err != nil {
				t.Fatal(err)
			}
			got := []any{o.Metric, o.Unit, o.Capacity, o.Now}
			if diff := cmp.Diff([]any{tt.want, tt.unit, tt.capacity, tt.now}, got); diff != "" {
				t.Errorf("%s -want, +got:\n%s", tt.reason, diff)
			}
			if math.Abs(o.Limit-tt.limit) > 1e-6*max(1, tt.limit) {
				t.Errorf("%s limit: got %v, want %v", tt.reason, o.Limit, tt.limit)
			}
			if o.Known != 480 || o.Step != 30*time.Minute || !o.To.Equal(now) {
				t.Errorf("rests on %d steps of %s up to %s", o.Known, o.Step, o.To)
			}
		})
	}
}

// What cannot be foretold says why.
func TestNothingToForetell(t *testing.T) {
	old := history()
	s := old.Nodes["a"]
	s.Start = s.Start.AddDate(0, 0, -2)
	old.Nodes["a"] = s
	tests := map[string]struct {
		reason string
		h      *pve.History
		q      outlook.Question
		want   error
	}{
		"NoNode":      {"", history(), outlook.Question{Subject: outlook.Subject{Node: "c"}}, outlook.ErrNotThere},
		"NoGuest":     {"", history(), outlook.Question{Subject: outlook.Subject{VMID: 999}}, outlook.ErrNotThere},
		"NoStorage":   {"", history(), outlook.Question{Subject: outlook.Subject{Storage: "x"}}, outlook.ErrNotThere},
		"NoHistory":   {"Nothing was read at all.", nil, outlook.Question{Subject: outlook.Subject{Node: "a"}}, outlook.ErrNotRead},
		"NotRead":     {"The other node's storage was not read.", history(), outlook.Question{Subject: outlook.Subject{Storage: "local", Node: "a"}}, outlook.ErrNotRead},
		"Empty":       {"Read, and nothing was measured.", history(), outlook.Question{Subject: outlook.Subject{Node: "b"}}, outlook.ErrNotRead},
		"MachineDisk": {"What a machine's disks hold nobody outside knows.", history(), outlook.Question{Subject: outlook.Subject{VMID: 101}, Metric: outlook.Disk}, outlook.ErrMetric},
		"StorageCPU":  {"A storage has no processor.", history(), outlook.Question{Subject: outlook.Subject{Storage: "nas"}, Metric: outlook.CPU}, outlook.ErrMetric},
		"Stale":       {"It ended two days ago.", old, outlook.Question{Subject: outlook.Subject{Node: "a"}}, outlook.ErrStale},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := outlook.Of(cluster(), tt.h, tt.q, forecast.New()); !errors.Is(err, tt.want) {
				t.Errorf("%s got %v, want %v", tt.reason, err, tt.want)
			}
		})
	}
}

// Five GiB a day from 50: 95 are reached after nine days, which lie within twice the ten days of history beyond the forecast.
//
// Shows: T-2.3.3-01, T-2.3.1-01
func TestDatesAndSentences(t *testing.T) {
	missing := i18n.Unknown()
	o, err := outlook.Of(cluster(), history(), outlook.Question{Subject: outlook.Subject{Storage: "nas"}, Horizon: outlook.Week}, forecast.New())
	if err != nil {
		t.Fatal(err)
	}
	if days := o.Reaches.Sub(now).Hours() / 24; days < 8 || days > 12 || o.MayReach.After(o.Reaches) || o.MayReach.Before(now) {
		t.Errorf("full in %.1f days, at the earliest %s: want about 9", days, o.MayReach)
	}
	for lang, want := range map[string][]string{
		"en": {"It rests on the history of storage nas: 480 half hours, from 11 November 2026, 09:00 UTC to 21 November 2026, 09:00 UTC.", "It rises by 5 GiB a day.", "It reaches 95 GiB, where it counts as full, about", "at the earliest on", "Method: mixture of distributions"},
		"fr": {"Base : l'historique (stockage nas), soit 480 demi-heures, du 11 novembre 2026 à 09:00 UTC au 21 novembre 2026 à 09:00 UTC.", "La valeur augmente de 5 Gio par jour.", "Le seuil de 95 Gio", "au plus tôt le"},
	} {
		text := strings.Join(o.Sentences(lang), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("no %q in %s", w, text)
			}
		}
		m := o.Message(lang)
		if err := wire.Validate(m); err != nil {
			t.Error(err)
		}
		// The contract's points are the ends of steps.
		if first := m.GetPoints()[0].GetAt().AsTime(); !first.Equal(now.Add(30*time.Minute)) || len(m.GetPoints()) != 336 || m.GetDirection() != "rising" {
			t.Errorf("first point %s of %d, %s", first, len(m.GetPoints()), m.GetDirection())
		}
	}
	if n := i18n.Unknown() - missing; n > 0 {
		t.Errorf("%d texts are missing in the catalogue", n)
	}
}

// What String writes is read back, and nothing else is a subject.
func TestSubjectsAreReadBack(t *testing.T) {
	for _, s := range []outlook.Subject{{Node: "a"}, {VMID: 101}, {Storage: "nas"}, {Storage: "local", Node: "a"}} {
		if got, ok := outlook.ParseSubject(s.String()); !ok || got != s {
			t.Errorf("%s is read as %+v", s, got)
		}
	}
	for _, text := range []string{"", "cluster", "HA pair", "node", "guest x"} {
		if got, ok := outlook.ParseSubject(text); ok || got != (outlook.Subject{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// Minutes are averaged to half hours, hours stay what they are, gaps are no figures.
func TestSteps(t *testing.T) {
	h := history()
	h.Nodes["a"] = series(time.Minute, 3*1440, func(i int) map[pve.Metric]float64 { return map[pve.Metric]float64{pve.MetricCPU: float64(i%2) / 2} })
	o, err := outlook.Of(cluster(), h, outlook.Question{Subject: outlook.Subject{Node: "a"}}, forecast.New())
	if err != nil {
		t.Fatal(err)
	}
	if o.Step != 30*time.Minute || o.Known < 143 || o.Known > 145 || math.Abs(o.Forecast.At(0, 0.5)-0.25) > 0.02 {
		t.Errorf("%d steps of %s, median %.2f", o.Known, o.Step, o.Forecast.At(0, 0.5))
	}
	s := series(3*time.Hour, 70, flat(map[pve.Metric]float64{pve.MetricCPU: 0.5}))
	s.Values[pve.MetricCPU] = []pve.Run{{Values: s.Values[pve.MetricCPU][0].Values[:30]}, {From: 40, Values: s.Values[pve.MetricCPU][0].Values[:30]}}
	h.Nodes["a"] = s
	if o, err = outlook.Of(cluster(), h, outlook.Question{Subject: outlook.Subject{Node: "a"}}, forecast.New()); err != nil {
		t.Fatal(err)
	}
	if o.Step != 3*time.Hour || o.Known != 60 || o.Steps("en") != "60 values of 3 hours each" || o.Steps("fr") != "60 valeurs de 3 heures chacune" {
		t.Errorf("%d steps of %s: %s", o.Known, o.Step, o.Steps("en"))
	}
}

func TestValues(t *testing.T) {
	for want, got := range map[string]string{
		"34.5%": outlook.Value("en", outlook.Fraction, 0.345), "34,5 %": outlook.Value("fr", outlook.Fraction, 0.345), "12 GiB": outlook.Value("en", outlook.Bytes, 12*gib),
		"12,5 Gio": outlook.Value("fr", outlook.Bytes, 12.5*gib), "1.25 MiB/s": outlook.Value("en", outlook.BytesPerSecond, 1.25*(1<<20)), "0 GiB": outlook.Value("en", outlook.Bytes, -1), "-20 MiB": outlook.Value("en", outlook.Bytes, -20*(1<<20)), "0,1 Gio": outlook.Value("fr", outlook.Bytes, gib/20),
		"1,344": outlook.Count("en", 1344), "1\u202f344": outlook.Count("fr", 1344), "344": outlook.Count("en", 344), "1,234,567": outlook.Count("en", 1234567),
		"1er décembre 2026": outlook.Date("fr", now.AddDate(0, 0, 10)), "1 December 2026": outlook.Date("en", now.AddDate(0, 0, 10)),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A trend that rounds to nothing is slow, not "rising by 0 GiB a day".
func TestSlowTrend(t *testing.T) {
	tests := map[string]struct {
		reason string
		trend  forecast.Trend
		en, fr string
	}{
		"Rising":  {"A tenth of a MiB a day is below what is shown.", forecast.Trend{Direction: forecast.Rising, PerDay: 1e5}, "It rises very slowly.", "La valeur augmente très lentement."},
		"Falling": {"So is its contrary.", forecast.Trend{Direction: forecast.Falling, PerDay: -1e5}, "It falls very slowly.", "La valeur diminue très lentement."},
		"Shown":   {"Half a GiB is shown.", forecast.Trend{Direction: forecast.Rising, PerDay: gib / 2}, "It rises by 0.5 GiB a day.", "La valeur augmente de 0,5 Gio par jour."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := &outlook.Outlook{Unit: outlook.Bytes, Forecast: forecast.Forecast{Explanation: forecast.Explanation{Trend: tt.trend}}}
			if diff := cmp.Diff([]string{tt.en, tt.fr}, []string{o.Direction(i18n.English), o.Direction(i18n.French)}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}
