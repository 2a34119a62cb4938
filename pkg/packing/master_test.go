package packing

import (
	"context"
	"math"
	"testing"
)

// solved solves the linear programme of an instance to its end and proves it.
func solved(t *testing.T, in *Instance) *diver {
	t.Helper()
	r := random(1)
	d := newDiver(newVectors(in), &r, &meter{ctx: context.Background(), budget: Steps(1 << 40)})
	if !d.solveRoot(1) || !d.prove(1) {
		t.Fatal("the programme was not solved")
	}
	return d
}

// alike is an instance of equal items in one dimension.
func alike(items int, size int64) *Instance {
	in := &Instance{Capacity: []int64{100}}
	for range items {
		in.Sizes = append(in.Sizes, size)
	}
	return in
}

func TestProgrammesOfKnownValue(t *testing.T) {
	tests := map[string]struct {
		reason string
		in     *Instance
		value  float64
		bound  int
	}{
		"Pairs":  {"of 5 items two fit: each pair is taken by halves", alike(5, 40), 2.5, 3},
		"Triple": {"of 7 items three fit", alike(7, 30), 7.0 / 3, 3},
		"Whole":  {"of 8 items four fit", alike(8, 25), 2, 2},
		"Mixed":  {"no three fit, so an item takes half a bin at least, and halves of pairs reach that", &Instance{Capacity: []int64{100}, Sizes: []int64{60, 60, 40, 35, 35}}, 2.5, 3},
		"Cross": {"three items, no two of which share a bin, in different dimensions",
			&Instance{Capacity: []int64{10, 10, 10}, Sizes: []int64{6, 6, 0, 6, 0, 6, 0, 6, 6}}, 3, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := solved(t, tt.in)
			if got := d.root.value(); math.Abs(got-tt.value) > 1e-3 {
				t.Errorf("%s: want %v, got %v", tt.reason, tt.value, got)
			}
			if d.bound != tt.bound {
				t.Errorf("%s: want the bound %d, got %d", tt.reason, tt.bound, d.bound)
			}
		})
	}
}

// What the factors say is compared with the basis itself, after pivots and after a rebuild.
func TestFactorsInvertTheBasis(t *testing.T) {
	m := solved(t, published(11, 120, 3)).root
	if len(m.factor.nucleus.columns) < 10 {
		t.Fatalf("a nucleus of %d shows nothing", len(m.factor.nucleus.columns))
	}
	check := func(when string) {
		t.Helper()
		rows := make([]float64, m.n)
		for r, j := range m.basis {
			eachRow(j, m.pool, func(i int32) { rows[i] += sign(j) * m.x[r] })
			if j >= 0 && math.Abs(m.reduced(j)) > 1e-6 {
				t.Fatalf("%s: basic pattern %d has the reduced cost %v", when, j, m.reduced(j))
			}
		}
		for i, sum := range rows {
			if math.Abs(sum-m.need[i]) > 1e-6 {
				t.Fatalf("%s: item %d is packed %v times of %v", when, i, sum, m.need[i])
			}
		}
	}
	check("after pivots")
	if !m.refactor() {
		t.Fatal("the basis is singular")
	}
	check("after a rebuild")
}

// Once items are packed, the programme is worth what that of the others is.
func TestPackedItemsLeaveTheProgramme(t *testing.T) {
	in := published(12, 60, 3)
	d := solved(t, in)
	packed := d.root.basis[0]
	for r, j := range d.root.basis {
		if j >= 0 && d.root.x[r] > 0.4 {
			packed = j
		}
	}
	d.root.copyTo(d.work)
	items := d.pool.pattern(packed)
	d.work.pack(items)
	d.work.bury()
	if !d.work.dual(d.meter) || !d.resolve(0) {
		t.Fatal("the programme was not solved")
	}
	rest := &Instance{Capacity: in.Capacity}
	for i := range in.Items() {
		if d.work.need[i] > 0 {
			rest.Sizes = append(rest.Sizes, in.Item(i)...)
		}
	}
	if want, got := solved(t, rest).root.value(), d.work.value(); rest.Items() != 60-len(items) || math.Abs(want-got) > 0.02 {
		t.Errorf("without %d items: want %v, got %v", len(items), want, got)
	}
}
