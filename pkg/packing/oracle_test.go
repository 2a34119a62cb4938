package packing

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// optimum tries every way to share items among bins.
func optimum(in *Instance) int {
	best := in.Items()
	var loads [][]int64
	var try func(i int)
	try = func(i int) {
		if len(loads) >= best && i < in.Items() {
			return
		}
		if i == in.Items() {
			best = min(best, len(loads))
			return
		}
		item := in.Item(i)
		for _, load := range loads {
			fits := true
			for k, s := range item {
				load[k] += s
				fits = fits && load[k] <= in.Capacity[k]
			}
			if fits {
				try(i + 1)
			}
			for k, s := range item {
				load[k] -= s
			}
		}
		loads = append(loads, slices.Clone(item))
		try(i + 1)
		loads = loads[:len(loads)-1]
	}
	try(0)
	return best
}

// smallInstance draws a few items; the kinds reach items of equal and of no size, dimensions without room, and sizes that need
// rounding to be searched.
func smallInstance(r *rand.Rand) *Instance {
	d, n := 1+r.IntN(5), r.IntN(10)
	in := &Instance{}
	tops := make([]float64, d)
	for k := range d {
		in.Capacity = append(in.Capacity, []int64{0, 1, 7, 100, 100, 1000, 1000, 1<<40 - 1}[r.IntN(8)])
		tops[k] = []float64{1, 0.7, 0.5, 0.4}[r.IntN(4)]
	}
	for range n {
		if r.IntN(4) == 0 && len(in.Sizes) > 0 {
			in.Sizes = append(in.Sizes, in.Item(0)...)
			continue
		}
		for k, c := range in.Capacity {
			in.Sizes = append(in.Sizes, int64(r.Float64()*tops[k]*float64(c)+0.5))
		}
	}
	return in
}

// The packings of small instances are checked against all there are; where sizes are exact, the search must find the best.
func TestSmallInstancesAgainstAllPackings(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 3000 {
		in := smallInstance(r)
		if err := in.Validate(); err != nil {
			t.Fatal(err)
		}
		want := optimum(in)
		text := fmt.Sprintf("round %d, capacity %v, sizes %v", round, in.Capacity, in.Sizes)
		if got := LowerBound(in); got > want {
			t.Fatalf("%s: lower bound %d, optimum %d", text, got, want)
		}
		greedy := Greedy(in)
		if err := Verify(in, greedy); err != nil || len(greedy) < want {
			t.Fatalf("%s: greedy %v, optimum %d, %v", text, greedy, want, err)
		}
		result := Search(context.Background(), in, Options{Seed: uint64(round), Budget: Steps(200_000)})
		if err := Verify(in, result.Packing); err != nil || result.LowerBound > want {
			t.Fatalf("%s: %+v, optimum %d, %v", text, result, want, err)
		}
		v := newVectors(in)
		if v != nil && v.exact && len(result.Packing) != want || len(result.Packing) > len(greedy) {
			t.Errorf("%s: %d bins, greedy %d, optimum %d", text, len(result.Packing), len(greedy), want)
		}
	}
}

// planted cuts whole bins into pieces, so that the optimum is known: every bin is full in every dimension.
func planted(r *rand.Rand, bins, pieces, dims int, capacity int64) *Instance {
	in := &Instance{Capacity: slices.Repeat([]int64{capacity}, dims)}
	for range bins {
		left := slices.Clone(in.Capacity)
		for p := range pieces {
			for k := range dims {
				s := left[k]
				if p < pieces-1 {
					s = int64(r.Float64() * float64(left[k]) * 1.2 / float64(pieces-p))
				}
				left[k] -= s
				in.Sizes = append(in.Sizes, s)
			}
		}
	}
	return in
}

// No bound may pass the optimum, on instances where a bound is hard put to it: all bins are full.
func TestBoundsOfFullBins(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, tt := range map[string]struct{ bins, pieces, dims int }{
		"Pairs": {20, 2, 3}, "Triples": {20, 3, 2}, "OneDimension": {15, 3, 1}, "Many": {6, 8, 5}, "Ten": {30, 3, 10},
	} {
		t.Run(name, func(t *testing.T) {
			in := planted(r, tt.bins, tt.pieces, tt.dims, 1000)
			result := Search(context.Background(), in, Options{Seed: 1, Budget: Steps(3_000_000)})
			if err := Verify(in, result.Packing); err != nil {
				t.Fatal(err)
			}
			if result.LowerBound != tt.bins {
				t.Errorf("lower bound %d, but %d bins are full", result.LowerBound, tt.bins)
			}
			if len(result.Packing) < tt.bins || len(result.Packing) > len(Greedy(in)) {
				t.Errorf("%d bins, optimum %d, greedy %d", len(result.Packing), tt.bins, len(Greedy(in)))
			}
		})
	}
}
