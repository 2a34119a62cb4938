package forecast

import (
	"math"
	"slices"
)

// tuning holds the few constants of learning. They are coarse, and the scores of both public sets are flat around them.
var tuning = struct {
	rate   float64 // how far one replay moves the weights
	memory float64 // share of the newest replay in the running loss that gradients are measured by
	burst  float64 // how much of the newest loss counts at least, so that one bad day moves the weights by a bounded step
	home   float64 // share of the starting weights that comes back at each replay: no member is ever lost
	trust  float64 // how many replayed levels it takes for half of the calibration
}{rate: 0.35, memory: 0.1, burst: 0.5, home: 0.03, trust: 300}

// start are the weights to begin with, by kind: they decide while there is little to replay.
func (w *workspace) start() [len(members)]float64 {
	var weights [len(members)]float64
	sum := 0.0
	for k, member := range members {
		if w.kinds&member.kind == 0 || len(w.y) < w.season && member.kind&(recentKind|walkKind) == 0 {
			continue
		}
		weights[k] = 1
		sum++
	}
	for k := range weights {
		weights[k] /= sum
	}
	return weights
}

// learn replays the last seasons and leaves the weights of every block that the horizon reaches.
func (w *workspace) learn() {
	for block := range blocks {
		w.weights[block] = w.start()
		if block > 0 && w.far(block) {
			w.weights[block] = w.weights[block-1]
		}
		w.levels[block] = w.levels[block][:0]
		if first, _ := w.span(block); first >= w.o.Horizon {
			continue
		}
		w.learnBlock(block)
		slices.Sort(w.levels[block])
	}
}

// far says that a block lies beyond the first season. There are few replays that long, so it begins with what the block before it
// has learnt.
func (w *workspace) far(block int) bool {
	first, _ := w.span(block)
	return first >= w.season
}

// span is the part of the horizon that a block covers, in steps.
func (w *workspace) span(block int) (first, end int) {
	scale := func(part int) int {
		if part == math.MaxInt32 {
			return math.MaxInt32
		}
		return (part*w.season + 47) / 48
	}
	if block > 0 {
		first = scale(blocks[block-1])
	}
	return first, scale(blocks[block])
}

// samples are how many steps of a block beyond the first season one replay looks at.
const samples = 8

func (w *workspace) learnBlock(block int) {
	first, end := w.span(block)
	end = min(end, w.o.Horizon)
	step := w.grain
	if first >= w.season {
		step = max(1, (end-first)/samples/w.grain) * w.grain
	}
	first = (first + w.grain - 1) / w.grain * w.grain
	home := w.weights[block]
	weights := &w.weights[block]
	running := 0.0
	for j := w.origins; j >= 1; j-- {
		var gradient [len(members)]float64
		loss, count := 0.0, 0.0
		w.blend(block, j, weights)
		clear(w.slope)
		for h := first; h < end && h < j*w.stride; h += step {
			loss += w.replay(block, j, h, weights, &gradient)
			count++
		}
		if count == 0 {
			continue
		}
		for k := range firstSlot {
			if weights[k] > 0 {
				gradient[k] += dot(w.slope, w.sharedBy(block, k, j))
			}
		}
		loss /= count
		if running == 0 {
			running = loss
		}
		running += tuning.memory * (loss - running)
		scale := max(running, tuning.burst*loss) * count
		if scale <= 0 {
			continue
		}
		update(weights, &home, &gradient, scale)
	}
}

// update is a step of exponentiated gradient descent; the gradient counts in multiples of scale, which is positive.
func update(weights, home, gradient *[len(members)]float64, scale float64) {
	mean := 0.0
	for k, g := range gradient {
		mean += weights[k] * g
	}
	sum := 0.0
	for k, g := range gradient {
		weights[k] *= math.Exp(max(-50, min(50, tuning.rate*(mean-g)/scale)))
		sum += weights[k]
	}
	for k := range weights {
		weights[k] = (1-tuning.home)*weights[k]/sum + tuning.home*home[k]
	}
}

// sharedBy is the distribution of a member that is the same for all steps of a block after an origin.
func (w *workspace) sharedBy(block, k, j int) []float64 {
	if first, _ := w.span(block); k == nearWalk {
		k = w.walkFor(first)
	}
	b := len(w.support)
	return w.recent[(j*shared+k)*b:][:b]
}

// blend sums up the members that are the same for all steps of a block after an origin.
func (w *workspace) blend(block, j int, weights *[len(members)]float64) {
	clear(w.common)
	for k := range firstSlot {
		if weights[k] > 0 {
			axpy(w.common, weights[k], w.sharedBy(block, k, j))
		}
	}
}

// own is how many members have a distribution of their own for each step.
const own = len(members) - firstSlot

// gather finds the distributions of the members that have their own for step h after origin j, and makes those that are made on
// demand.
func (w *workspace) gather(j, h int) (parts [own][]float64) {
	b, m := len(w.support), w.season
	o := len(w.y) - j*w.stride
	t := o + h%m
	cell := w.slot[w.cell(t)*slots*b:]
	for k := range slots {
		parts[k] = cell[k*b:][:b]
	}
	parts[weekAt-firstSlot] = w.week[w.cell(o+h%(7*m))*b:][:b]
	usual, yesterday := w.moved[:b], w.moved[b:][:b]
	parts[firstMove-firstSlot], parts[firstMove-firstSlot+1] = usual, yesterday
	if w.kinds&seasonKind != 0 {
		w.write(usual, w.usual[t], w.pools[j*poolSize:][:poolSize])
	}
	if w.kinds&dayKind != 0 {
		w.write(yesterday, finite(w.y[t-m])+finite(w.level[o]-w.level[o-m]), w.walk(w.walkFor(h), j))
	}
	return parts
}

// mixture puts the mixture for step h after origin j into w.mix; blend went before. All members are added in one pass: here and
// in slopes is where the time goes.
func (w *workspace) mixture(j, h int, weights *[len(members)]float64) (parts [own][]float64) {
	copy(w.mix, w.common)
	if len(w.y) < w.season {
		return parts
	}
	parts = w.gather(j, h)
	n := len(w.mix)
	s0, s1, s2, s3, s4, s5, s6 := parts[0][:n], parts[1][:n], parts[2][:n], parts[3][:n], parts[4][:n], parts[5][:n], parts[6][:n]
	g := weights[firstSlot:]
	w0, w1, w2, w3, w4, w5, w6 := g[0], g[1], g[2], g[3], g[4], g[5], g[6]
	for i, v := range w.mix {
		w.mix[i] = v + (w0*s0[i] + w1*s1[i]) + (w2*s2[i] + w3*s3[i]) + (w4*s4[i] + w5*s5[i]) + w6*s6[i]
	}
	return parts
}

// slopes adds the products of the score's slope with the members' distributions, in one pass.
func slopes(gradient, slope []float64, parts *[own][]float64) {
	n := len(slope)
	s0, s1, s2, s3, s4, s5, s6 := parts[0][:n], parts[1][:n], parts[2][:n], parts[3][:n], parts[4][:n], parts[5][:n], parts[6][:n]
	var g0, g1, g2, g3, g4, g5, g6 float64
	for i, v := range slope {
		g0 += v * s0[i]
		g1 += v * s1[i]
		g2 += v * s2[i]
		g3 += v * s3[i]
		g4 += v * s4[i]
		g5 += v * s5[i]
		g6 += v * s6[i]
	}
	for k, v := range [own]float64{g0, g1, g2, g3, g4, g5, g6} {
		gradient[k] += v
	}
}

// replay compares the mixture for step h after origin j with what happened, and adds the gradient of the score by the weights.
// What the members of the origin have in common goes to w.slope.
func (w *workspace) replay(block, j, h int, weights, gradient *[len(members)]float64) float64 {
	parts := w.mixture(j, h, weights)
	t := len(w.y) - j*w.stride + h
	at := int(w.index[t])
	below := 0.0
	if at > 0 {
		below = w.mix[at-1]
	}
	w.levels[block] = append(w.levels[block], (below+w.mix[at])/2)
	if h < w.season {
		w.missed += math.Abs(w.y[t] - w.quantile(w.mix, 0.5))
		w.repeated += math.Abs(w.y[t] - w.y[t-w.season])
		w.replays++
	}
	loss := 0.0
	mix, gap := w.mix, w.gap[:len(w.mix)]
	for i, f := range mix {
		if i >= at {
			f--
		}
		s := f * gap[i]
		loss += f * s
		mix[i] = 2 * s
		w.slope[i] += 2 * s
	}
	slopes(gradient[firstSlot:], mix, &parts)
	return loss
}

func dot(a, b []float64) float64 {
	// Two sums, since each addition has to wait for the one before.
	n := len(a) &^ 1
	even, odd := 0.0, 0.0
	x, y := a[:n], b[:n]
	for i := 0; i+1 < len(x) && i+1 < len(y); i += 2 {
		even += x[i] * y[i]
		odd += x[i+1] * y[i+1]
	}
	if n < len(a) {
		even += a[n] * b[n]
	}
	return even + odd
}

func axpy(to []float64, a float64, x []float64) {
	x = x[:len(to)]
	for i, v := range x {
		to[i] += a * v
	}
}
