package forecast

import (
	"fmt"
	"slices"
	"time"
)

// MaxHorizon bounds what can be asked for, in steps.
const MaxHorizon = 1 << 13

// Options say what is to be forecast. The zero value asks for a day with the quantiles 0.05, 0.5 and 0.95.
type Options struct {
	// Horizon is how many steps to forecast; 0: one season.
	Horizon int
	// Season is the length of the season in steps; 0: one day, or 1 where a step is longer than that.
	Season int
	// Quantiles between 0 and 1, both excluded, in any order; none: 0.05, 0.5, 0.95.
	Quantiles []float64
	// Minimum is the least value that can be, default 0.
	Minimum float64
	// Maximum is the greatest value that can be, for example 1 for fractions; 0: none.
	Maximum float64
	// Prior is what is known of like series; nil: nothing. It is used as long as the history is short.
	Prior *Prior
}

// defaultQuantiles are what placement and people use: the middle and the bounds.
var defaultQuantiles = []float64{0.05, 0.5, 0.95}

// withDefaults fills in what was left open for a series of this step.
func (o Options) withDefaults(step time.Duration) (Options, error) {
	if o.Season == 0 {
		o.Season = max(1, int((24*time.Hour+step/2)/step))
	}
	if o.Horizon == 0 {
		o.Horizon = o.Season
	}
	switch {
	case o.Season < 0 || o.Horizon < 0:
		return o, fmt.Errorf("%w: horizon and season are not negative", ErrOptions)
	case o.Horizon > MaxHorizon:
		return o, fmt.Errorf("horizon %d: %w", o.Horizon, ErrTooLong)
	case o.Maximum != 0 && !(o.Maximum > o.Minimum):
		return o, fmt.Errorf("%w: the maximum %v is not above the minimum %v", ErrOptions, o.Maximum, o.Minimum)
	}
	if len(o.Quantiles) == 0 {
		o.Quantiles = defaultQuantiles
	}
	if o.Prior != nil && !o.Prior.usable() {
		return o, fmt.Errorf("%w: the prior needs ascending quantiles, each with a finite value, none below the one before", ErrOptions)
	}
	for _, q := range o.Quantiles {
		if !(q > 0 && q < 1) {
			return o, fmt.Errorf("%w: quantile %v is not between 0 and 1", ErrOptions, q)
		}
	}
	if !slices.IsSorted(o.Quantiles) {
		o.Quantiles = slices.Clone(o.Quantiles)
		slices.Sort(o.Quantiles)
	}
	return o, nil
}

// clamp keeps a value within what can be.
func (o Options) clamp(v float64) float64 {
	v = max(v, o.Minimum)
	if o.Maximum != 0 {
		v = min(v, o.Maximum)
	}
	return v
}
