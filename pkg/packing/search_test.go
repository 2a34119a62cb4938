package packing

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// published draws an instance like those of the literature: items from a tenth to half a bin.
func published(seed uint64, items, dims int) *Instance {
	r := rand.New(rand.NewPCG(seed, 5))
	in := &Instance{}
	for range dims {
		in.Capacity = append(in.Capacity, 150)
	}
	for range items * dims {
		in.Sizes = append(in.Sizes, 20+r.Int64N(81))
	}
	return in
}

// What a user measures with a seed must be what another user gets with it.
func TestEqualSeedsGiveEqualPackings(t *testing.T) {
	in := published(1, 60, 3)
	search := func(seed uint64) Result {
		return Search(context.Background(), in, Options{Seed: seed, Budget: Steps(400_000)})
	}
	first := search(7)
	if diff := cmp.Diff(first, search(7)); diff != "" {
		t.Errorf("two searches with one seed differ:\n%s", diff)
	}
	if cmp.Equal(first.Packing, search(8).Packing) {
		t.Error("another seed gives the same packing: the seed is not used")
	}
}

// Every phase asks the budget often enough that a caller's deadline holds.
func TestTheBudgetIsAskedOften(t *testing.T) {
	for name, in := range map[string]*Instance{
		"FewABin":     published(2, 250, 3),
		"ManyABin":    planted(rand.New(rand.NewPCG(6, 7)), 12, 12, 3, 1000),
		"NoProgramme": published(3, maxProgramme+1, 2),
	} {
		t.Run(name, func(t *testing.T) {
			const limit = 20_000_000
			last, longest := 0, 0
			Search(context.Background(), in, Options{Seed: 1, Budget: func(steps int) float64 {
				longest, last = max(longest, steps-last), steps
				return float64(steps) / limit
			}})
			if longest > 100*pollSteps || last > limit+100*pollSteps {
				t.Errorf("asked after %d steps at the latest, and last after %d of %d", longest, last, limit)
			}
		})
	}
}

func TestACancelledSearchEnds(t *testing.T) {
	in := published(4, 250, 3)
	ctx, cancel := context.WithCancel(context.Background())
	asked := 0
	result := Search(ctx, in, Options{Seed: 1, Budget: func(int) float64 {
		if asked++; asked == 20 {
			cancel()
		}
		return 0
	}})
	if asked > 20 {
		t.Errorf("the search went on for %d more questions", asked-20)
	}
	if err := Verify(in, result.Packing); err != nil {
		t.Error(err)
	}
}

// A packing that is as good as the bound is not worth a second.
func TestNothingToGainEndsAtOnce(t *testing.T) {
	tests := map[string]struct {
		reason string
		in     *Instance
		want   Packing
	}{
		"NoItems":  {"no items need no bins", &Instance{Capacity: []int64{5}}, Packing{}},
		"OneItem":  {"one item needs one", &Instance{Capacity: []int64{5}, Sizes: []int64{3}}, Packing{{0}}},
		"NoSize":   {"items without size share one", &Instance{Capacity: []int64{0, 3}, Sizes: []int64{0, 0, 0, 0}}, Packing{{0, 1}}},
		"Apart":    {"items above half a bin share none", &Instance{Capacity: []int64{5}, Sizes: []int64{3, 4}}, Packing{{1}, {0}}},
		"OneDozen": {"a full bin is a bin", &Instance{Capacity: []int64{4}, Sizes: []int64{1, 1, 1, 1}}, Packing{{0, 1, 2, 3}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			result := Search(context.Background(), tt.in, Options{Budget: func(int) float64 {
				t.Error("the search began")
				return 1
			}})
			if diff := cmp.Diff(Result{Packing: tt.want, LowerBound: len(tt.want)}, result); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestNoBudgetIsGreedy(t *testing.T) {
	in := published(5, 80, 3)
	if diff := cmp.Diff(Greedy(in), Search(context.Background(), in, Options{Seed: 3}).Packing); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkGreedy(b *testing.B) {
	for _, dims := range []int{3, 10} {
		in := published(9, 500, dims)
		b.Run(map[int]string{3: "500x3", 10: "500x10"}[dims], func(b *testing.B) {
			for b.Loop() {
				Greedy(in)
			}
		})
	}
}
