package placement

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pieces divides the memory and the vCPUs that each node has for guests into guests, so that a placement exists of which only that part
// is left over.
func pieces(x *Index, random *rand.Rand, each int, slack float64) []Demand {
	var demands []Demand
	for _, room := range x.Rooms() {
		shares, threads := cuts(random, each), cuts(random, each)
		for k := range each {
			demands = append(demands, Demand{
				Group: len(demands), MemoryBytes: int64(float64(room.FreeBytes) * shares[k] * (1 - slack)),
				VCPUs: int(float64(room.VCPULimit-room.VCPUs) * threads[k] * (1 - slack)),
			})
		}
	}
	random.Shuffle(len(demands), func(i, j int) { demands[i], demands[j] = demands[j], demands[i] })
	return demands
}

// cuts are random parts of a whole.
func cuts(random *rand.Rand, n int) []float64 {
	parts, sum := make([]float64, n), 0.0
	for i := range parts {
		parts[i] = 0.3 + random.Float64()
		sum += parts[i]
	}
	for i := range parts {
		parts[i] /= sum
	}
	return parts
}

// Where greed ends, others are thrown out: requests that nearly fill a cluster in two resources, and of which a placement is known.
//
// Shows: T-2.2.4-03
func TestNearlyFullIsFound(t *testing.T) {
	greedy, found := 0, 0
	const cases = 60
	for number := range cases {
		random := rand.New(rand.NewPCG(uint64(number), 7))
		x := NewIndex(plainCluster(64, slices.Repeat([]int64{128}, 4+number%13)...), Policy{VCPUOvercommit: 1})
		demands := pieces(x, random, 6, 0.02)
		if newSearch(x, x.units(demands), &Budget{}).greedy() < 0 {
			greedy++
		}
		r, err := x.Choose(demands)
		if refused := new(InfeasibleError); errors.As(err, &refused) {
			if refused.Proven {
				t.Errorf("case %d: said to be proven infeasible, but it was made to fit", number)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		found++
		used := map[string]Demand{}
		for i, n := range nodesOf(r) {
			d := used[n]
			d.MemoryBytes, d.VCPUs = d.MemoryBytes+demands[i].MemoryBytes, d.VCPUs+demands[i].VCPUs
			used[n] = d
		}
		for n, d := range used {
			if room, _ := x.Room(n); d.MemoryBytes > room.FreeBytes || d.VCPUs > room.VCPULimit {
				t.Errorf("case %d: %s is overloaded", number, n)
			}
		}
	}
	t.Logf("%d cases of up to 96 guests that fill 98 %%: greedy places %d, with the search %d", cases, greedy, found)
	if found < cases*9/10 {
		t.Errorf("found %d of %d placements that exist", found, cases)
	}
}

// Requests too large to be searched through are proven not to fit where a bound says so.
func TestLargeRefusalsAreProven(t *testing.T) {
	tests := map[string]struct {
		reason  string
		demands []Demand
		proven  bool
	}{
		"Sum": {
			reason:  "20 nodes have 2,400 GiB for guests; 60 guests ask for more.",
			demands: fleet(60, Demand{MemoryBytes: 41 * gib, VCPUs: 1}), proven: true,
		},
		"Places": {
			reason:  "Of 50 GiB two fit on each of 20 nodes: 41 are one too many, although the sum would do.",
			demands: fleet(41, Demand{MemoryBytes: 50 * gib, VCPUs: 1}), proven: true,
		},
		"PlacesByVCPUs": {
			reason:  "Of 60 vCPUs four fit on each of 20 nodes that may promise 256: 81 are one too many.",
			demands: fleet(81, Demand{MemoryBytes: gib, VCPUs: 60}), proven: true,
		},
		"Apart": {
			reason:  "21 guests that lie apart need 21 nodes.",
			demands: fleet(21, Demand{MemoryBytes: gib, VCPUs: 1, Grouping: Apart}), proven: true,
		},
		"ApartOnFewNodes": {
			reason: "Ten guests that lie apart, six of which want two of the nodes.",
			demands: append(fleet(4, Demand{MemoryBytes: gib, VCPUs: 1, Grouping: Apart}),
				fleet(6, Demand{MemoryBytes: gib, VCPUs: 1, Grouping: Apart, Nodes: []string{"n00", "n01"}})...), proven: true,
		},
		"WishesForOneNode": {
			reason: "Three guests of 50 GiB want a node that has 121 for guests; others do not matter.",
			demands: append(fleet(20, Demand{MemoryBytes: gib, VCPUs: 1}),
				fleet(3, Demand{MemoryBytes: 50 * gib, VCPUs: 1, Nodes: []string{"n05"}})...), proven: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := NewIndex(plainCluster(64, slices.Repeat([]int64{128}, 20)...), Policy{})
			_, err := x.Choose(tt.demands)
			refused := new(InfeasibleError)
			if !errors.As(err, &refused) || refused.Proven != tt.proven {
				t.Errorf("%s\ngot %v, proven %v", tt.reason, err, refused.Proven)
			}
		})
	}
}

// A choice is valid whenever its budget ends, and better the later it ends.
//
// Shows: T-2.2.3-01
func TestBetterWithMore(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	var memory []int64
	for range 24 {
		memory = append(memory, 64+random.Int64N(192))
	}
	x := NewIndex(plainCluster(64, memory...), Policy{})
	var demands []Demand
	for i := range 200 {
		demands = append(demands, Demand{Group: i, VCPUs: 1 + random.IntN(16), MemoryBytes: gib * (1 + random.Int64N(16))})
	}
	worth := []float64{}
	for _, steps := range []int{-1, 50, 500, 5000} {
		r, err := x.ChooseWithin(demands, Budget{Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		worth = append(worth, r.Worth)
	}
	t.Logf("worth after 0, 50, 500 and 5,000 steps: %.4f", worth)
	for i := 1; i < len(worth); i++ {
		if worth[i] > worth[i-1] {
			t.Errorf("more steps made it worse: %v", worth)
		}
	}
	if worth[3] > worth[0]-1e-6 {
		t.Errorf("5,000 steps brought nothing: %v", worth)
	}
	asked := 0
	r, err := x.ChooseWithin(demands, Budget{Steps: 1 << 30, Stop: func() bool { asked++; return true }})
	if err != nil || r.Worth != worth[0] || asked == 0 {
		t.Errorf("stopped at once: got %v, worth %v, want what greed found, %v", err, r.Worth, worth[0])
	}
	again, err := x.ChooseWithin(demands, Budget{Steps: 500})
	if err != nil || again.Worth != worth[2] {
		t.Errorf("the same budget gave %v and %v", worth[2], again.Worth)
	}
	if diff := cmp.Diff(len(demands), len(nodesOf(r))); diff != "" {
		t.Errorf("choices: %s", diff)
	}
}

// crowdedCluster has 32 nodes and 5,000 guests that leave little: about one part in eight.
func crowdedCluster() *Index {
	s := largeCluster()
	for i := range s.Nodes {
		s.Nodes[i].MemoryBytes = 560 * gib
		s.Nodes[i].CPUs = 256
	}
	return NewIndex(s, Policy{})
}

func BenchmarkChooseCrowded(b *testing.B) {
	x := crowdedCluster()
	random := rand.New(rand.NewPCG(1, 1))
	for name, demands := range map[string][]Demand{
		"one":      {webserver()},
		"many":     varied(random, 600),
		"refused":  {{MemoryBytes: 400 * gib, VCPUs: 4}},
		"hopeless": {{MemoryBytes: 4000 * gib, VCPUs: 4}},
	} {
		b.Run(name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				_, _ = x.Choose(demands)
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "µs-p99")
		})
	}
}

// varied are guests of many sizes.
func varied(random *rand.Rand, n int) []Demand {
	demands := make([]Demand, n)
	for i := range demands {
		demands[i] = Demand{
			Group: i, VCPUs: 1 + random.IntN(4), MemoryBytes: gib * (1 + random.Int64N(4)),
			Disks: []Disk{{Storage: "pmoxpool01", Bytes: 32 * gib}}, Networks: []string{"mainvnet"},
		}
	}
	return demands
}

func BenchmarkAdvice(b *testing.B) {
	x := crowdedCluster()
	for name, ask := range map[string]func(){
		"rebalance": func() { x.Rebalance(RebalanceOptions{Threshold: 0.01, Margin: 0.01}) },
		"drain":     func() { x.Drain("node07") },
		"lose":      func() { x.Lose("node07") },
		"pack":      func() { x.Pack() },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask()
			}
		})
	}
}

func ExampleIndex_Imbalance() {
	fmt.Printf("%.2f\n", NewIndex(loaded(24, 32, []load{{1, 4}}, nil, nil), Policy{}).Imbalance())
	// Output: 1.41
}
