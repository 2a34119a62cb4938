package placement

import "math"

// Imbalance is how unevenly the online nodes are loaded, as Proxmox VE's scheduler counts it: the standard deviation of their utilisation
// divided by its mean, a node's utilisation being the mean of CPU and memory in use. 0 is even; one node of three with everything has
// 1.41. Without load it is 0.
func (x *Index) Imbalance() float64 { return imbalance(x.utilisations()) }

// utilisations are those of the online nodes, as measured, and NaN for the others. A node is at least as busy as its guests say, which are
// measured at other moments: else moving them would take away what is not there.
func (x *Index) utilisations() []float64 {
	threads, used := make([]float64, len(x.nodes)), make([]int64, len(x.nodes))
	for g, r := range x.roster.guests {
		if i := x.at[g]; i >= 0 && r.running {
			threads[i], used[i] = threads[i]+r.threads(), used[i]+r.MemoryUsedBytes
		}
	}
	us := make([]float64, len(x.nodes))
	for i := range x.nodes {
		us[i] = math.NaN()
		if n := &x.nodes[i]; n.online && n.total > 0 {
			busy := max(n.measured, threads[i]/float64(max(1, n.cpus)))
			us[i] = (busy + float64(max(n.used, used[i]))/float64(n.total)) / 2
		}
	}
	return us
}

func imbalance(us []float64) float64 {
	count, sum, squares := 0.0, 0.0, 0.0
	for _, u := range us {
		if !math.IsNaN(u) {
			count, sum, squares = count+1, sum+u, squares+u*u
		}
	}
	return deviation(count, sum, squares)
}

// deviation is the coefficient of variation, from sums.
func deviation(count, sum, squares float64) float64 {
	if count == 0 || sum <= 0 {
		return 0
	}
	mean := sum / count
	return math.Sqrt(max(0, squares/count-mean*mean)) / mean
}
