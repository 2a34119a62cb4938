package capacity

import (
	"cmp"
	"math"
	"slices"
	"time"

	"proviso.dev/pkg/pve"
)

// Frugality says what counts as waste. The zero value is the default.
type Frugality struct {
	// IdleCPU and IdleMemory are the P95 of the fraction in use under which a guest is idle: 0.03 of its vCPUs and 0.50 of its memory.
	// Memory alone says little: a guest that does nothing keeps what it once filled.
	IdleCPU, IdleMemory float64
	// LargeCPU and LargeMemory are the P95 under which it has more than it needs: 0.20 and 0.40.
	LargeCPU, LargeMemory float64
	// Points is how many figures a judgement needs at least: 24.
	Points int
	// Spare is the room over the P95 that a smaller size keeps: 0.30 of it.
	Spare float64
}

func (f Frugality) withDefaults() Frugality {
	for _, d := range []struct {
		field *float64
		value float64
	}{{&f.IdleCPU, 0.03}, {&f.IdleMemory, 0.50}, {&f.LargeCPU, 0.20}, {&f.LargeMemory, 0.40}, {&f.Spare, 0.30}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if f.Points <= 0 {
		f.Points = 24
	}
	return f
}

// WasteKind is how a guest wastes.
type WasteKind string

// The kinds of waste.
const (
	Idle      WasteKind = "idle"      // it runs and does next to nothing
	Oversized WasteKind = "oversized" // it has more than it uses
)

// A Wasted is a guest that takes more than it needs, with the evidence.
type Wasted struct {
	VMID int
	Name string
	Node string
	Kind WasteKind
	// What it has.
	VCPUs       float64
	MemoryBytes int64
	// What it used of it: the P95 over Points figures between From and To. CPU is a fraction of its vCPUs.
	CPUP95         float64
	MemoryP95Bytes int64
	Points         int
	From, To       time.Time
	// What would do, with room to spare; both are what it has where it is idle, since it may not be needed at all.
	EnoughVCPUs       float64
	EnoughMemoryBytes int64
}

// A Sprawl is what is wasted on a cluster, as far as that is known.
type Sprawl struct {
	// Wasted are the guests that run, those with most memory to give back first.
	Wasted []Wasted
	// Stopped are guests that do not run but keep their disks, by id. Since when they do not the API does not tell, so that none of them is
	// called waste.
	Stopped []int
	// Judged and Unjudged count the guests that run: with enough history to be judged, and without.
	Judged, Unjudged int
}

// Waste looks for guests that take more than they need. Without a history nothing is judged.
func Waste(s *pve.Snapshot, h *pve.History, f Frugality) Sprawl {
	f = f.withDefaults()
	var out Sprawl
	for i := range s.Guests {
		g := &s.Guests[i]
		switch {
		case g.Template:
			continue
		case g.Status == pve.GuestStopped:
			out.Stopped = append(out.Stopped, g.VMID)
			continue
		case g.Status != pve.GuestRunning:
			continue
		}
		u, ok := used(g, h, f.Points)
		if !ok {
			out.Unjudged++
			continue
		}
		out.Judged++
		if w, ok := f.judge(g, u); ok {
			out.Wasted = append(out.Wasted, w)
		}
	}
	slices.SortStableFunc(out.Wasted, func(a, b Wasted) int {
		return cmp.Or(cmp.Compare(b.spare(), a.spare()), cmp.Compare(a.VMID, b.VMID))
	})
	return out
}

// spare is the memory that could be given back: all of it where a guest is idle.
func (w Wasted) spare() int64 {
	if w.Kind == Idle {
		return w.MemoryBytes
	}
	return w.MemoryBytes - w.EnoughMemoryBytes
}

// A usage is what a guest used of what it has.
type usage struct {
	cpu      float64 // P95 of the fraction
	memory   float64 // P95, bytes
	points   int
	from, to time.Time
}

// used measures a guest; ok is false where the history is too short for it.
func used(g *pve.Guest, h *pve.History, points int) (usage, bool) {
	if h == nil || g.MemoryBytes <= 0 {
		return usage{}, false
	}
	series, ok := h.Guests[g.VMID]
	if !ok {
		return usage{}, false
	}
	cpu, memory := measured(series, pve.MetricCPU), measured(series, pve.MetricMemoryUsed)
	n := min(len(cpu), len(memory))
	if n < max(1, points) {
		return usage{}, false
	}
	return usage{cpu: p95(cpu), memory: p95(memory), points: n, from: series.Start, to: series.Time(series.Points - 1)}, true
}

func measured(s pve.Series, m pve.Metric) []float64 {
	var out []float64
	for _, run := range s.Values[m] {
		out = append(out, run.Values...)
	}
	return out
}

// p95 is the least value that 95 % of the values do not exceed. It sorts them; there is at least one.
func p95(values []float64) float64 {
	slices.Sort(values)
	return values[int(math.Ceil(0.95*float64(len(values))))-1]
}

func (f Frugality) judge(g *pve.Guest, u usage) (Wasted, bool) {
	memory := u.memory / float64(g.MemoryBytes)
	w := Wasted{
		VMID: g.VMID, Name: g.Name, Node: g.Node, VCPUs: g.CPUs, MemoryBytes: g.MemoryBytes, CPUP95: u.cpu, MemoryP95Bytes: int64(u.memory),
		Points: u.points, From: u.from, To: u.to, EnoughVCPUs: g.CPUs, EnoughMemoryBytes: g.MemoryBytes,
	}
	if u.cpu < f.IdleCPU && memory < f.IdleMemory {
		w.Kind = Idle
		return w, true
	}
	if u.cpu < f.LargeCPU && g.CPUs > 1 {
		w.EnoughVCPUs = min(g.CPUs, max(1, math.Ceil(u.cpu*g.CPUs*(1+f.Spare))))
	}
	if memory < f.LargeMemory {
		w.EnoughMemoryBytes = min(g.MemoryBytes, roundUp(int64(u.memory*(1+f.Spare))))
	}
	w.Kind = Oversized
	return w, w.EnoughVCPUs < w.VCPUs || w.EnoughMemoryBytes < w.MemoryBytes
}

// roundUp rounds memory up to a size that people give: 256 MiB below 2 GiB, else whole GiB.
func roundUp(bytes int64) int64 {
	step := 256 * mib
	if bytes > 2<<30 {
		step = 1 << 30
	}
	return (bytes + step - 1) / step * step
}
