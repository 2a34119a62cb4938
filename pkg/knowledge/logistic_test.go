package knowledge

import "math"

// An example is something to learn from: named values, and whether it is what is looked for.
type example struct {
	values []value
	is     bool
	counts float64 // as so many examples
}

type value struct {
	name string
	of   float64
}

// logisticModel is a bias with a weight for each name.
type logisticModel struct {
	bias float64
	of   map[string]float64
}

const (
	rounds = 60
	pace   = 0.3
	// seldom is how many examples must have a name for it to be weighed; fewer than that say nothing of the next question.
	seldom = 3
)

// fitLogistic fits a logistic regression by stochastic gradients whose steps shrink with what each weight has moved (AdaGrad), in
// an order that is always the same. Every weight is drawn to nought by penalty.
func fitLogistic(examples []example, penalty float64) logisticModel {
	numbers, names, times := map[string]int{}, []string{}, []float64{}
	rows := make([][]int, len(examples))
	for i, e := range examples {
		for _, v := range e.values {
			n, ok := numbers[v.name]
			if !ok {
				n = len(names)
				numbers[v.name], names, times = n, append(names, v.name), append(times, 0)
			}
			times[n]++
			rows[i] = append(rows[i], n)
		}
	}
	weights, moved := make([]float64, len(names)), make([]float64, len(names))
	bias, biasMoved := 0.0, 1e-8
	const stride = 7919 // a prime that divides no number of examples we have
	for round := range rounds {
		for k := range examples {
			i := (k*stride + round*13) % len(examples)
			z := bias
			for j, n := range rows[i] {
				z += weights[n] * examples[i].values[j].of
			}
			off := logistic(z)
			if examples[i].is {
				off--
			}
			off *= examples[i].counts
			biasMoved += off * off
			bias -= pace * off / math.Sqrt(biasMoved)
			for j, n := range rows[i] {
				if times[n] < seldom {
					continue
				}
				slope := off*examples[i].values[j].of + penalty*weights[n]/times[n]
				moved[n] += slope * slope
				weights[n] -= pace * slope / math.Sqrt(moved[n]+1e-8)
			}
		}
	}
	m := logisticModel{bias: bias, of: make(map[string]float64, len(names))}
	for n, name := range names {
		m.of[name] = weights[n]
	}
	return m
}
