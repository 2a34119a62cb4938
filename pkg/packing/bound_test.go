package packing

import (
	"math/rand/v2"
	"testing"
)

func TestLowerBound(t *testing.T) {
	tests := map[string]struct {
		reason string
		in     Instance
		want   int
	}{
		"Sum":       {"7 + 6 + 4 of 8 do not fit into two bins", Instance{Capacity: []int64{8}, Sizes: []int64{7, 6, 4}}, 3},
		"Halves":    {"items above a half need a bin each, though their sum fits into 2", Instance{Capacity: []int64{100}, Sizes: []int64{51, 51, 51}}, 3},
		"Threshold": {"the 70s leave room for none of the 35s, which need 2 bins of their own", Instance{Capacity: []int64{100}, Sizes: []int64{70, 70, 35, 35, 35}}, 4},
		"Thirds":    {"four items just above a third need two bins; the sum is 1.36", Instance{Capacity: []int64{100}, Sizes: []int64{34, 34, 34, 34}}, 2},
		"Rounding":  {"of items above a third two fit into a bin, so 7 need 4; the sum is 2.38", Instance{Capacity: []int64{100}, Sizes: []int64{34, 34, 34, 34, 34, 34, 34}}, 4},
		"Strangers": {"each pair is too large in one dimension, no dimension is full", Instance{Capacity: []int64{10, 10, 10}, Sizes: []int64{6, 6, 0, 6, 0, 6, 0, 6, 6}}, 3},
		"None":      {"no items", Instance{Capacity: []int64{3}}, 0},
		"NoSize":    {"items without size need a bin, too", Instance{Capacity: []int64{0}, Sizes: []int64{0, 0}}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := tt.in.Validate(); err != nil {
				t.Fatal(err)
			}
			if got := LowerBound(&tt.in); got != tt.want {
				t.Errorf("%s: want %d, got %d", tt.reason, tt.want, got)
			}
		})
	}
}

// What fits in words must fit in numbers; where sizes are exact, also the other way round.
func TestWordsAndNumbersAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	both, neither := 0, 0
	for range 3000 {
		in := smallInstance(r)
		v := newVectors(in)
		if v == nil || in.Items() < 2 {
			continue
		}
		words := v.fits(v.empty.minus(v.items[0]), v.items[1])
		numbers := share(in.Item(0), in.Item(1), in.Capacity)
		if words && !numbers || v.exact && words != numbers {
			t.Fatalf("capacity %v, items %v %v: words say %v, numbers %v", in.Capacity, in.Item(0), in.Item(1), words, numbers)
		}
		if words {
			both++
		} else {
			neither++
		}
	}
	if both < 100 || neither < 100 {
		t.Errorf("%d fit, %d do not: too few to show anything", both, neither)
	}
}
