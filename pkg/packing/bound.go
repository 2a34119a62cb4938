package packing

import (
	"cmp"
	"math/bits"
	"slices"
)

// LowerBound returns a number of bins that no packing can do with less: the best of the sums of each dimension under dual
// feasible functions, and of a set of items no two of which share a bin. It takes milliseconds. The instance must be valid.
func LowerBound(in *Instance) int {
	n, d := in.Items(), in.Dimensions()
	if n == 0 {
		return 0
	}
	best := 1
	column := make([]int64, n)
	for k, c := range in.Capacity {
		for i := range n {
			column[i] = in.Sizes[i*d+k]
		}
		slices.Sort(column)
		best = max(best, boundColumn(column, c))
	}
	return max(best, strangers(in))
}

// maxThresholds bounds the dual feasible functions tried for one dimension.
const maxThresholds = 400

// boundColumn bounds one dimension; sizes rise. The functions are those of Martello and Toth (items above capacity - t count
// as whole bins, items below t as nothing) and of Fekete and Schepers (sizes rounded by a divisor).
func boundColumn(sizes []int64, capacity int64) int {
	if capacity == 0 {
		return 1
	}
	sums := make([]int64, len(sizes)+1)
	for i, s := range sizes {
		sums[i+1] = sums[i] + s
	}
	best := ceil(sums[len(sizes)], capacity)
	atLeast := func(t int64) int { i, _ := slices.BinarySearch(sizes, t); return i }
	step := max(len(sizes)/maxThresholds, 1)
	for i := 0; i < len(sizes); i += step {
		t := sizes[i]
		if 2*t > capacity {
			break
		}
		from, whole := atLeast(t), atLeast(capacity-t+1)
		best = max(best, len(sizes)-whole+ceil(sums[whole]-sums[from], capacity))
	}
	for divisor := int64(2); divisor <= 12; divisor++ {
		best = max(best, boundRounded(sizes, capacity, divisor))
	}
	return best
}

// boundRounded applies x -> floor((k+1)x) / k for k = divisor - 1, but x where (k+1)x is whole: x is the share of the bin.
func boundRounded(sizes []int64, capacity, divisor int64) int {
	k := divisor - 1
	var sum, rest int64 // in bins / (capacity k)
	for _, s := range sizes {
		if divisor*s%capacity == 0 {
			rest += s * k
		} else {
			sum += divisor * s / capacity
		}
	}
	// sum/k + rest/(capacity k), both over capacity k
	high, low := bits.Mul64(uint64(sum), uint64(capacity))
	if high != 0 || low > 1<<62 {
		return 0
	}
	return ceil(int64(low)+rest, capacity*k)
}

func ceil(a, b int64) int { return int((a + b - 1) / b) }

// maxStrangers bounds the items among which strangers are looked for; it is quadratic.
const maxStrangers = 1500

// strangers returns the size of a set of items no two of which fit into one bin, built greedily from several beginnings.
func strangers(in *Instance) int {
	n := in.Items()
	if n > maxStrangers {
		return 1
	}
	words := (n + 63) / 64
	apart := make([]uint64, n*words)
	degree := make([]int, n)
	for i := range n {
		for j := range i {
			if !share(in.Item(i), in.Item(j), in.Capacity) {
				apart[i*words+j/64] |= 1 << (j % 64)
				apart[j*words+i/64] |= 1 << (i % 64)
				degree[i]++
				degree[j]++
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(degree[b], degree[a]) })
	best := 1
	among := make([]uint64, words)
	for _, first := range order[:min(n, 20)] {
		copy(among, apart[first*words:])
		count := 1
		for _, i := range order {
			if among[i/64]>>(i%64)&1 == 0 {
				continue
			}
			count++
			for w := range among {
				among[w] &= apart[i*words+w]
			}
		}
		best = max(best, count)
	}
	return best
}

func share(a, b, capacity []int64) bool {
	for k, c := range capacity {
		if a[k]+b[k] > c {
			return false
		}
	}
	return true
}
