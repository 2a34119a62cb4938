package packing

import "fmt"

// Limits of an instance. Sums over all items then stay within int64.
const (
	MaxDimensions = 64
	MaxItems      = 20_000
	MaxSize       = int64(1) << 40 // of an item or a capacity in one dimension
)

// Instance is a set of items and the bin that all bins equal.
type Instance struct {
	// Capacity is what a bin holds in each dimension; its length is the number of dimensions.
	Capacity []int64
	// Sizes are those of item 0 in each dimension, then those of item 1, and so on. Empty: no items.
	Sizes []int64
}

// Packing lists, for each bin, the indexes of its items.
type Packing [][]int

// Dimensions is the number of dimensions.
func (in *Instance) Dimensions() int { return len(in.Capacity) }

// Items is the number of items.
func (in *Instance) Items() int {
	if len(in.Capacity) == 0 {
		return 0
	}
	return len(in.Sizes) / len(in.Capacity)
}

// Item returns the sizes of one item, not to be changed.
func (in *Instance) Item(i int) []int64 {
	d := len(in.Capacity)
	return in.Sizes[i*d : (i+1)*d]
}

// Validate returns ErrLimit, ErrNegative or ErrTooLarge when no packing exists or the instance is beyond the limits.
func (in *Instance) Validate() error {
	d := len(in.Capacity)
	if d == 0 || d > MaxDimensions || len(in.Sizes)%d != 0 || len(in.Sizes)/d > MaxItems {
		return fmt.Errorf("%w: %d dimensions, %d sizes", ErrLimit, d, len(in.Sizes))
	}
	for k, c := range in.Capacity {
		if err := validSize(c); err != nil {
			return fmt.Errorf("capacity of dimension %d: %w", k, err)
		}
	}
	for i, s := range in.Sizes {
		if err := validSize(s); err != nil {
			return fmt.Errorf("item %d, dimension %d: %w", i/d, i%d, err)
		}
		if s > in.Capacity[i%d] {
			return fmt.Errorf("item %d, dimension %d: %w", i/d, i%d, ErrTooLarge)
		}
	}
	return nil
}

func validSize(s int64) error {
	switch {
	case s < 0:
		return ErrNegative
	case s > MaxSize:
		return ErrLimit
	}
	return nil
}

// Verify returns an error of kind ErrPacking unless p holds every item exactly once and overfills no bin. It shares no
// code with what makes packings.
func Verify(in *Instance, p Packing) error {
	seen := make([]bool, in.Items())
	for b, items := range p {
		if len(items) == 0 {
			return fmt.Errorf("%w: bin %d is empty", ErrPacking, b)
		}
		load := make([]int64, in.Dimensions())
		for _, i := range items {
			if i < 0 || i >= len(seen) {
				return fmt.Errorf("%w: bin %d holds item %d of %d", ErrPacking, b, i, len(seen))
			}
			if seen[i] {
				return fmt.Errorf("%w: item %d is packed twice", ErrPacking, i)
			}
			seen[i] = true
			for k, s := range in.Item(i) {
				if load[k] += s; load[k] > in.Capacity[k] {
					return fmt.Errorf("%w: bin %d is overfull in dimension %d", ErrPacking, b, k)
				}
			}
		}
	}
	for i, ok := range seen {
		if !ok {
			return fmt.Errorf("%w: item %d is not packed", ErrPacking, i)
		}
	}
	return nil
}
