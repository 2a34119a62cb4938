package forecast

import "math"

// quantile is the value of a distribution at a level. The share of a support point lies around it, as far as half the way to its
// neighbours, but not much further than to the nearer one: dense values flow into one another, while an idle level stays the very
// value that it is, with nothing between it and the next burst.
func (w *workspace) quantile(distribution []float64, level float64) float64 {
	low, high := 0, len(distribution)-1
	for low < high {
		if mid := (low + high) / 2; distribution[mid] < level {
			low = mid + 1
		} else {
			high = mid
		}
	}
	below := 0.0
	if low > 0 {
		below = distribution[low-1]
	}
	share := distribution[low] - below
	if share <= 0 {
		return w.support[low]
	}
	part := 2*max(0, min((level-below)/share, 1)) - 1
	if part < 0 {
		return w.support[low] + part*w.down[low]
	}
	return w.support[low] + part*w.up[low]
}

// read reads the calibrated quantiles of all steps.
func (w *workspace) read(f *Forecast, o Options) {
	for block := range blocks {
		first, end := w.span(block)
		if first >= o.Horizon {
			break
		}
		weights := &w.weights[block]
		w.blend(block, 0, weights)
		for h := first; h < min(end, o.Horizon); h++ {
			w.mixture(0, h, weights)
			values := f.Points[h].Values
			for k, q := range o.Quantiles {
				values[k] = o.clamp(w.quantile(w.mix, w.calibrated(block, q)))
				if k > 0 {
					values[k] = max(values[k], values[k-1])
				}
			}
		}
	}
}

// calibrated is the level to read quantile q off. When, as the last days were replayed, more lay beyond it than should have, it
// moves outwards, as far as there are replays to trust. It never moves inwards: a quiet week is no promise, and on both public
// sets doing so costs more in the next burst than it gains. For the same reason the middle stays where it is. What lies beyond the
// first season was replayed too seldom to show its errors: it moves outwards by half of what is left until replays are trusted.
func (w *workspace) calibrated(block int, q float64) float64 {
	seen := w.levels[block]
	outwards := 2*q - 1
	trust := float64(len(seen)) / (float64(len(seen)) + tuning.trust)
	move := 0.0
	if len(seen) > 0 {
		move = trust * math.Abs(outwards) * (quantileOf(seen, q) - q)
	}
	if w.far(block) {
		move += (1 - trust) * math.Copysign(min(q, 1-q)/2, outwards) * math.Abs(outwards)
	}
	if move*outwards <= 0 {
		return q
	}
	return max(leastLevel, min(q+move, 1-leastLevel))
}

// leastLevel is how near to the end of a distribution a calibrated level may come.
const leastLevel = 0.0005
