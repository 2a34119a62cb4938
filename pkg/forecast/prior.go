package forecast

import "slices"

// Prior is the distribution of values over series of the same kind, for a guest that has no history of its own.
type Prior struct {
	Quantiles []float64 // ascending, between 0 and 1
	Values    []float64 // non-decreasing, one per quantile
	Series    int       // how many series it was made of
}

// priorPoints is by how many points a prior is told, and each series in it.
const priorPoints = 99

// PriorOf pools like series. Each counts the same, however long it is: a guest is as likely to resemble one as another. Nil when
// nothing was measured.
func PriorOf(series []Series) *Prior {
	p := &Prior{}
	var pool, sorted []float64
	for _, s := range series {
		sorted = sorted[:0]
		for i, v := range s.Values {
			if s.Known == nil || s.Known[i] {
				sorted = append(sorted, v)
			}
		}
		if s.check() != nil || len(sorted) == 0 {
			continue
		}
		slices.Sort(sorted)
		for k := range priorPoints {
			pool = append(pool, finite(quantileOf(sorted, float64(k+1)/(priorPoints+1))))
		}
		p.Series++
	}
	if p.Series == 0 {
		return nil
	}
	slices.Sort(pool)
	for k := range priorPoints {
		q := float64(k+1) / (priorPoints + 1)
		p.Quantiles, p.Values = append(p.Quantiles, q), append(p.Values, quantileOf(pool, q))
	}
	return p
}

// usable says whether the prior is a distribution.
func (p *Prior) usable() bool {
	if len(p.Quantiles) == 0 || len(p.Values) != len(p.Quantiles) || !slices.IsSorted(p.Quantiles) || !slices.IsSorted(p.Values) {
		return false
	}
	return finite(p.Values[0]) == p.Values[0] && finite(p.Values[len(p.Values)-1]) == p.Values[len(p.Values)-1]
}

// at is quantile q of the prior, interpolated; beyond its quantiles the outermost.
func (p *Prior) at(q float64) float64 {
	for i, known := range p.Quantiles {
		if q <= known {
			if i == 0 || q == known {
				return p.Values[i]
			}
			lower := p.Quantiles[i-1]
			return p.Values[i-1] + (p.Values[i]-p.Values[i-1])*(q-lower)/(known-lower)
		}
	}
	return p.Values[len(p.Values)-1]
}
